/* See inflate.h. libdeflate takes half of zlib's time for a member that is all there, and has no
 * tables to make first; of others it can't tell how far it came, and of broken ones not why. */
#include "base/arena.h"
#include "base/inflate.h"

#ifdef CPPROF_HAVE_LIBDEFLATE

#include <libdeflate.h>

/* It does not look at a checksum of the header. */
static bool matches(const struct inflate_io *io) {
    enum { HEADER_CHECKSUM = 2 };
    return io->in_len > 3 && !(io->in[3] & HEADER_CHECKSUM);
}

bool inflate_whole_gzip(struct inflate_io *io) {
    if (!matches(io)) return false;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!d) pp_out_of_memory(io->out_len);
    size_t in_len, out_len;
    bool ok = libdeflate_gzip_decompress_ex(d, io->in, io->in_len, io->out, io->out_len, &in_len,
                                            &out_len) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(d);
    if (ok) inflate_advance(io, io->in + in_len, io->out + out_len);
    return ok && io->in_len == 0;
}

#else

bool inflate_whole_gzip(struct inflate_io *io) {
    void *zlib = inflate_gzip.open();
    if (!zlib) pp_out_of_memory(io->out_len);
    const char *why;
    bool ok = inflate_gzip.step(zlib, io, &why) == INFLATE_END && io->in_len == 0;
    inflate_gzip.close(zlib);
    return ok;
}

#endif
