/* What every function costs in every run. Samples are summed by stack first; each distinct stack is
 * then walked once a question. Values are doubles: a gate compares, it does not account. */
#include "gate/gate_table.h"

#include "gate/bench.h"
#include "gate/gate_names.h"
#include "gate/helper.h"
#include "gate/numbering.h"
#include "profile/find_type.h"
#include "profile/units.h"

#include <math.h>

enum { MAX_CELLS = 1 << 26 }; /* functions times runs: a gigabyte */

/* ---- samples to stacks ---- */

/* Value and variance (in squared units: sum of value^2 / counts) of each stack of a run. */
struct weights {
    double *value, *variance;
};

static struct weights weigh(const struct gate_table *t, uint32_t at, const bool *sets,
                            struct pp_arena *scratch) {
    const struct pp_profile *p = t->input->profiles[at];
    struct weights w = {PP_NEW(scratch, double, p->n_stacks), PP_NEW(scratch, double, p->n_stacks)};
    const struct gate_counting *c = &t->counting[at];
    for (uint32_t i = 0; i < p->n_samples; i++) {
        if (sets && !sets[pp_labels_of(p, i)]) continue;
        double value = (double)pp_value(p, i, c->type) * t->scale[at];
        if (value == 0) continue;
        w.value[p->sample_stack[i]] += value;
        w.variance[p->sample_stack[i]] += value * value / gate_count(p, i, c);
    }
    return w;
}

/* ---- series ---- */

int gate_table_side(const struct gate_table *t, uint32_t at) {
    return at < t->input->n[GATE_OLD] ? GATE_OLD : GATE_NEW;
}

/* To the runs of a profile, in equal parts. */
static void add(const struct gate_table *t, double *runs, uint32_t at, double value) {
    uint32_t merged = t->input->merged[at];
    for (uint32_t i = 0; i < merged; i++)
        runs[t->column[at] + i] += value / merged;
}

static struct gate_series to_series(const double *value, double variance, uint32_t n) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += value[i];
    return (struct gate_series){value, sum > 0 && variance > 0 ? variance / sum : 1};
}

/* ---- the walk ---- */

/* The frames of a stack as rows of the table: leaf first, inlined calls one by one. */
struct frames {
    const struct pp_profile *p;
    const uint32_t *rows; /* by function */
    struct pp_stack stack;
    uint32_t frame, line;
};

struct frame {
    uint32_t row;
    int64_t line;
    bool is_inlined; /* into the next one */
};

static struct frames frames_of(const struct gate_table *t, uint32_t at, uint32_t stack) {
    const struct pp_profile *p = t->input->profiles[at];
    return (struct frames){p, t->rows[at], p->stacks[stack], 0, 0};
}

static bool next_frame(struct frames *f, struct frame *ret) {
    if (f->frame == f->stack.len) return false;
    const struct pp_location *l = &f->p->locations[pp_frame(f->p, f->stack.first + f->frame)];
    if (l->n_lines == 0) {
        *ret = (struct frame){0};
        f->frame++;
        return true;
    }
    const struct pp_line line = pp_line_at(f->p, l->first_line + f->line);
    *ret = (struct frame){f->rows[line.function], line.line, ++f->line < l->n_lines};
    if (!ret->is_inlined) {
        f->line = 0;
        f->frame++;
    }
    return true;
}

/* The frame whose `self` a stack is: who called the helper nearest to the root. A helper that
 * nobody called keeps its cost. */
struct owner {
    struct frame frame;
    bool is_final;    /* it is no helper, so that it owns what is below it */
    uint32_t inlined; /* what one side alone has, and inlined, of what it owns; or 0 */
};

static void see_owner(const struct gate_table *t, struct owner *o, struct frame f, bool is_leaf) {
    bool is_helper = t->functions[f.row].is_helper;
    if (is_leaf || is_helper || !o->is_final) o->frame = f;
    if (t->functions[f.row].is_inlined) o->inlined = f.row;
    o->is_final = !is_helper;
}

static struct frame owner_of(const struct gate_table *t, uint32_t at, uint32_t stack) {
    struct frames frames = frames_of(t, at, stack);
    struct owner owner = {0};
    struct frame f;
    for (bool is_leaf = true; next_frame(&frames, &f); is_leaf = false)
        see_owner(t, &owner, f, is_leaf);
    return owner.frame;
}

