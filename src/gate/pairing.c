/* Pairs by likeness. The rows on one side only ("lone") are few; each is compared with each of the
 * other side. */
#include "gate/pairing.h"

#include "base/intern.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/text.h"
#include "gate/gate_package.h"
#include "gate/identity.h"

#include <math.h>

enum { MAX_LONE = 100, N_BUCKETS = 64, N_CALLERS = 4, MAX_ROUNDS = 8 };

/* By judgement, checked by the pairs of tests/cli/names.sh. */
#define ALIKE_ENOUGH 0.6  /* of names */
#define AS_GOOD      0.08 /* a pair this little worse than the best could be the right one too */
#define SAME_CALLERS 0.8

struct caller {
    uint32_t row;
    double value;
};

/* A function on one side only. */
struct lone {
    uint32_t row;
    bool taken;
    double value; /* per run */
    /* Cost by neighbour, neighbours by number; above: the nearest callers that both sides know. */
    double callers[N_BUCKETS], callees[N_BUCKETS], above[N_BUCKETS];
    struct caller from[N_CALLERS]; /* who brought most, if few did */
};

struct pairing {
    const struct gate_table *t;
    const struct gate_series *series;
    enum gate_cost cost;
    struct lone *lone[2];
    uint32_t n[2];
    uint32_t *slot[2]; /* by row: 1 + place in the side's list, or 0 */
    struct gate_pairs pairs;
    struct pp_arena *scratch;
};

static double mean_of(const struct pairing *p, uint32_t row, int side) {
    return gate_table_mean(p->t, &p->series[row], side);
}

/* ---- groups ---- */

static uint32_t leader_of(struct gate_pairs *g, uint32_t row) {
    while (g->leader[row] != row)
        row = g->leader[row] = g->leader[g->leader[row]];
    return row;
}

static void join(struct pairing *p, uint32_t a, uint32_t b, enum gate_pair_kind kind) {
    struct gate_pairs *g = &p->pairs;
    a = leader_of(g, a);
    b = leader_of(g, b);
    if (g->kind[b] > kind) kind = g->kind[b];
    if (g->kind[a] > kind) kind = g->kind[a];
    g->leader[b] = a;
    g->kind[a] = kind;
}

/* ---- lone functions ---- */

