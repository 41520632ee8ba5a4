#include "base/gzip.h"

#include <stdlib.h>
#include <zlib.h>

enum { CHUNK = 64 << 10 };

struct gzip {
    z_stream zlib;
    struct out *out;
    unsigned char chunk[CHUNK];
};

struct gzip *gzip_open(struct out *out) {
    struct gzip *gz = pp_malloc(sizeof *gz);
    memset(&gz->zlib, 0, sizeof gz->zlib);
    gz->out = out;
    if (deflateInit2(&gz->zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(gz);
        return NULL;
    }
    return gz;
}

static void deflate_some(struct gzip *gz, int flush) {
    do {
        gz->zlib.next_out = gz->chunk;
        gz->zlib.avail_out = CHUNK;
        deflate(&gz->zlib, flush);
        out_bytes(gz->out, gz->chunk, CHUNK - gz->zlib.avail_out);
    } while (gz->zlib.avail_out == 0);
}

void gzip_write(struct gzip *gz, struct pp_str bytes) {
    while (bytes.len) {
        size_t n = bytes.len < CHUNK * 16 ? bytes.len : CHUNK * 16;
        gz->zlib.next_in = (unsigned char *)(uintptr_t)bytes.data;
        gz->zlib.avail_in = (uInt)n;
        deflate_some(gz, Z_NO_FLUSH);
        bytes = pp_str_slice(bytes, n, bytes.len);
    }
}

void gzip_close(struct gzip *gz) {
    gz->zlib.next_in = NULL;
    gz->zlib.avail_in = 0;
    deflate_some(gz, Z_FINISH);
    deflateEnd(&gz->zlib);
    free(gz);
}