struct table_sums {
    double *value[GATE_COSTS];    /* function by run */
    double *variance[GATE_COSTS]; /* by function */
    uint64_t *stamp;              /* by function: the last stack that passed */
    uint64_t now;
};

/* What a stack of a profile weighs. */
struct weighed {
    uint32_t at; /* the profile */
    double value, variance;
};

static void sum_cost(const struct gate_table *t, struct table_sums *s, enum gate_cost cost,
                     uint32_t row, const struct weighed *w) {
    add(t, s->value[cost] + (size_t)row * t->n_runs, w->at, w->value);
    s->variance[cost][row] += w->variance;
}

/* Boyer and Moore's majority, by cost. */
static void see_taken(struct gate_function *f, uint32_t inlined, double value) {
    if (f->took == inlined || !f->took) {
        f->took = inlined;
        f->took_value += value;
    } else if (f->took_value < value) {
        f->took = inlined;
        f->took_value = value - f->took_value;
    } else {
        f->took_value -= value;
    }
}

static void sum_stack(const struct gate_table *t, struct table_sums *s, uint32_t stack,
                      const struct weighed *w) {
    struct frames frames = frames_of(t, w->at, stack);
    struct owner owner = {0};
    struct frame f;
    bool is_leaf = true;
    s->now++;
    for (; next_frame(&frames, &f); is_leaf = false) {
        if (is_leaf) sum_cost(t, s, GATE_FLAT, f.row, w);
        see_owner(t, &owner, f, is_leaf);
        if (s->stamp[f.row] == s->now) continue;
        s->stamp[f.row] = s->now;
        sum_cost(t, s, GATE_CUM, f.row, w);
    }
    if (is_leaf) return;
    sum_cost(t, s, GATE_SELF, owner.frame.row, w);
    if (owner.inlined) see_taken(&t->functions[owner.frame.row], owner.inlined, w->value);
}

static void sum_runs(struct gate_table *t) {
    size_t cells = (size_t)t->n_functions * t->n_runs;
    struct pp_arena scratch = {0};
    struct table_sums s = {.stamp = PP_NEW(&scratch, uint64_t, t->n_functions)};
    for (uint32_t row = 0; row < t->n_functions; row++)
        t->functions[row].took = 0;
    for (int cost = 0; cost < GATE_COSTS; cost++) {
        s.value[cost] = PP_NEW(t->arena, double, cells);
        s.variance[cost] = PP_NEW(&scratch, double, t->n_functions);
    }
    double *total = PP_NEW(t->arena, double, t->n_runs), variance = 0;
    for (uint32_t at = 0; at < t->n_profiles; at++) {
        struct pp_arena of_run = {0};
        struct weights w = weigh(t, at, NULL, &of_run);
        for (uint32_t i = 0; i < t->input->profiles[at]->n_stacks; i++) {
            if (w.value[i] == 0) continue;
            add(t, total, at, w.value[i]);
            variance += w.variance[i];
            const struct weighed stack = {at, w.value[i], w.variance[i]};
            sum_stack(t, &s, i, &stack);
        }
        pp_arena_done(&of_run);
    }
    t->total = to_series(total, variance, t->n_runs);
    for (int cost = 0; cost < GATE_COSTS; cost++) {
        t->by[cost] = PP_NEW(t->arena, struct gate_series, t->n_functions);
        for (size_t i = 0; i < t->n_functions; i++)
            t->by[cost][i] =
                to_series(s.value[cost] + i * t->n_runs, s.variance[cost][i], t->n_runs);
    }
    pp_arena_done(&scratch);
}

/* ---- what one compiler inlined and the other one knows nothing of ---- */

enum { INLINED = 1, BY_ITSELF = 2 };

/* Of all frames that lead to it. */
static void see_location(const struct gate_table *t, uint32_t at, const struct pp_location *l,
                         uint8_t *seen) {
    const struct pp_profile *p = t->input->profiles[at];
    for (uint32_t i = 0; i < l->n_lines; i++) {
        uint32_t row = t->rows[at][p->lines[l->first_line + i].function];
        seen[row] |= i + 1 < l->n_lines ? INLINED : BY_ITSELF;
    }
}

