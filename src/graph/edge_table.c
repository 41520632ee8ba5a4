#include "graph/edge_table.h"

#include "base/arena.h"
#include "base/num.h"
#include "base/sort.h"

static struct edge_cell *find(const struct edge_table *t, uint64_t key, uint64_t hash) {
    for (struct index_probe i = index_probe(&t->index, hash); index_next(&t->index, &i);)
        if (t->edges[i.position].key == key) return &t->edges[i.position];
    return NULL;
}

static void append(struct edge_table *t, const struct edge_cell *e, uint64_t hash) {
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 64;
        t->edges = pp_realloc(t->edges, t->cap * sizeof *t->edges);
    }
    index_add(&t->index, hash, (uint32_t)t->n);
    t->edges[t->n++] = *e;
}

static void add_to(struct edge_cell *edge, const struct edge_cell *e) {
    edge->stamp = e->stamp;
    edge->weight = num_add(edge->weight, e->weight);
    edge->weight_div = num_add(edge->weight_div, e->weight_div);
    edge->residual |= e->residual;
    edge->is_inline &= e->is_inline;
}

/* Unless the stack of this stamp has passed already. */
static void add(struct edge_table *t, unsigned pending) {
    const struct edge_cell *e = &t->pending[pending];
    struct edge_cell *edge = t->planned[pending] == EDGE_UNKNOWN
                                 ? find(t, e->key, t->hashes[pending])
                                 : &t->edges[t->planned[pending]];
    if (!edge)
        append(t, e, t->hashes[pending]);
    else if (!edge->turn)
        *edge = *e;
    else if (edge->stamp != e->stamp)
        add_to(edge, e);
}

/* Has the edge that this one is likely to be fetched from memory. */
static void expect(const struct edge_table *t, unsigned pending) {
    uint32_t at = t->planned[pending];
    struct index_probe i = index_probe(&t->index, t->hashes[pending]);
    if (at == EDGE_UNKNOWN && index_next(&t->index, &i)) at = i.position;
    if (at != EDGE_UNKNOWN) __builtin_prefetch(&t->edges[at], 1);
}

void edge_table_settle(struct edge_table *t) {
    for (unsigned i = 0; i < t->n_pending; i++)
        expect(t, i);
    for (unsigned i = 0; i < t->n_pending; i++)
        add(t, i);
    t->n_pending = 0;
}

uint32_t edge_table_plan(struct edge_table *t, uint64_t key) {
    append(t, &(struct edge_cell){.key = key}, edge_hash(key));
    return (uint32_t)t->n_planned++;
}

static int by_turn(const void *left, const void *right, void *user) {
    (void)user;
    uint32_t a = ((const struct edge_cell *)left)->turn,
             b = ((const struct edge_cell *)right)->turn;
    return (a > b) - (a < b);
}

void edge_table_sort_planned(struct edge_table *t) {
    sort_stable(t->edges, t->n_planned, sizeof *t->edges, by_turn, NULL);
}

void edge_table_merge(struct edge_table *t, struct edge_table *more) {
    for (size_t i = 0; i < more->n; i++) {
        const struct edge_cell *e = &more->edges[i];
        uint64_t hash = edge_hash(e->key);
        struct edge_cell *edge = find(t, e->key, hash);
        if (edge)
            add_to(edge, e);
        else
            append(t, e, hash);
    }
    edge_table_done(more);
}

void edge_table_done(struct edge_table *t) {
    index_done(&t->index);
    pp_free(t->edges);
    t->edges = NULL;
    t->n = t->n_planned = 0;
}
