/* Sums of the graph: the same for any number of threads, equal to a plain count, and complete for
 * heavy edges where only those are looked up. */
#include "graph/graph.h"
#include "graph/sum_store.h"
#include "random_graph.h"

enum { LOCATIONS = 1200, RANDOM = 330, CALLER, FUNCTIONS, OUTER = 240, DEPTH = 30 };

/* The innermost function of a location. Those from OUTER on are only ever inlined: some of their
 * calls are in one location, some in several, and none is between frames. */
static uint32_t innermost(uint32_t location) {
    if (location % 6) return location % OUTER;
    uint32_t spread = location % 4 ? location / OUTER : 0;
    return OUTER + (location * 7 + spread) % (RANDOM - OUTER);
}

/* Three frames, innermost first, that call RANDOM from CALLER: first inlined, then as a call, which
 * does not count. */
static void add_second_call(struct profile_builder *b, uint32_t *ret_frames) {
    struct pp_line lines[2] = {{.function = RANDOM}, {.function = CALLER}};
    struct pp_location l = {.mapping = PP_NONE};
    for (int i = 0; i < 3; i++)
        ret_frames[i] = builder_add_location(b, &l, i == 1 ? &lines[1] : lines, i == 2 ? 2 : 1);
}

/* Two locations with a call each that nothing else has: no stack passes one of them; one passes the
 * other, and its samples cancel. */
static void add_idle_calls(struct profile_builder *b) {
    static const int64_t values[] = {7, -7};
    struct pp_location l = {.mapping = PP_NONE};
    for (uint32_t i = 0; i < 2; i++) {
        struct pp_line lines[2] = {{.function = OUTER + i}, {.function = RANDOM}};
        uint32_t location = builder_add_location(b, &l, lines, 2);
        for (int j = 0; i && j < 2; j++)
            builder_add_sample(b, builder_stack(b, &location, 1), 0, &values[j], 1);
    }
}

/* Every third location has two lines, the inner one inlined. A few ways of calling are far more
 * common. Half of the stacks begin with a call that is made twice. */
static struct pp_profile random_profile(struct pp_arena *arena, uint32_t n_samples, int64_t least,
                                        uint32_t seed) {
    struct profile_builder b;
    struct pp_profile p;
    struct pp_error err;
    uint32_t frames[DEPTH + 3], twice[3];
    begin_profile(&b, FUNCTIONS, arena);
    for (uint32_t i = 0; i < LOCATIONS; i++) {
        struct pp_location l = {.mapping = PP_NONE};
        struct pp_line lines[2] = {{.function = innermost(i)}, {.function = i * 7 % OUTER}};
        builder_add_location(&b, &l, lines, i % 3 ? 1 : 2);
    }
    add_second_call(&b, twice);
    add_idle_calls(&b);
    for (uint32_t i = 0; i < n_samples; i++) {
        uint32_t n = next(&seed) % (DEPTH + 1);
        for (uint32_t j = 0; j < n; j++)
            frames[j] = next(&seed) % (next(&seed) % 2 ? LOCATIONS : 9);
        for (uint32_t j = 0; i % 2 && j < 3; j++)
            frames[n++] = twice[j];
        int64_t value = (int64_t)(next(&seed) % 100) + least;
        builder_add_sample(&b, builder_stack(&b, frames, n), 0, &value, 1);
    }
    assert_true(builder_finish(&b, &p, &err));
    return p;
}

static void sum(struct graph *g, const struct pp_profile *p, unsigned threads, bool inlined,
                const bool *kept, struct pp_arena *arena) {
    struct graph_options opt = {.threads = threads, .inlined_edges = inlined};
    graph_init(g, p, &opt, arena);
    graph_sum(g, kept);
    if (!inlined) graph_sum_edges(g, 0);
}

static void assert_same(const struct graph *a, const struct graph *b) {
    assert_int_equal(a->n_nodes, b->n_nodes);
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        assert_true(a->nodes[i].flat == b->nodes[i].flat);
        assert_true(a->nodes[i].cum == b->nodes[i].cum);
    }
    assert_int_equal(a->n_edges, b->n_edges);
    for (uint32_t i = 0; i < a->n_edges; i++) {
        assert_int_equal(a->edges[i].src, b->edges[i].src);
        assert_int_equal(a->edges[i].dest, b->edges[i].dest);
        assert_true(a->edges[i].weight == b->edges[i].weight);
        assert_int_equal(a->edges[i].residual, b->edges[i].residual);
        assert_int_equal(a->edges[i].is_inline, b->edges[i].is_inline);
    }
}