static void see_profile(const struct gate_table *t, uint32_t at, uint8_t *seen) {
    const struct pp_profile *p = t->input->profiles[at];
    struct pp_arena scratch = {0};
    bool *walked = PP_NEW(&scratch, bool, p->n_stacks);
    bool *led_to = PP_NEW(&scratch, bool, p->n_locations);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        const struct pp_stack *s = &p->stacks[p->sample_stack[i]];
        if (walked[p->sample_stack[i]]) continue;
        walked[p->sample_stack[i]] = true;
        for (uint32_t f = 0; f < s->len; f++)
            led_to[pp_frame(p, s->first + f)] = true;
    }
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (led_to[i]) see_location(t, at, &p->locations[i], seen);
    pp_arena_done(&scratch);
}

/* A function that one side alone has, and never but as inlined code, is no function of the program
 * that was measured: on the other side its cost is its callers' own, and so it is here. */
static void find_inlined(struct gate_table *t) {
    struct pp_arena scratch = {0};
    uint8_t *seen[2];
    for (int side = GATE_OLD; side <= GATE_NEW; side++)
        seen[side] = PP_NEW(&scratch, uint8_t, t->n_functions);
    for (uint32_t at = 0; at < t->n_profiles; at++)
        see_profile(t, at, seen[gate_table_side(t, at)]);
    for (uint32_t row = 1; row < t->n_functions; row++) {
        uint8_t old = seen[GATE_OLD][row], new = seen[GATE_NEW][row];
        bool is_lone = t->n[GATE_OLD] && t->n[GATE_NEW] && (!old || !new);
        struct gate_function *f = &t->functions[row];
        f->is_inlined = is_lone && (old | new) == INLINED;
        f->is_helper = f->is_inlined || gate_is_helper(f->key);
        f->is_new = !old;
    }
    pp_arena_done(&scratch);
}

/* ---- what has no name ---- */

static void share_of_unnamed(struct gate_table *t) {
    const double *of = t->by[GATE_FLAT][0].value, *all = t->total.value;
    uint32_t run = 0;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        double part = 0, whole = 0;
        for (uint32_t end = run + t->n[side]; run < end; run++) {
            part += of[run];
            whole += all[run];
        }
        t->unnamed[side] = whole > 0 ? part / whole : 0;
    }
}

/* ---- work ---- */

/* By profile, relative to the mean of the base's runs, or where there is none to that of all. */
static bool find_work(const struct gate_table *t, const struct gate_bench_filter *filter,
                      double *ret_work) {
    uint32_t n_old = t->input->n[GATE_OLD], n_mean = n_old ? n_old : t->n_profiles;
    double sum = 0, runs = 0;
    if (!gate_bench_work(t->input->benches, t->n_profiles, n_old, filter, ret_work)) return false;
    for (uint32_t at = 0; at < n_mean; at++) {
        sum += ret_work[at];
        runs += t->input->merged[at];
    }
    for (uint32_t at = 0; at < t->n_profiles; at++)
        ret_work[at] *= runs / sum / t->input->merged[at];
    return true;
}

static bool read_work(struct gate_table *t, struct pp_error *err) {
    t->work = PP_NEW(t->arena, double, t->n_profiles);
    for (uint32_t at = 0; at < t->n_profiles; at++)
        t->work[at] = 1;
    return !t->input->benches || find_work(t, NULL, t->work) ||
           pp_fail(err, PP_E_INCOMPATIBLE, "a run has no benchmarks");
}

/* Go's tests leave "Benchmark" out where they label. */
static bool is_benchmark_of(void *user, struct pp_str name) {
    const struct gate_bench_filter *f = user;
    const struct pp_str prefix = PP_STR("Benchmark");
    if (f->matches(f->user, name)) return true;
    return pp_str_has_prefix(name, prefix) &&
           f->matches(f->user, pp_str_slice(name, prefix.len, name.len));
}

/* What turns a cost for the same work into one for the same operations of these benchmarks; 1 where
 * the label names none. */
static double *work_of_label(const struct gate_table *t,
                             bool (*matches)(void *user, struct pp_str value), void *user) {
    double *factor = PP_NEW(t->arena, double, t->n_profiles);
    struct gate_bench_filter by_label = {matches, user};
    const struct gate_bench_filter filter = {is_benchmark_of, &by_label};
    bool has_own = t->input->benches && find_work(t, &filter, factor);
    for (uint32_t at = 0; at < t->n_profiles; at++)
        factor[at] = has_own ? t->work[at] / factor[at] : 1;
    return factor;
}

/* ---- sample types ---- */

