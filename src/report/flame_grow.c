#include "report/flame_grow.h"

#include "base/hash.h"
#include "base/parallel.h"
#include "graph/sum_store.h"
#include "report/flame_keep.h"

/* A stack, as far as nodes have been made of it. */
struct strand {
    int64_t value;
    uint32_t stack;
    struct stack_cursor at;
};

/* A node that may be made. */
struct bud {
    uint64_t weight;
    int64_t total, base;
    uint32_t first, end; /* its strands */
    uint32_t caller, place, level, number;
};

struct grower {
    struct flame_tree *t;
    const struct flame_cut *cut;
    struct pp_arena *arena; /* of the tree */
    struct pp_arena scratch;
    struct strand *strands;
    uint32_t *bud_of_strand;  /* where it goes on from the node that is being made; 0: it ends */
    uint32_t *bud_of_place;   /* while strands are told apart: which of `fresh`; else 0 */
    uint32_t *end_of;         /* strands that are not told apart: by the first of them */
    struct bud *fresh;        /* what a node was told apart into; the first: what ends there */
    uint32_t n_fresh, on_way; /* on_way: the one that leads to the node of cut->under */
    struct bud *buds, bound;  /* bound: what does not precede it is never made */
    size_t n_buds, cap_buds, cap_fresh, cap_nodes;
    uint32_t n_seen; /* nodes that could have been made */
    bool is_bounded, sees_below_zero;
};

/* ---- telling strands apart ---- */

static uint32_t bud_at(struct grower *m, uint32_t place) {
    uint32_t bud = m->bud_of_place[place];
    if (bud) return bud;
    m->bud_of_place[place] = m->n_fresh;
    PP_PUSH(&m->scratch, m->fresh, m->n_fresh, m->cap_fresh, ((struct bud){.place = place}));
    return m->n_fresh - 1;
}

static struct stack_cursor start_of(const struct grower *m, uint32_t stack) {
    return (m->cut->from_leaf ? stack_start_at_leaf : stack_start)(&m->t->list.g, stack);
}

/* Puts the strands of a bud together, from where its `first` is up to its `end`; each goes straight
 * to its place. */
static void put_together(struct grower *m) {
    for (uint32_t k = 0; k < m->n_fresh; k++)
        for (struct bud *b = &m->fresh[k]; b->first < b->end; b->first++) {
            struct strand s = m->strands[b->first];
            uint32_t bud = m->bud_of_strand[b->first];
            while (bud != k) {
                uint32_t to = m->fresh[bud].first++, other = m->bud_of_strand[to];
                struct strand swap = m->strands[to];
                m->strands[to] = s;
                m->bud_of_strand[to] = bud;
                s = swap;
                bud = other;
            }
            m->strands[b->first] = s;
            m->bud_of_strand[b->first] = bud;
        }
}

enum { AHEAD = 16 }; /* strands whose frames come from memory meanwhile: they lie anywhere in it */

/* Leads each strand one place on: fresh[0] are those that end, the others have a place each. */
static void tell_apart(struct grower *m, uint32_t first, uint32_t end) {
    const struct stack_list *l = &m->t->list;
    const bool from_leaf = m->cut->from_leaf;
    const struct stack_value *values = l->has_base ? l->values : NULL;
    m->n_fresh = 0;
    PP_PUSH(&m->scratch, m->fresh, m->n_fresh, m->cap_fresh, (struct bud){0});
    for (uint32_t i = first; i < end; i++) {
        struct strand *s = &m->strands[i];
        if (end - i > AHEAD) (from_leaf ? stack_fetch_from_leaf : stack_fetch)(&l->g, &s[AHEAD].at);
        uint32_t place = (from_leaf ? stack_place_from_leaf : stack_place)(&l->g, &s->at);
        uint32_t bud = m->bud_of_strand[i] = place == PP_NONE ? 0 : bud_at(m, place);
        struct bud *b = &m->fresh[bud];
        b->end++;
        b->total = num_add(b->total, s->value);
        if (values) b->base = num_add(b->base, values[s->stack].base);
        if (s->stack == m->cut->under.stack) m->on_way = bud;
    }
    for (uint32_t k = 0, at = first; k < m->n_fresh; k++) {
        struct bud *b = &m->fresh[k];
        b->first = at;
        b->end = at += b->end;
        if (k) m->bud_of_place[b->place] = 0;
    }
    put_together(m);
    for (uint32_t k = 0; k < m->n_fresh; k++) {
        struct bud *b = &m->fresh[k];
        b->first = k ? m->fresh[k - 1].end : first;
        if (b->first < b->end) m->end_of[b->first] = b->end;
    }
}