/* Whether calls are split among threads by stack, or by caller (many of them are other edges). */
enum { BY_CALLER = 2000, BY_STACK = 12000 };

static void check_threads(uint32_t n_samples) {
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, n_samples, -20, 1);
    assert_int_equal(p.n_frames < FUNCTIONS * FUNCTIONS, n_samples == BY_CALLER);
    bool kept[FUNCTIONS];
    for (uint32_t i = 0; i < FUNCTIONS; i++)
        kept[i] = i % 4 != 1;
    for (int some = 0; some < 2; some++) {
        struct graph one, many;
        sum(&one, &p, 1, false, some ? kept : NULL, &a);
        for (unsigned threads = 2; threads <= 8; threads += 3) {
            sum(&many, &p, threads, false, some ? kept : NULL, &a);
            assert_same(&one, &many);
            graph_done(&many);
        }
        graph_done(&one);
    }
    pp_arena_done(&a);
}

static void any_number_of_threads(void **state) {
    (void)state;
    check_threads(BY_CALLER);
    check_threads(BY_STACK);
}

/* Leaves only the edges from or into these nodes. */
static void filter_edges(struct graph *g, const bool *of) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_edges; i++)
        if (of[g->edges[i].src] || of[g->edges[i].dest]) g->edges[n++] = g->edges[i];
    g->n_edges = n;
}

/* The edges of few nodes are those of all that lead from them or into them, in the same order. */
static void sums_edges_of_some(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, BY_STACK, -20, 1);
    bool kept[FUNCTIONS], of[FUNCTIONS] = {0};
    for (uint32_t i = 0; i < FUNCTIONS; i++)
        kept[i] = i % 4 != 1;
    of[0] = of[1] = of[7] = of[CALLER] = of[OUTER + 3] = true;
    for (unsigned round = 0; round < 4; round++) {
        struct graph all, some;
        const bool *which = round % 2 ? kept : NULL;
        sum(&all, &p, 1, false, which, &a);
        filter_edges(&all, of);
        graph_init(&some, &p, &(struct graph_options){.threads = 1 + round}, &a);
        graph_sum(&some, which);
        some.edges_of = of;
        graph_sum_edges(&some, 0);
        assert_true(some.n_edges > 100);
        assert_same(&all, &some);
        graph_done(&all);
        graph_done(&some);
    }
    pp_arena_done(&a);
}

/* Nodes and edges of one stack at a time, with no cleverness. */
static void check_plain_count(struct pp_profile p, const struct graph *graph) {
    struct pp_arena a = {0};
    const struct graph g = *graph;
    int64_t *cum = PP_NEW(&a, int64_t, g.n_nodes), *flat = PP_NEW(&a, int64_t, g.n_nodes);
    int64_t(*edge)[FUNCTIONS] = pp_arena_alloc(&a, sizeof *edge, _Alignof(int64_t), FUNCTIONS);
    for (uint32_t s = 0; s < p.n_samples; s++) {
        bool seen[FUNCTIONS] = {0}, passed[FUNCTIONS][FUNCTIONS] = {{0}};
        struct pp_stack stack = p.stacks[p.sample_stack[s]];
        uint32_t caller = PP_NONE;
        for (uint32_t i = stack.len; i-- > 0;) {
            struct graph_nodes nodes = graph_nodes_of(&g, pp_frame(&p, stack.first + i));
            for (uint32_t j = nodes.n; j-- > 0;) {
                uint32_t node = nodes.at[j];
                if (!seen[node]) cum[node] += pp_value(&p, s, 0);
                seen[node] = true;
                if (caller != PP_NONE && caller != node && !passed[caller][node]) {
                    edge[caller][node] += pp_value(&p, s, 0);
                    passed[caller][node] = true;
                }
                caller = node;
            }
        }
        if (caller != PP_NONE) flat[caller] += pp_value(&p, s, 0);
    }
    for (uint32_t i = 0; i < g.n_nodes; i++) {
        assert_true(g.nodes[i].cum == cum[i]);
        assert_true(g.nodes[i].flat == flat[i]);
    }
    for (uint32_t i = 0; i < g.n_edges; i++)
        assert_true(g.edges[i].weight == edge[g.edges[i].src][g.edges[i].dest]);
    pp_arena_done(&a);
}

static void check_count(uint32_t n_samples) {
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, n_samples, -20, 2);
    struct graph g;
    sum(&g, &p, 3, false, NULL, &a);
    check_plain_count(p, &g);
    assert_true(g.n_edges > 500);
    graph_done(&g);
    pp_arena_done(&a);
}

static void equals_a_plain_count(void **state) {
    (void)state;
    check_count(BY_CALLER);
    check_count(BY_STACK);
}