static bool check_values(const struct gate_table *t, uint32_t at, uint32_t type,
                         struct pp_error *err) {
    const struct pp_profile *p = t->input->profiles[at];
    for (uint32_t i = 0; i < p->n_samples; i++)
        if (pp_value(p, i, type) < 0)
            return pp_fail(err, PP_E_INCOMPATIBLE,
                           "%.*s has negative values: it is a difference, and the gate compares "
                           "profiles",
                           PP_STR_ARG(t->input->names[at]));
    return true;
}

static struct pp_str unit_of(const struct gate_table *t, uint32_t at) {
    const struct pp_profile *p = t->input->profiles[at];
    return pp_string(p, p->sample_types[t->counting[at].type].unit);
}

/* Into the finest unit that a profile has: whole numbers of it are shown. */
static void find_scale(struct gate_table *t) {
    struct pp_str shown;
    t->scale = PP_NEW(t->arena, double, t->n_profiles);
    for (uint32_t at = 1; at < t->n_profiles; at++)
        if (units_scale(1, unit_of(t, at), t->unit, &shown) < 1) t->unit = unit_of(t, at);
    for (uint32_t at = 0; at < t->n_profiles; at++)
        t->scale[at] = units_scale(1, unit_of(t, at), t->unit, &shown) / t->work[at];
}

static bool find_types(struct gate_table *t, struct pp_error *err) {
    t->counting = PP_NEW(t->arena, struct gate_counting, t->n_profiles);
    for (uint32_t at = 0; at < t->n_profiles; at++) {
        const struct pp_profile *p = t->input->profiles[at];
        struct pp_str name = t->input->names[at];
        uint32_t type = profile_find_type(p, t->type);
        if (type == PP_NONE)
            return pp_fail(err, PP_E_INCOMPATIBLE, "%.*s has no sample type \"%.*s\"",
                           PP_STR_ARG(name), PP_STR_ARG(t->type));
        struct pp_str unit = pp_string(p, p->sample_types[type].unit);
        if (at == 0) t->unit = unit;
        if (!units_compatible(unit, t->unit))
            return pp_fail(err, PP_E_INCOMPATIBLE, "%.*s measures %.*s in %.*s, %.*s in %.*s",
                           PP_STR_ARG(t->input->names[0]), PP_STR_ARG(t->type), PP_STR_ARG(t->unit),
                           PP_STR_ARG(name), PP_STR_ARG(unit));
        t->counting[at] = gate_counting(p, type);
        if (!check_values(t, at, type, err)) return false;
    }
    find_scale(t);
    return true;
}

bool gate_table_build(struct gate_table *ret_table, const struct gate_input *input,
                      struct pp_str type, struct pp_arena *arena, struct pp_error *err) {
    struct gate_table t = {.input = input, .arena = arena, .type = type};
    t.n_profiles = input->n[GATE_OLD] + input->n[GATE_NEW];
    t.column = PP_NEW(arena, uint32_t, t.n_profiles);
    for (uint32_t at = 0; at < t.n_profiles; at++) {
        t.column[at] = t.n_runs;
        t.n_runs += input->merged[at];
        t.n[at < input->n[GATE_OLD] ? GATE_OLD : GATE_NEW] += input->merged[at];
    }
    if (!read_work(&t, err) || !find_types(&t, err)) return false;
    gate_name_functions(&t);
    if ((uint64_t)t.n_functions * t.n_runs > MAX_CELLS)
        return pp_fail(err, PP_E_LIMIT, "%u functions in %u runs are too many to compare",
                       t.n_functions, t.n_runs);
    find_inlined(&t);
    sum_runs(&t);
    if (!input->exact_names && gate_renumber(&t)) {
        find_inlined(&t);
        sum_runs(&t);
    }
    share_of_unnamed(&t);
    *ret_table = t;
    return true;
}

bool gate_table_retype(struct gate_table *table, struct pp_str type, struct pp_error *err) {
    struct gate_table t = *table;
    t.type = type;
    if (!find_types(&t, err)) return false;
    sum_runs(&t);
    share_of_unnamed(&t);
    *table = t;
    return true;
}

double gate_table_mean(const struct gate_table *t, const struct gate_series *s, int side) {
    uint32_t run = side == GATE_NEW ? t->n[GATE_OLD] : 0, end = run + t->n[side];
    double sum = 0;
    for (; run < end; run++)
        sum += s->value[run];
    return t->n[side] ? sum / t->n[side] : 0;
}

/* ---- stack by stack ---- */