static int by_value(const void *a, const void *b, void *user) {
    (void)user;
    const struct caller *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void find_lone(struct pairing *p, int side) {
    const struct gate_table *t = p->t;
    struct caller *all = NULL;
    uint32_t n = 0;
    size_t cap = 0;
    for (uint32_t row = 1; row < t->n_functions; row++) {
        double here = mean_of(p, row, side), there = mean_of(p, row, !side);
        if (there > 0 || here * t->n[side] / p->series[row].unit < GATE_MIN_COUNT) continue;
        PP_PUSH(p->scratch, all, n, cap, ((struct caller){row, here}));
    }
    sort_stable(all, n, sizeof *all, by_value, NULL);
    p->n[side] = n < MAX_LONE ? n : MAX_LONE;
    p->lone[side] = PP_NEW(p->scratch, struct lone, p->n[side]);
    for (uint32_t i = 0; i < p->n[side]; i++) {
        p->lone[side][i] = (struct lone){.row = all[i].row, .value = all[i].value};
        p->slot[side][all[i].row] = i + 1;
    }
}

static struct lone *lone_of(const struct pairing *p, uint32_t row, int side) {
    return p->slot[side][row] ? &p->lone[side][p->slot[side][row] - 1] : NULL;
}

/* ---- families: numbers of another kind ---- */

struct family {
    double sum[2], lone; /* lone: what its lone members cost */
    uint32_t first, kind;
    bool are_many; /* kinds of numbers: "func" and "gowrap" of one function */
};

static void add_member(struct pairing *p, struct family *f, uint32_t row, uint32_t kind) {
    for (int side = GATE_OLD; side <= GATE_NEW; side++)
        f->sum[side] += mean_of(p, row, side);
    if (p->slot[GATE_OLD][row] || p->slot[GATE_NEW][row])
        f->lone += mean_of(p, row, GATE_OLD) + mean_of(p, row, GATE_NEW);
    f->are_many |= f->first && f->kind != kind;
    f->kind = kind;
    if (!f->first) f->first = row;
}

/* Which numbers two compilers give differs where they have other kinds of them: no order tells then
 * (numbering.h). The family's sum is about what it was. */
static bool is_other_kind(const struct family *f) {
    bool both = f->sum[GATE_OLD] > 0 && f->sum[GATE_NEW] > 0;
    return f->are_many && f->lone > 0 && both &&
           fabs(f->sum[GATE_NEW] - f->sum[GATE_OLD]) <= f->lone / 2;
}

/* A key without its digits. */
static struct pp_str kind_of(struct pp_str key, struct pp_arena *arena) {
    char *text = PP_NEW(arena, char, key.len);
    size_t n = 0;
    for (size_t i = 0; i < key.len; i++)
        if (!text_is_digit(key.data[i])) text[n++] = key.data[i];
    return (struct pp_str){text, n};
}

static void pair_families(struct pairing *p) {
    uint32_t n = p->t->n_functions, *of = PP_NEW(p->scratch, uint32_t, n);
    struct family *families = PP_NEW(p->scratch, struct family, (size_t)n + 1);
    struct interner keys, kinds;
    interner_init(&keys, p->scratch);
    interner_init(&kinds, p->scratch);
    for (uint32_t row = 1; row < n; row++) {
        struct pp_str key = p->t->functions[row].key;
        struct pp_str family = identity_key(key, IDENTITY_FAMILY, p->scratch);
        of[row] = intern_static(&keys, family);
        add_member(p, &families[of[row]], row, intern_static(&kinds, kind_of(key, p->scratch)));
    }
    interner_done(&keys);
    interner_done(&kinds);
    for (uint32_t row = 1; row < n; row++) {
        if (!of[row] || !is_other_kind(&families[of[row]])) continue;
        for (int side = GATE_OLD; side <= GATE_NEW; side++)
            if (lone_of(p, row, side)) lone_of(p, row, side)->taken = true;
        join(p, families[of[row]].first, row, GATE_NUMBERED);
    }
}

/* ---- callers and callees ---- */

static bool is_known(const struct pairing *p, uint32_t row) {
    const struct gate_series *s = &p->t->by[GATE_CUM][row];
    return row && gate_table_mean(p->t, s, GATE_OLD) > 0 && gate_table_mean(p->t, s, GATE_NEW) > 0;
}

static void count(struct pairing *p, double *buckets, uint32_t row, double value) {
    buckets[leader_of(&p->pairs, row) % N_BUCKETS] += value;
}

static void see_neighbours(void *user, const struct gate_stack *s) {
    struct pairing *p = user;
    for (size_t i = 0; i < s->n; i++) {
        struct lone *l = lone_of(p, s->rows[i], s->side);
        if (!l) continue;
        if (i > 0) count(p, l->callees, s->rows[i - 1], s->value);
        if (i + 1 < s->n) count(p, l->callers, s->rows[i + 1], s->value);
        size_t at = i + 1;
        while (at < s->n && !is_known(p, s->rows[at]))
            at++;
        if (at < s->n) count(p, l->above, s->rows[at], s->value);
    }
}

/* Again after each round: a pair that was found is one neighbour. */
static void find_neighbours(struct pairing *p) {
    for (int side = GATE_OLD; side <= GATE_NEW; side++)
        for (uint32_t i = 0; i < p->n[side]; i++) {
            struct lone *l = &p->lone[side][i];
            memset(l->callers, 0, sizeof l->callers);
            memset(l->callees, 0, sizeof l->callees);
            memset(l->above, 0, sizeof l->above);
        }
    gate_table_each_stack(p->t, see_neighbours, p);
}

/* How much of two costs is spread alike: 0 to 1. Where neither has neighbours, nothing is said. */
static double overlap(const double *a, const double *b) {
    double both = 0, of_a = 0, of_b = 0;
    for (int i = 0; i < N_BUCKETS; i++) {
        of_a += a[i];
        of_b += b[i];
    }
    if (!(of_a > 0) && !(of_b > 0)) return 0.5;
    for (int i = 0; of_a > 0 && of_b > 0 && i < N_BUCKETS; i++)
        both += fmin(a[i] / of_a, b[i] / of_b);
    return both;
}

/* ---- likeness ---- */

static bool is_same_place(const struct gate_function *a, const struct gate_function *b) {
    return pp_str_eq(path_base(a->file), path_base(b->file)) &&
           pp_str_eq(gate_package(a->key), gate_package(b->key));
}

/* 0: no pair. */
static double likeness(const struct pairing *p, const struct lone *old, const struct lone *new) {
    const struct gate_function *a = &p->t->functions[old->row], *b = &p->t->functions[new->row];
    double name = identity_likeness(a->key, b->key);
    if (name < ALIKE_ENOUGH) return 0;
    return 0.6 * name + 0.2 * overlap(old->callers, new->callers) +
           0.1 * overlap(old->callees, new->callees) + 0.1 * is_same_place(a, b);
}

struct scores {
    double *score; /* old by new */
    double best[2][MAX_LONE];
};

static void score_all(const struct pairing *p, struct scores *s) {
    for (uint32_t i = 0; i < p->n[GATE_OLD]; i++)
        for (uint32_t j = 0; j < p->n[GATE_NEW]; j++)
            s->score[i * p->n[GATE_NEW] + j] =
                likeness(p, &p->lone[GATE_OLD][i], &p->lone[GATE_NEW][j]);
}

static double score_of(const struct pairing *p, const struct scores *s, uint32_t i, uint32_t j) {
    bool free = !p->lone[GATE_OLD][i].taken && !p->lone[GATE_NEW][j].taken;
    return free ? s->score[i * p->n[GATE_NEW] + j] : 0;
}

static void find_best(const struct pairing *p, struct scores *s) {
    memset(s->best, 0, sizeof s->best);
    for (uint32_t i = 0; i < p->n[GATE_OLD]; i++)
        for (uint32_t j = 0; j < p->n[GATE_NEW]; j++) {
            double score = score_of(p, s, i, j);
            s->best[GATE_OLD][i] = fmax(s->best[GATE_OLD][i], score);
            s->best[GATE_NEW][j] = fmax(s->best[GATE_NEW][j], score);
        }
}

/* Joins every pair that is the best of both, or as good: one for one it is a rename. */
static bool pair_best(struct pairing *p, struct scores *s) {
    bool any = false;
    bool taken[2][MAX_LONE] = {{false}};
    find_neighbours(p);
    score_all(p, s);
    find_best(p, s);
    for (uint32_t i = 0; i < p->n[GATE_OLD]; i++)
        for (uint32_t j = 0; j < p->n[GATE_NEW]; j++) {
            double score = score_of(p, s, i, j);
            double best = fmax(s->best[GATE_OLD][i], s->best[GATE_NEW][j]);
            if (!(score > 0) || score < best - AS_GOOD) continue;
            bool is_sure = !taken[GATE_OLD][i] && !taken[GATE_NEW][j];
            join(p, p->lone[GATE_OLD][i].row, p->lone[GATE_NEW][j].row,
                 is_sure ? GATE_RENAMED : GATE_ALIKE);
            taken[GATE_OLD][i] = taken[GATE_NEW][j] = any = true;
        }
    for (int side = GATE_OLD; side <= GATE_NEW; side++)
        for (uint32_t i = 0; i < p->n[side]; i++)
            p->lone[side][i].taken |= taken[side][i];
    return any;
}

/* ---- moved costs ---- */

/* Misra and Gries' count of the heavy ones, with values. */
static void count_caller(struct lone *l, uint32_t row, double value) {
    struct caller *least = &l->from[0];
    for (int i = 0; i < N_CALLERS; i++) {
        if (l->from[i].row == row) {
            l->from[i].value += value;
            return;
        }
        if (l->from[i].value < least->value) least = &l->from[i];
    }
    double off = fmin(value, least->value);
    for (int i = 0; i < N_CALLERS; i++)
        l->from[i].value -= off;
    if (value > off) *least = (struct caller){row, value - off};
}

/* A caller is one that both sides know: whole chains are inlined. */
static void see_callers(void *user, const struct gate_stack *s) {
    struct pairing *p = user;
    size_t own = p->cost == GATE_SELF ? s->own : 0;
    for (size_t i = 0; i < s->n; i++) {
        struct lone *l = lone_of(p, s->rows[i], s->side);
        if (!l || l->taken || (p->cost != GATE_CUM && i != own)) continue;
        size_t at = i + 1;
        while (at < s->n && lone_of(p, s->rows[at], s->side) &&
               !lone_of(p, s->rows[at], s->side)->taken)
            at++;
        if (at < s->n && s->rows[at]) count_caller(l, s->rows[at], s->value);
    }
}

/* Does the caller's change tell that `value` moved between it and the lone function? */
static bool has_moved(const struct pairing *p, uint32_t caller, double value, int side) {
    double growth = mean_of(p, caller, GATE_NEW) - mean_of(p, caller, GATE_OLD);
    if (p->cost == GATE_CUM) return side == GATE_NEW && growth <= value / 2;
    return side == GATE_NEW ? -growth >= value / 2 : growth >= value / 2;
}

static void pair_moved(struct pairing *p) {
    for (int side = GATE_OLD; side <= GATE_NEW; side++)
        for (uint32_t i = 0; i < p->n[side]; i++) {
            struct lone *l = &p->lone[side][i];
            for (int k = 0; !l->taken && k < N_CALLERS; k++) {
                const struct caller *c = &l->from[k];
                if (c->value >= l->value / 10 && has_moved(p, c->row, c->value, side))
                    join(p, c->row, l->row, GATE_MOVED);
            }
        }
}

/* ---- what no name tells ---- */

/* Of the same place, with the same callers as far as both sides know them. */
static bool could_replace(const struct pairing *p, const struct lone *old, const struct lone *new) {
    const struct gate_function *a = &p->t->functions[old->row];
    double above = 0;
    if (!is_same_place(a, &p->t->functions[new->row])) return false;
    for (int i = 0; i < N_BUCKETS; i++)
        above += new->above[i];
    return above > 0 ? overlap(old->above, new->above) >= SAME_CALLERS : a->file.len > 0;
}

static bool is_alone(struct pairing *p, const struct lone *l) {
    return !l->taken && leader_of(&p->pairs, l->row) == l->row;
}

/* The others that the one could be, or could have been. */
static uint32_t find_others(struct pairing *p, const struct lone *one, int side,
                            const struct lone *ret_others[MAX_LONE]) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n[side]; i++) {
        const struct lone *l = &p->lone[side][i];
        bool could = side == GATE_OLD ? could_replace(p, l, one) : could_replace(p, one, l);
        if (could && !l->taken) ret_others[n++] = l;
    }
    return n;
}