/* ---- all of the tree, without nodes ---- */

static void start_again(struct grower *m) {
    const struct stack_list *l = &m->t->list;
    for (uint32_t i = 0; i < l->n; i++)
        m->strands[i].at = start_of(m, m->strands[i].stack);
    if (l->n) m->end_of[0] = l->n;
}

/* What is seen of it: stacks that are equal. */
typedef void see_equals(struct grower *m, const struct bud *equals);

/* How many nodes a strand without company still makes. */
static uint64_t places_left(const struct grower *m, const struct stack_cursor *c) {
    const struct graph *g = &m->t->list.g;
    uint64_t n = c->more;
    for (uint32_t i = 0; i < c->left; i++) {
        uint32_t at = m->cut->from_leaf ? c->base - 1 - i : c->base + i;
        n += graph_nodes_of(g, pp_frame(g->p, at)).n;
    }
    return n;
}

/* The strands of a bud go on together, or alone to their end; returns the nodes that makes. */
static uint64_t go_on(struct grower *m, const struct bud *b, see_equals *see) {
    if (b->end - b->first > 1) {
        PP_PUSH(&m->scratch, m->buds, m->n_buds, m->cap_buds, *b);
        return 0;
    }
    see(m, b);
    return places_left(m, &m->strands[b->first].at);
}

/* Returns how many nodes a bud calls. */
static uint64_t walk_bud(struct grower *m, struct bud b, see_equals *see) {
    tell_apart(m, b.first, b.end);
    uint64_t n = m->n_fresh - 1;
    if (m->fresh->first < m->fresh->end) see(m, m->fresh);
    for (uint32_t k = 1; k < m->n_fresh; k++)
        n += go_on(m, &m->fresh[k], see);
    return n;
}

enum { STRANDS_A_THREAD = 1 << 13, SHARES = 256, LARGE = 64 };

/* Strands that are together are no longer than a part of all: else one worker would have them.
 * Returns how many nodes that makes. */
static uint64_t split_large(struct grower *m) {
    const uint32_t n = m->t->list.n;
    uint64_t n_nodes = 0;
    for (uint32_t i = 0; i < n;) {
        uint32_t end = m->end_of[i];
        if (end - i > n / LARGE) {
            tell_apart(m, i, end);
            n_nodes += m->n_fresh - 1;
            end = m->fresh->end; /* those that end; the others begin there */
        }
        i = end;
    }
    return n_nodes;
}

/* A share is what is together and begins there. */
struct whole_walk {
    struct grower workers[PARALLEL_MAX];
    uint64_t n_nodes[PARALLEL_MAX];
    uint32_t first_of_share[SHARES + 1];
    see_equals *see;
};

static void walk_share(void *user, unsigned worker, size_t share) {
    struct whole_walk *walk = user;
    struct grower *m = &walk->workers[worker];
    uint64_t *n_nodes = &walk->n_nodes[worker];
    for (uint32_t i = walk->first_of_share[share]; i < walk->first_of_share[share + 1];) {
        const struct bud b = {
            .first = i, .end = m->end_of[i], .total = m->strands[i].value}; /* if it is alone */
        *n_nodes += go_on(m, &b, walk->see);
        while (m->n_buds) {
            struct bud next = m->buds[--m->n_buds];
            *n_nodes += walk_bud(m, next, walk->see);
        }
        i = b.end;
    }
}