struct row_buffer {
    uint32_t *rows;
    int64_t *lines;
    size_t n, cap, n_lines, cap_lines;
};

static size_t read_rows(const struct gate_table *t, uint32_t at, uint32_t stack,
                        struct row_buffer *b, struct pp_arena *scratch) {
    struct frames frames = frames_of(t, at, stack);
    struct owner owner = {0};
    struct frame f;
    size_t own = 0;
    for (b->n = b->n_lines = 0; next_frame(&frames, &f);) {
        bool takes = !owner.is_final || t->functions[f.row].is_helper;
        if (takes) own = b->n;
        see_owner(t, &owner, f, b->n == 0);
        PP_PUSH(scratch, b->rows, b->n, b->cap, f.row);
        PP_PUSH(scratch, b->lines, b->n_lines, b->cap_lines, f.line);
    }
    return own;
}

void gate_table_each_stack(const struct gate_table *t,
                           void (*visit)(void *user, const struct gate_stack *stack), void *user) {
    for (uint32_t at = 0; at < t->n_profiles; at++) {
        struct pp_arena scratch = {0};
        struct row_buffer b = {0};
        struct weights w = weigh(t, at, NULL, &scratch);
        struct gate_stack s = {.side = gate_table_side(t, at)};
        for (uint32_t i = 0; i < t->input->profiles[at]->n_stacks; i++) {
            if (w.value[i] == 0) continue;
            s.own = read_rows(t, at, i, &b, &scratch);
            s.rows = b.rows;
            s.lines = b.lines;
            s.n = b.n;
            s.value = w.value[i] / t->n[s.side];
            visit(user, &s);
        }
        pp_arena_done(&scratch);
    }
}

/* ---- groups ---- */

static bool passes(const struct gate_table *t, uint32_t at, uint32_t stack, const bool *marked,
                   enum gate_cost cost) {
    struct frames frames = frames_of(t, at, stack);
    struct frame f;
    if (cost == GATE_SELF) return marked[owner_of(t, at, stack).row];
    while (next_frame(&frames, &f)) {
        if (marked[f.row]) return true;
        if (cost == GATE_FLAT) return false;
    }
    return false;
}

struct gate_series gate_table_group(const struct gate_table *t, const bool *marked,
                                    enum gate_cost cost) {
    double *value = PP_NEW(t->arena, double, t->n_runs), variance = 0;
    for (uint32_t at = 0; at < t->n_profiles; at++) {
        struct pp_arena scratch = {0};
        struct weights w = weigh(t, at, NULL, &scratch);
        for (uint32_t i = 0; i < t->input->profiles[at]->n_stacks; i++) {
            if (w.value[i] == 0 || !passes(t, at, i, marked, cost)) continue;
            add(t, value, at, w.value[i]);
            variance += w.variance[i];
        }
        pp_arena_done(&scratch);
    }
    return to_series(value, variance, t->n_runs);
}

static bool has_label(const struct pp_profile *p, struct pp_label_set set, struct pp_str key,
                      bool (*matches)(void *user, struct pp_str value), void *user) {
    for (uint32_t i = 0; i < set.n_text; i++) {
        const struct pp_label *l = &p->labels[set.first + i];
        if (pp_str_eq(pp_string(p, l->key), key) && matches(user, pp_string(p, l->text)))
            return true;
    }
    return false;
}

struct gate_series gate_table_label(const struct gate_table *t, struct pp_str key,
                                    bool (*matches)(void *user, struct pp_str value), void *user,
                                    bool *ret_any) {
    double *value = PP_NEW(t->arena, double, t->n_runs), variance = 0;
    const double *factor = work_of_label(t, matches, user);
    *ret_any = false;
    for (uint32_t at = 0; at < t->n_profiles; at++) {
        const struct pp_profile *p = t->input->profiles[at];
        struct pp_arena scratch = {0};
        bool *sets = PP_NEW(&scratch, bool, p->n_label_sets);
        for (uint32_t i = 0; i < p->n_label_sets; i++) {
            sets[i] = has_label(p, p->label_sets[i], key, matches, user);
            *ret_any |= sets[i];
        }
        struct weights w = weigh(t, at, sets, &scratch);
        for (uint32_t i = 0; i < p->n_stacks; i++) {
            add(t, value, at, w.value[i] * factor[at]);
            variance += w.variance[i] * factor[at] * factor[at];
        }
        pp_arena_done(&scratch);
    }
    return to_series(value, variance, t->n_runs);
}
