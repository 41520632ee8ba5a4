#include "profile/view/view.h"

#include "tiny_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* The first unit of a key, kilobytes, holds for all; an unknown one ("n") compares with any. */
static const char samples[] = "a 1 color=red size#64:kilobytes\n"
                              "b 2 color=blue kind=red size#2048:mb\n"
                              "c 4 n#7\n"
                              "d 8\n";

static void keep_line(void *user, const char *line) {
    snprintf(user, 200, "%s", line);
}

/* `want_range`: what is read as a range; "" for none. */
static void check_filter(const char *focus, const char *ignore, const char *want,
                         const char *want_range) {
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, samples), view;
    struct tag_filter f = {0}, i = {0};
    struct label_units units;
    struct tag_filter_matches m;
    view_label_units(&p, &units, &a, NULL);
    if (focus) assert_true(tag_filter_compile("tagfocus", pp_str_from(focus), &f, &a, NULL));
    if (ignore) assert_true(tag_filter_compile("tagignore", pp_str_from(ignore), &i, &a, NULL));
    const struct tag_filters filters = {focus ? &f : NULL, ignore ? &i : NULL, &units};
    view_filter_tags(&p, &filters, &view, &m, &a);
    assert_string_equal(tiny_text(&view, &a), want);
    struct pp_str range = f.is_range ? f.value : i.is_range ? i.value : PP_STR("");
    assert_true(pp_str_eq(range, pp_str_from(want_range)));
    tag_filter_done(&f);
    tag_filter_done(&i);
    pp_arena_done(&a);
}

static void texts(void **state) {
    (void)state;
    check_filter("red", NULL,
                 "a 1 color=red size#64:kilobytes\nb 2 color=blue kind=red size#2048:mb\n", "");
    check_filter("color:red", NULL, "a 1 color=red size#64:kilobytes\n", "");
    check_filter("kind,blue", NULL, "b 2 color=blue kind=red size#2048:mb\n", "");
    check_filter("color=red,green", NULL, "a 1 color=red size#64:kilobytes\n", "");
    check_filter(NULL, "red", "c 4 n#7\nd 8\n", "");
    check_filter("color", "color=blue", "a 1 color=red size#64:kilobytes\n", "");
}

static void ranges(void **state) {
    (void)state;
    check_filter("64kb", NULL, "a 1 color=red size#64:kilobytes\n", "64kb");
    check_filter("size=1mb:", NULL, "b 2 color=blue kind=red size#2048:mb\n", "1mb:");
    check_filter(NULL, ":64kb", "b 2 color=blue kind=red size#2048:mb\nd 8\n", ":64kb");
    check_filter("n=-7n:+7n", NULL, "c 4 n#7\n", "-7n:+7n");
    check_filter("5:6:7", NULL, "", "");
    check_filter("5:6kb", NULL, "", "");
}

static void numbers_past_64_bits(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_error err;
    struct tag_filter f;
    assert_true(tag_filter_compile("tagfocus", PP_STR("-9223372036854775808"), &f, &a, &err));
    assert_false(tag_filter_compile("tagfocus", PP_STR("x9223372036854775808"), &f, &a, &err));
    assert_string_equal(err.text, "tagfocus: the number 9223372036854775808 does not fit 64 bits");
    assert_false(tag_filter_compile("tagignore", PP_STR("k=a,("), &f, &a, &err));
    assert_memory_equal(err.text, "parsing tagignore regexp: ", 26);
    pp_arena_done(&a);
}

static void units(void **state) {
    (void)state;
    struct pp_arena a = {0};
    char note[200] = "";
    struct pp_diag diag = {keep_line, note};
    struct pp_profile p =
        tiny_profile(&a, "a 1 s#1\na 1 s#1:ms s#1:h\na 1 s#2:days\na 1 request#1 x#2\n");
    struct label_units u;
    view_label_units(&p, &u, &a, &diag);
    assert_string_equal(note, "For tag s used unit ms, also encountered unit(s) days, h");
    assert_int_equal(u.n, 3);
    const char *want[][2] = {{"s", "ms"}, {"request", "bytes"}, {"x", "x"}, {"h", ""}};
    for (int i = 0; i < 4; i++) {
        struct pp_str unit = label_units_find(&u, pp_str_from(want[i][0]));
        assert_true(pp_str_eq(unit, pp_str_from(want[i][1])));
    }
    pp_arena_done(&a);
}