/* Of many locations few are used: only those have nodes of their own, and the first one. */
static void makes_no_nodes_in_vain(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, 20, 1, 4);
    struct graph g;
    sum(&g, &p, 1, false, NULL, &a);
    check_plain_count(p, &g);
    assert_true(g.n_nodes < FUNCTIONS / 2);
    uint32_t n_idle = 0; /* the first location's, and what samples pass that cancel */
    for (uint32_t i = 0; i < g.n_nodes; i++)
        n_idle += g.nodes[i].cum == 0;
    assert_true(n_idle <= 2);
    assert_true(g.n_edges > 50);
    graph_done(&g);
    pp_arena_done(&a);
}

/* By caller and callee; each pair once. */
static const struct graph_edge **tabulate(const struct graph *g, struct pp_arena *arena) {
    const struct graph_edge **at = PP_NEW(arena, const struct graph_edge *, FUNCTIONS *FUNCTIONS);
    for (uint32_t i = 0; i < g->n_edges; i++) {
        const struct graph_edge **place = &at[g->edges[i].src * FUNCTIONS + g->edges[i].dest];
        assert_null(*place);
        *place = &g->edges[i];
    }
    return at;
}

/* Which nodes have heavy edges that are not inlined; all of these are true. */
static bool *find_called(const struct graph *all, const struct graph *heavy, int64_t min,
                         struct pp_arena *arena) {
    const struct graph_edge **at = tabulate(all, arena);
    bool *called = PP_NEW(arena, bool, FUNCTIONS);
    for (uint32_t i = 0; i < heavy->n_edges; i++) {
        const struct graph_edge *e = &heavy->edges[i], *same = at[e->src * FUNCTIONS + e->dest];
        if (num_abs(e->weight) < min) continue;
        assert_non_null(same);
        assert_true(num_abs(same->weight) >= min);
        called[e->dest] |= !e->is_inline;
    }
    return called;
}

/* Returns how many were found. */
static uint32_t check_heavy(const struct pp_profile *p, const bool *kept, int64_t min,
                            struct pp_arena *arena) {
    struct graph all, heavy;
    bool entered[FUNCTIONS] = {0};
    uint32_t found = 0;
    sum(&all, p, 2, false, kept, arena);
    sum(&heavy, p, 2, true, kept, arena);
    assert_true(p->n_frames > 1 << 18);                    /* enough to try it */
    assert_true(p->n_frames / 32 < FUNCTIONS * FUNCTIONS); /* too few for a cell each */
    graph_sum_edges(&heavy, min);
    const struct graph_edge **at = tabulate(&heavy, arena);
    const bool *called = find_called(&all, &heavy, min, arena);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        struct graph_nodes nodes = graph_nodes_of(&all, i);
        for (uint32_t j = 0; j + 1 < nodes.n; j++)
            entered[nodes.at[j]] = true;
    }
    for (uint32_t i = 0; i < all.n_edges; i++) {
        const struct graph_edge *e = &all.edges[i];
        if (!entered[e->dest] || num_abs(e->weight) < min) continue;
        const struct graph_edge *same = at[e->src * FUNCTIONS + e->dest];
        if (!same) {
            assert_true(!e->is_inline && called[e->dest]);
            continue;
        }
        assert_true(num_abs(same->weight) >= min);
        assert_int_equal(same->is_inline, e->is_inline);
        found++;
    }
    graph_done(&all);
    graph_done(&heavy);
    return found;
}

static void finds_all_heavy_edges(void **state) {
    (void)state;
    struct pp_arena a = {0};
    bool kept[FUNCTIONS];
    for (uint32_t i = 0; i < FUNCTIONS; i++)
        kept[i] = i % 4 != 1;
    for (int64_t least = -45; least <= 0; least += 45) { /* most cancel, none do */
        struct pp_profile p = random_profile(&a, 20000, least, 3);
        for (int64_t min = 0; min < 100000; min = min ? 36 * min : 1) {
            uint32_t found = check_heavy(&p, NULL, min, &a) + check_heavy(&p, kept, min, &a);
            assert_true(found > 3 || (least && min > 5000));
        }
        pp_arena_done(&a);
    }
}

static void sum_kept(struct graph *g, const struct pp_profile *p, struct sum_store *store,
                     uint32_t type, const bool *kept, struct pp_arena *arena) {
    struct graph_options opt = {.sums = store, .inlined_edges = true, .type = type};
    graph_init(g, p, &opt, arena);
    graph_sum(g, kept);
    graph_sum_edges(g, 100);
}

/* The same sums and edges as without a store, also after a graph that leaves nodes out; and they
 * are taken from there: where values change, which they never do, the sums don't. */
