/* From runs and rules to verdicts. Each rule becomes hypotheses: one, or one a function. Within a
 * rule they are corrected by Holm's method, and the rules' smallest p again among the rules, so
 * that the chance that any rule is broken wrongly stays below what the rules state. */
#include "gate/gate_eval.h"

#include "base/regex.h"
#include "base/sort.h"
#include "gate/gate_math.h"
#include "gate/gate_pick.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_ORIGINS = 20, MAX_UNSURE = 3 };

struct table_slot {
    struct pp_str type;
    struct gate_table table;
    struct gate_pairs pairs[GATE_COSTS]; /* where a rule asked for them */
    struct pp_str problem;               /* why there is none */
};

/* One rule on its way to findings. */
struct pending {
    const struct gate_rule *rule;
    struct table_slot *slot;
    const struct gate_table *table; /* the slot's */
    const struct gate_pairs *pairs;
    struct gate_noise noise;
    struct gate_question question;
    double floor;
    struct gate_picked subjects;
    struct gate_answer *answers;
    double *p, *p_less; /* by subject: of growth beyond the limit, and of the opposite */
    double rule_p;      /* the smallest of p, corrected within the rule */
    struct pp_str problem;
};

struct evaluation {
    const struct gate_request *request;
    struct table_slot *slots;
    uint32_t n_slots;
    struct pending *pending;
    struct gate_result result;
    size_t cap_findings;
    struct pp_arena *arena;
};

/* ---- tables ---- */

static struct table_slot *slot_of(struct evaluation *e, struct pp_str type, struct pp_error *err) {
    for (uint32_t i = 0; i < e->n_slots; i++)
        if (pp_str_eq(e->slots[i].type, type)) return &e->slots[i];
    struct table_slot *slot = &e->slots[e->n_slots];
    struct pp_error why = {0};
    slot->type = type;
    if (!gate_table_build(&slot->table, e->request->input, type, e->arena, &why)) {
        if (why.code != PP_E_INCOMPATIBLE) {
            pp_pass(err, &why);
            return NULL;
        }
        slot->problem = pp_arena_copy(e->arena, pp_str_from(why.text));
    }
    e->n_slots++;
    return slot;
}

static const struct gate_pairs *pairs_of(struct evaluation *e, struct table_slot *slot,
                                         enum gate_cost cost) {
    struct gate_pairs *pairs = &slot->pairs[cost];
    if (!pairs->leader) *pairs = gate_pair(&slot->table, cost, e->arena);
    return pairs;
}

/* ---- what can't be compared ---- */

static struct pp_str names_of(const struct evaluation *e, int side) {
    const struct gate_input *in = e->request->input;
    uint32_t first = side == GATE_OLD ? 0 : in->n[GATE_OLD];
    if (in->n[side] == 1) return in->names[first];
    return pp_arena_printf(e->arena, "%.*s and %u more", PP_STR_ARG(in->names[first]),
                           in->n[side] - 1);
}

static struct pp_str find_problem(const struct evaluation *e, const struct gate_rule *rule,
                                  const struct table_slot *slot) {
    const struct gate_table *t = &slot->table;
    if (slot->problem.len) return slot->problem;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        if (side == GATE_OLD && rule->is_budget) continue;
        const char *what = side == GATE_OLD ? "base" : "new profile";
        if (t->n[side] == 0) return PP_STR("there is no base");
        if (!(gate_table_mean(t, &t->total, side) > 0))
            return pp_arena_printf(e->arena, "the %s is empty: %.*s has no %.*s", what,
                                   PP_STR_ARG(names_of(e, side)), PP_STR_ARG(t->type));
        if (gate_rule_needs_names(rule) && t->unnamed[side] > 0.5)
            return pp_arena_printf(
                e->arena, "the %s has no function names for %.0f%% of its %.*s: symbolize %.*s",
                what, 100 * t->unnamed[side], PP_STR_ARG(t->type), PP_STR_ARG(names_of(e, side)));
    }
    return (struct pp_str){0};
}

/* ---- limits ---- */

static bool bad_amount(const struct pending *p, const char *what, struct pp_error *err) {
    return pp_fail(err, PP_E_USAGE, "rule \"%.*s\": its %s is no amount of %.*s",
                   PP_STR_ARG(p->rule->text), what, PP_STR_ARG(p->table->unit));
}

