/* See elf_reader.h. */
#include "symbol/elf_reader.h"

#include "symbol/elf_unpack.h"

size_t elf_reader_kinds(const struct elf_section *s, struct pp_str from,
                        const struct inflate_kind *ret_kinds[static 2]) {
    size_t n = 0;
    if (s->packing == PACKED_ZSTD) {
        ret_kinds[n++] = &inflate_zstd;
    } else if (s->packing != PACKED_NOT && s->packing != PACKED_UNKNOWN) {
        const struct inflate_kind *faster = elf_unpack_faster(from);
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

bool elf_reader_read(struct elf_reader *r, unsigned char *to, size_t n) {
    struct inflate_io io = {(const unsigned char *)r->from.data + r->in_at, r->from.len - r->in_at,
                            to, n};
    enum inflate_status status = INFLATE_MORE;
    const char *why;
    size_t had_in, had_out;
    do {
        had_in = io.in_len;
        had_out = io.out_len;
        status = r->kind->step(r->state, &io, &why);
    } while (status != INFLATE_BROKEN && io.out_len &&
             (io.in_len < had_in || io.out_len < had_out));
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