static void share_out(const struct grower *m, uint32_t *ret_first_of_share) {
    const uint32_t n = m->t->list.n;
    uint32_t i = 0;
    for (uint32_t share = 0; share <= SHARES; share++) {
        while (i < (uint64_t)n * share / SHARES)
            i = m->end_of[i];
        ret_first_of_share[share] = i;
    }
}

/* Returns how many nodes there are from where the strands are. */
static uint64_t walk_all(struct grower *m, see_equals *see) {
    struct whole_walk *walk = PP_NEW(&m->scratch, struct whole_walk, 1);
    const unsigned wanted = m->t->list.g.opt.threads;
    unsigned width = parallel_width(wanted ? SHARES : m->t->list.n / STRANDS_A_THREAD, wanted);
    uint64_t n_nodes = split_large(m);
    walk->see = see;
    share_out(m, walk->first_of_share);
    for (unsigned i = 0; i < width; i++) {
        struct grower *w = &walk->workers[i];
        *w = (struct grower){.t = m->t,
                             .cut = m->cut,
                             .strands = m->strands,
                             .bud_of_strand = m->bud_of_strand,
                             .end_of = m->end_of};
        w->bud_of_place = PP_NEW(&w->scratch, uint32_t, m->t->list.g.n_nodes);
    }
    parallel_run(width, SHARES, walk_share, walk);
    for (unsigned i = 0; i < width; i++) {
        n_nodes += walk->n_nodes[i];
        m->sees_below_zero |= walk->workers[i].sees_below_zero;
        pp_arena_done(&walk->workers[i].scratch);
    }
    return n_nodes;
}

/* One of them gets their sum, as far as it has the sign that is asked for. */
static void sign_sum(struct grower *m, const struct bud *equals) {
    int sign = m->cut->sign;
    int64_t sum = equals->total;
    for (uint32_t i = equals->first; i < equals->end; i++)
        m->strands[i].value = 0;
    if (sign < 0) sum = sum < 0 ? num_neg(sum) : 0;
    m->strands[equals->first].value = sign > 0 && sum < 0 ? 0 : sum;
}

static void note_sign(struct grower *m, const struct bud *equals) {
    m->sees_below_zero |= equals->total < 0;
}

/* Those that were made or could have been, and what comes behind them. Notes signs, too. What is
 * shown, or was before, makes no difference: the prompt and the page keep it. */
static uint64_t count_all(struct grower *m) {
    struct flame_tree *t = m->t;
    const struct graph *g = &t->list.g;
    struct sum_store *store = g->opt.sums;
    struct {
        uint64_t n;
        bool below_zero;
    } all = {0};
    const struct pp_str bytes = {(const char *)&all, sizeof all};
    int64_t which = 2 * m->cut->sign + m->cut->from_leaf;
    struct pp_str kept;
    if (sum_store_get_part(store, g, SUM_TREE, which, &kept)) {
        memcpy(&all, kept.data, sizeof all);
        t->below_zero |= all.below_zero;
        return all.n;
    }
    all.n = m->n_seen + walk_all(m, note_sign);
    t->below_zero |= m->sees_below_zero;
    all.below_zero = t->below_zero;
    sum_store_put_part(store, g, SUM_TREE, which, bytes);
    return all.n;
}

/* ---- which comes first ---- */

/* The heavier, the nearer to the root, the one that was seen first. */
static bool precedes(const struct bud *a, const struct bud *b) {
    if (a->weight != b->weight) return a->weight > b->weight;
    if (a->level != b->level) return a->level < b->level;
    return a->number < b->number;
}

