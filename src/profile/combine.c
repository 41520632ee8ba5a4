/* What comes before a merge: common sample types, common units, scaling. */
#include "profile/merge.h"

#include "base/intern.h"
#include "base/num.h"
#include "profile/edit.h"
#include "profile/units.h"

#include <math.h>

/* ---- sample types ---- */

/* The first profile's types whose name occurs as often, over all profiles together, as there are
 * profiles: so a name that stands twice in a single profile goes. */
static uint32_t common_types(const struct pp_profile *sources, size_t n, struct pp_str *ret_types,
                             struct pp_arena *scratch) {
    struct interner names;
    interner_init(&names, scratch);
    size_t *count = NULL, cap = 0;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t t = 0; t < sources[i].n_types; t++) {
            uint32_t id =
                intern_static(&names, pp_string(&sources[i], sources[i].sample_types[t].type));
            size_t old = cap;
            PP_RESERVE(scratch, count, cap, cap, id >= cap ? id + 1 - cap : 0);
            if (cap > old) memset(count + old, 0, (cap - old) * sizeof *count);
            count[id]++;
        }
    }
    uint32_t n_common = 0;
    for (uint32_t t = 0; t < sources[0].n_types; t++) {
        struct pp_str type = pp_string(&sources[0], sources[0].sample_types[t].type);
        if (count[intern_static(&names, type)] == n) ret_types[n_common++] = type;
    }
    interner_done(&names);
    return n_common;
}

/* The first type of each of these names; PP_NONE: there is none. */
static void first_types(const struct pp_profile *p, const struct pp_str *names, uint32_t n,
                        uint32_t *ret_first) {
    struct pp_arena scratch = {0};
    struct interner known;
    interner_init(&known, &scratch);
    for (uint32_t i = 0; i < n; i++)
        intern_static(&known, names[i]);
    uint32_t n_known = known.n, *first = PP_NEW(&scratch, uint32_t, n_known);
    memset(first, 0xff, n_known * sizeof *first);
    for (uint32_t t = p->n_types; t-- > 0;) {
        uint32_t id = intern_static(&known, pp_string(p, p->sample_types[t].type));
        if (id < n_known) first[id] = t;
    }
    for (uint32_t i = 0; i < n; i++)
        ret_first[i] = first[intern_static(&known, names[i])];
    interner_done(&known);
    pp_arena_done(&scratch);
}

/* Keeps the given types, in the given order; the default becomes the first of them unless it is
 * one. */
static bool keep_types(struct pp_profile *p, const struct pp_str *types, uint32_t n,
                       struct pp_arena *arena, struct pp_error *err) {
    uint32_t *from = PP_NEW(arena, uint32_t, n);
    bool same = n == p->n_types, default_kept = false;
    first_types(p, types, n, from);
    for (uint32_t i = 0; i < n; i++) {
        if (from[i] == PP_NONE)
            return pp_fail(err, PP_E_INCOMPATIBLE, "a source has no sample type %.*s",
                           PP_STR_ARG(types[i]));
        same = same && from[i] == i;
        default_kept |= pp_str_eq(types[i], pp_string(p, p->default_sample_type));
    }
    if (same) return true;
    struct pp_value_type *kept = PP_NEW(arena, struct pp_value_type, n);
    int64_t *values = PP_NEW(arena, int64_t, (size_t)p->n_samples * n);
    for (uint32_t i = 0; i < n; i++)
        kept[i] = p->sample_types[from[i]];
    for (uint32_t s = 0; s < p->n_samples; s++)
        for (uint32_t i = 0; i < n; i++)
            values[(size_t)s * n + i] = pp_value(p, s, from[i]);
    if (!default_kept) p->default_sample_type = kept[0].type;
    p->sample_types = kept;
    p->values = values;
    p->n_types = n;
    return true;
}

