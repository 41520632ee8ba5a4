#include "report/flame_keep.h"

#include "base/hash.h"
#include "graph/sum_store.h"

/* What a tree is made by, and is without its nodes. */
struct kept_head {
    struct flame_cut cut;
    int64_t total; /* of the report */
    struct flame_value sum;
    uint64_t whole, cutoff, n_dropped;
    uint32_t n;
    bool is_cut, below_zero;
};

struct kept_node {
    struct flame_value value;
    uint32_t place, caller, stack, n_callees;
};

static int64_t hash_cut(const struct flame_cut *cut, int64_t total) {
    uint64_t fraction, h = hash_word(hash_seed(), (uint64_t)total);
    memcpy(&fraction, &cut->fraction, sizeof fraction);
    h = hash_word(h, fraction);
    h = hash_word(h, (uint64_t)cut->most << 32 | cut->levels);
    h = hash_word(h, (uint64_t)cut->under.stack << 32 | cut->under.level);
    return (int64_t)hash_word(h, (uint64_t)(cut->sign + 1) << 2 | (unsigned)cut->from_leaf << 1 |
                                     cut->counts);
}

static bool same_cut(const struct flame_cut *a, const struct flame_cut *b) {
    return a->fraction == b->fraction && a->most == b->most && a->levels == b->levels &&
           a->under.stack == b->under.stack && a->under.level == b->under.level &&
           a->sign == b->sign && a->from_leaf == b->from_leaf && a->counts == b->counts;
}

void flame_keep(const struct flame_tree *t, const struct flame_cut *cut,
                const struct report_ctx *rc) {
    struct pp_arena scratch = {0};
    if (t->list.has_base || !t->list.g.opt.sums) return;
    const struct kept_head head = {*cut,         rc->total, t->sum,    t->whole,     t->cutoff,
                                   t->n_dropped, t->n,      t->is_cut, t->below_zero};
    const size_t size = sizeof head + t->n * sizeof(struct kept_node);
    char *bytes = PP_NEW(&scratch, char, size);
    memcpy(bytes, &head, sizeof head);
    for (uint32_t i = 0; i < t->n; i++) {
        const struct kept_node node = {t->value[i], t->place[i], t->caller[i], t->stack[i],
                                       t->n_callees[i]};
        memcpy(bytes + sizeof head + i * sizeof node, &node, sizeof node);
    }
    sum_store_put_part(t->list.g.opt.sums, &t->list.g, SUM_NODES, hash_cut(cut, rc->total),
                       (struct pp_str){bytes, size});
    pp_arena_done(&scratch);
}

bool flame_take(struct flame_tree *t, const struct flame_cut *cut, const struct report_ctx *rc) {
    struct pp_arena *arena = rc->arena;
    struct pp_str bytes;
    struct kept_head head;
    if (t->list.has_base || !sum_store_get_part(t->list.g.opt.sums, &t->list.g, SUM_NODES,
                                                hash_cut(cut, rc->total), &bytes))
        return false;
    memcpy(&head, bytes.data, sizeof head);
    if (!same_cut(&head.cut, cut) || head.total != rc->total) return false;
    t->sum = head.sum;
    t->whole = head.whole;
    t->cutoff = head.cutoff;
    t->n_dropped = head.n_dropped;
    t->is_cut = head.is_cut;
    t->below_zero = head.below_zero;
    t->n = head.n;
    t->place = PP_NEW(arena, uint32_t, t->n);
    t->caller = PP_NEW(arena, uint32_t, t->n);
    t->stack = PP_NEW(arena, uint32_t, t->n);
    t->n_callees = PP_NEW(arena, uint32_t, t->n);
    t->value = PP_NEW(arena, struct flame_value, t->n);
    for (uint32_t i = 0; i < t->n; i++) {
        struct kept_node node;
        memcpy(&node, bytes.data + sizeof head + i * sizeof node, sizeof node);
        t->place[i] = node.place;
        t->caller[i] = node.caller;
        t->stack[i] = node.stack;
        t->n_callees[i] = node.n_callees;
        t->value[i] = node.value;
    }
    return true;
}
