#include "graph/inner_calls.h"

#include "base/hash.h"
#include "base/num.h"

enum { MARKS_AN_EDGE = 16, MIN_MARK_BITS = 12, MAX_MARK_BITS = 24 };

static uint64_t hash_of(uint32_t caller, uint32_t callee) {
    return hash_word(hash_seed(), (uint64_t)caller << 32 | callee);
}

static uint32_t find(const struct inner_calls *calls, uint32_t caller, uint32_t callee,
                     uint64_t hash) {
    for (struct index_probe i = index_probe(&calls->index, hash); index_next(&calls->index, &i);) {
        const struct inner_edge *e = &calls->edges[i.position];
        if (e->caller == caller && e->callee == callee) return i.position;
    }
    return PP_NONE;
}

static uint32_t add_call(struct inner_calls *calls, const struct inner_call *call) {
    uint64_t hash = hash_of(call->caller, call->callee);
    uint32_t at = find(calls, call->caller, call->callee, hash);
    if (at == PP_NONE) {
        at = calls->n_edges++;
        calls->edges[at] = (struct inner_edge){.caller = call->caller, .callee = call->callee};
        index_add(&calls->index, hash, at);
    }
    calls->edges[at].n_locations++;
    calls->edges[at].residual |= call->residual;
    return at;
}

static void mark_edges(struct inner_calls *calls, struct pp_arena *arena) {
    unsigned bits = MIN_MARK_BITS;
    while (bits < MAX_MARK_BITS && (UINT64_C(1) << bits) / MARKS_AN_EDGE < calls->n_edges)
        bits++;
    calls->shift = 32 - bits;
    calls->marks = PP_NEW(arena, uint64_t, ((size_t)1 << bits) / 64);
    for (uint32_t i = 0; i < calls->n_edges; i++)
        set_mark(calls->marks,
                 call_hash(calls->edges[i].caller, calls->edges[i].callee, calls->shift));
}

void inner_calls_build(const struct crossings *c, uint32_t n_locations,
                       struct inner_calls *ret_calls, struct pp_arena *arena) {
    uint32_t n_calls = c->at[n_locations].first_call;
    struct inner_calls calls = {.edges = PP_NEW(arena, struct inner_edge, n_calls),
                                .edge_of = PP_NEW(arena, uint32_t, n_calls)};
    for (uint32_t i = 0; i < n_calls; i++)
        calls.edge_of[i] = add_call(&calls, &c->calls[i]);
    mark_edges(&calls, arena);
    *ret_calls = calls;
}

void inner_calls_done(struct inner_calls *calls) {
    index_done(&calls->index);
}

void inner_calls_cross(const struct inner_calls *calls, uint32_t caller, uint32_t callee) {
    uint32_t at = find(calls, caller, callee, hash_of(caller, callee));
    if (at != PP_NONE) __atomic_store_n(&calls->edges[at].crossed, true, __ATOMIC_RELAXED);
}

void inner_calls_add_passed(struct inner_calls *calls, const struct crossings *c,
                            const struct passed *passed, uint32_t n_locations, uint32_t full) {
    for (uint32_t i = 0; i < n_locations; i++)
        for (uint32_t j = c->at[i].first_call; j < c->at[i + 1].first_call; j++) {
            struct inner_edge *e = &calls->edges[calls->edge_of[j]];
            bool is_more = num_abs(passed[i].weight) > num_abs(e->most);
            if (is_more) e->most = passed[i].weight;
            e->bound = e->bound + passed[i].bound < full ? e->bound + passed[i].bound : full;
        }
}
