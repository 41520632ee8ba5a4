/* See elf_unpack.h. */
#include "symbol/elf_reader.h"
#include "symbol/elf_unpack.h"

enum { PIECE = 16 << 20 /* the file's bytes are given back after so many of the section's */ };

static bool unpack_by(const struct inflate_kind *kind, const struct image *image,
                      struct pp_str from, unsigned char *to, uint64_t to_size) {
    struct elf_reader r;
    bool ok = elf_reader_open(&r, kind, image, from);
    while (ok && r.out_at < to_size) {
        uint64_t left = to_size - r.out_at;
        ok = elf_reader_read(&r, to + r.out_at, left < PIECE ? (size_t)left : PIECE);
    }
    ok = ok && elf_reader_is_over(&r);
    elf_reader_close(&r);
    return ok;
}

bool elf_unpack_zlib(const struct image *image, struct pp_str from, unsigned char *to,
                     uint64_t to_size) {
    const struct inflate_kind *kinds[2];
    size_t n = elf_reader_kinds(PACKED_ZLIB, from, kinds);
    bool ok = false;
    for (size_t i = 0; i < n && !ok; i++)
        ok = unpack_by(kinds[i], image, from, to, to_size);
    image_forget(image, from);
    return ok;
}
