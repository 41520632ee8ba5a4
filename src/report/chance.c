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
    bool *is_base = PP_NEW(arena, bool, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        is_base[i] = base_mark_in(p, i);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int side = is_base[p->sample_labels[i]] ? GATE_OLD : GATE_NEW;
        uint32_t node = t->node_of_stack[p->sample_stack[i]];
        double n = pp_value(p, i, rc->type) ? gate_count(p, i, &counting) : 0;
        c->all[side] += n;
        if (node != PP_NONE) c->of[side][node] += n;
    }
    for (uint32_t i = t->n; i-- > 0;)
        for (int side = GATE_OLD; side <= GATE_NEW; side++)
            if (t->caller[i] != PP_NONE) c->of[side][t->caller[i]] += c->of[side][i];
}

/* A quantity in one run of each side: the lesser first, so that the question is whether it grew. */
struct pair {
    double value[2];
    double count;
};

static struct pair pair_of(int64_t base, int64_t now, double count) {
    bool grew = now >= base;
    return (struct pair){{(double)(grew ? base : now), (double)(grew ? now : base)}, count};
}

static struct gate_series series_of(const struct pair *p) {
    return (struct gate_series){p->value, (p->value[0] + p->value[1]) / p->count};
}

static bool is_sure(const struct pair *part, const struct pair *whole) {
    static const struct gate_question grew = {.measure = GATE_PER_RUN};
    static const struct gate_runs single = {{1, 1}, {1, 1}, GATE_ASSUMED_NOISE, false};
    if (!(part->value[0] >= 0 && part->value[1] > part->value[0] && part->count >= GATE_MIN_COUNT))
        return false;
    struct gate_series s = series_of(part), total = series_of(whole);
    struct gate_noise noise;
    struct gate_answer answer;
    gate_noise_fit(&noise, &single, &total, NULL, 0);
    gate_ask(&answer, &noise, &grew, &s, &total);
    return 2 * answer.p < 1 - GATE_CONFIDENCE; /* either direction is a change */
}

const bool *chance_ruled_out(const struct flame_tree *t, const struct report_ctx *rc) {
    if (!t->base || rc->is_scaled) return NULL;
    struct pp_arena scratch = {0};
    struct counts c = {{PP_NEW(&scratch, double, t->n), PP_NEW(&scratch, double, t->n)}, {0, 0}};
    count_samples(&c, t, rc, &scratch);
    bool *sure = PP_NEW(rc->arena, bool, t->n);
    for (uint32_t i = 0; i < t->n; i++) {
        int64_t base = t->base[i].total, now = t->value[i].total;
        const struct pair part = pair_of(base, now, c.of[GATE_OLD][i] + c.of[GATE_NEW][i]);
        struct pair whole = pair_of(t->base_sum.total, t->sum.total, c.all[0] + c.all[1]);
        sure[i] = is_sure(&part, &whole);
    }
    pp_arena_done(&scratch);
    return sure;
}
