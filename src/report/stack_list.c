#include "report/stack_list.h"

#include "base/hash.h"
#include "base/sort.h"
#include "profile/base_mark.h"
#include "report/labels.h"

#include <stdlib.h>

/* ---- their order: each place is looked at once, two at a time ---- */

struct item {
    uint64_t key; /* two ranks, each one more; 0: the stack has no more */
    uint32_t stack;
    struct stack_cursor at; /* behind the key's places */
};

struct sorter {
    const struct stack_list *l;
    struct item *items; /* all of them */
    uint64_t state;     /* of the choice of pivots, which changes nothing in the order */
};

static uint64_t next_rank(const struct stack_list *l, struct item *item) {
    uint32_t place = stack_place(&l->g, &item->at);
    return place == PP_NONE ? 0 : (uint64_t)l->rank[place] + 1;
}

static void read_keys(const struct sorter *s, struct item *items, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t first = next_rank(s->l, &items[i]);
        items[i].key = first << 32 | next_rank(s->l, &items[i]);
    }
}

/* Stacks that are alike to their end keep the profile's order. */
static void settle(const struct sorter *s, struct item *items, size_t n) {
    for (size_t i = 0; i < n; i++) {
        items[i].key = items[i].stack;
        s->l->is_alike[&items[i] - s->items] = i > 0;
    }
}

static void swap(struct item *a, struct item *b) {
    struct item kept = *a;
    *a = *b;
    *b = kept;
}

struct part {
    struct item *items;
    size_t n;
};

/* By key into smaller, equal and larger ones than a pivot; the equal ones get their next keys. */
static void divide(struct sorter *s, struct part all, struct part ret_parts[3]) {
    struct item *items = all.items;
    size_t equal = 0, at = 0, larger = all.n;
    s->state = hash_word(s->state, all.n);
    uint64_t pivot = items[s->state % all.n].key;
    while (at < larger) {
        if (items[at].key < pivot)
            swap(&items[equal++], &items[at++]);
        else if (items[at].key > pivot)
            swap(&items[at], &items[--larger]);
        else
            at++;
    }
    ret_parts[0] = (struct part){items, equal};
    ret_parts[1] = (struct part){items + equal, larger - equal};
    ret_parts[2] = (struct part){items + larger, all.n - larger};
    if (ret_parts[1].n < 2) return;
    if ((uint32_t)pivot)
        read_keys(s, ret_parts[1].items, ret_parts[1].n);
    else
        settle(s, ret_parts[1].items, ret_parts[1].n);
}

/* The largest part is not a call, so calls are as deep as the logarithm of n. */
static void sort_part(struct sorter *s, struct part part) {
    while (part.n > 1) {
        struct part parts[3];
        divide(s, part, parts);
        unsigned largest = parts[1].n > parts[0].n ? 1 : 0;
        if (parts[2].n > parts[largest].n) largest = 2;
        for (unsigned i = 0; i < 3; i++)
            if (i != largest) sort_part(s, parts[i]);
        part = parts[largest];
    }
}

static void sort_stacks(struct stack_list *l, struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct sorter s = {l, PP_NEW(&scratch, struct item, l->n), hash_seed()};
    l->is_alike = PP_NEW(arena, bool, l->n);
    for (uint32_t i = 0; i < l->n; i++)
        s.items[i] = (struct item){.stack = l->order[i], .at = stack_start(&l->g, l->order[i])};
    read_keys(&s, s.items, l->n);
    sort_part(&s, (struct part){s.items, l->n});
    for (uint32_t i = 0; i < l->n; i++)
        l->order[i] = s.items[i].stack;
    pp_arena_done(&scratch);
}

/* ---- the list ---- */

static int compare_names(const void *a, const void *b, void *user) {
    struct graph *g = user;
    return pp_str_cmp(graph_printable_name(g, *(const uint32_t *)a),
                      graph_printable_name(g, *(const uint32_t *)b));
}