/* Puts the `k` that precede the others first, in no order. */
static void choose_first(struct bud *buds, size_t n, size_t k) {
    uint64_t state = hash_seed();
    for (size_t low = 0; n - low > 1;) {
        state = hash_word(state, n);
        const struct bud pivot = buds[low + state % (n - low)];
        size_t i = low, j = n - 1;
        for (;; i++, j--) {
            while (precedes(&buds[i], &pivot))
                i++;
            while (precedes(&pivot, &buds[j]))
                j--;
            if (i >= j) break;
            struct bud swap = buds[i];
            buds[i] = buds[j];
            buds[j] = swap;
        }
        if (k <= j)
            n = j + 1;
        else
            low = j + 1;
    }
}

/* Buds are a heap where only the heaviest are made: puts one in at `at` or below. */
static void put_down(struct grower *m, size_t at, const struct bud *b) {
    size_t below;
    while ((below = 2 * at + 1) < m->n_buds) {
        below += below + 1 < m->n_buds && precedes(&m->buds[below + 1], &m->buds[below]);
        if (!precedes(&m->buds[below], b)) break;
        m->buds[at] = m->buds[below];
        at = below;
    }
    m->buds[at] = *b;
}

/* No more than those that can still be made, twice. */
static void bound_buds(struct grower *m) {
    size_t left = m->cut->most - m->t->n;
    if (m->n_buds < 2 * left + 16) return;
    choose_first(m->buds, m->n_buds, left);
    m->n_buds = left;
    m->is_bounded = left > 0;
    for (size_t i = 0; i < left; i++)
        if (!i || precedes(&m->bound, &m->buds[i])) m->bound = m->buds[i];
    for (size_t at = left / 2; at--;) {
        const struct bud b = m->buds[at];
        put_down(m, at, &b);
    }
}

static void add_bud(struct grower *m, const struct bud *b) {
    if (m->is_bounded && !precedes(b, &m->bound)) return;
    PP_PUSH(&m->scratch, m->buds, m->n_buds, m->cap_buds, *b);
    if (!m->cut->most) return;
    size_t at = m->n_buds - 1;
    for (; at && precedes(b, &m->buds[(at - 1) / 2]); at = (at - 1) / 2)
        m->buds[at] = m->buds[(at - 1) / 2];
    m->buds[at] = *b;
    bound_buds(m);
}

/* Where all are made, the last one. */
static struct bud next_bud(struct grower *m) {
    struct bud last = m->buds[--m->n_buds];
    if (!m->cut->most || !m->n_buds) return last;
    struct bud first = m->buds[0];
    put_down(m, 0, &last);
    return first;
}

/* ---- nodes ---- */

static void make_room(struct grower *m) {
    struct flame_tree *t = m->t;
    if (t->n < m->cap_nodes) return;
    size_t cap = pp_arena_next_capacity(m->cap_nodes, m->cap_nodes + 1);
#define GROW(array)                                                                                \
    t->array = pp_arena_grow(m->arena, t->array, t->n * sizeof *t->array, cap * sizeof *t->array)
    GROW(place);
    GROW(caller);
    GROW(stack);
    GROW(n_callees);
    GROW(value);
    if (t->list.has_base) GROW(base);
#undef GROW
    m->cap_nodes = cap;
}

static uint64_t larger(int64_t now, int64_t base) {
    uint64_t x = (uint64_t)num_abs(now), y = (uint64_t)num_abs(base);
    return x > y ? x : y;
}

/* What a node (PP_NONE: the whole) calls, as far as it is shown. */
static void add_callees(struct grower *m, uint32_t node, uint32_t level) {
    const struct flame_cut *cut = m->cut;
    bool on_way = level < cut->under.level;
    for (uint32_t k = 1; k < m->n_fresh; k++) {
        struct bud *b = &m->fresh[k];
        b->weight = larger(b->total, b->base);
        b->caller = node;
        b->level = level + 1;
        b->number = m->n_seen++;
        if (cut->levels && b->level > cut->levels) continue;
        if (on_way ? k == m->on_way : b->weight >= m->t->cutoff) add_bud(m, b);
    }
}

