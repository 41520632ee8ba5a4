/* What a rule is about. Which functions "any function" tests depends on the sum of both sides
 * alone, never on which side is larger, so that choosing them does not make false alarms likelier.
 */
#include "gate/gate_pick.h"

#include "base/regex.h"
#include "base/sort.h"
#include "gate/gate_package.h"

struct picker {
    const struct gate_table *t;
    const struct gate_rule *rule;
    const struct gate_pairs *pairs;
    struct gate_subject *subjects;
    uint32_t n;
    size_t cap;
    struct pp_arena *arena;
};

static double sum_of(const struct gate_table *t, const struct gate_series *s, int side) {
    uint32_t run = side == GATE_NEW ? t->n[GATE_OLD] : 0, end = run + t->n[side];
    double sum = 0;
    for (; run < end; run++)
        sum += s->value[run];
    return sum;
}

static double mean_of(const struct gate_table *t, const struct gate_series *s, int side) {
    return gate_table_mean(t, s, side);
}

static void add_subject(struct picker *k, struct gate_subject s) {
    PP_PUSH(k->arena, k->subjects, k->n, k->cap, s);
}

static const struct gate_series *series_of(const struct picker *k, uint32_t row) {
    return &k->t->by[k->rule->cost][row];
}

/* ---- any function ---- */

/* In the measure of the rule. */
static double level_of(const struct picker *k, const struct gate_series *s, int side) {
    const struct gate_table *t = k->t;
    if (k->rule->measure == GATE_SUM) return sum_of(t, s, side);
    double mean = mean_of(t, s, side);
    if (k->rule->measure == GATE_PER_RUN) return mean;
    double whole = mean_of(t, &t->total, side);
    return whole > 0 ? mean / whole : 0;
}

static bool may_matter(const struct picker *k, const struct gate_series *s, double floor) {
    double sum = sum_of(k->t, s, GATE_OLD) + sum_of(k->t, s, GATE_NEW);
    return sum / s->unit >= GATE_MIN_COUNT &&
           level_of(k, s, GATE_OLD) + level_of(k, s, GATE_NEW) >= floor;
}

/* A group's members that cost anything, the most expensive new one first. */
struct group {
    uint32_t *rows;
    uint32_t n;
    size_t cap;
    bool done;
};

static int by_cost(const void *a, const void *b, void *user) {
    const struct picker *k = user;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    for (int side = GATE_NEW; side >= GATE_OLD; side--) {
        double of_x = mean_of(k->t, series_of(k, x), side);
        double of_y = mean_of(k->t, series_of(k, y), side);
        if (of_x != of_y) return of_x > of_y ? -1 : 1;
    }
    return (x > y) - (x < y);
}

/* Of functions that share no sample: what ends in one ends in no other. */
static struct gate_series add_up(const struct picker *k, const struct group *g) {
    double *value = PP_NEW(k->arena, double, k->t->n_runs), sum = 0, variance = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        const struct gate_series *s = series_of(k, g->rows[i]);
        for (uint32_t run = 0; run < k->t->n_runs; run++) {
            value[run] += s->value[run];
            sum += s->value[run];
            variance += s->value[run] * s->unit;
        }
    }
    return (struct gate_series){value, sum > 0 && variance > 0 ? variance / sum : 1};
}

static struct gate_series series_of_group(const struct picker *k, const struct group *g) {
    if (k->rule->cost != GATE_CUM) return add_up(k, g);
    struct pp_arena scratch = {0};
    bool *marked = PP_NEW(&scratch, bool, k->t->n_functions);
    for (uint32_t i = 0; i < g->n; i++)
        marked[g->rows[i]] = true;
    struct gate_series s = gate_table_group(k->t, marked, GATE_CUM);
    pp_arena_done(&scratch);
    return s;
}

