/* See elf_unpack.h. */
#include "symbol/elf_unpack.h"

#include "base/isal.h"

#include <zlib.h>

enum {
    STEP = 1 << 30,       /* zlib counts in unsigned int */
    FASTER_FROM = 1 << 17 /* so many bytes are worth loading a faster library */
};

static unsigned step(uint64_t n) {
    return n < STEP ? (unsigned)n : STEP;
}

static void forget(void *user, struct pp_str part) {
    image_forget(user, part);
}

bool elf_unpack_zlib(const struct image *image, struct pp_str from, unsigned char *to,
                     uint64_t to_size) {
    if (from.len >= FASTER_FROM &&
        isal_unpack_zlib(from, to, to_size, forget, (void *)(uintptr_t)image))
        return true;
    z_stream z = {0};
    uint64_t in = from.len, out = to_size;
    if (inflateInit(&z) != Z_OK) return false;
    z.next_in = (unsigned char *)(uintptr_t)from.data;
    z.next_out = to;
    int status = Z_OK;
    while (status == Z_OK) {
        unsigned had_in = step(in), had_out = step(out);
        z.avail_in = had_in;
        z.avail_out = had_out;
        status = inflate(&z, Z_NO_FLUSH);
        in -= had_in - z.avail_in;
        out -= had_out - z.avail_out;
        if (z.avail_in == had_in && z.avail_out == had_out) break; /* nothing moves any more */
    }
    inflateEnd(&z);
    image_forget(image, from);
    return status == Z_STREAM_END && out == 0;
}