static bool find_limits(struct pending *p, struct pp_error *err) {
    const struct gate_rule *rule = p->rule;
    p->question = (struct gate_question){rule->is_budget, rule->measure, rule->limit.number};
    if (rule->is_budget && !rule->limit.is_share &&
        !gate_amount_in(&rule->limit, p->table->unit, &p->question.limit))
        return bad_amount(p, "limit", err);
    p->floor = rule->floor.number;
    if (rule->measure == GATE_SHARE) {
        if (!rule->floor.is_share && rule->floor.number > 0)
            return bad_amount(p, "floor, of a share,", err);
    } else if (rule->floor.is_share) {
        double whole = gate_table_mean(p->table, &p->table->total, GATE_OLD);
        p->floor *= whole * (rule->measure == GATE_SUM ? p->table->n[GATE_OLD] : 1);
    } else if (!gate_amount_in(&rule->floor, p->table->unit, &p->floor)) {
        return bad_amount(p, "floor", err);
    }
    return true;
}

/* ---- questions ---- */

static bool is_beyond(const struct gate_question *q, const struct gate_answer *a) {
    double value = a->value[GATE_NEW];
    return value > (q->is_budget ? q->limit : a->value[GATE_OLD] * (1 + q->limit));
}

static double gate_p(const struct pending *p, const struct gate_answer *a) {
    bool is_small = !p->question.is_budget && a->value[GATE_NEW] - a->value[GATE_OLD] < p->floor;
    if (is_small || !is_beyond(&p->question, a)) return 1;
    return p->rule->exact ? 0 : a->p;
}

/* The same question with old and new exchanged: did it shrink beyond the limit? */
static double gate_p_less(const struct pending *p, const struct gate_series *s,
                          struct pp_arena *scratch) {
    const uint32_t *n = p->noise.runs.n;
    struct gate_noise noise = p->noise;
    struct gate_series parts[2] = {*s, p->table->total};
    if (p->question.is_budget) return 1;
    noise.runs.n[GATE_OLD] = n[GATE_NEW];
    noise.runs.n[GATE_NEW] = n[GATE_OLD];
    for (int i = 0; i < 2; i++) {
        double *value = PP_NEW(scratch, double, (size_t)n[GATE_OLD] + n[GATE_NEW]);
        memcpy(value, parts[i].value + n[GATE_OLD], n[GATE_NEW] * sizeof *value);
        memcpy(value + n[GATE_NEW], parts[i].value, n[GATE_OLD] * sizeof *value);
        parts[i].value = value;
    }
    struct gate_answer a;
    gate_ask(&a, &noise, &p->question, &parts[0], &parts[1]);
    return gate_p(p, &a);
}

/* By the sum of both sides, which does not favour either. */
static const double *weights(const struct pending *p, struct pp_arena *arena) {
    double *weight = PP_NEW(arena, double, p->subjects.n);
    for (uint32_t i = 0; i < p->subjects.n; i++)
        for (uint32_t run = 0; run < p->table->n_runs; run++)
            weight[i] += p->subjects.at[i].series.value[run];
    gate_weigh(weight, p->subjects.n);
    return weight;
}

static void ask_all(struct evaluation *e, struct pending *p) {
    struct pp_arena scratch = {0};
    uint32_t *order = PP_NEW(&scratch, uint32_t, p->subjects.n);
    const double *weight = weights(p, &scratch);
    p->answers = PP_NEW(e->arena, struct gate_answer, p->subjects.n);
    p->p = PP_NEW(e->arena, double, p->subjects.n);
    p->p_less = PP_NEW(e->arena, double, p->subjects.n);
    for (uint32_t i = 0; i < p->subjects.n; i++) {
        const struct gate_series *s = &p->subjects.at[i].series;
        gate_ask(&p->answers[i], &p->noise, &p->question, s, &p->table->total);
        p->p[i] = gate_p(p, &p->answers[i]);
        p->p_less[i] = gate_p_less(p, s, &scratch);
    }
    gate_holm(p->p, weight, p->subjects.n, order);
    gate_holm(p->p_less, weight, p->subjects.n, order);
    p->rule_p = 1;
    for (uint32_t i = 0; i < p->subjects.n; i++)
        p->rule_p = fmin(p->rule_p, p->p[i]);
    pp_arena_done(&scratch);
}

