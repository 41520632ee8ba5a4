#include "report/flame_tree.h"

#include "graph/sum_store.h"
#include "profile/edit.h"
#include "profile/view/view.h"
#include "tiny_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* "name self/total" a node with two blanks a level; of a base another pair. */
static const char *tree_text(struct flame_tree *t, struct pp_arena *a) {
    struct out o;
    struct flame_walk w = {0};
    out_open_memory(&o);
    while (flame_next(t, &w)) {
        out_spaces(&o, (size_t)w.level * 2);
        out_str(&o, flame_name(t, w.node));
        out_printf(&o, " %d/%d", (int)t->value[w.node].self, (int)t->value[w.node].total);
        if (t->base)
            out_printf(&o, " %d/%d", (int)t->base[w.node].self, (int)t->base[w.node].total);
        out_char(&o, '\n');
    }
    struct pp_str text = pp_arena_copy(a, out_text(&o));
    out_close(&o, NULL);
    return text.data;
}

static void check_cut(const char *samples, struct flame_cut cut, const char *want,
                      uint32_t want_dropped) {
    cut.counts = true;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, samples);
    struct view_blanks blanks = tiny_blanks("functions", true, false);
    view_aggregate(&p, &blanks, &p, &a);
    struct report_ctx rc = {.profile = &p, .arena = &a};
    struct flame_tree t;
    assert_true(flame_open(&t, &rc, cut, NULL));
    assert_string_equal(tree_text(&t, &a), want);
    assert_int_equal(t.n_dropped, want_dropped);
    flame_close(&t);
    pp_arena_done(&a);
}

static void check(const char *samples, double fraction, const char *want, uint32_t want_dropped) {
    check_cut(samples, (struct flame_cut){.fraction = fraction}, want, want_dropped);
}

static const char samples[] = "c;b;a 1\nb;a 2\nd;a 40\nc;b;a 8 k=v\nz 16\n- 5\n";

static void heaviest_first(void **state) {
    (void)state;
    check(samples, 0, "a 0/51\n  d 40/40\n  b 2/11\n    c 9/9\nz 16/16\n", 0);
    check(samples, 0.2, "a 0/51\n  d 40/40\nz 16/16\n", 2);
    check("", 0, "", 0);
    check("b 1\na 1\n", 0, "a 1/1\nb 1/1\n", 0);
}

static void the_heaviest_of_many(void **state) {
    (void)state;
    check_cut(samples, (struct flame_cut){.most = 3}, "a 0/51\n  d 40/40\nz 16/16\n", 2);
    check_cut(samples, (struct flame_cut){.most = 5},
              "a 0/51\n  d 40/40\n  b 2/11\n    c 9/9\nz 16/16\n", 0);
    check_cut("b 1\na 2\n", (struct flame_cut){.most = 1}, "a 2/2\n", 1);
    check_cut("c;b;a 1\ny 1\nz 1\n", (struct flame_cut){.most = 2}, "a 0/1\ny 1/1\n", 3);
}

static void turned_round(void **state) {
    (void)state;
    check_cut(samples, (struct flame_cut){.from_leaf = true},
              "d 0/40\n  a 40/40\nz 16/16\nc 0/9\n  b 0/9\n    a 9/9\nb 0/2\n  a 2/2\n", 0);
    check_cut(samples, (struct flame_cut){.from_leaf = true, .most = 3},
              "d 0/40\n  a 40/40\nz 16/16\n", 5);
    check_cut(samples, (struct flame_cut){.from_leaf = true, .under = {0, 2}},
              "c 0/9\n  b 0/9\n    a 9/9\n", 5);
    check_cut("x+y;r 3\ny;r 1\n", (struct flame_cut){.from_leaf = true},
              "x 0/3\n  y 0/3\n    r 3/3\ny 0/1\n  r 1/1\n", 0);
}

static void what_is_under_a_node(void **state) {
    (void)state;
    check_cut(samples, (struct flame_cut){.under = {1, 2}}, "a 0/51\n  b 2/11\n    c 9/9\n", 2);
    check_cut(samples, (struct flame_cut){.under = {0, 2}, .fraction = 0.95}, "a 0/51\n  b 2/11\n",
              3);
    check_cut(samples, (struct flame_cut){.under = {77, 1}, .fraction = 0.2},
              "a 0/51\n  d 40/40\nz 16/16\n", 2);
    check_cut(samples, (struct flame_cut){.under = {4, 2}, .fraction = 0.2},
              "a 0/51\n  d 40/40\nz 16/16\n", 2);
    check_cut(samples, (struct flame_cut){.under = {2, 2}, .most = 1}, "a 0/51\n", 4);
}

