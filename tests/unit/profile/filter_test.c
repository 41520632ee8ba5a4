#include "profile/view/view.h"

#include "tiny_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char samples[] = "leaf;mid;main 1\n"
                              "other;main 2\n"
                              "in+out;mid;main 4\n"
                              "[libc.so];main 8\n"
                              "- 16\n";

static struct regex *rx(const char *text) {
    return text ? regex_compile(pp_str_from(text), NULL) : NULL;
}

/* Filters `samples`; the matches come as four letters, a dash where there is none. */
static void check(const char *focus, const char *ignore, const char *hide, const char *show,
                  const char *want, const char *want_matches) {
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, samples), view;
    struct regex *f = rx(focus), *i = rx(ignore), *h = rx(hide), *s = rx(show);
    struct name_matches m;
    view_filter_names(&p, &(struct name_filter){f, i, h, s}, &view, &m, &a);
    char matches[] = {m.focus ? 'f' : '-', m.ignore ? 'i' : '-', m.hide ? 'h' : '-',
                      m.show ? 's' : '-', 0};
    assert_string_equal(tiny_text(&view, &a), want);
    assert_string_equal(matches, want_matches);
    assert_string_equal(tiny_text(&p, &a), samples);
    regex_free(f);
    regex_free(i);
    regex_free(h);
    regex_free(s);
    pp_arena_done(&a);
}

static void focus_and_ignore(void **state) {
    (void)state;
    check(NULL, NULL, NULL, NULL, samples, "f---");
    check("mid", NULL, NULL, NULL, "leaf;mid;main 1\nin+out;mid;main 4\n", "f---");
    check("mid", "leaf", NULL, NULL, "in+out;mid;main 4\n", "fi--");
    check("libc", NULL, NULL, NULL, "[libc.so];main 8\n", "f---");
    check("nothing", NULL, NULL, NULL, "", "----");
    check(NULL, "nothing", NULL, NULL,
          "leaf;mid;main 1\nother;main 2\nin+out;mid;main 4\n[libc.so];main 8\n", "f---");
}

static void hide_and_show(void **state) {
    (void)state;
    check(NULL, NULL, "mid|in$", NULL, "leaf 1\nother 2\nout 4\n[libc.so] 8\n", "f-h-");
    check(NULL, NULL, "libc|main", NULL, "leaf;mid 1\nother 2\nin+out;mid 4\n", "f-h-");
    check(NULL, NULL, NULL, "mid|out|libc", "mid 1\nout;mid 4\n", "f--s");
    check("leaf", NULL, "leaf", "leaf|mid", "mid 1\n", "f-hs");
    check(NULL, NULL, NULL, "nothing", "", "f---");
}

static void show_from(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p =
        tiny_profile(&a, "a;b;a;main 1\nin+mid+out;main 2\n[lib]x+y;main 4\nc 8\n");
    struct pp_profile view;
    struct regex *r = rx("^a|mid|lib");
    assert_true(view_show_from(&p, r, &view, &a));
    assert_string_equal(tiny_text(&view, &a), "a;b;a 1\nin+mid 2\n[lib]x+y 4\n");
    regex_free(r);
    r = rx("nothing");
    assert_false(view_show_from(&p, r, &view, &a));
    assert_string_equal(tiny_text(&view, &a), "");
    regex_free(r);
    pp_arena_done(&a);
}

/* So many frames that several threads judge the stacks. */
static void judges_many(void **state) {
    (void)state;
    enum { STACKS = 3000, DEPTH = 120, KINDS = 7 };
    struct pp_arena a = {0};
    struct pp_str all = {0}, focused = {0};
    char frames[2 * DEPTH + 1] = "";
    for (int i = 0; i < DEPTH; i++)
        memcpy(frames + 2 * i, "f;", 3);
    for (int i = 0; i < STACKS; i++) {
        struct pp_str line =
            pp_arena_printf(&a, "kind%d;%sa%d;b%d 1", i % KINDS, frames, i / 60, i % 60);
        all = all.len ? pp_arena_join(&a, all, '\n', line) : line;
        if (i % KINDS != 3) continue;
        focused = focused.len ? pp_arena_join(&a, focused, '\n', line) : line;
    }
    struct pp_profile p = tiny_profile(&a, pp_arena_join(&a, all, '\n', PP_STR("")).data), view;
    struct regex *focus = rx("kind3"), *ignore = rx("kind[^3]");
    for (int by_ignore = 0; by_ignore < 2; by_ignore++) {
        struct name_matches m;
        struct name_filter filter = {by_ignore ? NULL : focus, by_ignore ? ignore : NULL, 0, 0};
        view_filter_names(&p, &filter, &view, &m, &a);
        assert_string_equal(tiny_text(&view, &a),
                            pp_arena_join(&a, focused, '\n', PP_STR("")).data);
    }
    regex_free(focus);
    regex_free(ignore);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(focus_and_ignore),
        cmocka_unit_test(hide_and_show),
        cmocka_unit_test(show_from),
        cmocka_unit_test(judges_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
