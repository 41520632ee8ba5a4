/* What is found out before anybody asks: the sums that the next report takes. */
#include "driver/ahead.h"

#include "graph/sum_store.h"
#include "random_graph.h"

#include <unistd.h>

enum { LOCATIONS = 300, STACKS = 1000, DEPTH = 70, FUNCTIONS = 20 };

static struct pp_profile random_profile(struct pp_arena *arena) {
    struct profile_builder b;
    struct pp_profile p;
    struct pp_error err;
    uint32_t frames[DEPTH], seed = 1;
    begin_profile(&b, FUNCTIONS, arena);
    for (uint32_t i = 0; i < LOCATIONS; i++) {
        struct pp_location l = {.mapping = PP_NONE};
        builder_add_location(&b, &l, &(struct pp_line){.function = i % FUNCTIONS}, 1);
    }
    for (uint32_t i = 0; i < STACKS; i++) {
        for (uint32_t j = 0; j < DEPTH; j++)
            frames[j] = next(&seed) % LOCATIONS;
        builder_add_sample(&b, builder_stack(&b, frames, DEPTH), 0, &(int64_t){1}, 1);
    }
    assert_true(builder_finish(&b, &p, &err));
    return p;
}

/* Until all is found out; returns whether the sums of top are kept then. */
static bool has_sums(const struct pp_profile *p, const char *focus, struct pp_arena *arena) {
    const struct pp_diag silent = {0};
    struct ahead_question of = {
        .p = p, .question = PP_QUERY_INIT, .host = {.sums = sum_store_open(p), .diag = &silent}};
    struct query q;
    struct graph g;
    bool done = false;
    of.question.focus = focus;
    for (useconds_t wait = 1000; !done;
         wait *= 2) { /* what is given up has to be found out again */
        struct ahead *ahead = ahead_begin(ahead_reports, &of, AHEAD_OF_NONE);
        usleep(wait);
        done = ahead_end(ahead);
    }
    of.question.focus = "";
    const struct query_request request = {p, &top_report, &of.question, NULL, &of.host};
    assert_true(query_open(&q, &request, arena, NULL));
    graph_init(&g, q.rc.profile, &q.rc.graph, arena);
    bool has = sum_store_has(of.host.sums, &g);
    graph_done(&g);
    query_done(&q);
    sum_store_close(of.host.sums);
    return has;
}

static void sums_of_all_samples(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a);
    assert_true(has_sums(&p, "", &a));
    assert_false(has_sums(&p, "f1$", &a)); /* of a filter nothing is kept */
    pp_arena_done(&a);
}

static bool count(void *user, unsigned n) {
    unsigned *next = user;
    assert_int_equal(n, *next);
    return ++*next < 1000;
}

/* Step by step, as far as it comes. */
static void ends_at_once(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++) {
        unsigned n = 0;
        bool done = ahead_end(ahead_begin(count, &n, AHEAD_AS_OTHERS));
        assert_true(n <= 1000 && done == (n == 1000));
    }
    assert_true(ahead_end(NULL));
}

static void for_many_frames_only(void **state) {
    (void)state;
    assert_false(ahead_is_worth(&(struct pp_profile){.n_frames = 1000}));
    assert_true(ahead_is_worth(&(struct pp_profile){.n_frames = 40000000}));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_of_all_samples),
                                       cmocka_unit_test(ends_at_once),
                                       cmocka_unit_test(for_many_frames_only)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