/* One for one it is a rename, unless it costs twice as much; of several, which is which is not
 * said. */
static void pair_by_place(struct pairing *p) {
    const struct lone *old[MAX_LONE], *new[MAX_LONE];
    for (uint32_t j = 0; j < p->n[GATE_NEW]; j++) {
        const struct lone *one = &p->lone[GATE_NEW][j];
        if (one->taken) continue;
        uint32_t n = find_others(p, one, GATE_OLD, old);
        bool is_pair = n == 1 && find_others(p, old[0], GATE_NEW, new) == 1;
        if (is_pair && one->value >= 2 * old[0]->value) continue;
        for (uint32_t i = 0; i < n; i++)
            join(p, one->row, old[i]->row, is_pair ? GATE_REPLACED : GATE_ALIKE);
    }
}

/* By leader. */
static void sum_groups(struct pairing *p, double *ret_growth) {
    memset(ret_growth, 0, p->t->n_functions * sizeof *ret_growth);
    for (uint32_t row = 1; row < p->t->n_functions; row++)
        ret_growth[leader_of(&p->pairs, row)] +=
            mean_of(p, row, GATE_NEW) - mean_of(p, row, GATE_OLD);
}

/* What the groups of gone functions cost less now that this one could replace; each group once. */
static double lost_to(struct pairing *p, const struct lone *new, const double *growth) {
    double lost = 0;
    uint32_t seen[MAX_LONE], n = 0;
    for (uint32_t i = 0; i < p->n[GATE_OLD]; i++) {
        const struct lone *old = &p->lone[GATE_OLD][i];
        uint32_t leader = leader_of(&p->pairs, old->row), k = 0;
        if (!could_replace(p, old, new) || growth[leader] >= 0) continue;
        while (k < n && seen[k] != leader)
            k++;
        if (k < n) continue;
        seen[n++] = leader;
        lost -= growth[leader];
    }
    return lost;
}

