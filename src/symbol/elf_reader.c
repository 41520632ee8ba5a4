/* See elf_reader.h. */
#include "symbol/elf_reader.h"

enum { FASTER_FROM = 1 << 17 /* so many bytes are worth loading a faster library */ };

/* What is faster than zlib, for that much data, where it opens; or NULL. */
static const struct inflate_kind *faster_for(struct pp_str from) {
    const struct inflate_kind *kind = inflate_zlib.faster;
    return from.len >= FASTER_FROM && kind->matches(from) ? kind : NULL;
}

size_t elf_reader_kinds(enum elf_packing packing, struct pp_str from,
                        const struct inflate_kind *ret_kinds[static 2]) {
    size_t n = 0;
    if (packing == PACKED_ZSTD) {
        ret_kinds[n++] = &inflate_zstd;
    } else if (packing != PACKED_NOT && packing != PACKED_UNKNOWN) {
        const struct inflate_kind *faster = faster_for(from);
        if (faster) ret_kinds[n++] = faster;
        ret_kinds[n++] = &inflate_zlib;
    }
    return n;
}

bool elf_reader_open(struct elf_reader *ret_reader, const struct inflate_kind *kind,
                     const struct image *image, struct pp_str from) {
    *ret_reader =
        (struct elf_reader){.kind = kind, .image = image, .from = from, .state = kind->open()};
    return ret_reader->state != NULL;
}

void elf_reader_close(struct elf_reader *r) {
    if (r->state) r->kind->close(r->state);
    r->state = NULL;
}

bool elf_reader_copy(const struct elf_reader *r, struct elf_reader *ret_copy) {
    *ret_copy = *r;
    ret_copy->state = r->kind->copy ? r->kind->copy(r->state) : NULL;
    return ret_copy->state != NULL;
}

/* Of zstd a section may have several streams, of zlib it has one. */
static bool may_go_on(const struct elf_reader *r, enum inflate_status status) {
    return status == INFLATE_MORE || (status == INFLATE_END && r->kind == &inflate_zstd);
}

bool elf_reader_read(struct elf_reader *r, unsigned char *to, size_t n) {
    struct inflate_io io = {.in = (const unsigned char *)r->from.data + r->in_at,
                            .in_len = r->from.len - r->in_at,
                            .out = to,
                            .out_len = n};
    enum inflate_status status = r->ended ? INFLATE_END : INFLATE_MORE;
    const char *why;
    size_t had_in = SIZE_MAX, had_out = SIZE_MAX;
    while (may_go_on(r, status) && io.out_len && (io.in_len < had_in || io.out_len < had_out)) {
        had_in = io.in_len;
        had_out = io.out_len;
        status = r->kind->step(r->state, &io, &why);
    }
    size_t in_at = r->from.len - io.in_len;
    image_forget(r->image, pp_str_slice(r->from, r->in_at, in_at));
    r->in_at = in_at;
    r->out_at += n - io.out_len;
    r->ended = status == INFLATE_END;
    return status != INFLATE_BROKEN && io.out_len == 0;
}

/* Nothing may follow in a section of zstd, as where that is unpacked as a whole. */
bool elf_reader_is_over(struct elf_reader *r) {
    unsigned char more;
    bool ended = r->ended || (!elf_reader_read(r, &more, 1) && r->ended);
    return ended && (r->kind != &inflate_zstd || r->in_at == r->from.len);
}
