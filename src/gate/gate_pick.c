/* What a rule is about. Which functions "any function" tests depends on the sum of both sides
 * alone, never on which side is larger, so that choosing them does not make false alarms likelier.
 */
#include "gate/gate_pick.h"

#include "base/regex.h"
#include "base/sort.h"

#include <math.h>

enum { MAX_RENAMED = 100 };

struct picker {
    const struct gate_table *t;
    const struct gate_rule *rule;
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
    return t->n[side] ? sum_of(t, s, side) / t->n[side] : 0;
}

static void add_subject(struct picker *k, struct gate_subject s) {
    PP_PUSH(k->arena, k->subjects, k->n, k->cap, s);
}

static const struct gate_series *series_of(const struct picker *k, uint32_t row) {
    return k->rule->cum ? &k->t->cum[row] : &k->t->flat[row];
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

/* Functions on one side only, the most expensive first. */
struct lone {
    uint32_t row, match; /* match: the row on the other side; 0 is none */
    double value;
};

static int by_value(const void *a, const void *b, void *user) {
    (void)user;
    const struct lone *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static struct lone *find_lone(const struct picker *k, int side, uint32_t *ret_n,
                              struct pp_arena *scratch) {
    struct lone *all = NULL;
    uint32_t n = 0;
    size_t cap = 0;
    for (uint32_t row = 1; row < k->t->n_functions; row++) {
        const struct gate_series *s = series_of(k, row);
        double here = sum_of(k->t, s, side), there = sum_of(k->t, s, !side);
        if (there > 0 || here / s->unit < GATE_MIN_COUNT) continue;
        PP_PUSH(scratch, all, n, cap, ((struct lone){row, 0, here / k->t->n[side]}));
    }
    sort_stable(all, n, sizeof *all, by_value, NULL);
    *ret_n = n < MAX_RENAMED ? n : MAX_RENAMED;
    return all;
}

static bool could_be(const struct gate_table *t, const struct lone *old, const struct lone *new) {
    const struct gate_function *a = &t->functions[old->row], *b = &t->functions[new->row];
    return a->file.len && pp_str_eq(a->file, b->file) &&
           pp_str_eq(gate_package(a->name), gate_package(b->name)) && new->value < 2 * old->value &&
           old->value < 2 * new->value;
}

static void match_renamed(const struct picker *k, struct lone *olds, uint32_t n_olds,
                          struct lone *news, uint32_t n_news) {
    for (uint32_t i = 0; i < n_news; i++) {
        struct lone *best = NULL;
        for (uint32_t j = 0; j < n_olds; j++) {
            if (olds[j].match || !could_be(k->t, &olds[j], &news[i])) continue;
            if (!best || fabs(olds[j].value - news[i].value) < fabs(best->value - news[i].value))
                best = &olds[j];
        }
        if (!best) continue;
        best->match = news[i].row;
        news[i].match = best->row;
    }
}

static void add_renamed(struct picker *k, const struct lone *new) {
    const struct gate_table *t = k->t;
    const struct gate_series *a = series_of(k, new->match), *b = series_of(k, new->row);
    double *value = PP_NEW(k->arena, double, t->n_runs);
    for (uint32_t run = 0; run < t->n_runs; run++)
        value[run] = (run < t->n[GATE_OLD] ? a : b)->value[run];
    struct gate_series s = {value, (a->unit + b->unit) / 2};
    add_subject(k, (struct gate_subject){t->functions[new->row].name, t->functions[new->match].name,
                                         new->row, s});
}

static void pick_any(struct picker *k, double floor) {
    struct pp_arena scratch = {0};
    uint32_t n_olds, n_news;
    struct lone *olds = find_lone(k, GATE_OLD, &n_olds, &scratch);
    struct lone *news = find_lone(k, GATE_NEW, &n_news, &scratch);
    match_renamed(k, olds, n_olds, news, n_news);
    bool *done = PP_NEW(&scratch, bool, k->t->n_functions);
    for (uint32_t i = 0; i < n_news; i++) {
        if (!news[i].match || !may_matter(k, series_of(k, news[i].row), floor / 2)) continue;
        done[news[i].row] = done[news[i].match] = true;
        add_renamed(k, &news[i]);
    }
    for (uint32_t row = 1; row < k->t->n_functions; row++) {
        const struct gate_series *s = series_of(k, row);
        if (done[row] || !may_matter(k, s, floor)) continue;
        add_subject(k, (struct gate_subject){k->t->functions[row].name, PP_STR(""), row, *s});
    }
    pp_arena_done(&scratch);
}

/* ---- groups ---- */

static bool is_match(const struct gate_rule *rule, const struct gate_function *f) {
    switch (rule->scope) {
    case GATE_FUNCTION:
        return regex_matches(rule->regex, f->name);
    case GATE_FILE:
        return f->file.len && regex_matches(rule->regex, f->file);
    case GATE_PACKAGE:
        return regex_matches(rule->regex, gate_package(f->name));
    default:
        return false;
    }
}

/* The marked function whose own cost grew most; without a base, is largest. */
static uint32_t fastest_growing(const struct gate_table *t, const bool *marked) {
    uint32_t best = 0;
    double most = 0;
    for (uint32_t row = 1; row < t->n_functions; row++) {
        double growth = mean_of(t, &t->flat[row], GATE_NEW) - mean_of(t, &t->flat[row], GATE_OLD);
        if ((marked && !marked[row]) || !(growth > most)) continue;
        best = row;
        most = growth;
    }
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
        double before = sum_of(t, &t->cum[row], GATE_OLD), now = sum_of(t, &t->cum[row], GATE_NEW);
        if (before + now > 0) {
            only = row;
            n++;
        }
        old += before / t->cum[row].unit;
        new += now / t->cum[row].unit;
    }
    if (!(new > 0) && (!(old > 0) || old >= GATE_MIN_COUNT || k->rule->is_budget))
        return missing(k, old > 0);
    struct gate_subject s = {.name = k->rule->pattern, .row = only};
    if (n == 1)
        s.name = t->functions[only].name;
    else
        s.row = fastest_growing(t, marked);
    s.series = gate_table_group(t, marked, k->rule->cum);
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

void gate_pick(const struct gate_table *t, const struct gate_rule *rule, double floor,
               struct gate_subject **ret_subjects, uint32_t *ret_n, struct pp_str *ret_problem,
               struct pp_arena *arena) {
    struct picker k = {.t = t, .rule = rule, .arena = arena};
    *ret_problem = PP_STR("");
    switch (rule->scope) {
    case GATE_TOTAL:
        add_subject(&k, (struct gate_subject){.name = PP_STR("total"),
                                              .row = fastest_growing(t, NULL),
                                              .series = t->total});
        break;
    case GATE_ANY:
        pick_any(&k, floor);
        break;
    case GATE_LABEL:
        *ret_problem = pick_label(&k);
        break;
    default:
        *ret_problem = pick_group(&k);
        break;
    }
    *ret_subjects = k.subjects;
    *ret_n = k.n;
}
