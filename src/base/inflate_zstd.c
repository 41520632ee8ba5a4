/* zstd, by libzstd. A frame may ask for a window of at most 128 MB, the library's own limit. */
#include "base/inflate.h"

#include <zstd.h>

/* A frame, or a skippable one before it. */
static bool matches(struct pp_str head) {
    if (pp_str_has_prefix(head, PP_STR("\x28\xb5\x2f\xfd"))) return true;
    return head.len >= 4 && (head.data[0] & 0xf0) == 0x50 &&
           pp_str_eq(pp_str_slice(head, 1, 4), PP_STR("\x2a\x4d\x18"));
}

static void *open_zstd(void) {
    return ZSTD_createDStream();
}

enum { BLOCK_HEADER = 3 /* bytes: RFC 8878, 3.1.1.2 */ };

static enum inflate_status step(void *state, struct inflate_io *io, const char **why) {
    ZSTD_inBuffer in = {io->in, io->in_len, 0};
    ZSTD_outBuffer out = {io->out, io->out_len, 0};
    size_t left = ZSTD_decompressStream(state, &out, &in);
    inflate_advance(io, io->in + in.pos, io->out + out.pos);
    if (ZSTD_isError(left)) {
        *why = ZSTD_getErrorName(left);
        return INFLATE_BROKEN;
    }
    io->is_amid = left != 0 && left != BLOCK_HEADER; /* it is what is wanted next */
    return left == 0 ? INFLATE_END : INFLATE_MORE;
}

static void close_zstd(void *state) {
    ZSTD_freeDStream(state);
}

const struct inflate_kind inflate_zstd = {
    .name = "zstd", .matches = matches, .open = open_zstd, .step = step, .close = close_zstd};