static void keeps_sums(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, 4000, -20, 7), view = p;
    struct sum_store *store = sum_store_open(&p);
    struct graph plain, some, again, other;
    bool kept[FUNCTIONS] = {true, true};
    sum_kept(&plain, &p, NULL, 0, NULL, &a);
    sum_kept(&some, &p, store, 0, kept, &a);
    view.values = PP_NEW(&a, int64_t, p.n_samples);
    memcpy(view.values, p.values, p.n_samples * sizeof *p.values);
    for (uint32_t i = 0; i < p.n_samples; i++)
        p.values[i] *= 2;
    sum_kept(&again, &p, store, 0, NULL, &a);
    for (uint32_t i = 0; i < plain.n_nodes; i++)
        assert_true(again.nodes[i].cum == plain.nodes[i].cum);
    sum_kept(&other, &view, store, 0, NULL, &a); /* is another table, though it holds the same */
    assert_same(&other, &plain);
    memcpy(p.values, view.values, p.n_samples * sizeof *p.values);
    graph_done(&again);
    sum_kept(&again, &p, store, 0, NULL, &a);
    assert_same(&again, &plain);
    graph_done(&plain);
    graph_done(&some);
    graph_done(&again);
    graph_done(&other);
    sum_store_close(store);
    pp_arena_done(&a);
}

/* Sums of what a table shows serve a picture; those of a picture a table only where nothing
 * cancels, since else it asks for more. */
static void serves_other_graphs(void **state) {
    (void)state;
    for (int64_t least = -20; least <= 1; least += 21) {
        struct pp_arena a = {0};
        struct pp_profile p = random_profile(&a, 4000, least, 7);
        struct sum_store *stores[] = {sum_store_open(&p), sum_store_open(&p)};
        struct graph graphs[2], plain;
        for (int i = 0; i < 2; i++) {
            struct graph_options opt = {.sums = stores[i], .inlined_edges = i};
            graph_init(&graphs[i], &p, &opt, &a);
            graph_sum(&graphs[i], NULL);
            graphs[i].opt.inlined_edges = !i;
        }
        assert_int_equal(sum_store_has(stores[0], &graphs[0]), least > 0);
        assert_true(sum_store_has(stores[1], &graphs[1]));
        sum_kept(&plain, &p, NULL, 0, NULL, &a);
        graph_done(&graphs[0]);
        sum_kept(&graphs[0], &p, stores[0], 0, NULL, &a);
        assert_same(&graphs[0], &plain);
        graph_done(&plain);
        for (int i = 0; i < 2; i++) {
            graph_done(&graphs[i]);
            sum_store_close(stores[i]);
        }
        pp_arena_done(&a);
    }
}

/* What is asked for is as in the sums of all. */
static void sums_of_some_nodes(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct pp_arena a = {0};
        struct pp_profile p = random_profile(&a, 4000, -20, 7);
        const struct graph_options opt = {.mean = i & 1, .threads = (unsigned)i};
        struct graph all, some;
        bool nodes[FUNCTIONS];
        for (uint32_t j = 0; j < FUNCTIONS; j++)
            nodes[j] = j % 9 == 2 || j == OUTER + 1;
        graph_init(&all, &p, &opt, &a);
        graph_sum(&all, NULL);
        graph_init(&some, &p, &opt, &a);
        graph_sum_some(&some, nodes);
        for (uint32_t j = 0; j < all.n_nodes; j++) {
            if (!nodes[j]) continue;
            assert_true(some.nodes[j].flat == all.nodes[j].flat);
            assert_true(some.nodes[j].cum == all.nodes[j].cum);
            if (!opt.mean) continue;
            assert_true(some.divisors[j].flat == all.divisors[j].flat);
            assert_true(some.divisors[j].cum == all.divisors[j].cum);
        }
        graph_done(&all);
        graph_done(&some);
        pp_arena_done(&a);
    }
}

static void sum_few(struct graph *g, const struct pp_profile *p, struct sum_store *store,
                    const bool *kept, struct pp_arena *arena) {
    graph_init(g, p, &(struct graph_options){.sums = store}, arena);
    graph_sum(g, kept);
    graph_sum_edges(g, 0);
}

static void scale(struct pp_profile *p, double by) {
    for (uint32_t i = 0; i < p->n_samples; i++)
        p->values[i] = (int64_t)((double)p->values[i] * by);
}

/* Edges are taken from an earlier graph of the same nodes that are kept and count: where values
 * change meanwhile, which they never do, the edges don't. */
