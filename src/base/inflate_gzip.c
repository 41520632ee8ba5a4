/* gzip, by zlib. */
#include "base/arena.h"
#include "base/isal.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

static bool matches(struct pp_str head) {
    return pp_str_has_prefix(head, PP_STR("\x1f\x8b"));
}

static void *open_gzip(void) {
    z_stream *z = pp_malloc(sizeof *z);
    *z = (z_stream){0};
    if (inflateInit2(z, 16 + MAX_WBITS) == Z_OK) return z;
    pp_free(z);
    return NULL;
}

static enum inflate_status step(void *state, struct inflate_io *io, const char **why) {
    z_stream *z = state;
    uInt in_len = (uInt)(io->in_len < UINT_MAX ? io->in_len : UINT_MAX);
    uInt out_len = (uInt)(io->out_len < UINT_MAX ? io->out_len : UINT_MAX);
    z->next_in = (unsigned char *)(uintptr_t)io->in;
    z->avail_in = in_len;
    z->next_out = io->out;
    z->avail_out = out_len;
    int status = inflate(z, Z_NO_FLUSH);
    io->in += in_len - z->avail_in;
    io->in_len -= in_len - z->avail_in;
    io->out += out_len - z->avail_out;
    io->out_len -= out_len - z->avail_out;
    if (status == Z_STREAM_END) {
        inflateReset(z);
        return INFLATE_END;
    }
    if (status == Z_OK || status == Z_BUF_ERROR) return INFLATE_MORE;
    *why = z->msg ? z->msg : "broken gzip data";
    return INFLATE_BROKEN;
}

static void close_gzip(void *state) {
    inflateEnd(state);
    pp_free(state);
}

const struct inflate_kind inflate_gzip = {"gzip", matches,    open_gzip,
                                          step,   close_gzip, &inflate_isal};
