/* -preprofile: what Go's compiler reads for profile-guided optimization, as `go tool preprofile` of
 * Go 1.23 writes it: a call is its caller, its callee, and the line of the call counted from the
 * caller's first; heaviest first. Only the two innermost frames of a sample count, with what was
 * inlined into them.
 *
 * Source: cmd/internal/pgo and internal/profile of Go 1.23. */
#include "base/hash.h"
#include "base/index.h"
#include "base/num.h"
#include "base/sort.h"
#include "report/report.h"

enum { INNERMOST = 2 };

/* A place in the code: distinct by all four. */
struct place {
    uint64_t address;
    int64_t start, line;
    uint32_t name; /* string id */
    uint32_t pair; /* the last that had it */
    int64_t flat, cum;
};

/* From one place to another. */
struct edge {
    uint32_t caller, callee; /* places */
    uint32_t pair;           /* the last that had it */
    int64_t weight;
};

/* The innermost frames of samples: positions in locations, leaf first. */
struct pair {
    uint32_t frames[INNERMOST]; /* the caller is PP_NONE in a stack of one */
    int64_t weight;
};

/* What is written; distinct by the first three. */
struct call {
    uint32_t caller, callee; /* string ids */
    int64_t offset;
    int64_t weight;
};

struct pgo {
    const struct pp_profile *p;
    struct pp_arena *arena;
    uint32_t *first_place; /* of each location that was asked for: into `line_places`, one more */
    uint32_t *line_places;
    size_t n_line_places, cap_line_places;
    struct place *places;
    struct edge *edges;
    struct pair *pairs;
    struct call *calls;
    size_t n_places, n_edges, n_pairs, n_calls;
    size_t cap_places, cap_edges, cap_pairs, cap_calls;
    struct hash_index by_place, by_edge, by_pair, by_call;
};

static uint64_t hash_two(uint32_t a, uint32_t b) {
    return hash_word(hash_seed(), (uint64_t)a << 32 | b);
}

static uint32_t find_place(struct pgo *g, struct place want) {
    uint64_t hash = hash_word(hash_word(hash_seed(), want.address), (uint64_t)want.start);
    hash = hash_word(hash_word(hash, (uint64_t)want.line), want.name);
    for (struct index_probe i = index_probe(&g->by_place, hash); index_next(&g->by_place, &i);) {
        const struct place *at = &g->places[i.position];
        if (at->address == want.address && at->start == want.start && at->line == want.line &&
            at->name == want.name)
            return i.position;
    }
    index_add(&g->by_place, hash, (uint32_t)g->n_places);
    want.pair = PP_NONE;
    PP_PUSH(g->arena, g->places, g->n_places, g->cap_places, want);
    return (uint32_t)g->n_places - 1;
}

/* The places of a location, one a line, innermost first; one without lines is a place too. */
static const uint32_t *get_places(struct pgo *g, uint32_t location, uint32_t *ret_n) {
    const struct pp_location *l = &g->p->locations[location];
    *ret_n = l->n_lines ? l->n_lines : 1;
    if (g->first_place[location]) return &g->line_places[g->first_place[location] - 1];
    g->first_place[location] = (uint32_t)g->n_line_places + 1;
    for (uint32_t i = 0; i < *ret_n; i++) {
        struct place place = {.address = l->address};
        if (l->n_lines) {
            const struct pp_line line = pp_line_at(g->p, l->first_line + i);
            const struct pp_function *f = &g->p->functions[line.function];
            place.line = line.line;
            place.start = f->start_line;
            place.name = f->name;
        }
        uint32_t found = find_place(g, place);
        PP_PUSH(g->arena, g->line_places, g->n_line_places, g->cap_line_places, found);
    }
    return &g->line_places[g->first_place[location] - 1];
}

/* ---- samples ---- */