static void keeps_edges(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, BY_STACK, -20, 3);
    struct sum_store *store = sum_store_open(&p);
    bool of[FUNCTIONS] = {true};
    for (unsigned i = 1; i < 40; i++) { /* more than are kept */
        struct graph first, again, plain;
        bool kept[FUNCTIONS] = {true};
        kept[i] = kept[i + 1] = true;
        sum_few(&first, &p, store, kept, &a);
        sum_few(&plain, &p, NULL, kept, &a);
        assert_true(plain.n_edges >= 6);
        assert_same(&first, &plain);
        scale(&p, 2);
        sum_few(&again, &p, store, kept, &a);
        assert_same(&again, &plain);
        again.edges_of = of;
        graph_sum_edges(&again, 0);
        filter_edges(&plain, of);
        assert_int_equal(again.n_edges, plain.n_edges);
        assert_true(again.edges[0].weight == 2 * plain.edges[0].weight);
        scale(&p, 0.5);
        graph_done(&first);
        graph_done(&again);
        graph_done(&plain);
    }
    sum_store_close(store);
    pp_arena_done(&a);
}

/* All samples but one in `every`. */
static struct pp_profile without_some(const struct pp_profile *p, uint32_t every,
                                      struct pp_arena *arena) {
    struct pp_profile view = *p;
    view.sample_stack = PP_NEW(arena, uint32_t, p->n_samples);
    view.values = PP_NEW(arena, int64_t, p->n_samples);
    view.n_samples = 0;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        if (i % every == 1) continue;
        view.sample_stack[view.n_samples] = p->sample_stack[i];
        view.values[view.n_samples++] = p->values[i];
    }
    return view;
}

/* A view with most samples has the kept sums less the others': the same as without a store; where
 * the loaded profile changes meanwhile, which it never does, they are off by that. */
static void sums_by_the_rest(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, 4000, 0, 7);
    struct sum_store *store = sum_store_open(&p);
    struct graph all, by_rest, plain;
    sum_kept(&all, &p, store, 0, NULL, &a);
    for (uint32_t every = 2; every <= 9; every += 7) {
        struct pp_profile view = without_some(&p, every, &a);
        sum_kept(&by_rest, &view, store, 0, NULL, &a);
        sum_kept(&plain, &view, NULL, 0, NULL, &a);
        assert_true(plain.n_edges > 0);
        assert_same(&by_rest, &plain);
        graph_done(&by_rest);
        p.values[1] += 1000;
        graph_init(&by_rest, &view, &(struct graph_options){.sums = store, .inlined_edges = true},
                   &a);
        graph_sum(&by_rest, NULL);
        int64_t flat = 0;
        for (uint32_t i = 0; i < plain.n_nodes; i++)
            flat += by_rest.nodes[i].flat - plain.nodes[i].flat;
        assert_true(flat == (every == 2 ? 0 : -1000)); /* half of the frames: walked by itself */
        p.values[1] -= 1000;
        graph_done(&by_rest);
        graph_done(&plain);
    }
    graph_done(&all);
    sum_store_close(store);
    pp_arena_done(&a);
}

/* More graphs than are kept, each with other options. */
static void forgets_the_oldest(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, 4000, 1, 3);
    struct sum_store *store = sum_store_open(&p);
    for (unsigned round = 0; round < 48; round++) {
        unsigned i = round / 2;
        struct graph kept, plain;
        struct graph_options opt = {.sums = store, .object_names = i & 1, .mean = i & 2};
        opt.blanks = (struct view_blanks){.address = i & 4, .filename = true, .inlines = i % 3};
        graph_init(&kept, &p, &opt, &a);
        graph_sum(&kept, NULL);
        opt.sums = NULL;
        graph_init(&plain, &p, &opt, &a);
        graph_sum(&plain, NULL);
        assert_same(&kept, &plain);
        for (uint32_t j = 0; j < plain.n_nodes; j++)
            assert_true(graph_cum(&kept, j) == graph_cum(&plain, j));
        graph_done(&kept);
        graph_done(&plain);
    }
    sum_store_close(store);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads), cmocka_unit_test(equals_a_plain_count),
        cmocka_unit_test(finds_all_heavy_edges), cmocka_unit_test(keeps_sums),
        cmocka_unit_test(forgets_the_oldest),    cmocka_unit_test(makes_no_nodes_in_vain),
        cmocka_unit_test(sums_by_the_rest),      cmocka_unit_test(keeps_edges),
        cmocka_unit_test(sums_edges_of_some),    cmocka_unit_test(serves_other_graphs),
        cmocka_unit_test(sums_of_some_nodes),
    };
    RUN_AT_EACH_WIDTH(tests);
}
