/* Bytes as gzip or zstd: the pieces that they come in make no difference, a faster library takes
 * what the usual one takes, and the reader that inflates beside the decoder says the same. */
#include "world.h"

#include "base/inflate.h"
#include "base/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OUT = 1 << 20 };

struct result {
    enum inflate_status status;
    size_t n;
    unsigned char *bytes;
};

/* One member, at most `in_step` bytes in and `out_step` out at a time. */
static struct result run(const struct inflate_kind *kind, const uint8_t *data, size_t size,
                         size_t in_step, size_t out_step) {
    struct result r = {INFLATE_MORE, 0, malloc(MAX_OUT)};
    void *state = kind->open();
    size_t at = 0;
    if (!r.bytes || !state) abort();
    while (r.status == INFLATE_MORE && r.n < MAX_OUT) {
        const char *why = NULL;
        size_t in = size - at < in_step ? size - at : in_step;
        size_t out = MAX_OUT - r.n < out_step ? MAX_OUT - r.n : out_step;
        struct inflate_io io = {
            .in = data + at, .in_len = in, .out = r.bytes + r.n, .out_len = out};
        r.status = kind->step(state, &io, &why);
        if (r.status == INFLATE_BROKEN && !why) abort();
        size_t took = in - io.in_len, gave = out - io.out_len;
        at += took;
        r.n += gave;
        if (!took && !gave && at == size) break;
    }
    kind->close(state);
    return r;
}

static void compare(const struct result *a, const struct result *b) {
    size_t n = a->n < b->n ? a->n : b->n;
    bool full = a->n == MAX_OUT || b->n == MAX_OUT;
    /* What a broken stream gives before it breaks depends on the pieces. */
    if (!full && (a->status != b->status || (a->status == INFLATE_END && a->n != b->n))) abort();
    if (n && memcmp(a->bytes, b->bytes, n) != 0) abort();
}

static void check_reader(const struct result *r, const uint8_t *data, size_t size) {
    struct pp_limits limits = {.max_bytes = MAX_OUT};
    struct pp_error err = {0};
    struct input in;
    if (!input_open_memory(&in, (struct pp_str){(const char *)data, size}, &limits, &err)) return;
    struct pp_str all = input_all(&in);
    touch(all);
    bool ok = input_finish(&in, &err);
    if (ok && (r->status != INFLATE_END || all.len < r->n ||
               (r->n && memcmp(all.data, r->bytes, r->n) != 0)))
        abort();
    input_close(&in);
}

static struct result run_both_ways(const struct inflate_kind *kind, const uint8_t *data,
                                   size_t size) {
    struct result whole = run(kind, data, size, SIZE_MAX, MAX_OUT);
    struct result pieces = run(kind, data, size, 7, 61);
    /* Of a frame that contradicts the length it declares libzstd thinks otherwise when it gets all
     * of it at once: stricter of some, milder of others. */
    if (kind == &inflate_zstd && whole.status + pieces.status == INFLATE_BROKEN + INFLATE_END) {
        struct result *good = whole.status == INFLATE_END ? &whole : &pieces;
        free(good == &whole ? pieces.bytes : whole.bytes);
        return *good;
    }
    compare(&whole, &pieces);
    free(pieces.bytes);
    return whole;
}

static bool fits(const struct inflate_kind *kind, struct pp_str head) {
    if (!kind || !kind->matches(head)) return false;
    void *state = kind->open();
    if (state) kind->close(state);
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct pp_str head = {(const char *)data, size < 4 ? size : 4};
    const struct inflate_kind *kind = inflate_kind_of(head);
    if (!kind) return 0;
    struct result whole = run_both_ways(kind, data, size);
    if (whole.n < MAX_OUT) check_reader(&whole, data, size);
    if (fits(kind->faster, head)) {
        struct result other = run_both_ways(kind->faster, data, size);
        if (whole.status == INFLATE_END) compare(&whole, &other);
        free(other.bytes);
    }
    free(whole.bytes);
    return 0;
}
