/* How much nodes tell: never more than its bound, and the nodes that tell most are the same whether
 * all edges are summed or only some. */
#include "graph/entropy.h"
#include "graph/entropy_bound.h"
#include "graph/order.h"
#include "graph/sum_store.h"
#include "graph/trim.h"
#include "random_graph.h"

enum { FUNCTIONS = 900, LOCATIONS = 2700, SAMPLES = 5000, DEPTH = 40, FIRST = 80 };

/* The first locations are met more often than the last. */
static uint32_t any_location(uint32_t *seed) {
    uint32_t a = next(seed) % LOCATIONS, b = next(seed) % LOCATIONS;
    return a < b ? a : b;
}

/* Every third location has three lines. Some stacks call a few functions again and again. */
static struct pp_profile random_profile(struct pp_arena *arena, int64_t least) {
    struct profile_builder b;
    struct pp_profile p;
    struct pp_error err;
    uint32_t frames[DEPTH], seed = 1;
    begin_profile(&b, FUNCTIONS, arena);
    for (uint32_t i = 0; i < LOCATIONS; i++) {
        struct pp_location l = {.mapping = PP_NONE};
        struct pp_line lines[3] = {
            {.function = i / 3}, {.function = i * 11 % FUNCTIONS}, {.function = i * 7 % FUNCTIONS}};
        builder_add_location(&b, &l, lines, i % 3 ? 1 : 3);
    }
    for (uint32_t i = 0; i < SAMPLES; i++) {
        uint32_t n = next(&seed) % (DEPTH + 1);
        for (uint32_t j = 0; j < n; j++)
            frames[j] = i % 32 == 1 && j % 4 ? next(&seed) % 5 : any_location(&seed);
        int64_t value = (int64_t)(next(&seed) % 100 * (next(&seed) % 50)) + least;
        builder_add_sample(&b, builder_stack(&b, frames, n), 0, &value, 1);
    }
    assert_true(builder_finish(&b, &p, &err));
    return p;
}

static void open_graph(struct graph *g, const struct pp_profile *p, const bool *kept,
                       struct pp_arena *arena) {
    graph_init(g, p, &(struct graph_options){0}, arena);
    graph_sum(g, kept);
}

static void sum_all(struct graph *g) {
    graph_sum_edges(g, 0);
    graph_link(g);
    graph_sort(g, GRAPH_BY_ENTROPY);
}

/* Some nodes are left out, so that edges lead over gaps, and stacks end in them. */
static const bool *keep_most(struct pp_arena *arena) {
    bool *kept = PP_NEW(arena, bool, FUNCTIONS);
    for (uint32_t i = 0; i < FUNCTIONS; i++)
        kept[i] = i % 8 != 3;
    return kept;
}

static void no_score_is_above_its_bound(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, 1);
    for (int some = 0; some < 2; some++) {
        struct graph g;
        double sum_of_bounds = 0, sum_of_scores = 0;
        open_graph(&g, &p, some ? keep_most(&a) : NULL, &a);
        const double *bounds = entropy_bounds(&g, weigh_graph(&g), &a);
        sum_all(&g);
        for (uint32_t i = 0; i < g.n_selected; i++) {
            uint32_t node = g.selected[i];
            double score = (double)entropy_score(&g, node);
            assert_true(score <= bounds[node]);
            sum_of_bounds += bounds[node];
            sum_of_scores += score;
        }
        assert_true(sum_of_bounds < 1.1 * sum_of_scores);
        graph_done(&g);
    }
    pp_arena_done(&a);
}

static void the_first_nodes_are_the_same(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, 1);
    for (int some = 0; some < 2; some++) {
        struct graph g, all;
        const bool *kept = some ? keep_most(&a) : NULL;
        open_graph(&g, &p, kept, &a);
        open_graph(&all, &p, kept, &a);
        sum_all(&all);
        assert_true(entropy_select(&g, FIRST));
        assert_true(g.n_edges > 0 && g.n_edges < all.n_edges);
        assert_int_equal(g.n_selected, all.n_selected);
        for (uint32_t i = 0; i < FIRST; i++)
            assert_int_equal(g.selected[i], all.selected[i]);
        graph_done(&g);
        graph_done(&all);
    }
    pp_arena_done(&a);
}

static void assert_same_nodes(const struct graph *a, const struct graph *b) {
    assert_int_equal(a->n_selected, b->n_selected);
    for (uint32_t i = 0; i < a->n_nodes; i++)
        assert_int_equal(a->kept[i], b->kept[i]);
}

static void draw(struct graph *g, const struct pp_profile *p, struct sum_store *store, uint32_t n,
                 struct pp_arena *arena) {
    struct trim_result result;
    graph_init(g, p, &(struct graph_options){.sums = store}, arena);
    graph_trim(g, &(struct trim_options){.node_count = n, .picture = true}, &result);
}

/* Which nodes a picture shows is taken from an earlier one, with bounds and without: where values
 * change meanwhile, which they never do, it stays as it was. */
static void keeps_orders(void **state) {
    (void)state;
    for (int64_t least = -1; least <= 1; least += 2) {
        struct pp_arena a = {0};
        struct pp_profile p = random_profile(&a, least);
        struct sum_store *store = sum_store_open(&p);
        for (uint32_t n = FIRST; n <= FIRST + 1; n++) {
            struct graph first, again, plain;
            draw(&plain, &p, NULL, n, &a);
            draw(&first, &p, store, n, &a);
            assert_same_nodes(&first, &plain);
            for (uint32_t i = 0; i < n; i++)
                assert_int_equal(first.selected[i], plain.selected[i]);
            p.values[1] += 1 << 30;
            draw(&again, &p, store, n, &a);
            assert_same_nodes(&again, &plain);
            p.values[1] -= 1 << 30;
            graph_done(&plain);
            graph_done(&first);
            graph_done(&again);
        }
        sum_store_close(store);
        pp_arena_done(&a);
    }
}

/* Nothing is known of weights that may cancel, or of stacks that weigh nothing. */
static void only_positive_weights_have_bounds(void **state) {
    (void)state;
    for (int64_t least = -1; least <= 0; least++) {
        struct pp_arena a = {0};
        struct pp_profile p = random_profile(&a, least);
        struct graph g;
        open_graph(&g, &p, NULL, &a);
        assert_int_equal(entropy_select(&g, FIRST), least == 0);
        graph_done(&g);
        pp_arena_done(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_score_is_above_its_bound),
        cmocka_unit_test(the_first_nodes_are_the_same),
        cmocka_unit_test(only_positive_weights_have_bounds),
        cmocka_unit_test(keeps_orders),
    };
    RUN_AT_EACH_WIDTH(tests);
}