static bool prepare(struct evaluation *e, struct pending *p, struct pp_error *err) {
    struct table_slot *slot = slot_of(e, p->rule->type.len ? p->rule->type : e->request->type, err);
    if (!slot) return false;
    p->rule_p = 1;
    p->problem = find_problem(e, p->rule, slot);
    if (p->problem.len) return true;
    const struct gate_table *t = p->table = &slot->table;
    p->slot = slot;
    const uint32_t *seen = e->request->input->n;
    const struct gate_runs runs = {
        .n = {t->n[GATE_OLD], t->n[GATE_NEW]},
        .seen = {seen[GATE_OLD], seen[GATE_NEW]},
        .assumed = p->rule->noise >= 0 ? p->rule->noise : GATE_ASSUMED_NOISE,
        .in_turns = e->request->in_turns,
    };
    gate_noise_fit(&p->noise, &runs, &t->total, t->by[GATE_FLAT], t->n_functions);
    if (!find_limits(p, err)) return false;
    p->pairs = pairs_of(e, slot, p->rule->cost);
    p->subjects = gate_pick(t, p->rule, p->pairs, p->floor, e->arena);
    p->problem = p->subjects.problem;
    if (!p->problem.len) ask_all(e, p);
    return true;
}

/* ---- findings ---- */

static struct gate_finding *add_finding(struct evaluation *e, const struct pending *p,
                                        enum gate_state state) {
    struct gate_result *r = &e->result;
    struct gate_finding f = {
        .rule = p->rule,
        .rule_number = (uint32_t)(p - e->pending) + 1,
        .state = state,
        .table = p->table,
        .limit = p->question.limit,
        .p = 1,
        .at_least = -1,
        .problem = p->problem,
    };
    PP_PUSH(e->arena, r->findings, r->n_findings, e->cap_findings, f);
    return &r->findings[r->n_findings - 1];
}

/* How often a verdict may be wrong. */
static double level_of(const struct evaluation *e, const struct pending *p) {
    return (1 - p->rule->confidence) * e->request->share;
}

/* What of the same function grew surely, by the same limit, where this measure can't tell: most
 * noise of a run is all functions', and a share has none of it. Of a function that was paired with
 * others `cum` is not known. */
static const char *find_sharper(const struct evaluation *e, const struct pending *p, uint32_t i,
                                double correction) {
    static const struct {
        const char *name;
        enum gate_cost cost;
        enum gate_measure measure;
    } others[] = {{"self share", GATE_SELF, GATE_SHARE},
                  {"flat share", GATE_FLAT, GATE_SHARE},
                  {"cum share", GATE_CUM, GATE_SHARE},
                  {"cum", GATE_CUM, GATE_PER_RUN}};
    const struct gate_subject *s = &p->subjects.at[i];
    const struct gate_answer *a = &p->answers[i];
    if (p->question.is_budget || p->rule->scope != GATE_ANY || p->question.measure != GATE_PER_RUN)
        return NULL;
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        bool is_own = others[k].cost == p->rule->cost;
        if (!is_own && (s->is_paired || others[k].cost != GATE_CUM)) continue;
        struct gate_series series = is_own ? s->series : p->table->by[others[k].cost][s->row];
        struct gate_question q = {.measure = others[k].measure, .limit = p->question.limit};
        struct gate_answer other;
        gate_ask(&other, &p->noise, &q, &series, &p->table->total);
        double corrected = a->p > 0 ? other.p * correction * p->p[i] / a->p : 1;
        if (is_beyond(&q, &other) && corrected <= level_of(e, p)) return others[k].name;
    }
    return NULL;
}

static void add_subject(struct evaluation *e, const struct pending *p, uint32_t i,
                        enum gate_state state, double correction) {
    const struct gate_subject *s = &p->subjects.at[i];
    struct gate_finding *f = add_finding(e, p, state);
    f->subject = s->name;
    f->was = s->was;
    f->with = s->with;
    f->answer = p->answers[i];
    f->p = fmin(1, p->p[i] * correction);
    f->at_least = gate_at_least(&p->answers[i], 1 - level_of(e, p));
    /* What is broken is beyond its limit, whichever test said so. */
    if (state == GATE_BROKEN && !p->question.is_budget)
        f->at_least = fmax(f->at_least, p->question.limit);
    if (state == GATE_UNSURE) f->sharper = find_sharper(e, p, i, correction);
    if (!s->row) return;
    const struct gate_function *function = &p->table->functions[s->row];
    f->file = function->file;
    f->line = function->start_line;
    if (state != GATE_BROKEN || e->result.n_findings > MAX_ORIGINS) return;
    struct gate_explanation *why = PP_NEW(e->arena, struct gate_explanation, 1);
    enum gate_cost cost = p->rule->scope == GATE_TOTAL ? GATE_SELF : p->rule->cost;
    pairs_of(e, p->slot, cost);
    pairs_of(e, p->slot, GATE_CUM);
    *why = gate_explain(p->table, p->slot->pairs, s->row, cost, e->arena);
    if (why->n_lines) f->line = why->lines[0].line;
    f->why = why;
}

