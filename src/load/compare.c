/* Reports that only sum up need no merged profile, and labels only to know which samples are the
 * same: not even that where none of them can cancel another one. */
#include "load/compare.h"

#include "base/parallel.h"
#include "load/tally.h"
#include "profile/base_mark.h"
#include "profile/decode/kept_labels.h"
#include "profile/merge.h"
#include "profile/view/view.h"

enum { SOURCE, BASE, SIDES };

struct comparison {
    const struct load_options *o;
    struct held *sides[SIDES];
    bool only_grows[SIDES];
    struct known_sums *labels[SIDES]; /* as told_apart has them */
};

static void negate(const struct load_options *o, struct held *h) {
    double *minus = PP_NEW(&h->arena, double, h->profile.n_types);
    for (uint32_t i = 0; i < h->profile.n_types; i++)
        minus[i] = -1;
    if (o->compares)
        profile_negate(&h->profile, &h->profile, &h->arena);
    else
        profile_scale(&h->profile, minus, &h->profile, &h->arena);
}

/* What may be cut goes by how many samples have it. */
static bool is_summed(const struct comparison *c) {
    const struct pp_profile *p = &c->sides[SOURCE]->profile, *base = &c->sides[BASE]->profile;
    return c->o->sums_only && merge_alike(p, base) && !view_may_be_cut(p) && !view_may_be_cut(base);
}

/* ---- what samples are told apart by ---- */

/* Whether no two values, or sums of them, cancel each other. */
static void look_at_values(void *user, unsigned worker, size_t side) {
    (void)worker;
    struct comparison *c = user;
    const struct pp_profile *p = &c->sides[side]->profile;
    double total = 0;
    int64_t signs = 0;
    for (size_t i = 0; i < (size_t)p->n_samples * p->n_types; i++) {
        total += (double)p->values[i];
        signs |= p->values[i];
    }
    c->only_grows[side] = signs >= 0 && total < (double)(INT64_MAX / 2);
}

static void sum_labels(void *user, unsigned worker, size_t side) {
    (void)worker;
    struct comparison *c = user;
    struct held *h = c->sides[side];
    if (h->kept) c->labels[side] = kept_labels_sums(h->kept, &h->profile, &h->arena);
}

static void restore_labels(void *user, unsigned worker, size_t side) {
    (void)worker;
    struct held *h = ((struct comparison *)user)->sides[side];
    if (h->kept) h->profile = kept_labels_restore(h->kept, &h->profile, &h->arena);
    h->kept = NULL;
}

static void on_both_sides(struct comparison *c,
                          void (*run)(void *user, unsigned worker, size_t side)) {
    parallel_run(parallel_width(SIDES, 0), SIDES, run, c);
}

/* Where the mark is used, of labels that were left out some may be of its key, too. */
static bool can_sum_labels(const struct held *h) {
    if (!h->kept) return h->profile.n_labels == 0;
    return kept_labels_have_sums(h->kept) && !base_mark_is_used(&h->profile);
}

static bool never_cancels(struct comparison *c) {
    if (!c->o->base_marked || base_mark_is_used(&c->sides[SOURCE]->profile)) return false;
    on_both_sides(c, look_at_values);
    return c->only_grows[SOURCE] && c->only_grows[BASE];
}

/* Scaling leaves samples out, which labels are not told of. */
static void settle_labels(struct comparison *c, bool is_summed) {
    struct held *p = c->sides[SOURCE], *base = c->sides[BASE];
    if (!p->kept && !base->kept) return;
    bool is_enough = is_summed && !c->o->normalize && can_sum_labels(p) && can_sum_labels(base);
    on_both_sides(c, is_enough ? sum_labels : restore_labels);
}

/* ---- the whole ---- */

static bool subtract_sums(struct comparison *c, bool never_cancel) {
    const struct told_apart samples = {c->labels[SOURCE], c->labels[BASE], never_cancel};
    return held_subtract(c->sides[SOURCE], c->sides[BASE], &samples);
}

static void mark_base(const struct comparison *c) {
    struct held *base = c->sides[BASE];
    if (c->o->base_marked) base_mark_set(&base->profile, &base->arena);
}

/* Labels that were left out are needed after all; without them the base's mark is the only one. */
static bool subtract(struct comparison *c, struct pp_error *err) {
    struct held *p = c->sides[SOURCE], *base = c->sides[BASE];
    if (c->labels[SOURCE] || c->labels[BASE]) {
        on_both_sides(c, restore_labels);
        mark_base(c);
    }
    negate(c->o, base);
    return held_add(p, base, err);
}

bool compare_sides(const struct load_options *o, const struct pp_diag *diag, struct held *p,
                   struct held *base, struct pp_error *err) {
    struct comparison c = {.o = o, .sides = {p, base}};
    struct tally types = {.what = "compared", .strict = o->strict, .diag = diag};
    bool summed = is_summed(&c), never_cancel = summed && never_cancels(&c);
    if (!never_cancel) settle_labels(&c, summed);
    mark_base(&c);
    if (o->normalize &&
        !profile_normalize(&p->profile, &base->profile, &p->profile, &p->arena, err)) {
        pp_arena_done(&base->arena);
        return false;
    }
    tally_read(&types, "the profile", &p->profile);
    tally_read(&types, "the base", &base->profile);
    bool ok = (summed && subtract_sums(&c, never_cancel)) || subtract(&c, err);
    p->kept = NULL;
    return ok && tally_report(&types, &p->profile, err);
}
