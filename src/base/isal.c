/* See isal.h. */
#include "base/isal.h"

#ifdef CPPROF_HAVE_ISAL

#include "base/arena.h"
#include "base/library.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

static const char file[] = LIBRARY_ISAL;

void isal_expect_many(void) {
    library_open(file);
}

bool isal_is_loaded(void) {
    return library_is_open(file);
}

/* ---- inflating ---- */

struct inflater {
    __typeof__(isal_inflate_reset) *reset;
    __typeof__(isal_inflate) *inflate;
    unsigned wrapper; /* ISAL_GZIP, ISAL_ZLIB */
    struct inflate_state state;
};

/* But for headers with a checksum: version 2.30 takes it for wrong when the header comes in pieces.
 */
static bool matches(struct pp_str head) {
    enum { HEADER_CHECKSUM = 2 };
    return pp_str_has_prefix(head, PP_STR("\x1f\x8b\x08")) && head.len > 3 &&
           !(head.data[3] & HEADER_CHECKSUM);
}

static void *open_wrapped(unsigned wrapper) {
    void *library = library_open(file);
    if (!library) return NULL;
    __typeof__(isal_inflate_init) *init;
    struct inflater *isal = pp_malloc(sizeof *isal);
    if (!library_find(library, "isal_inflate_init", &init) ||
        !library_find(library, "isal_inflate_reset", &isal->reset) ||
        !library_find(library, "isal_inflate", &isal->inflate)) {
        pp_free(isal);
        return NULL;
    }
    init(&isal->state);
    isal->state.crc_flag = isal->wrapper = wrapper;
    return isal;
}

static void *open_gzip(void) {
    return open_wrapped(ISAL_GZIP);
}

static void *open_zlib(void) {
    return open_wrapped(ISAL_ZLIB);
}

/* Its state holds the last 32 kB that came out, and points nowhere. */
static void *copy(const void *state) {
    struct inflater *isal = pp_malloc(sizeof *isal);
    memcpy(isal, state, sizeof *isal);
    return isal;
}

static const char *reason(int status) {
    switch (status) {
    case ISAL_INVALID_WRAPPER:
        return "incorrect header check";
    case ISAL_UNSUPPORTED_METHOD:
        return "unknown compression method";
    case ISAL_INCORRECT_CHECKSUM:
        return "incorrect data check";
    case ISAL_INVALID_LOOKBACK:
        return "invalid distance too far back";
    default:
        return "invalid block";
    }
}

static enum inflate_status step(void *state, struct inflate_io *io, const char **why) {
    struct inflater *isal = state;
    struct inflate_state *s = &isal->state;
    s->next_in = (unsigned char *)(uintptr_t)io->in;
    s->avail_in = inflate_count(io->in_len);
    s->next_out = io->out;
    s->avail_out = inflate_count(io->out_len);
    int status = isal->inflate(s);
    inflate_advance(io, s->next_in, s->next_out);
    if (status < 0) {
        *why = reason(status);
        return INFLATE_BROKEN;
    }
    if (s->block_state != ISAL_BLOCK_FINISH) return INFLATE_MORE;
    isal->reset(s);
    s->crc_flag = isal->wrapper;
    return INFLATE_END;
}

/* Deflate with a window of at most 32 kB: ISA-L 2.30 takes larger ones, too. */
static bool matches_zlib(struct pp_str head) {
    return head.len >= 2 && (unsigned char)head.data[0] <= 0x78;
}

const struct inflate_kind inflate_isal = {
    .name = "gzip",
    .matches = matches,
    .open = open_gzip,
    .step = step,
    .close = pp_free,
    .copy = copy,
};

const struct inflate_kind inflate_isal_zlib = {
    .name = "zlib",
    .matches = matches_zlib,
    .open = open_zlib,
    .step = step,
    .close = pp_free,
    .copy = copy,
};

/* ---- compressing ---- */

enum { LEVEL = 3, LEVEL_ROOM = ISAL_DEF_LVL3_DEFAULT };

struct packer {
    struct isal_zstream stream;
    uint8_t room[LEVEL_ROOM];
};

size_t isal_pack(const struct isal_part *part, unsigned char *to, size_t cap) {
    void *library = library_open(file);
    if (!library) return 0;
    __typeof__(isal_deflate_init) *init;
    __typeof__(isal_deflate_set_dict) *set_dict;
    __typeof__(isal_deflate) *deflate;
    if (!library_find(library, "isal_deflate_init", &init) ||
        !library_find(library, "isal_deflate_set_dict", &set_dict) ||
        !library_find(library, "isal_deflate", &deflate))
        return 0;
    struct packer *packer = pp_malloc(sizeof *packer);
    struct isal_zstream *s = &packer->stream;
    uint8_t *bytes = (uint8_t *)(uintptr_t)part->data;
    init(s);
    s->level = LEVEL;
    s->level_buf = packer->room;
    s->level_buf_size = LEVEL_ROOM;
    s->flush = SYNC_FLUSH;
    s->end_of_stream = part->last;
    bool ok = !part->window || set_dict(s, bytes - part->window, (uint32_t)part->window) == COMP_OK;
    s->next_in = bytes;
    s->avail_in = (uint32_t)part->n;
    s->next_out = to;
    s->avail_out = (uint32_t)cap;
    ok = ok && deflate(s) == COMP_OK && s->avail_in == 0 && s->avail_out > 0;
    size_t len = ok ? cap - s->avail_out : 0;
    pp_free(packer);
    return len;
}

#else

static bool matches_nothing(struct pp_str head) {
    (void)head;
    return false;
}

const struct inflate_kind inflate_isal = {.matches = matches_nothing};
const struct inflate_kind inflate_isal_zlib = {.matches = matches_nothing};

void isal_expect_many(void) {
}

bool isal_is_loaded(void) {
    return false;
}

size_t isal_pack(const struct isal_part *part, unsigned char *to, size_t cap) {
    (void)part, (void)to, (void)cap;
    return 0;
}

#endif
