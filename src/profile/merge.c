#include "profile/merge.h"

#include "base/num.h"
#include "base/parallel.h"
#include "profile/merger.h"

#include <stdlib.h>

static bool same_type(const struct pp_profile *a, struct pp_value_type ta,
                      const struct pp_profile *b, struct pp_value_type tb) {
    return pp_str_eq(pp_string(a, ta.type), pp_string(b, tb.type)) &&
           pp_str_eq(pp_string(a, ta.unit), pp_string(b, tb.unit));
}

static bool check_compatible(const struct pp_profile *a, const struct pp_profile *b,
                             struct pp_error *err) {
    if (!same_type(a, a->period_type, b, b->period_type))
        return pp_fail(err, PP_E_INCOMPATIBLE, "the profiles have different period types");
    bool same = a->n_types == b->n_types;
    for (uint32_t t = 0; same && t < a->n_types; t++)
        same = same_type(a, a->sample_types[t], b, b->sample_types[t]);
    return same || pp_fail(err, PP_E_INCOMPATIBLE, "the profiles have different sample types");
}

/* Two large sources, of which the second one's stacks may be the first one's: keys are made while
 * the first one is merged. */
struct two {
    struct merger *m;
    const struct pp_profile *sources;
    struct merge_keys keys[2];
    struct pp_arena arena; /* of the keys */
};

static void begin_two(void *user, unsigned worker, size_t task) {
    (void)worker;
    struct two *two = user;
    if (task == 0)
        merger_begin(two->m, &two->sources[0], NULL);
    else
        for (int i = 0; i < 2; i++)
            merge_keys_make(&two->sources[i], &two->keys[i], &two->arena);
}

static void merge_two(struct merger *m, const struct pp_profile *sources) {
    struct two two = {.m = m, .sources = sources};
    parallel_run(parallel_width(2, 0), 2, begin_two, &two);
    merger_learn_keys(m, &two.keys[0]);
    merger_end(m);
    merger_add(m, &sources[1], &two.keys[1]);
    pp_arena_done(&two.arena);
}

bool profile_merge(const struct pp_profile *sources, size_t n, struct pp_profile *ret_merged,
                   struct pp_arena *arena, struct pp_error *err) {
    enum { LARGE = 1 << 12 }; /* stacks */
    for (size_t i = 1; i < n; i++)
        if (!check_compatible(&sources[0], &sources[i], err)) return false;
    struct merger m;
    merger_init(&m, arena);
    merge_tables_reserve(&m.tables, &sources[0]);
    if (n == 2 && sources[0].n_stacks >= LARGE && sources[1].n_stacks >= LARGE)
        merge_two(&m, sources);
    else
        for (size_t i = 0; i < n; i++)
            merger_add(&m, &sources[i], NULL);
    return merger_finish(&m, ret_merged, err);
}

/* ---- one source at a time ---- */

struct merge_stream {
    struct merger merger;
    struct pp_arena arena;
    struct pp_profile types; /* no more than the types of the first source */
};

struct merge_stream *merge_open(struct pp_arena *arena) {
    struct merge_stream *m = pp_malloc(sizeof *m);
    *m = (struct merge_stream){0};
    merger_init(&m->merger, arena);
    return m;
}

static struct pp_value_type keep_type(struct merge_stream *m, const struct pp_profile *p,
                                      struct pp_value_type type, uint32_t at) {
    m->types.strings[at] = pp_arena_copy(&m->arena, pp_string(p, type.type));
    m->types.strings[at + 1] = pp_arena_copy(&m->arena, pp_string(p, type.unit));
    return (struct pp_value_type){at, at + 1};
}

static void keep_types(struct merge_stream *m, const struct pp_profile *p) {
    m->types.n_types = p->n_types;
    m->types.n_strings = 2 * p->n_types + 2;
    m->types.strings = PP_NEW(&m->arena, struct pp_str, m->types.n_strings);
    m->types.sample_types = PP_NEW(&m->arena, struct pp_value_type, p->n_types);
    m->types.period_type = keep_type(m, p, p->period_type, 0);
    for (uint32_t t = 0; t < p->n_types; t++)
        m->types.sample_types[t] = keep_type(m, p, p->sample_types[t], 2 * t + 2);
}

static bool types_are_distinct(const struct pp_profile *p) {
    for (uint32_t t = 0; t < p->n_types; t++)
        for (uint32_t u = 0; u < t; u++)
            if (pp_str_eq(pp_string(p, p->sample_types[t].type),
                          pp_string(p, p->sample_types[u].type)))
                return false;
    return p->n_types > 0;
}

enum { MANY_TYPES = 64 }; /* more than a profile has; comparing each with each stays cheap */

bool merge_alike(const struct pp_profile *a, const struct pp_profile *b) {
    return a->n_types <= MANY_TYPES && types_are_distinct(a) && check_compatible(a, b, NULL);
}

bool merge_takes(const struct merge_stream *m, const struct pp_profile *source) {
    return merge_alike(&m->types, source);
}

bool merge_has_zeros(const struct merge_stream *m) {
    const struct pp_profile *p = &m->merger.b.p;
    for (uint32_t i = 0; i < p->n_samples; i++)
        if (merger_is_nothing(p->values + (size_t)i * p->n_types, p->n_types)) return true;
    return false;
}

bool merge_wants_keys(const struct merge_stream *m) {
    return !m->merger.keys_are_vain;
}

bool merge_may_cancel(const struct merge_stream *m) {
    return m->merger.signs < 0;
}

void merge_add(struct merge_stream *m, const struct pp_profile *source,
               const struct merge_keys *keys) {
    if (m->merger.n_sources == 0) keep_types(m, source);
    struct pp_profile p = *source;
    p.period = merger_scaled(p.period);
    merger_add(&m->merger, &p, keys);
}

bool merge_close(struct merge_stream *m, struct pp_profile *ret_merged, struct pp_error *err) {
    bool ok = merger_finish(&m->merger, ret_merged, err);
    pp_arena_done(&m->arena);
    pp_free(m);
    return ok;
}

void merge_give_up(struct merge_stream *m) {
    if (!m) return;
    builder_done(&m->merger.b);
    merger_done(&m->merger);
    pp_arena_done(&m->arena);
    pp_free(m);
}
