#include "history/pack.h"

#include "base/gzip.h"
#include "base/input.h"
#include "base/num.h"
#include "profile/wire.h"

/* The columns: ids as differences, counts as they are, values divided by what divides them all,
 * callers as differences from the function. What version 1 wrote ends before the callers. */
enum { MAX_SUMS = 1 << 24, MAX_BYTES = 1 << 30 };

uint64_t pack_fold(int64_t v) {
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

int64_t pack_unfold(uint64_t v) {
    return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

uint32_t pack_join(struct packed_sum *sums, uint32_t n) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct packed_sum *last = kept ? &sums[kept - 1] : NULL;
        if (!last || last->id != sums[i].id) {
            sums[kept++] = sums[i];
            continue;
        }
        last->self = num_add(last->self, sums[i].self);
        last->cum = num_add(last->cum, sums[i].cum);
        last->count = num_add(last->count, sums[i].count);
    }
    return kept;
}

static int64_t common_divisor(const struct packed_sum *sums, uint32_t n) {
    uint64_t d = 0;
    for (uint32_t i = 0; i < n; i++) {
        d = num_gcd(d, (uint64_t)num_abs(sums[i].self));
        d = num_gcd(d, (uint64_t)num_abs(sums[i].cum));
    }
    return d && d <= INT64_MAX ? (int64_t)d : 1;
}

static void put_columns(struct out *o, const struct packed_sum *sums, uint32_t n) {
    int64_t unit = common_divisor(sums, n), last = 0;
    wire_out_varint(o, n);
    wire_out_varint(o, (uint64_t)unit);
    for (uint32_t i = 0; i < n; i++) {
        wire_out_varint(o, (uint64_t)(sums[i].id - last));
        last = sums[i].id;
    }
    for (uint32_t i = 0; i < n; i++)
        wire_out_varint(o, pack_fold(sums[i].count));
    for (uint32_t i = 0; i < n; i++)
        wire_out_varint(o, pack_fold(sums[i].self / unit - sums[i].count));
    for (uint32_t i = 0; i < n; i++)
        wire_out_varint(o, pack_fold(num_add(sums[i].cum, num_neg(sums[i].self)) / unit));
    for (uint32_t i = 0; i < n; i++)
        wire_out_varint(o, pack_fold(num_add(sums[i].caller, num_neg(sums[i].id))));
}

bool pack_sums(const struct packed_sum *sums, uint32_t n, struct pp_str *ret_bytes,
               struct pp_arena *arena, struct pp_error *err) {
    struct out plain, packed;
    out_open_memory(&plain);
    out_open_memory(&packed);
    put_columns(&plain, sums, n);
    struct gzip *gz = gzip_open(&packed, GZIP_SMALL);
    if (gz) {
        gzip_write(gz, out_text(&plain));
        gzip_close(gz);
        *ret_bytes = pp_arena_copy(arena, out_text(&packed));
    }
    out_close(&plain, NULL);
    out_close(&packed, NULL);
    return gz || pp_fail(err, PP_E_MEMORY, "no memory to deflate with");
}

static bool read_columns(struct wire_reader *r, struct packed_sum **ret_sums, uint32_t *ret_n,
                         struct pp_arena *arena) {
    uint64_t n = wire_take(r), unit = wire_take(r), id = 0;
    if (r->failed || n > MAX_SUMS || n > (uint64_t)(r->rest.end - r->rest.at) || unit == 0 ||
        unit > INT64_MAX)
        return false;
    struct packed_sum *sums = PP_NEW(arena, struct packed_sum, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t more = wire_take(r);
        if (id + more == 0 || more > INT64_MAX - id) return false;
        sums[i].id = (int64_t)(id += more);
    }
    for (size_t i = 0; i < n; i++)
        sums[i].count = pack_unfold(wire_take(r));
    for (size_t i = 0; i < n; i++) {
        uint64_t self = (uint64_t)num_add(pack_unfold(wire_take(r)), sums[i].count);
        sums[i].self = (int64_t)(self * unit);
    }
    for (size_t i = 0; i < n; i++)
        sums[i].cum = num_add((int64_t)((uint64_t)pack_unfold(wire_take(r)) * unit), sums[i].self);
    bool has_callers = r->rest.at < r->rest.end;
    for (size_t i = 0; i < n && has_callers; i++)
        sums[i].caller = num_add(pack_unfold(wire_take(r)), sums[i].id);
    *ret_sums = sums;
    *ret_n = pack_join(sums, (uint32_t)n);
    return !r->failed && r->rest.at == r->rest.end;
}

bool unpack_sums(struct pp_str bytes, struct packed_sum **ret_sums, uint32_t *ret_n,
                 struct pp_arena *arena, struct pp_error *err) {
    struct input in;
    struct pp_error why;
    const struct pp_limits limits = {.max_bytes = MAX_BYTES};
    if (!input_open_memory(&in, bytes, &limits, err)) return false;
    struct pp_str plain = input_all(&in);
    const uint8_t *at = (const uint8_t *)plain.data;
    struct wire_reader r = {.rest = {at, at + plain.len}};
    bool ok = read_columns(&r, ret_sums, ret_n, arena);
    ok = input_finish(&in, &why) && ok;
    input_close(&in);
    return ok || pp_fail(err, PP_E_FORMAT, "its sums can't be read");
}