/* "main.g, main.h and 2 more": all but the first, the name that it has on the side where it is. */
static struct pp_str names_of_rest(const struct picker *k, const struct group *g) {
    enum { MOST = 3 };
    struct pp_str text = PP_STR("");
    for (uint32_t i = 1; i < g->n && i <= MOST; i++) {
        struct pp_str name = k->t->functions[g->rows[i]].name;
        text = pp_arena_printf(k->arena, "%.*s%s%.*s", PP_STR_ARG(text), i > 1 ? ", " : "",
                               PP_STR_ARG(name));
    }
    if (g->n <= MOST + 1) return text;
    return pp_arena_printf(k->arena, "%.*s and %u more", PP_STR_ARG(text), g->n - MOST - 1);
}

static struct pp_str why_together(const struct picker *k, const struct group *g,
                                  enum gate_pair_kind kind) {
    static const char *const whys[] = {
        [GATE_ALIKE] = "which is which is not sure",
        [GATE_NUMBERED] = "numbered in another way",
        [GATE_MOVED] = "split, inlined or renamed",
    };
    struct pp_str rest = names_of_rest(k, g);
    return pp_arena_printf(k->arena, "judged together with %.*s: %s", PP_STR_ARG(rest), whys[kind]);
}

static void add_group(struct picker *k, struct group *g, enum gate_pair_kind kind, double floor) {
    sort_stable(g->rows, g->n, sizeof *g->rows, by_cost, k);
    const struct gate_function *first = &k->t->functions[g->rows[0]];
    struct gate_subject s = {.name = first->name, .row = g->rows[0], .is_paired = true};
    s.series = series_of_group(k, g);
    if (!may_matter(k, &s.series, floor)) return;
    if (kind <= GATE_REPLACED)
        s.was = k->t->functions[g->rows[1]].name;
    else
        s.with = why_together(k, g, kind);
    add_subject(k, s);
}

/* What one build inlined and the other one does not know is its caller's on both sides. */
static struct pp_str why_inlined(const struct picker *k, uint32_t row) {
    const struct gate_function *f = &k->t->functions[k->t->functions[row].took];
    if (!k->t->functions[row].took || k->rule->cost != GATE_SELF) return PP_STR("");
    return pp_arena_printf(k->arena, "with %.*s, inlined there%s", PP_STR_ARG(f->name),
                           f->is_new ? "" : " before");
}

static void add_single(struct picker *k, uint32_t row, double floor) {
    const struct gate_function *f = &k->t->functions[row];
    const struct gate_series *s = series_of(k, row);
    if (!may_matter(k, s, floor)) return;
    bool other = f->was.len && !pp_str_eq(f->was, f->name);
    struct gate_subject subject = {.name = f->name,
                                   .row = row,
                                   .series = *s,
                                   .with = why_inlined(k, row),
                                   .is_paired = f->is_renumbered};
    if (other) subject.was = f->was;
    add_subject(k, subject);
}

static void pick_any(struct picker *k, double floor) {
    struct pp_arena scratch = {0};
    struct group *groups = PP_NEW(&scratch, struct group, k->t->n_functions);
    for (uint32_t row = 1; row < k->t->n_functions; row++) {
        const struct gate_series *s = series_of(k, row);
        struct group *g = &groups[k->pairs->leader[row]];
        if (sum_of(k->t, s, GATE_OLD) + sum_of(k->t, s, GATE_NEW) > 0)
            PP_PUSH(&scratch, g->rows, g->n, g->cap, row);
    }
    for (uint32_t row = 1; row < k->t->n_functions; row++) {
        uint32_t leader = k->pairs->leader[row];
        struct group *g = &groups[leader];
        if (g->done || !g->n) continue;
        g->done = true;
        if (g->n == 1)
            add_single(k, g->rows[0], floor);
        else
            add_group(k, g, k->pairs->kind[leader], floor);
    }
    pp_arena_done(&scratch);
}

/* ---- groups ---- */

static bool is_match(const struct gate_rule *rule, const struct gate_function *f) {
    switch (rule->scope) {
    case GATE_FUNCTION:
        return regex_matches(rule->regex, f->name) ||
               (f->was.len && regex_matches(rule->regex, f->was));
    case GATE_FILE:
        return f->file.len && regex_matches(rule->regex, f->file);
    case GATE_PACKAGE:
        return regex_matches(rule->regex, gate_package(f->name));
    default:
        return false;
    }
}

/* Of the marked functions the one whose own cost grew most, together with what it was; without a
 * base, the largest. */