static void add_pair(struct pgo *g, struct pp_stack stack, int64_t weight) {
    uint32_t caller = stack.len > 1 ? pp_frame(g->p, stack.first + 1) : PP_NONE;
    struct pair want = {{pp_frame(g->p, stack.first), caller}, weight};
    uint64_t hash = hash_two(want.frames[0], want.frames[1]);
    for (struct index_probe i = index_probe(&g->by_pair, hash); index_next(&g->by_pair, &i);) {
        struct pair *at = &g->pairs[i.position];
        if (at->frames[0] != want.frames[0] || at->frames[1] != want.frames[1]) continue;
        at->weight = num_add(at->weight, weight);
        return;
    }
    index_add(&g->by_pair, hash, (uint32_t)g->n_pairs);
    PP_PUSH(g->arena, g->pairs, g->n_pairs, g->cap_pairs, want);
}

static void add_edge(struct pgo *g, uint32_t caller, uint32_t callee, uint32_t pair) {
    int64_t weight = g->pairs[pair].weight;
    uint64_t hash = hash_two(caller, callee);
    for (struct index_probe i = index_probe(&g->by_edge, hash); index_next(&g->by_edge, &i);) {
        struct edge *at = &g->edges[i.position];
        if (at->caller != caller || at->callee != callee) continue;
        if (at->pair != pair) at->weight = num_add(at->weight, weight);
        at->pair = pair;
        return;
    }
    struct edge e = {caller, callee, pair, weight};
    index_add(&g->by_edge, hash, (uint32_t)g->n_edges);
    PP_PUSH(g->arena, g->edges, g->n_edges, g->cap_edges, e);
}

/* From the caller inwards; what comes twice in a pair counts once. */
static void add_edges(struct pgo *g, uint32_t pair) {
    uint32_t caller = PP_NONE, n;
    for (int f = INNERMOST; f-- > 0;) {
        uint32_t location = g->pairs[pair].frames[f];
        if (location == PP_NONE) continue;
        const uint32_t *places = get_places(g, location, &n);
        for (uint32_t i = n; i-- > 0;) {
            struct place *at = &g->places[places[i]];
            if (at->pair != pair) at->cum = num_add(at->cum, g->pairs[pair].weight);
            at->pair = pair;
            if (caller != PP_NONE && caller != places[i]) add_edge(g, caller, places[i], pair);
            caller = places[i];
        }
    }
    struct place *leaf = &g->places[caller];
    leaf->flat = num_add(leaf->flat, g->pairs[pair].weight);
}

/* ---- calls ---- */

static bool is_shown(const struct place *at) {
    return at->flat || at->cum;
}

/* A name that holds a line break would be read as several. */
static bool is_one_line(const struct pgo *g, uint32_t name) {
    struct pp_str s = pp_string(g->p, name);
    return s.len == 0 || (!memchr(s.data, '\n', s.len) && !memchr(s.data, '\r', s.len));
}

static void add_call(struct pgo *g, struct call want) {
    uint64_t hash = hash_word(hash_two(want.caller, want.callee), (uint64_t)want.offset);
    for (struct index_probe i = index_probe(&g->by_call, hash); index_next(&g->by_call, &i);) {
        struct call *at = &g->calls[i.position];
        if (at->caller != want.caller || at->callee != want.callee || at->offset != want.offset)
            continue;
        at->weight = num_add(at->weight, want.weight);
        return;
    }
    index_add(&g->by_call, hash, (uint32_t)g->n_calls);
    PP_PUSH(g->arena, g->calls, g->n_calls, g->cap_calls, want);
}

static int compare_calls(const void *a, const void *b, void *user) {
    const struct pp_profile *p = user;
    const struct call *x = a, *y = b;
    if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
    int c = pp_str_cmp(pp_string(p, x->caller), pp_string(p, y->caller));
    if (!c) c = pp_str_cmp(pp_string(p, x->callee), pp_string(p, y->callee));
    return c ? c : (x->offset > y->offset) - (x->offset < y->offset);
}