static bool keep_common_types(struct pp_profile *sources, size_t n, struct pp_arena *arena,
                              struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct pp_str *types = PP_NEW(&scratch, struct pp_str, sources[0].n_types);
    uint32_t n_types = common_types(sources, n, types, &scratch);
    bool ok =
        n_types > 0 || pp_fail(err, PP_E_INCOMPATIBLE,
                               n == 1 ? "the profile has no sample type that stands for itself"
                                      : "the profiles have no sample type in common");
    for (size_t i = 0; ok && i < n; i++)
        ok = keep_types(&sources[i], types, n_types, arena, err);
    pp_arena_done(&scratch);
    return ok;
}

/* ---- units ---- */

static struct pp_str without_s(struct pp_str s) {
    return s.len && s.data[s.len - 1] == 's' ? pp_str_slice(s, 0, s.len - 1) : s;
}

struct named_type {
    struct pp_str type, unit;
};

/* The finest of compatible types; false when two of them are not. */
static bool finest(const struct named_type *types, size_t n, struct named_type *ret_finest) {
    struct named_type best = types[0];
    for (size_t i = 1; i < n; i++) {
        if (!pp_str_eq(without_s(best.type), without_s(types[i].type)) ||
            !units_compatible(best.unit, types[i].unit))
            return false;
        struct pp_str unit;
        if (units_scale(1, types[i].unit, best.unit, &unit) < 1) best = types[i];
    }
    *ret_finest = best;
    return true;
}

static struct named_type named(const struct pp_profile *p, struct pp_value_type t) {
    return (struct named_type){pp_string(p, t.type), pp_string(p, t.unit)};
}

/* The finest period type and sample types over all sources: `ret_types[0]` is the period's. */
static bool common_units(const struct pp_profile *sources, size_t n, struct named_type *ret_types,
                         struct pp_arena *scratch, struct pp_error *err) {
    struct named_type *types = PP_NEW(scratch, struct named_type, n);
    for (uint32_t t = 0; t <= sources[0].n_types; t++) {
        for (size_t i = 0; i < n; i++)
            types[i] =
                named(&sources[i], t ? sources[i].sample_types[t - 1] : sources[i].period_type);
        if (!finest(types, n, &ret_types[t]))
            return pp_fail(err, PP_E_INCOMPATIBLE, "the %s types of the profiles differ",
                           t ? "sample" : "period");
    }
    return true;
}

static void convert_units(struct pp_profile *p, const struct named_type *to,
                          struct pp_arena *arena) {
    struct pp_str unit;
    double period = units_scale(p->period, pp_string(p, p->period_type.unit), to[0].unit, &unit);
    p->period = num_from_double(period);
    p->period_type.unit = profile_string(p, to[0].unit, arena);
    struct pp_value_type *types = PP_NEW(arena, struct pp_value_type, p->n_types);
    double *ratios = PP_NEW(arena, double, p->n_types);
    for (uint32_t t = 0; t < p->n_types; t++) {
        types[t] = p->sample_types[t];
        ratios[t] = units_scale(1, pp_string(p, types[t].unit), to[t + 1].unit, &unit);
        types[t].unit = profile_string(p, to[t + 1].unit, arena);
    }
    p->sample_types = types;
    struct pp_profile scaled;
    profile_scale(p, ratios, &scaled, arena);
    *p = scaled;
}

bool profile_prepare(struct pp_profile *sources, size_t n, struct pp_arena *arena,
                     struct pp_error *err) {
    if (!keep_common_types(sources, n, arena, err)) return false;
    if (n == 1) return true;
    struct pp_arena scratch = {0};
    struct named_type *types = PP_NEW(&scratch, struct named_type, (size_t)sources[0].n_types + 1);
    bool ok = common_units(sources, n, types, &scratch, err);
    for (size_t i = 0; ok && i < n; i++)
        convert_units(&sources[i], types, arena);
    pp_arena_done(&scratch);
    return ok;
}

bool profile_combine(struct pp_profile *sources, size_t n, struct pp_profile *ret_combined,
                     struct pp_arena *arena, struct pp_error *err) {
    if (!profile_prepare(sources, n, arena, err)) return false;
    if (n > 1) return profile_merge(sources, n, ret_combined, arena, err);
    *ret_combined = sources[0];
    return true;
}