static uint32_t fastest_growing(const struct picker *k, const bool *marked) {
    const struct gate_table *t = k->t;
    struct pp_arena scratch = {0};
    double *growth = PP_NEW(&scratch, double, t->n_functions), most = 0;
    uint32_t best = 0;
    for (uint32_t row = 1; row < t->n_functions; row++) {
        const struct gate_series *s = &t->by[GATE_SELF][row];
        if (marked && !marked[row]) continue;
        growth[k->pairs->leader[row]] += mean_of(t, s, GATE_NEW) - mean_of(t, s, GATE_OLD);
    }
    for (uint32_t row = 1; row < t->n_functions; row++) {
        if (!(growth[row] > most)) continue;
        best = row;
        most = growth[row];
    }
    pp_arena_done(&scratch);
    return best;
}

static struct pp_str missing(const struct picker *k, bool in_base) {
    if (!in_base) {
        const char *where =
            k->t->n[GATE_OLD] ? "in the base nor in the new profile" : "in the profile";
        return pp_arena_printf(k->arena, "rule \"%.*s\" matches nothing, %s%s",
                               PP_STR_ARG(k->rule->text), k->t->n[GATE_OLD] ? "neither " : "",
                               where);
    }
    return pp_arena_printf(
        k->arena,
        "rule \"%.*s\" matches in the base, but nothing in the new profile: was it "
        "renamed, inlined or removed?",
        PP_STR_ARG(k->rule->text));
}

static struct pp_str pick_group(struct picker *k) {
    const struct gate_table *t = k->t;
    bool *marked = PP_NEW(k->arena, bool, t->n_functions);
    uint32_t only = 0, n = 0;
    double old = 0, new = 0;
    for (uint32_t row = 1; row < t->n_functions; row++) {
        marked[row] = is_match(k->rule, &t->functions[row]);
        if (!marked[row]) continue;
        const struct gate_series *s = &t->by[GATE_CUM][row];
        double before = sum_of(t, s, GATE_OLD), now = sum_of(t, s, GATE_NEW);
        if (before + now > 0) {
            only = row;
            n++;
        }
        old += before / s->unit;
        new += now / s->unit;
    }
    if (!(new > 0) && (!(old > 0) || old >= GATE_MIN_COUNT || k->rule->is_budget))
        return missing(k, old > 0);
    struct gate_subject s = {.name = k->rule->pattern, .row = only};
    if (n == 1)
        s.name = t->functions[only].name;
    else
        s.row = fastest_growing(k, marked);
    s.series = gate_table_group(t, marked, k->rule->cost);
    add_subject(k, s);
    return PP_STR("");
}

static bool label_matches(void *user, struct pp_str value) {
    return regex_matches(user, value);
}

static struct pp_str pick_label(struct picker *k) {
    bool any;
    struct gate_subject s = {.name =
                                 pp_arena_printf(k->arena, "%.*s:%.*s", PP_STR_ARG(k->rule->key),
                                                 PP_STR_ARG(k->rule->pattern))};
    s.series = gate_table_label(k->t, k->rule->key, label_matches, k->rule->regex, &any);
    if (!any) return missing(k, false);
    if (!(sum_of(k->t, &s.series, GATE_NEW) > 0)) return missing(k, true);
    add_subject(k, s);
    return PP_STR("");
}

struct gate_picked gate_pick(const struct gate_table *t, const struct gate_rule *rule,
                             const struct gate_pairs *pairs, double floor, struct pp_arena *arena) {
    struct picker k = {.t = t, .rule = rule, .pairs = pairs, .arena = arena};
    struct pp_str problem = PP_STR("");
    switch (rule->scope) {
    case GATE_TOTAL:
        add_subject(&k, (struct gate_subject){.name = PP_STR("total"),
                                              .row = fastest_growing(&k, NULL),
                                              .series = t->total});
        break;
    case GATE_ANY:
        pick_any(&k, floor);
        break;
    case GATE_LABEL:
        problem = pick_label(&k);
        break;
    default:
        problem = pick_group(&k);
        break;
    }
    return (struct gate_picked){k.subjects, k.n, problem};
}
