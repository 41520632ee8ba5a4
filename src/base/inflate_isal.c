/* gzip of large sources, by ISA-L where the system has it: it takes half of zlib's time. The
 * library is loaded when there is something to decompress with it, since loading costs more than a
 * small profile. */
#ifdef CPPROF_HAVE_ISAL

#include "base/inflate.h"
#include "cpprof/arena.h"

#include <dlfcn.h>
#include <isa-l/igzip_lib.h>
#include <limits.h>
#include <stdlib.h>

struct isal {
    __typeof__(isal_inflate_init) *init;
    __typeof__(isal_inflate_reset) *reset;
    __typeof__(isal_inflate) *inflate;
    struct inflate_state state;
};

static bool load(struct isal *ret) {
    void *library = dlopen("libisal.so.2", RTLD_NOW | RTLD_LOCAL); /* stays until the end */
    if (!library) return false;
    *(void **)&ret->init = dlsym(library, "isal_inflate_init");
    *(void **)&ret->reset = dlsym(library, "isal_inflate_reset");
    *(void **)&ret->inflate = dlsym(library, "isal_inflate");
    return ret->init && ret->reset && ret->inflate;
}

static void *open_isal(void) {
    struct isal *isal = pp_malloc(sizeof *isal);
    if (!load(isal)) {
        free(isal);
        return NULL;
    }
    isal->init(&isal->state);
    isal->state.crc_flag = ISAL_GZIP;
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
    struct isal *isal = state;
    struct inflate_state *s = &isal->state;
    uint32_t in_len = (uint32_t)(io->in_len < UINT_MAX ? io->in_len : UINT_MAX);
    uint32_t out_len = (uint32_t)(io->out_len < UINT_MAX ? io->out_len : UINT_MAX);
    s->next_in = (unsigned char *)(uintptr_t)io->in;
    s->avail_in = in_len;
    s->next_out = io->out;
    s->avail_out = out_len;
    int status = isal->inflate(s);
    io->in += in_len - s->avail_in;
    io->in_len -= in_len - s->avail_in;
    io->out += out_len - s->avail_out;
    io->out_len -= out_len - s->avail_out;
    if (status < 0) {
        *why = reason(status);
        return INFLATE_BROKEN;
    }
    if (s->block_state != ISAL_BLOCK_FINISH) return INFLATE_MORE;
    isal->reset(s);
    s->crc_flag = ISAL_GZIP;
    return INFLATE_END;
}

const struct inflate_kind inflate_isal = {"gzip", NULL, open_isal, step, free, NULL};

#endif