static void chosen_by_key(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, samples), view;
    struct regex *show = regex_compile(PP_STR("o|i"), NULL),
                 *hide = regex_compile(PP_STR("z"), NULL);
    struct tag_name_matches m;
    view_filter_tag_names(&p, &(struct tag_name_filter){show, hide}, &view, &m, &a);
    assert_true(m.show && m.hide);
    assert_string_equal(tiny_text(&view, &a), "a 1 color=red\nb 2 color=blue kind=red\nc 4\nd 8\n");
    view_filter_tag_names(&p, &(struct tag_name_filter){0}, &view, &m, &a);
    assert_string_equal(tiny_text(&view, &a), samples);
    regex_free(show);
    regex_free(hide);
    pp_arena_done(&a);
}

static void set_and_removed(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, "a 1 b=1 d=2 b#3\nb 2\nc 4 c=old e=1\n"), view, back;
    view_set_label(&p, PP_STR("c"), PP_STR("new"), &view, &a);
    assert_string_equal(tiny_text(&view, &a), "a 1 b=1 c=new d=2 b#3\nb 2 c=new\nc 4 c=new e=1\n");
    assert_int_equal(view.label_sets[0].n_text, 0);
    view_remove_label(&view, PP_STR("c"), &back, &a);
    assert_string_equal(tiny_text(&back, &a), "a 1 b=1 d=2 b#3\nb 2\nc 4 e=1\n");
    view_remove_label(&p, PP_STR("b"), &back, &a);
    assert_string_equal(tiny_text(&back, &a), "a 1 d=2 b#3\nb 2\nc 4 c=old e=1\n");
    pp_arena_done(&a);
}

static void as_frames(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p =
        tiny_profile(&a, "f;main 1 k=x k=y n#2048:bytes\nf;main 2 k=x\nf;main 4\n");
    struct pp_profile view;
    struct tag_frames asked = {PP_STR("k,,n"), PP_STR("k"), PP_STR("minimum")};
    struct tag_frames_matches m;
    assert_true(view_add_tag_frames(&p, &asked, &view, &m, &a));
    assert_true(m.root && m.leaf);
    assert_string_equal(tiny_text(&view, &a), "x,y@k;f;main;2kB@n;x,y@k 1 k=x k=y n#2048:bytes\n"
                                              "x@k;f;main;@n;x@k 2 k=x\n"
                                              "@k;f;main;@n;@k 4\n");
    assert_int_equal(pp_id(view.location_ids, 2), 3);
    asked = (struct tag_frames){.leaf = PP_STR("none")};
    assert_true(view_add_tag_frames(&p, &asked, &view, &m, &a));
    assert_false(m.root || m.leaf);
    assert_int_equal(view.n_stacks, 1);
    pp_arena_done(&a);
}

/* A view takes no more than it has to. */
static void as_small_frames(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, "f;main 1 k=x\nmain 2 k=y\n"), view;
    struct tag_frames_matches m;
    assert_true(view_add_tag_frames(&p, &(struct tag_frames){.root = PP_STR("k")}, &view, &m, &a));
    assert_string_equal(tiny_text(&view, &a), "f;main;x@k 1 k=x\nmain;y@k 2 k=y\n");
    assert_ptr_equal(view.strings, p.strings);
    assert_non_null(view.frames.narrow);
    assert_int_equal(view.n_frames, 5);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),         cmocka_unit_test(ranges),
        cmocka_unit_test(units),         cmocka_unit_test(numbers_past_64_bits),
        cmocka_unit_test(chosen_by_key), cmocka_unit_test(set_and_removed),
        cmocka_unit_test(as_frames),     cmocka_unit_test(as_small_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
