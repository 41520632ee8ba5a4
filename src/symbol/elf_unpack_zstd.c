/* See elf_unpack.h. */
#include "symbol/elf_unpack.h"

#include <zstd.h>

bool elf_unpack_zstd(const struct image *image, struct pp_str from, unsigned char *to,
                     uint64_t to_size) {
    size_t n = ZSTD_decompress(to, to_size, from.data, from.len);
    image_forget(image, from);
    return !ZSTD_isError(n) && n == to_size;
}
