/* The data is cut into blocks that are compressed side by side, each with the window of the one
 * before and ended at a byte. Where the cuts are depends on the data alone, and so do the bytes. */
#include "base/gzip.h"

#include "base/isal.h"
#include "base/parallel.h"

#include <stdlib.h>
#include <zlib.h>

enum { BLOCK = 1 << 20, WINDOW = 32 << 10, MAX_BLOCKS = 8 };

struct block {
    z_stream zlib;
    unsigned char *data; /* the window and then BLOCK bytes; NULL: not used yet */
    size_t window, n;    /* bytes of each; the window's end where the block begins */
    unsigned char *packed;
    size_t n_packed, cap_packed;
    uLong crc;
    bool last;
};

struct gzip {
    struct out *out;
    struct block blocks[MAX_BLOCKS];
    unsigned width, at; /* blocks that are compressed together; the one that is being filled */
    bool much;          /* more than a block: worth a faster library */
    uLong crc;
    uint64_t total;
    int level; /* of zlib */
};

static bool init_block(struct block *b, int level) {
    if (b->data) return true;
    if (deflateInit2(&b->zlib, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    b->data = pp_malloc(WINDOW + BLOCK);
    b->cap_packed = deflateBound(&b->zlib, BLOCK) + 64; /* the mark of a flush comes on top */
    b->packed = pp_malloc(b->cap_packed);
    return true;
}

struct gzip *gzip_open(struct out *out, enum gzip_effort effort) {
    struct gzip *gz = pp_calloc(1, sizeof *gz);
    gz->out = out;
    gz->level = effort == GZIP_SOON ? 4 : Z_DEFAULT_COMPRESSION;
    gz->width = parallel_width(MAX_BLOCKS, 0);
    gz->crc = crc32(0, NULL, 0);
    if (!init_block(&gz->blocks[0], gz->level)) {
        pp_free(gz);
        return NULL;
    }
    OUT_LIT(out, "\x1f\x8b\x08\0\0\0\0\0\0\x03"); /* deflate, no name, no time, Unix */
    return gz;
}

static void pack_by_zlib(struct block *b) {
    deflateReset(&b->zlib);
    if (b->window) deflateSetDictionary(&b->zlib, b->data + WINDOW - b->window, (uInt)b->window);
    b->zlib.next_in = b->data + WINDOW;
    b->zlib.avail_in = (uInt)b->n;
    b->zlib.next_out = b->packed;
    b->zlib.avail_out = (uInt)b->cap_packed;
    deflate(&b->zlib, b->last ? Z_FINISH : Z_SYNC_FLUSH);
    b->n_packed = b->cap_packed - b->zlib.avail_out;
}

static void pack_block(void *user, unsigned worker, size_t at) {
    (void)worker;
    struct gzip *gz = user;
    struct block *b = &gz->blocks[at];
    const struct isal_part part = {b->data + WINDOW, b->n, b->window, b->last};
    b->n_packed = gz->much ? isal_pack(&part, b->packed, b->cap_packed) : 0;
    if (b->n_packed == 0) pack_by_zlib(b);
    b->crc = crc32(crc32(0, NULL, 0), b->data + WINDOW, (uInt)b->n);
}

static void pack_blocks(struct gzip *gz, unsigned n) {
    parallel_run(n, n, pack_block, gz);
    for (unsigned i = 0; i < n; i++) {
        const struct block *b = &gz->blocks[i];
        out_bytes(gz->out, b->packed, b->n_packed);
        gz->crc = crc32_combine(gz->crc, b->crc, (z_off_t)b->n);
        gz->total += b->n;
    }
}

/* Begins a block, with the end of the full one before it as its window. */
static void next_block(struct gzip *gz) {
    const struct block *full = &gz->blocks[gz->at];
    gz->much = true;
    if (gz->at + 1 < gz->width && !init_block(&gz->blocks[gz->at + 1], gz->level))
        gz->width = gz->at + 1;
    bool wrap = gz->at + 1 == gz->width;
    if (wrap) pack_blocks(gz, gz->width);
    gz->at = wrap ? 0 : gz->at + 1;
    struct block *b = &gz->blocks[gz->at];
    memmove(b->data, full->data + BLOCK, WINDOW);
    b->window = WINDOW;
    b->n = 0;
}

void gzip_write(struct gzip *gz, struct pp_str bytes) {
    while (bytes.len) {
        if (gz->blocks[gz->at].n == BLOCK) next_block(gz);
        struct block *b = &gz->blocks[gz->at];
        size_t n = bytes.len < BLOCK - b->n ? bytes.len : BLOCK - b->n;
        memcpy(b->data + WINDOW + b->n, bytes.data, n);
        b->n += n;
        bytes = pp_str_slice(bytes, n, bytes.len);
    }
}

static void put_u32(struct out *o, uint64_t v) {
    for (int i = 0; i < 4; i++)
        out_char(o, (char)(v >> 8 * i));
}

void gzip_close(struct gzip *gz) {
    gz->blocks[gz->at].last = true;
    pack_blocks(gz, gz->at + 1);
    put_u32(gz->out, gz->crc);
    put_u32(gz->out, gz->total);
    for (unsigned i = 0; i < MAX_BLOCKS; i++) {
        if (!gz->blocks[i].data) continue;
        deflateEnd(&gz->blocks[i].zlib);
        pp_free(gz->blocks[i].data);
        pp_free(gz->blocks[i].packed);
    }
    pp_free(gz);
}
