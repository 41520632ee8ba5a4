/* gzip and zlib, by zlib. */
#include "base/arena.h"
#include "base/isal.h"

#include <stdlib.h>
#include <zlib.h>

static bool matches(struct pp_str head) {
    return pp_str_has_prefix(head, PP_STR("\x1f\x8b"));
}

/* Who asks for zlib knows that it is. */
static bool matches_all(struct pp_str head) {
    (void)head;
    return true;
}

static void *open_wrapped(int wrapper) {
    z_stream *z = pp_malloc(sizeof *z);
    *z = (z_stream){0};
    if (inflateInit2(z, wrapper + MAX_WBITS) == Z_OK) return z;
    pp_free(z);
    return NULL;
}

static void *open_gzip(void) {
    return open_wrapped(16);
}

static void *open_zlib(void) {
    return open_wrapped(0);
}

static void *copy(const void *state) {
    z_stream *z = pp_malloc(sizeof *z);
    if (inflateCopy(z, (z_stream *)(uintptr_t)state) == Z_OK) return z;
    pp_free(z);
    return NULL;
}

static enum inflate_status step(void *state, struct inflate_io *io, const char **why) {
    z_stream *z = state;
    z->next_in = (unsigned char *)(uintptr_t)io->in;
    z->avail_in = inflate_count(io->in_len);
    z->next_out = io->out;
    z->avail_out = inflate_count(io->out_len);
    int status = inflate(z, Z_NO_FLUSH);
    inflate_advance(io, z->next_in, z->next_out);
    if (status == Z_STREAM_END) {
        inflateReset(z);
        return INFLATE_END;
    }
    if (status == Z_OK || status == Z_BUF_ERROR) return INFLATE_MORE;
    *why = z->msg ? z->msg : "broken gzip data";
    return INFLATE_BROKEN;
}

/* The last four bytes, least first: of the last member, and of its length modulo 2^32. */
static size_t length(struct pp_str source) {
    size_t n = 0;
    for (size_t i = 1; i <= 4 && i <= source.len; i++)
        n = n << 8 | (unsigned char)source.data[source.len - i];
    return n;
}

static void end(void *state) {
    inflateEnd(state);
    pp_free(state);
}

const struct inflate_kind inflate_gzip = {
    .name = "gzip",
    .matches = matches,
    .open = open_gzip,
    .step = step,
    .close = end,
    .length = length,
    .whole = inflate_whole_gzip,
    .copy = copy,
    .faster = &inflate_isal,
};

const struct inflate_kind inflate_zlib = {
    .name = "zlib",
    .matches = matches_all,
    .open = open_zlib,
    .step = step,
    .close = end,
    .copy = copy,
    .faster = &inflate_isal_zlib,
};