/* Renamed, and a part split off: at least half of what is new was lost by such a function. */
static void pair_added(struct pairing *p) {
    double *growth = PP_NEW(p->scratch, double, p->t->n_functions);
    sum_groups(p, growth);
    for (uint32_t j = 0; j < p->n[GATE_NEW]; j++) {
        const struct lone *new = &p->lone[GATE_NEW][j];
        if (!is_alone(p, new) || lost_to(p, new, growth) < new->value / 2) continue;
        for (uint32_t i = 0; i < p->n[GATE_OLD]; i++)
            if (could_replace(p, &p->lone[GATE_OLD][i], new))
                join(p, p->lone[GATE_OLD][i].row, new->row, GATE_MOVED);
        sum_groups(p, growth);
    }
}

/* What a group is called by: of its members the most expensive one of the new build. */
static void lead_by_cost(struct pairing *p) {
    uint32_t n = p->t->n_functions, *best = PP_NEW(p->scratch, uint32_t, n);
    uint32_t *leader = PP_NEW(p->scratch, uint32_t, n);
    enum gate_pair_kind *kind = PP_NEW(p->scratch, enum gate_pair_kind, n);
    for (uint32_t row = 1; row < n; row++) {
        uint32_t *b = &best[leader_of(&p->pairs, row)];
        if (!*b || mean_of(p, row, GATE_NEW) > mean_of(p, *b, GATE_NEW)) *b = row;
    }
    for (uint32_t row = 1; row < n; row++) {
        uint32_t of = leader_of(&p->pairs, row);
        leader[row] = best[of];
        kind[best[of]] = p->pairs.kind[of];
    }
    memcpy(p->pairs.leader, leader, n * sizeof *leader);
    memcpy(p->pairs.kind, kind, n * sizeof *kind);
}

struct gate_pairs gate_pair(const struct gate_table *t, enum gate_cost cost,
                            struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct pairing p = {.t = t, .series = t->by[cost], .cost = cost, .scratch = &scratch};
    p.pairs.leader = PP_NEW(arena, uint32_t, t->n_functions);
    p.pairs.kind = PP_NEW(arena, enum gate_pair_kind, t->n_functions);
    for (uint32_t i = 0; i < t->n_functions; i++)
        p.pairs.leader[i] = i;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        p.slot[side] = PP_NEW(&scratch, uint32_t, t->n_functions);
        find_lone(&p, side);
    }
    if (t->n[GATE_OLD] && p.n[GATE_OLD] + p.n[GATE_NEW] > 0) {
        struct scores s = {.score = PP_NEW(&scratch, double, (size_t)p.n[0] * p.n[1] + 1)};
        pair_families(&p);
        for (int round = 0; round < MAX_ROUNDS && pair_best(&p, &s); round++) {
        }
        gate_table_each_stack(t, see_callers, &p);
        pair_moved(&p);
        pair_by_place(&p);
        pair_added(&p);
    }
    lead_by_cost(&p);
    pp_arena_done(&scratch);
    return p.pairs;
}
