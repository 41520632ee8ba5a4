#include "report/chance.h"

#include "gate/gate_count.h"
#include "gate/gate_rules.h"
#include "gate/gate_stats.h"
#include "profile/base_mark.h"

/* How many samples are behind a node, with all that it calls. */
struct counts {
    double *of[2]; /* by side (gate_stats.h), by node */
    double all[2];
};

static void count_samples(struct counts *c, const struct flame_tree *t, const struct report_ctx *rc,
                          struct pp_arena *arena) {
    const struct pp_profile *p = rc->profile;
    struct gate_counting counting = gate_counting(p, rc->type);
    const bool *is_base = base_mark_sets(p, arena);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int side = is_base[pp_labels_of(p, i)] ? GATE_OLD : GATE_NEW;
        uint32_t node = t->node_of_stack[p->sample_stack[i]];
        double n = pp_value(p, i, rc->type) ? gate_count(p, i, &counting) : 0;
        c->all[side] += n;
        if (node != PP_NONE) c->of[side][node] += n;
    }
    for (uint32_t i = t->n; i-- > 0;)
        for (int side = GATE_OLD; side <= GATE_NEW; side++)
            if (t->caller[i] != PP_NONE) c->of[side][t->caller[i]] += c->of[side][i];
}

/* Beyond so many runs a side nothing is said: a box would cost as much. */
enum { MOST_RUNS = 64 };

/* A quantity on both sides: the one with less of the part in a run comes first, so that the
 * question is whether it grew. */
struct pair {
    double sum[2], count;
    uint32_t runs[2]; /* that each is a sum of */
};

static uint32_t runs_of(const struct report_ctx *rc, int side) {
    return rc->mean ? 1 : rc->means_of[side];
}

static bool has_grown(const struct report_ctx *rc, int64_t base, int64_t now) {
    return (double)now / runs_of(rc, 1) >= (double)base / runs_of(rc, 0);
}

static struct pair pair_of(const struct report_ctx *rc, bool grew, const struct chance *c) {
    const double sum[2] = {(double)c->base, (double)c->now};
    return (struct pair){.sum = {sum[!grew], sum[grew]},
                         .runs = {runs_of(rc, !grew), runs_of(rc, grew)},
                         .count = c->count};
}

/* A merged profile's runs are equal parts of it. */
static struct gate_series series_of(const struct pair *p, double values[2 * MOST_RUNS]) {
    uint32_t n = 0;
    for (int side = GATE_OLD; side <= GATE_NEW; side++)
        for (uint32_t i = 0; i < p->runs[side]; i++)
            values[n++] = p->sum[side] / p->runs[side];
    return (struct gate_series){values, (p->sum[0] + p->sum[1]) / p->count};
}

static bool may_be_asked(const struct pair *p) {
    return p->sum[0] >= 0 && p->sum[1] / p->runs[1] > p->sum[0] / p->runs[0] &&
           p->count >= GATE_MIN_COUNT;
}

/* `whole`: of the same sides in the same order. */
static bool is_sure(const struct pair *part, const struct pair *whole) {
    static const struct gate_question grew = {.measure = GATE_PER_RUN};
    double of_part[2 * MOST_RUNS], of_whole[2 * MOST_RUNS];
    if (!may_be_asked(part)) return false;
    const struct gate_runs runs = {
        {part->runs[0], part->runs[1]}, {0, 0}, GATE_ASSUMED_NOISE, false};
    struct gate_series s = series_of(part, of_part), total = series_of(whole, of_whole);
    struct gate_noise noise;
    struct gate_answer answer;
    gate_noise_fit(&noise, &runs, &total, NULL, 0);
    gate_ask(&answer, &noise, &grew, &s, &total);
    return 2 * answer.p < 1 - GATE_CONFIDENCE; /* either direction is a change */
}

bool chance_can_be_told(const struct report_ctx *rc) {
    return !rc->is_scaled && rc->means_of[0] <= MOST_RUNS && rc->means_of[1] <= MOST_RUNS;
}

bool chance_is_ruled_out(const struct report_ctx *rc, const struct chance *part,
                         const struct chance *total) {
    bool grew = has_grown(rc, part->base, part->now);
    struct pair of_part = pair_of(rc, grew, part), of_total = pair_of(rc, grew, total);
    return is_sure(&of_part, &of_total);
}

const bool *chance_ruled_out(const struct flame_tree *t, const struct report_ctx *rc) {
    if (!t->base || !chance_can_be_told(rc)) return NULL;
    struct pp_arena scratch = {0};
    struct counts c = {{PP_NEW(&scratch, double, t->n), PP_NEW(&scratch, double, t->n)}, {0, 0}};
    count_samples(&c, t, rc, &scratch);
    const struct chance total = {t->base_sum.total, t->sum.total,
                                 c.all[GATE_OLD] + c.all[GATE_NEW]};
    bool *sure = PP_NEW(rc->arena, bool, t->n);
    for (uint32_t i = 0; i < t->n; i++) {
        const struct chance part = {t->base[i].total, t->value[i].total,
                                    c.of[GATE_OLD][i] + c.of[GATE_NEW][i]};
        sure[i] = chance_is_ruled_out(rc, &part, &total);
    }
    pp_arena_done(&scratch);
    return sure;
}

/* A profile whose only value is the number of samples behind it, in thousandths. */
static struct pp_profile counted(const struct report_ctx *rc, const struct pp_profile *p,
                                 struct pp_arena *arena) {
    struct gate_counting counting = gate_counting(p, rc->type);
    struct pp_profile c = *p;
    c.n_types = 1;
    c.values = PP_NEW(arena, int64_t, c.n_samples);
    for (uint32_t i = 0; i < c.n_samples; i++)
        if (pp_value(p, i, rc->type))
            c.values[i] = num_from_double(1000 * gate_count(p, i, &counting));
    return c;
}

void chance_count(const struct report_ctx *rc, const struct pp_profile *p,
                  const struct graph_options *nodes, struct chance_counts *ret_counts) {
    struct pp_arena scratch = {0};
    struct pp_profile of = counted(rc, p, &scratch);
    struct graph_options options = *nodes;
    struct graph g;
    options.type = 0;
    graph_init(&g, &of, &options, &scratch);
    graph_sum(&g, NULL);
    struct chance_counts c = {PP_NEW(rc->arena, double, g.n_nodes),
                              PP_NEW(rc->arena, double, g.n_nodes), 0};
    for (uint32_t i = 0; i < g.n_nodes; i++) {
        c.flat[i] = (double)graph_flat(&g, i) / 1000;
        c.cum[i] = (double)graph_cum(&g, i) / 1000;
        c.all += c.flat[i];
    }
    *ret_counts = c;
    graph_done(&g);
    pp_arena_done(&scratch);
}