uint32_t *stack_list_rank(struct stack_list *l, uint32_t *places, uint32_t n,
                          struct pp_arena *arena) {
    uint32_t *rank = PP_NEW(arena, uint32_t, l->g.n_nodes);
    sort_stable(places, n, sizeof *places, compare_names, &l->g);
    for (uint32_t i = 0; i < n; i++)
        rank[places[i]] = i;
    return rank;
}

static void rank_places(struct stack_list *l, struct pp_arena *arena) {
    uint32_t *places = PP_NEW(arena, uint32_t, l->g.n_nodes);
    for (uint32_t i = 0; i < l->g.n_nodes; i++)
        places[i] = i;
    l->rank = stack_list_rank(l, places, l->g.n_nodes, arena);
}

static void add_values(struct stack_list *l, const struct report_ctx *rc) {
    const struct pp_profile *p = rc->profile;
    struct pp_arena scratch = {0};
    const bool *is_base = base_mark_sets(p, &scratch);
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        l->has_base |= is_base[i];
    l->values = pp_calloc(p->n_stacks, sizeof *l->values);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        struct stack_value *v = &l->values[p->sample_stack[i]];
        int64_t value = pp_value(p, i, rc->type);
        if (is_base[pp_labels_of(p, i)])
            v->base = num_add(v->base, num_neg(value));
        else
            v->value = num_add(v->value, value);
    }
    l->order = pp_calloc(p->n_stacks, sizeof *l->order);
    for (uint32_t i = 0; i < p->n_stacks; i++)
        if (l->values[i].value || l->values[i].base) l->order[l->n++] = i;
    pp_arena_done(&scratch);
}

bool stack_list_gather(struct stack_list *l, const struct report_ctx *rc, struct pp_error *err) {
    if (rc->mean)
        return pp_fail(err, PP_E_USAGE,
                       "-%s adds values up, which means don't allow; without -mean",
                       rc->format->name);
    *l = (struct stack_list){0};
    graph_init(&l->g, rc->profile, &rc->graph, rc->arena);
    add_values(l, rc);
    return true;
}

bool stack_list_open(struct stack_list *l, const struct report_ctx *rc, struct pp_error *err) {
    if (!stack_list_gather(l, rc, err)) return false;
    rank_places(l, rc->arena);
    sort_stacks(l, rc->arena);
    return true;
}

void stack_list_forget_values(struct stack_list *l) {
    pp_free(l->values);
    pp_free(l->order);
    l->values = NULL;
    l->order = NULL;
}

void stack_list_close(struct stack_list *l) {
    stack_list_forget_values(l);
    graph_done(&l->g);
}

/* ---- walking ---- */

static void take_path(const struct stack_list *l, struct stack_walk *w) {
    struct stack_cursor c = stack_start(&l->g, l->order[w->at]);
    uint32_t before = w->len, n = 0, place;
    w->shared = 0;
    while ((place = stack_place(&l->g, &c)) != PP_NONE) {
        if (n == w->cap) {
            w->cap = w->cap ? w->cap * 2 : 64;
            w->path = pp_realloc(w->path, w->cap * sizeof *w->path);
        }
        w->shared += w->shared == n && n < before && w->path[n] == place;
        w->path[n++] = place;
    }
    w->len = n;
}

bool stack_next(const struct stack_list *l, struct stack_walk *w) {
    if (w->at == l->n) {
        stack_walk_done(w);
        return false;
    }
    take_path(l, w);
    w->sum = l->values[l->order[w->at]];
    while (++w->at < l->n && l->is_alike[w->at]) {
        const struct stack_value *v = &l->values[l->order[w->at]];
        w->sum.value = num_add(w->sum.value, v->value);
        w->sum.base = num_add(w->sum.base, v->base);
    }
    return true;
}

void stack_walk_done(struct stack_walk *w) {
    pp_free(w->path);
    *w = (struct stack_walk){0};
}