/* Many stacks, few nodes. */
static struct pp_profile many_stacks(struct pp_arena *a) {
    struct out o;
    out_open_memory(&o);
    uint32_t seed = 1;
    for (int i = 0; i < 3000; i++) {
        for (int depth = 1 + (int)(seed >> 8) % 9; depth; depth--) {
            seed = seed * 1103515245 + 12345;
            out_printf(&o, "f%u%s", (seed >> 16) % 23, depth > 1 ? ";" : "");
        }
        out_printf(&o, " %u\n", 1 + (seed >> 20) % 7);
    }
    struct pp_profile p = tiny_profile(a, pp_arena_copy(a, out_text(&o)).data);
    out_close(&o, NULL);
    return p;
}

/* Against the sum of what is there, whatever is cut. */
static void check_many(unsigned threads) {
    struct pp_arena a = {0};
    struct pp_profile p = many_stacks(&a);
    struct report_ctx rc = {.profile = &p, .arena = &a, .graph = {.threads = threads}};
    struct flame_tree all, few;
    assert_true(flame_open(&all, &rc, (struct flame_cut){0}, NULL));
    assert_true(flame_open(&few, &rc, (struct flame_cut){.most = 200, .counts = true}, NULL));
    assert_int_equal(few.n, 200);
    assert_int_equal(few.n + few.n_dropped, all.n);
    assert_false(all.is_cut);
    uint32_t heavier = 0;
    for (uint32_t i = 0; i < all.n; i++)
        heavier += (uint64_t)all.value[i].total > flame_lightest(&few);
    assert_true(heavier < 200);
    struct flame_walk w = {0}, v = {0}; /* the same walk, but for what is missing */
    while (flame_next(&few, &w)) {
        bool found = false;
        while (!found && flame_next(&all, &v))
            found = v.level == w.level && few.value[w.node].total == all.value[v.node].total &&
                    few.value[w.node].self == all.value[v.node].self &&
                    pp_str_eq(flame_name(&few, w.node), flame_name(&all, v.node));
        assert_true(found);
    }
    flame_walk_done(&v);
    flame_close(&few);
    flame_close(&all);
    pp_arena_done(&a);
}

static void of_many_the_heaviest(void **state) {
    (void)state;
    for (unsigned threads = 0; threads < 4; threads++)
        check_many(threads);
}

/* What sank below zero is no part of what did not, and the other way round. */
static void of_many_those_with_a_sign(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = many_stacks(&a);
    for (uint32_t i = 0; i < p.n_samples; i += 3)
        p.values[i] *= -5;
    struct report_ctx rc = {.profile = &p, .arena = &a};
    int64_t sums[2], total = 0;
    for (int i = 0; i < 2; i++) {
        struct flame_tree t;
        struct flame_walk w = {0};
        int64_t selves = 0;
        assert_true(flame_open(&t, &rc, (struct flame_cut){.sign = i ? -1 : 1}, NULL));
        while (flame_next(&t, &w)) {
            assert_true(t.value[w.node].total >= 0 && t.value[w.node].self >= 0);
            selves += t.value[w.node].self;
        }
        flame_walk_done(&w);
        assert_int_equal(selves, t.sum.total);
        sums[i] = selves;
        flame_close(&t);
    }
    for (uint32_t i = 0; i < p.n_samples; i++)
        total += p.values[i];
    assert_true(sums[0] > 0 && sums[1] > 0 && sums[0] - sums[1] == total);
    pp_arena_done(&a);
}

/* What is left out of the loaded samples is counted once for each tree: where a value changes
 * meanwhile, which none ever does, it is not seen. */
static void keeps_what_it_counted(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = many_stacks(&a);
    struct sum_store *store = sum_store_open(&p);
    struct report_ctx rc = {.profile = &p, .arena = &a, .graph = {.sums = store}};
    struct flame_cut few = {.most = 3, .counts = true}, from_leaf = few, more = few;
    from_leaf.from_leaf = true;
    more.most = 5;
    struct flame_tree first, again, other;
    assert_true(flame_open(&first, &rc, few, NULL));
    assert_false(first.below_zero);
    for (uint32_t i = 0; i < p.n_samples; i++)
        if (p.values[i] == 1) p.values[i] = -1;
    assert_true(flame_open(&again, &rc, more, NULL));
    assert_false(again.below_zero);
    assert_int_equal(again.n_dropped + again.n, first.n_dropped + first.n);
    assert_true(flame_open(&other, &rc, from_leaf, NULL));
    assert_true(other.below_zero);
    flame_close(&first);
    flame_close(&again);
    flame_close(&other);
    sum_store_close(store);
    pp_arena_done(&a);
}