static enum gate_state state_of(const struct evaluation *e, const struct pending *p, uint32_t i,
                                double correction) {
    double level = level_of(e, p);
    if (p->p[i] * correction <= level) return GATE_BROKEN;
    if (p->p_less[i] * e->result.n_rules <= level) return GATE_IMPROVED;
    const struct gate_answer *a = &p->answers[i];
    bool is_large = p->question.is_budget || a->value[GATE_NEW] - a->value[GATE_OLD] >= p->floor;
    bool may_be = is_large && is_beyond(&p->question, a);
    return may_be && !p->rule->exact ? GATE_UNSURE : GATE_HOLDS;
}

/* The truth is below the limit, or what it grew by is below the floor, as sure as the rule asks. */
static bool is_surely_below(const struct pending *p, uint32_t i) {
    const struct gate_answer *a = &p->answers[i];
    if (!a->says || p->rule->exact) return true;
    double t = gate_t_quantile(1 - p->rule->confidence, a->df);
    double most = expm1(a->effect + t * a->se);
    if (p->question.is_budget) return most <= 0;
    return most <= p->question.limit || a->value[GATE_OLD] * most < p->floor;
}

static double change(const struct pending *p, uint32_t i) {
    return p->answers[i].value[GATE_NEW] - p->answers[i].value[GATE_OLD];
}

static int by_change(const void *a, const void *b, void *user) {
    const struct pending *p = user;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (change(p, x) != change(p, y)) return change(p, x) > change(p, y) ? -1 : 1;
    return pp_str_cmp(p->subjects.at[x].name, p->subjects.at[y].name);
}

static void conclude(struct evaluation *e, struct pending *p, double rule_p) {
    struct gate_result *r = &e->result;
    if (p->problem.len) {
        add_finding(e, p, GATE_IMPOSSIBLE);
        r->n_impossible++;
        return;
    }
    double correction = p->rule_p > 0 ? rule_p / p->rule_p : 1;
    uint32_t *order = PP_NEW(e->arena, uint32_t, p->subjects.n), broken = 0, unsure = 0;
    for (uint32_t i = 0; i < p->subjects.n; i++)
        order[i] = i;
    sort_stable(order, p->subjects.n, sizeof *order, by_change, p);
    bool is_any = p->rule->scope == GATE_ANY;
    for (uint32_t k = 0; k < p->subjects.n; k++) {
        enum gate_state state = state_of(e, p, order[k], correction);
        r->is_settled &= is_surely_below(p, order[k]);
        broken += state == GATE_BROKEN;
        unsure += state == GATE_UNSURE;
        bool is_renamed = p->subjects.at[order[k]].is_paired && state != GATE_IMPROVED;
        bool is_growth = state == GATE_BROKEN || (state == GATE_UNSURE && unsure <= MAX_UNSURE);
        if (!is_any || is_growth || is_renamed) add_subject(e, p, order[k], state, correction);
    }
    for (uint32_t k = p->subjects.n; is_any && k-- > 0;)
        if (state_of(e, p, order[k], correction) == GATE_IMPROVED)
            add_subject(e, p, order[k], GATE_IMPROVED, correction);
    if (is_any && !broken) {
        struct gate_finding *rest = add_finding(e, p, GATE_HOLDS);
        rest->n_tested = p->subjects.n;
        rest->n_unsure = unsure;
    }
    r->n_broken += broken > 0;
}

bool gate_eval(const struct gate_request *request, struct gate_result *ret_result,
               struct pp_arena *arena, struct pp_error *err) {
    const struct gate_rules *rules = request->rules;
    struct evaluation e = {.request = request, .arena = arena};
    e.slots = PP_NEW(arena, struct table_slot, rules->n);
    e.pending = PP_NEW(arena, struct pending, rules->n);
    e.result.n_rules = rules->n;
    e.result.is_settled = true;
    double *p = PP_NEW(arena, double, rules->n);
    uint32_t *order = PP_NEW(arena, uint32_t, rules->n);
    for (uint32_t i = 0; i < rules->n; i++) {
        e.pending[i].rule = &rules->rules[i];
        if (!prepare(&e, &e.pending[i], err)) return false;
        p[i] = e.pending[i].rule_p;
    }
    gate_holm(p, NULL, rules->n, order);
    for (uint32_t i = 0; i < rules->n; i++)
        conclude(&e, &e.pending[i], p[i]);
    e.result.is_settled |= e.result.n_broken || e.result.n_impossible;
    *ret_result = e.result;
    return true;
}
