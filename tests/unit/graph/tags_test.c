/* The tags of nodes: those that are too light to be shown are left out before they are summed up,
 * which changes nothing in the others. */
#include "graph/node_tags.h"
#include "random_graph.h"

enum { FUNCTIONS = 12, LOCATIONS = 30, SAMPLES = 6000, DEPTH = 8 };

/* Texts that stand for several lists of labels: "a:b\nc:d" and "a:b:c". */
static const char *const odd_labels[][4] = {
    {"a", "b\\nc:d"}, {"a", "b", "c", "d"}, {"a:b", "c"}, {"a", "b:c"}};

static uint32_t add_text(struct profile_builder *b, struct pp_label *labels, uint32_t n,
                         const char *key, struct pp_str text) {
    struct pp_str name = {key, strlen(key)};
    labels[n] = (struct pp_label){.key = builder_string(b, name), .text = builder_string(b, text)};
    return n + 1;
}

static uint32_t add_odd(struct profile_builder *b, struct pp_label *labels, uint32_t which) {
    const char *const *words = odd_labels[which];
    uint32_t n = 0;
    for (uint32_t i = 0; i < 4 && words[i]; i += 2)
        n = add_text(b, labels, n, words[i], (struct pp_str){words[i + 1], strlen(words[i + 1])});
    return n;
}

/* A thread of few, a request of many or none, and up to two numbers of a few that look alike. */
static uint32_t random_labels(struct profile_builder *b, uint32_t *seed, bool odd,
                              struct pp_arena *arena) {
    struct pp_label labels[6];
    uint32_t n = 0, n_numbers = next(seed) % 3;
    if (odd && next(seed) % 4 == 0)
        n = add_odd(b, labels, next(seed) % 4);
    else if (next(seed) % 3)
        n = add_text(b, labels, n, "thread", pp_arena_printf(arena, "t%u", next(seed) % 5));
    if (next(seed) % 3 == 0)
        n = add_text(b, labels, n, "request", pp_arena_printf(arena, "r%u", next(seed) % 900));
    uint32_t bytes = builder_string(b, PP_STR("bytes"));
    for (uint32_t i = 0; i < n_numbers; i++)
        labels[n + i] = (struct pp_label){
            .key = bytes, .text = bytes, .num = 1024 + (int64_t)(next(seed) % 4 * 3)};
    return builder_label_set(b, labels, n, n_numbers);
}

static struct pp_profile random_profile(struct pp_arena *arena, int64_t least, bool odd) {
    struct profile_builder b;
    struct pp_profile p;
    struct pp_error err;
    uint32_t frames[DEPTH], seed = 1;
    begin_profile(&b, FUNCTIONS, arena);
    for (uint32_t i = 0; i < LOCATIONS; i++) {
        struct pp_location l = {.mapping = PP_NONE};
        struct pp_line lines[2] = {{.function = i % FUNCTIONS}, {.function = i * 7 % FUNCTIONS}};
        builder_add_location(&b, &l, lines, i % 3 ? 1 : 2);
    }
    for (uint32_t i = 0; i < SAMPLES; i++) {
        uint32_t n = 1 + next(&seed) % DEPTH;
        for (uint32_t j = 0; j < n; j++)
            frames[j] = next(&seed) % LOCATIONS;
        int64_t value = (int64_t)(next(&seed) % 50) + least;
        uint32_t stack = builder_stack(&b, frames, n);
        builder_add_sample(&b, stack, random_labels(&b, &seed, odd, arena), &value, 1);
    }
    assert_true(builder_finish(&b, &p, &err));
    return p;
}

static bool is_shown(const struct graph_tag *t, int64_t min_weight) {
    return num_abs(t->flat) >= min_weight || num_abs(t->cum) >= min_weight;
}

/* What is heavy of the tags is what there is of the others, in any order. */
static void assert_same(struct graph_tag *heavy, uint32_t n_heavy, struct graph_tag *all,
                        uint32_t n_all, int64_t min_weight) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_all; i++)
        if (is_shown(&all[i], min_weight)) all[n++] = all[i];
    assert_int_equal(n_heavy, n);
    tags_sort(heavy, n, false);
    tags_sort(all, n, false);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(pp_str_eq(heavy[i].name, all[i].name));
        assert_true(heavy[i].flat == all[i].flat && heavy[i].cum == all[i].cum);
        assert_true(heavy[i].value == all[i].value);
    }
}

static void read_tags(struct graph *g, int64_t min_weight, struct node_tags *ret_tags,
                      struct pp_arena *arena) {
    struct tag_reader reader;
    struct tag_options opt = {PP_STR("bytes"), PP_STR("auto"), min_weight};
    tags_open(&reader, g, g->selected, g->n_selected, &opt);
    for (uint32_t i = 0; i < g->n_selected; i++)
        tags_read(&reader, i, &ret_tags[i], arena);
    tags_close(&reader);
}

static void check(int64_t least, bool odd) {
    struct pp_arena a = {0};
    struct pp_profile p = random_profile(&a, least, odd);
    struct graph g;
    struct node_tags all[FUNCTIONS], heavy[FUNCTIONS];
    uint32_t n_all = 0, n_heavy = 0;
    graph_init(&g, &p, &(struct graph_options){0}, &a);
    graph_sum(&g, NULL);
    for (int64_t min = 1; min < 100000; min *= 3) {
        read_tags(&g, 0, all, &a);
        read_tags(&g, min, heavy, &a);
        for (uint32_t i = 0; i < g.n_selected; i++) {
            n_all += all[i].n_texts;
            n_heavy += heavy[i].n_texts;
            assert_same(heavy[i].texts, heavy[i].n_texts, all[i].texts, all[i].n_texts, min);
            assert_same(heavy[i].numbers, heavy[i].n_numbers, all[i].numbers, all[i].n_numbers,
                        min);
        }
    }
    assert_true(n_heavy > 0 && n_heavy < n_all / 2);
    graph_done(&g);
    pp_arena_done(&a);
}

static void light_ones_are_left_out(void **state) {
    (void)state;
    check(0, false);
    check(-25, false);
}

static void labels_may_look_alike(void **state) {
    (void)state;
    check(0, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(light_ones_are_left_out),
        cmocka_unit_test(labels_may_look_alike),
    };
    RUN_AT_EACH_WIDTH(tests);
}
