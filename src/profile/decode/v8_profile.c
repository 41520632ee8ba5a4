#include "profile/decode/v8_profile.h"

#include <stdlib.h>

struct moment {
    double time;
    size_t sample;
};

static int compare(const void *a, const void *b) {
    const struct moment *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

/* Deltas may be negative: what was seen later was written first. */
static struct moment *moments(const struct v8_profile *p, size_t n, struct pp_arena *arena) {
    struct moment *m = PP_NEW(arena, struct moment, n);
    double at = p->start == p->start ? p->start : 0; /* a time that is null is NaN */
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        double said = p->times.n ? p->times.at[i] : at + p->deltas.at[i];
        if (said == said) at = said;
        m[i] = (struct moment){at, i};
        sorted &= i == 0 || m[i].time >= m[i - 1].time;
    }
    if (!sorted) qsort(m, n, sizeof *m, compare);
    return m;
}

/* The node that a sample saw. */
static bool seen(struct v8_profile *p, double id, struct call_tree *tree, uint32_t *ret_node,
                 struct pp_error *err) {
    static const struct call_frame lost = {.name = {"(lost)", 6}};
    *ret_node = v8_node_find(&p->nodes, id);
    if (*ret_node != PP_NONE) return true;
    if (!p->nodes.may_lack) return v8_node_lacks(id, err);
    p->n_lost++;
    return call_tree_child(tree, CALL_ROOT, call_tree_frame(tree, &lost), ret_node, err);
}

static bool add_samples(struct v8_profile *p, struct call_tree *tree, struct pp_error *err) {
    size_t n_times = p->times.n ? p->times.n : p->deltas.n;
    size_t n = p->samples.n < n_times ? p->samples.n : n_times;
    struct moment *m = moments(p, n, &tree->scratch);
    /* times are from the beginning, which a trace may have lost */
    double end = p->nodes.may_lack && p->start <= 0 ? -1 : p->end;
    for (size_t i = 0; i < n; i++) {
        uint32_t node;
        double until = i + 1 < n ? m[i + 1].time : end;
        if (!seen(p, p->samples.at[m[i].sample], tree, &node, err)) return false;
        call_tree_add(tree, node, 0, 1);
        if (until > m[i].time) call_tree_add(tree, node, 1, walk_round((until - m[i].time) * 1e3));
    }
    return true;
}

/* Without a list of samples there is how often each node was seen. */
static void add_hits(struct v8_profile *p, struct call_tree *tree) {
    double hits = 0, each;
    for (size_t i = 0; i < p->nodes.n; i++)
        hits += (double)p->nodes.at[i].hits;
    each = hits > 0 && p->end > p->start ? (p->end - p->start) * 1e3 / hits : 0;
    for (size_t i = 0; i < p->nodes.n; i++) {
        const struct v8_node *n = &p->nodes.at[i];
        if (n->hits <= 0) continue;
        call_tree_add(tree, n->node, 0, n->hits);
        call_tree_add(tree, n->node, 1, walk_round((double)n->hits * each));
    }
}

bool v8_profile_add(struct v8_profile *p, struct call_tree *tree, struct pp_error *err) {
    if (!v8_nodes_link(&p->nodes, tree, err)) return false;
    if (p->samples.n && (p->deltas.n || p->times.n)) {
        if (!add_samples(p, tree, err)) return false;
    } else {
        add_hits(p, tree);
    }
    return true;
}
