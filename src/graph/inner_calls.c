#include "graph/inner_calls.h"

#include "base/hash.h"
#include "graph/weigh.h"

#include <math.h>

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

static uint32_t add_call(struct inner_calls *calls, const struct inner_call *call, size_t *cap,
                         struct pp_arena *arena) {
    uint64_t hash = hash_of(call->caller, call->callee);
    uint32_t at = find(calls, call->caller, call->callee, hash);
    if (at == PP_NONE) {
        at = calls->n_edges;
        struct inner_edge e = {.caller = call->caller, .callee = call->callee};
        PP_PUSH(arena, calls->edges, calls->n_edges, *cap, e);
        index_add(&calls->index, hash, at);
    }
    calls->edges[at].n_locations++;
    calls->edges[at].residual |= call->residual;
    return at;
}

void inner_calls_build(const struct crossings *c, uint32_t n_several, struct inner_calls *ret_calls,
                       struct pp_arena *arena) {
    uint32_t n_calls = c->at[c->n_single + n_several].first_call;
    struct inner_calls calls = {.edge_of = PP_NEW(arena, uint32_t, n_calls), .n_calls = n_calls};
    size_t cap = 0;
    for (uint32_t i = 0; i < n_calls; i++)
        calls.edge_of[i] = add_call(&calls, &c->calls[i], &cap, arena);
    *ret_calls = calls;
}

void inner_calls_done(struct inner_calls *calls) {
    index_done(&calls->index);
}

struct inner_edge *inner_calls_find(const struct inner_calls *calls, uint32_t caller,
                                    uint32_t callee) {
    uint32_t at = find(calls, caller, callee, hash_of(caller, callee));
    return at == PP_NONE ? NULL : &calls->edges[at];
}

void inner_calls_add_passed(struct inner_calls *calls, const struct crossings *c,
                            const struct graph *g) {
    const struct crossing *several = &c->at[c->n_single];
    for (uint32_t i = 0; i < g->n_several; i++) {
        int64_t weight = g->passed[i];
        double magnitude = g->magnitude ? g->magnitude[i] : (double)weight;
        for (uint32_t j = several[i].first_call; j < several[i + 1].first_call; j++) {
            struct inner_edge *e = &calls->edges[calls->edge_of[j]];
            if (num_abs(weight) > num_abs(e->most)) e->most = weight;
            e->magnitude += magnitude;
        }
    }
}
