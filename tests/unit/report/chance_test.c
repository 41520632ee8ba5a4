#include "report/chance.h"

#include "profile/view/view.h"
#include "tiny_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* The names of nodes whose change is no chance, each with a blank; "-": nothing can be said. */
static const char *sure_of(const char *samples, const struct report_ctx *how, struct pp_arena *a) {
    struct pp_profile p = tiny_profile(a, samples);
    p.period = 1; /* a value of 1 is a sample */
    p.period_type.unit = p.sample_types[0].unit;
    struct view_blanks blanks = tiny_blanks("functions", true, false);
    view_aggregate(&p, &blanks, &p, a);
    struct report_ctx rc = *how;
    rc.profile = &p;
    rc.arena = a;
    struct flame_tree t;
    struct out o;
    assert_true(flame_open(&t, &rc, (struct flame_cut){0}, NULL));
    const bool *sure = chance_ruled_out(&t, &rc);
    out_open_memory(&o);
    if (!sure) out_char(&o, '-');
    struct flame_walk w = {0};
    while (sure && flame_next(&t, &w)) {
        if (!sure[w.node]) continue;
        out_str(&o, flame_name(&t, w.node));
        out_char(&o, ' ');
    }
    const char *text = pp_arena_copy(a, out_text(&o)).data;
    out_close(&o, NULL);
    flame_close(&t);
    return text;
}

static void check_as(const char *samples, const struct report_ctx *how, const char *want) {
    struct pp_arena a = {0};
    assert_string_equal(sure_of(samples, how, &a), want);
    pp_arena_done(&a);
}

static void check(const char *samples, bool is_scaled, const char *want) {
    const struct report_ctx how = {.is_scaled = is_scaled, .means_of = {1, 1}};
    check_as(samples, &how, want);
}

#define BASE " pprof::base=true\n"

static void large_changes_are_sure(void **state) {
    (void)state;
    check("grew;main 300\nsame;main 203\nless;main 10\nfew;main 6\n"
          "grew;main -100" BASE "same;main -200" BASE "less;main -80" BASE "few;main -1" BASE,
          false, "main grew less ");
}

static void new_and_gone(void **state) {
    (void)state;
    check("new;main 90\ngone;main -90" BASE "seldom;main 4\n", false, "gone new ");
}

/* Counts add up towards the root: what no callee shows alone, their caller may. */
static void callees_together(void **state) {
    (void)state;
    check("a;f 30\nb;f 30\nc;f 30\na;f -15" BASE "b;f -15" BASE "c;f -15" BASE "z -300" BASE
          "z 300\n",
          false, "f ");
}

/* A side that is a sum of several runs is compared by its mean. */
static void runs_of_a_side(void **state) {
    (void)state;
    const char *samples = "same;main 100\ngrew;main 300\nsame;main -300" BASE "grew;main -300" BASE;
    const struct report_ctx three = {.means_of = {3, 1}}, many = {.means_of = {100, 1}};
    check_as(samples, &three, "main grew ");
    check(samples, false, "main same ");
    check_as(samples, &many, "-");
}

static void nothing_to_say(void **state) {
    (void)state;
    check("a 100\nb 200\n", false, "-");
    check("a 100\na -300" BASE, true, "-");
    check("a -100\na -300" BASE, false, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_changes_are_sure), cmocka_unit_test(new_and_gone),
        cmocka_unit_test(callees_together),       cmocka_unit_test(runs_of_a_side),
        cmocka_unit_test(nothing_to_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
