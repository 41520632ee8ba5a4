/* The labels beside a node: those that are heavy enough, whatever the sets they come in. */
#include "graph/node_tags.h"
#include "test.h"
#include "tiny_profile.h"

/* "k:a 6/5 16B 1/1": name, flat/cum of each tag of the function `name`, texts first. */
static const char *tags_of(struct graph *g, const char *name, int64_t min_weight,
                           struct pp_arena *arena) {
    uint32_t node = 0;
    while (!pp_str_eq(graph_name(g, node), pp_str_from(name)))
        node++;
    struct tag_options opt = {PP_STR("bytes"), PP_STR("bytes"), min_weight};
    struct tag_reader reader;
    struct node_tags tags;
    tags_open(&reader, g, &node, 1, &opt);
    tags_read(&reader, 0, &tags, arena);
    tags_close(&reader);
    const char *text = "";
    for (uint32_t i = 0; i < tags.n_texts + tags.n_numbers; i++) {
        const struct graph_tag *t =
            i < tags.n_texts ? &tags.texts[i] : &tags.numbers[i - tags.n_texts];
        text = pp_arena_printf(arena, "%s%s%.*s %d/%d", text, i ? " " : "", PP_STR_ARG(t->name),
                               (int)t->flat, (int)t->cum)
                   .data;
    }
    return text;
}

static struct graph *sum(const char *samples, struct pp_arena *arena) {
    struct pp_profile *p = PP_NEW(arena, struct pp_profile, 1);
    struct graph *g = PP_NEW(arena, struct graph, 1);
    struct graph_options opt = {.threads = 1};
    *p = tiny_profile(arena, samples);
    graph_init(g, p, &opt, arena);
    graph_sum(g, NULL);
    return g;
}

static void test_texts(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct graph *g = sum("leaf;root 3 k=a\n"
                          "leaf;root 3 k=a other#7\n"
                          "root 5 k=b\n",
                          &arena);
    assert_string_equal(tags_of(g, "leaf", 6, &arena), "k:a 6/6");
    assert_string_equal(tags_of(g, "root", 6, &arena), "k:a 0/6");
    assert_string_equal(tags_of(g, "root", 5, &arena), "k:a 0/6 k:b 5/5");
    assert_string_equal(tags_of(g, "root", 7, &arena), "");
    graph_done(g);
    pp_arena_done(&arena);
}

/* A sample counts as often as it has the number. */
static void test_numbers(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct graph *g = sum("leaf;root 3 bytes#16 bytes#16\n"
                          "leaf;root 5 k=a bytes#16\n",
                          &arena);
    assert_string_equal(tags_of(g, "leaf", 6, &arena), "16B 6/6");
    assert_string_equal(tags_of(g, "leaf", 5, &arena), "k:a 5/5 16B 6/6 16B 5/5");
    graph_done(g);
    pp_arena_done(&arena);
}

/* What cancels at one node is there at others. */
static void test_signs(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct graph *g = sum("more;root 9 k=a\n"
                          "less;root -9 k=a\n",
                          &arena);
    assert_string_equal(tags_of(g, "more", 9, &arena), "k:a 9/9");
    assert_string_equal(tags_of(g, "less", 9, &arena), "k:a -9/-9");
    assert_string_equal(tags_of(g, "root", 9, &arena), "");
    graph_done(g);
    pp_arena_done(&arena);
}

/* The innermost of inlined calls has the sample, and a node that comes again has it once. */
static void test_inlined(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct graph *g = sum("in+out;out;root 4 k=a\n", &arena);
    assert_string_equal(tags_of(g, "in", 1, &arena), "k:a 4/4");
    assert_string_equal(tags_of(g, "out", 1, &arena), "k:a 0/4");
    graph_done(g);
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_inlined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