/* ---- scaling ---- */

/* Rounding changes nothing of what is whole already. */
static int64_t scale(int64_t value, double ratio) {
    double scaled = (double)value * ratio;
    return num_from_double(ratio == -1 ? scaled : round(scaled));
}

void profile_scale(const struct pp_profile *p, const double *ratios, struct pp_profile *ret_scaled,
                   struct pp_arena *arena) {
    struct pp_profile scaled = *p;
    bool all_ones = true;
    for (uint32_t t = 0; t < p->n_types; t++)
        all_ones = all_ones && ratios[t] == 1;
    if (!all_ones) {
        scaled.values = PP_NEW(arena, int64_t, (size_t)p->n_samples * p->n_types);
        scaled.sample_stack = PP_NEW(arena, uint32_t, p->n_samples);
        if (p->sample_labels) scaled.sample_labels = PP_NEW(arena, uint32_t, p->n_samples);
        scaled.n_samples = 0;
        for (uint32_t s = 0; s < p->n_samples; s++) {
            int64_t *to = scaled.values + (size_t)scaled.n_samples * p->n_types;
            bool keep = false;
            for (uint32_t t = 0; t < p->n_types; t++) {
                to[t] = pp_value(p, s, t);
                if (ratios[t] == 1) continue;
                to[t] = scale(to[t], ratios[t]);
                keep |= to[t] != 0;
            }
            if (!keep) continue;
            scaled.sample_stack[scaled.n_samples] = p->sample_stack[s];
            if (p->sample_labels) scaled.sample_labels[scaled.n_samples] = p->sample_labels[s];
            scaled.n_samples++;
        }
    }
    *ret_scaled = scaled;
}

void profile_negate(const struct pp_profile *p, struct pp_profile *ret_negated,
                    struct pp_arena *arena) {
    size_t n = (size_t)p->n_samples * p->n_types;
    int64_t *values = PP_NEW(arena, int64_t, n);
    for (size_t i = 0; i < n; i++)
        values[i] = num_neg(p->values[i]);
    *ret_negated = *p;
    ret_negated->values = values;
}

static void sum_types(const struct pp_profile *p, int64_t *sums) {
    for (uint32_t s = 0; s < p->n_samples; s++)
        for (uint32_t t = 0; t < p->n_types; t++)
            sums[t] = num_add(sums[t], pp_value(p, s, t));
}

bool profile_normalize(const struct pp_profile *p, const struct pp_profile *base,
                       struct pp_profile *ret_scaled, struct pp_arena *arena,
                       struct pp_error *err) {
    bool same = p->n_types == base->n_types;
    for (uint32_t t = 0; same && t < p->n_types; t++) {
        struct named_type a = named(p, p->sample_types[t]), b = named(base, base->sample_types[t]);
        same = pp_str_eq(a.type, b.type) && pp_str_eq(a.unit, b.unit);
    }
    struct named_type period = named(p, p->period_type),
                      base_period = named(base, base->period_type);
    if (!same || !pp_str_eq(period.type, base_period.type) ||
        !pp_str_eq(period.unit, base_period.unit))
        return pp_fail(err, PP_E_INCOMPATIBLE,
                       "-normalize: the profile and its base have different types");
    struct pp_arena scratch = {0};
    int64_t *sums = PP_NEW(&scratch, int64_t, p->n_types);
    int64_t *base_sums = PP_NEW(&scratch, int64_t, p->n_types);
    double *ratios = PP_NEW(&scratch, double, p->n_types);
    sum_types(p, sums);
    sum_types(base, base_sums);
    for (uint32_t t = 0; t < p->n_types; t++)
        ratios[t] = sums[t] ? (double)base_sums[t] / (double)sums[t] : 0;
    profile_scale(p, ratios, ret_scaled, arena);
    pp_arena_done(&scratch);
    return true;
}