static void choose_cutoff(struct grower *m, uint64_t whole) {
    m->t->cutoff = (uint64_t)num_from_double((double)whole * m->cut->fraction);
}

static void make_node(struct grower *m, const struct bud *b) {
    struct flame_tree *t = m->t;
    make_room(m);
    uint32_t node = t->n++;
    tell_apart(m, b->first, b->end);
    t->place[node] = b->place;
    t->caller[node] = b->caller;
    t->stack[node] = m->strands[b->first].stack;
    t->n_callees[node] = m->n_fresh - 1;
    t->value[node] = (struct flame_value){m->fresh->total, b->total};
    t->below_zero |= m->fresh->total < 0;
    if (t->list.has_base) {
        t->base[node] = (struct flame_value){m->fresh->base, b->base};
        for (uint32_t i = b->first; i < b->end; i++)
            t->node_of_stack[m->strands[i].stack] = node;
    }
    if (m->cut->under.level == b->level) choose_cutoff(m, b->weight);
    add_callees(m, node, b->level);
}

static void make_strands(struct grower *m) {
    struct stack_list *l = &m->t->list;
    m->strands = PP_NEW(&m->scratch, struct strand, l->n);
    m->bud_of_strand = PP_NEW(&m->scratch, uint32_t, l->n);
    m->end_of = PP_NEW(&m->scratch, uint32_t, l->n);
    for (uint32_t i = 0; i < l->n; i++)
        m->strands[i] =
            (struct strand){.stack = l->order[i], .value = l->values[l->order[i]].value};
    if (!l->has_base) stack_list_forget_values(l);
    start_again(m);
    if (!m->cut->sign) return;
    walk_all(m, sign_sum);
    start_again(m);
}

/* What all stacks have, before nodes are made of them. */
static void sum_all(struct grower *m, const struct report_ctx *rc) {
    struct flame_tree *t = m->t;
    tell_apart(m, 0, t->list.n);
    for (uint32_t k = 0; k < m->n_fresh; k++) {
        t->sum.total = num_add(t->sum.total, m->fresh[k].total);
        t->base_sum.total = num_add(t->base_sum.total, m->fresh[k].base);
    }
    t->sum.self = m->fresh->total;
    t->base_sum.self = m->fresh->base;
    t->below_zero = t->sum.self < 0;
    t->whole = larger(t->sum.total, t->base_sum.total);
    if (rc->total > 0 && (uint64_t)rc->total > t->whole) t->whole = (uint64_t)rc->total;
}

static bool grow_all(struct grower *m, const struct report_ctx *rc, struct pp_error *err) {
    struct flame_tree *t = m->t;
    sum_all(m, rc);
    choose_cutoff(m, t->whole);
    add_callees(m, PP_NONE, 0);
    while (m->n_buds && (!m->cut->most || t->n < m->cut->most)) {
        if (m->n_seen >= PP_NONE - 3)
            return pp_fail(err, PP_E_LIMIT, "the call tree has more than 2^32 nodes");
        struct bud b = next_bud(m);
        make_node(m, &b);
    }
    t->is_cut = t->n < m->n_seen;
    if (t->is_cut && m->cut->counts) t->n_dropped = count_all(m) - t->n;
    return true;
}

bool flame_grow(struct flame_tree *t, const struct report_ctx *rc, const struct flame_cut *cut,
                struct pp_error *err) {
    struct grower m = {.t = t, .cut = cut, .arena = rc->arena};
    if (flame_take(t, cut, rc)) return true;
    m.bud_of_place = PP_NEW(&m.scratch, uint32_t, t->list.g.n_nodes);
    make_strands(&m);
    bool ok = grow_all(&m, rc, err);
    if (ok) flame_keep(t, cut, rc);
    pp_arena_done(&m.scratch);
    return ok;
}
