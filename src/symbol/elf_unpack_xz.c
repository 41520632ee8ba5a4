/* See elf_unpack.h. A mini debug file has a symbol table of some hundred kilobytes, seldom more.
 * liblzma is loaded when there is one: every start of the program would pay for its constructors.
 */
#include "symbol/elf_unpack.h"

#include "base/library.h"

#include <lzma.h>

static const uint64_t max_memory = UINT64_C(256) << 20, max_size = UINT64_C(1) << 30;

/* At most this many times the packed size, and 64 MiB more: a small bomb stays small. */
static uint64_t size_bound(uint64_t packed) {
    uint64_t bound = packed * 100 + (UINT64_C(64) << 20);
    return bound < max_size ? bound : max_size;
}

bool elf_unpack_xz(struct pp_str from, struct image *ret_image, struct pp_error *err) {
    __typeof__(lzma_stream_buffer_decode) *decode;
    void *library = library_open(LIBRARY_LZMA);
    if (!library || !library_find(library, "lzma_stream_buffer_decode", &decode))
        return pp_fail(err, PP_E_UNSUPPORTED,
                       "xz data needs " LIBRARY_LZMA " (Debian: apt-get install liblzma5)");
    struct image image;
    if (!image_reserve(&image, size_bound(from.len), err)) return false;
    uint64_t memory = max_memory;
    size_t in_at = 0, out_at = 0;
    lzma_ret status = decode(&memory, 0, NULL, (const uint8_t *)from.data, &in_at, from.len,
                             image.bytes, &out_at, image.size);
    if (status != LZMA_OK || out_at == 0) {
        image_close(&image);
        return pp_fail(err, PP_E_FORMAT, "broken xz data");
    }
    *ret_image = image;
    return true;
}