/* Nor does it matter which of the nodes were shown that are below zero. */
static void keeps_what_is_below_zero(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, "a;b 70\nc 60\nd -50\ne 1\n");
    struct sum_store *store = sum_store_open(&p);
    struct report_ctx rc = {.profile = &p, .arena = &a, .graph = {.sums = store}};
    for (uint32_t most = 4; most > 0; most -= 2) {
        struct flame_tree t;
        assert_true(flame_open(&t, &rc, (struct flame_cut){.most = most, .counts = true}, NULL));
        assert_int_equal(t.n, most);
        assert_int_equal(t.n_dropped, 5 - most);
        assert_true(t.below_zero);
        flame_close(&t);
    }
    sum_store_close(store);
    pp_arena_done(&a);
}

/* Nodes of a tree that was shown are taken from there, if it is the same one. */
static void keeps_what_it_showed(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = many_stacks(&a);
    struct sum_store *store = sum_store_open(&p);
    struct report_ctx rc = {.profile = &p, .arena = &a, .graph = {.sums = store}};
    const struct flame_cut cut = {.most = 20, .counts = true};
    struct flame_tree first, again, other;
    assert_true(flame_open(&first, &rc, cut, NULL));
    for (uint32_t i = 0; i < p.n_samples; i++)
        p.values[i] *= 2;
    assert_true(flame_open(&again, &rc, cut, NULL));
    assert_string_equal(tree_text(&again, &a), tree_text(&first, &a));
    assert_int_equal(again.n_dropped, first.n_dropped);
    assert_true(again.whole == first.whole && again.is_cut == first.is_cut);
    assert_true(flame_open(&other, &rc, (struct flame_cut){.most = 21, .counts = true}, NULL));
    assert_int_equal(other.n, 21);
    assert_true(other.sum.total == 2 * first.sum.total);
    flame_close(&first);
    flame_close(&again);
    flame_close(&other);
    sum_store_close(store);
    pp_arena_done(&a);
}

static void inlined_and_recursive(void **state) {
    (void)state;
    check("in+out;main 1\nout;main 2\nin;out;main 4\n", 0, "main 0/7\n  out 2/7\n    in 5/5\n", 0);
    check("f;f;f 1\nf 2\n", 0, "f 2/3\n  f 0/1\n    f 1/1\n", 0);
}

static void both_sides(void **state) {
    (void)state;
    check("b;a 3\nb;a -5 pprof::base=true\nc;a -1 pprof::base=true\n", 0,
          "a 0/3 0/6\n  b 3/3 5/5\n  c 0/0 1/1\n", 0);
}

static void equal_stacks_are_one(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, "b;a 1\nc;b;a 2\nb2;a 4\nc;b2;a 8\n");
    struct report_ctx rc = {.profile = &p, .arena = &a};
    struct stack_list l;
    struct stack_walk w = {0};
    for (uint32_t i = 0; i < p.n_functions; i++) /* b2 becomes b */
        if (pp_string(&p, p.functions[i].name).data[0] == 'b')
            p.functions[i].name = profile_string(&p, PP_STR("b"), &a);
    struct view_blanks blanks = tiny_blanks("functions", true, false);
    view_aggregate(&p, &blanks, &p, &a);
    assert_true(stack_list_open(&l, &rc, NULL));
    assert_true(stack_next(&l, &w));
    assert_int_equal(w.len, 2);
    assert_int_equal(w.sum.value, 5);
    assert_true(stack_next(&l, &w));
    assert_int_equal(w.len, 3);
    assert_int_equal(w.shared, 2);
    assert_int_equal(w.sum.value, 10);
    assert_false(stack_next(&l, &w));
    stack_list_close(&l);
    pp_arena_done(&a);
}

static void no_means(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, samples);
    const struct report_format format = {.name = "flame"};
    struct report_ctx rc = {.profile = &p, .arena = &a, .mean = true, .format = &format};
    struct flame_tree t;
    struct pp_error err;
    assert_false(flame_open(&t, &rc, (struct flame_cut){0}, &err));
    assert_int_equal(err.code, PP_E_USAGE);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heaviest_of_many),      cmocka_unit_test(turned_round),
        cmocka_unit_test(what_is_under_a_node),      cmocka_unit_test(of_many_the_heaviest),
        cmocka_unit_test(of_many_those_with_a_sign), cmocka_unit_test(keeps_what_it_counted),
        cmocka_unit_test(keeps_what_is_below_zero),  cmocka_unit_test(heaviest_first),
        cmocka_unit_test(inlined_and_recursive),     cmocka_unit_test(both_sides),
        cmocka_unit_test(equal_stacks_are_one),      cmocka_unit_test(no_means),
        cmocka_unit_test(keeps_what_it_showed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
