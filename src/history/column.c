#include "history/column.h"

#include "base/num.h"
#include "base/out.h"
#include "history/pack.h"
#include "profile/wire.h"

#include <stdlib.h>

/* A number of a column is base + step * unfolded code. */
struct scale {
    int64_t base;
    uint64_t step;
    unsigned rice; /* bits that are written as they are; ALL_EQUAL: no codes follow */
};

enum { ALL_EQUAL = 64, ESCAPE = 24 };

/* ---- bits ---- */

struct bit_writer {
    struct out *o;
    uint64_t held;
    unsigned n;
};

static void put_bits(struct bit_writer *w, uint64_t bits, unsigned n) {
    while (n) {
        unsigned part = n < 8 - w->n ? n : 8 - w->n;
        w->held |= (bits & ((UINT64_C(1) << part) - 1)) << w->n;
        w->n += part;
        n -= part;
        bits >>= part;
        if (w->n < 8) break;
        out_char(w->o, (char)w->held);
        w->held = w->n = 0;
    }
}

static void flush_bits(struct bit_writer *w) {
    if (w->n) out_char(w->o, (char)w->held);
    w->held = w->n = 0;
}

struct bit_reader {
    const uint8_t *at, *end;
    uint64_t held;
    unsigned n;
    bool failed;
};

static void fill_bits(struct bit_reader *r) {
    while (r->n <= 56 && r->at < r->end) {
        r->held |= (uint64_t)*r->at++ << r->n;
        r->n += 8;
    }
}

static void drop_bits(struct bit_reader *r, unsigned n) {
    if (n > r->n) {
        r->failed = true;
        n = r->n;
    }
    r->held = n < 64 ? r->held >> n : 0;
    r->n -= n;
}

/* At most 32 at once. */
static uint64_t take_bits(struct bit_reader *r, unsigned n) {
    fill_bits(r);
    uint64_t bits = r->held & ((UINT64_C(1) << n) - 1);
    drop_bits(r, n);
    return bits;
}

static uint64_t take_long(struct bit_reader *r, unsigned n) {
    uint64_t low = take_bits(r, n < 32 ? n : 32);
    return n > 32 ? low | take_bits(r, n - 32) << 32 : low;
}

/* ---- Rice's code: the upper part as so many ones and a zero, or, where these would be too many,
 * the whole number after ESCAPE ones ---- */

static void put_code(struct bit_writer *w, uint64_t v, unsigned rice) {
    uint64_t upper = v >> rice;
    if (upper >= ESCAPE) {
        put_bits(w, (UINT64_C(1) << ESCAPE) - 1, ESCAPE);
        put_bits(w, v, 64);
        return;
    }
    put_bits(w, (UINT64_C(1) << upper) - 1, (unsigned)upper + 1);
    put_bits(w, v, rice);
}

static uint64_t take_code(struct bit_reader *r, unsigned rice) {
    fill_bits(r);
    uint64_t zeros = ~r->held;
    unsigned ones = zeros ? (unsigned)__builtin_ctzll(zeros) : 64;
    if (ones >= ESCAPE) {
        drop_bits(r, ESCAPE);
        return take_long(r, 64);
    }
    drop_bits(r, ones + 1);
    return (uint64_t)ones << rice | take_long(r, rice);
}

static uint64_t code_bits(const uint64_t *codes, uint32_t n, unsigned rice) {
    uint64_t bits = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t upper = codes[i] >> rice;
        bits += upper >= ESCAPE ? ESCAPE + 64 : upper + 1 + rice;
    }
    return bits;
}

/* From as many bits as the largest has downwards, as long as that is shorter. */
static unsigned best_rice(const uint64_t *codes, uint32_t n, uint64_t all) {
    unsigned rice = all >> 63 ? 63 : 64 - (unsigned)__builtin_clzll(all);
    uint64_t bits = code_bits(codes, n, rice), fewer;
    while (rice > 0 && (fewer = code_bits(codes, n, rice - 1)) <= bits) {
        bits = fewer;
        rice--;
    }
    return rice;
}

/* ---- a column of numbers ---- */

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median(const int64_t *v, uint32_t n, int64_t *room) {
    memcpy(room, v, n * sizeof *room);
    qsort(room, n, sizeof *room, by_number);
    return room[n / 2];
}

/* The codes replace what is in ret_codes. */
static struct scale choose_scale(const int64_t *v, uint32_t n, uint64_t *ret_codes) {
    struct scale s = {.base = median(v, n, (int64_t *)ret_codes), .rice = ALL_EQUAL};
    for (uint32_t i = 0; i < n; i++)
        s.step = num_gcd(s.step, (uint64_t)num_abs(num_add(v[i], num_neg(s.base))));
    if (s.step == 0 || s.step > INT64_MAX) s.step = 1;
    uint64_t all = 0;
    for (uint32_t i = 0; i < n; i++) {
        ret_codes[i] = pack_fold(num_div(num_add(v[i], num_neg(s.base)), (int64_t)s.step));
        all |= ret_codes[i];
    }
    if (all) s.rice = best_rice(ret_codes, n, all);
    return s;
}