/* Returns the sum of all weights. */
static int64_t make_calls(struct pgo *g, const struct pp_diag *diag) {
    int64_t sum = 0;
    size_t left_out = 0;
    for (size_t i = 0; i < g->n_edges; i++) {
        const struct edge *e = &g->edges[i];
        const struct place *caller = &g->places[e->caller], *callee = &g->places[e->callee];
        if (!is_shown(caller)) continue;
        sum = num_add(sum, e->weight);
        int64_t offset = num_add(caller->line, num_neg(caller->start));
        if (is_one_line(g, caller->name) && is_one_line(g, callee->name))
            add_call(g, (struct call){caller->name, callee->name, offset, e->weight});
        else
            left_out++;
    }
    if (left_out) pp_say(diag, "%zu calls are left out: a name holds a line break", left_out);
    sort_stable(g->calls, g->n_calls, sizeof *g->calls, compare_calls, (void *)g->p);
    return sum;
}

/* ---- the report ---- */

/* Either type tells which calls are hot; the first one there is, as Go's tool takes it. */
static bool find_type(const struct pp_profile *p, uint32_t *ret_type, struct pp_error *err) {
    for (uint32_t i = 0; i < p->n_types; i++) {
        struct pp_str type = pp_string(p, p->sample_types[i].type);
        struct pp_str unit = pp_string(p, p->sample_types[i].unit);
        if ((pp_str_eq(type, PP_STR("samples")) && pp_str_eq(unit, PP_STR("count"))) ||
            (pp_str_eq(type, PP_STR("cpu")) && pp_str_eq(unit, PP_STR("nanoseconds")))) {
            *ret_type = i;
            return true;
        }
    }
    return pp_fail(err, PP_E_UNSUPPORTED,
                   "no CPU profile: it has no samples/count and no cpu/nanoseconds, which Go's "
                   "compiler asks for");
}

static bool collect(struct pgo *g, struct pp_error *err) {
    const struct pp_profile *p = g->p;
    uint32_t type = 0;
    if (!find_type(p, &type, err)) return false;
    g->first_place = PP_NEW(g->arena, uint32_t, p->n_locations);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        struct pp_stack stack = p->stacks[p->sample_stack[i]];
        int64_t weight = pp_value(p, i, type);
        if (weight && stack.len) add_pair(g, stack, weight);
    }
    for (uint32_t i = 0; i < g->n_pairs; i++)
        add_edges(g, i);
    for (size_t i = 0; i < g->n_places; i++)
        if (is_shown(&g->places[i]) && g->places[i].start) return true;
    return pp_fail(err, PP_E_UNSUPPORTED,
                   "no function says on which line it starts, which Go's compiler asks for: record "
                   "the profile with a program that Go 1.20 or newer built");
}

static void put_calls(const struct pgo *g, struct out *o) {
    for (size_t i = 0; i < g->n_calls && !out_failed(o); i++) {
        const struct call *c = &g->calls[i];
        out_str(o, pp_string(g->p, c->caller));
        out_char(o, '\n');
        out_str(o, pp_string(g->p, c->callee));
        out_char(o, '\n');
        out_i64(o, c->offset);
        out_char(o, ' ');
        out_i64(o, c->weight);
        out_char(o, '\n');
    }
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct pgo g = {.p = rc->profile, .arena = rc->arena};
    bool ok = rc->profile->n_samples == 0 || collect(&g, err);
    if (ok) {
        int64_t sum = make_calls(&g, rc->diag);
        OUT_LIT(o, "GO PREPROFILE V1\n");
        if (sum) put_calls(&g, o);
    }
    index_done(&g.by_place);
    index_done(&g.by_edge);
    index_done(&g.by_pair);
    index_done(&g.by_call);
    return ok;
}

const struct report_format preprofile_report = {
    .name = "preprofile",
    .help = "Hot calls, for Go's profile-guided optimization",
    .usage = "preprofile [focus_regex]* [-ignore_regex]* >default.pgo\n"
             "What `go tool preprofile` writes, of one CPU profile or of many.",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_PLAIN_NAMES,
    .suffix = "pgo",
    .render = render,
};