static void put_numbers(struct out *o, const int64_t *v, uint32_t n, uint64_t *room) {
    struct bit_writer w = {.o = o};
    struct scale s = choose_scale(v, n, room);
    wire_out_varint(o, pack_fold(s.base));
    wire_out_varint(o, s.step);
    out_char(o, (char)s.rice);
    for (uint32_t i = 0; i < n && s.rice != ALL_EQUAL; i++)
        put_code(&w, room[i], s.rice);
    flush_bits(&w);
}

static bool take_scale(struct wire *in, struct scale *ret_scale) {
    uint64_t base, step;
    if (!wire_varint(in, &base) || !wire_varint(in, &step) || in->at == in->end) return false;
    *ret_scale = (struct scale){pack_unfold(base), step, *in->at++};
    return ret_scale->rice <= ALL_EQUAL;
}

/* Into a field of the cells; the next column begins with a new byte. */
static bool take_numbers(struct wire *in, int64_t *first, uint32_t n) {
    struct scale s;
    if (!take_scale(in, &s)) return false;
    const size_t stride = sizeof(struct column_cell) / sizeof *first;
    struct bit_reader r = {.at = in->at, .end = in->end};
    for (uint32_t i = 0; i < n; i++) {
        uint64_t code = s.rice == ALL_EQUAL ? 0 : take_code(&r, s.rice);
        first[i * stride] = num_add(s.base, (int64_t)((uint64_t)pack_unfold(code) * s.step));
    }
    in->at = r.at - r.n / 8;
    return !r.failed;
}

/* ---- all columns ---- */

/* What a count usually stands for: then `self` says little that the count does not. */
static int64_t usual_cost(const struct column_cell *cells, uint32_t n, int64_t *room) {
    uint32_t n_counted = 0;
    for (uint32_t i = 0; i < n; i++)
        if (cells[i].count > 0) room[n_counted++] = cells[i].self / cells[i].count;
    if (!n_counted) return 0;
    qsort(room, n_counted, sizeof *room, by_number);
    return room[n_counted / 2];
}

static int64_t expected(const struct column_cell *c, int64_t cost) {
    return (int64_t)((uint64_t)c->count * (uint64_t)cost);
}

struct pp_str column_write(const struct column_cell *cells, uint32_t n, uint32_t n_runs,
                           struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct out o;
    int64_t *v = PP_NEW(&scratch, int64_t, (size_t)n + 1);
    uint64_t *room = PP_NEW(&scratch, uint64_t, (size_t)n + 1);
    out_open_memory(&o);
    wire_out_varint(&o, n);
    for (uint32_t i = 0; i < n; i++)
        v[i] = (int64_t)cells[i].run - (i ? (int64_t)cells[i - 1].run : 0);
    if (n && n < n_runs) put_numbers(&o, v, n, room);
    if (n) {
        for (uint32_t i = 0; i < n; i++)
            v[i] = cells[i].count;
        put_numbers(&o, v, n, room);
        int64_t cost = usual_cost(cells, n, v);
        wire_out_varint(&o, pack_fold(cost));
        for (uint32_t i = 0; i < n; i++)
            v[i] = num_add(cells[i].self, num_neg(expected(&cells[i], cost)));
        put_numbers(&o, v, n, room);
        for (uint32_t i = 0; i < n; i++)
            v[i] = num_add(cells[i].cum, num_neg(cells[i].self));
        put_numbers(&o, v, n, room);
    }
    struct pp_str bytes = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    pp_arena_done(&scratch);
    return bytes;
}

/* Differences, in the field `count`, become places. */
static bool place(struct column_cell *cells, uint32_t n, uint32_t n_runs, bool is_sparse) {
    uint64_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        at = is_sparse ? at + (uint64_t)cells[i].count : i;
        if (at >= n_runs || (is_sparse && (cells[i].count < 0 || (i && cells[i].count == 0))))
            return false;
        cells[i].run = (uint32_t)at;
    }
    return true;
}

/* `self` is beside what the counts stand for, `cum` beside `self`. */
static void add_up(struct column_cell *cells, uint32_t n, int64_t cost, enum column_part last) {
    for (uint32_t i = 0; i < n; i++) {
        struct column_cell *c = &cells[i];
        c->self = num_add(c->self, expected(c, cost));
        c->cum = last == COLUMN_CUM ? num_add(c->cum, c->self) : 0;
    }
}

bool column_read(struct pp_str bytes, uint32_t n_runs, enum column_part last,
                 struct column_cell *ret_cells, uint32_t *ret_n) {
    const uint8_t *from = (const uint8_t *)bytes.data;
    struct wire in = {from, from + bytes.len};
    uint64_t n, cost;
    if (!wire_varint(&in, &n) || n > n_runs || n_runs > COLUMN_MAX_RUNS) return false;
    uint32_t few = (uint32_t)n;
    *ret_n = few;
    if (n == 0) return in.at == in.end;
    if (n < n_runs && !take_numbers(&in, &ret_cells->count, few)) return false;
    if (!place(ret_cells, few, n_runs, n < n_runs)) return false;
    if (!take_numbers(&in, &ret_cells->count, few) || !wire_varint(&in, &cost) ||
        !take_numbers(&in, &ret_cells->self, few) ||
        (last == COLUMN_CUM && !take_numbers(&in, &ret_cells->cum, few)))
        return false;
    add_up(ret_cells, few, pack_unfold(cost), last);
    return last != COLUMN_CUM || in.at == in.end;
}
