#include "net/url.h"

#include "test.h"

/* What Go's url.Parse, adjustURL and symbolz of the reference answer. */
static const struct {
    const char *source;
    int seconds, timeout;
    const char *url; /* NULL: no URL */
    int timeout_ms;
    const char *symbols;
} cases[] = {
    {"http://h/p", -1, -1, "http://h/p", 60000, "http://h/symbolz"},
    {"h:80", -1, -1, "http://h:80/debug/pprof/profile", 60000, "http://h:80/debug/pprof/symbol"},
    {"h_1:80/a", -1, -1, "http://h_1:80/a", 60000, "http://h_1:80/symbolz"},
    {"127.0.0.1:8080/debug/pprof/profile", 30, -1,
     "http://127.0.0.1:8080/debug/pprof/profile?seconds=30", 45000,
     "http://127.0.0.1:8080/debug/pprof/symbol"},
    {"h:80/pprof/heap", 5, 7, "http://h:80/pprof/heap?seconds=5", 7000, "http://h:80/pprof/symbol"},
    {"http://h/x/pprof/growth", -1, -1, "http://h/x/pprof/growth", 60000,
     "http://h/x/pprof/symbol"},
    {"http://h/p?seconds=3", -1, -1, "http://h/p?seconds=3", 4500, "http://h/symbolz"},
    {"http://h/p?seconds=3&seconds=9", 8, -1, "http://h/p?seconds=8", 12000, "http://h/symbolz"},
    {"http://h/p?seconds=-3", -1, -1, "http://h/p?seconds=-3", 60000, "http://h/symbolz"},
    {"http://h/p?seconds=99999999999", -1, -1, "http://h/p?seconds=99999999999", 60000,
     "http://h/symbolz"},
    {"http://h/p?b=1&a=x+y&a=%2f&a;&c;d=1&&e", -1, -1, "http://h/p?a=x+y&a=%2F&b=1&e=", 60000,
     "http://h/symbolz"},
    {"http://h/p?x=%zz&y=1", -1, -1, "http://h/p?y=1", 60000, "http://h/symbolz"},
    {"http://h/p?", -1, -1, "http://h/p?", 60000, "http://h/symbolz?"},
    {"HTTP://h/a b%20c%2fd?q#f g", -1, -1, "http://h/a%20b%20c/d?q=#f%20g", 60000,
     "http://h/a%20b%20c/symbolz#f%20g"},
    {"http://h/a%2fb", -1, -1, "http://h/a%2fb", 60000, "http://h/a/symbolz"},
    {"http://u:p%40@h/p", -1, -1, "http://u:p%40@h/p", 60000, "http://u:p%40@h/symbolz"},
    {"http://@h/p", -1, -1, "http://@h/p", 60000, "http://@h/symbolz"},
    {"http://[::1]:80/p", -1, -1, "http://[::1]:80/p", 60000, "http://[::1]:80/symbolz"},
    {"http://[fe80::1%25eth0]/p", -1, -1, "http://[fe80::1%25eth0]/p", 60000,
     "http://[fe80::1%25eth0]/symbolz"},
    {"https+insecure://h/p", -1, -1, "https+insecure://h/p", 60000, "https+insecure://h/symbolz"},
    {"//h/p", -1, -1, "//h/p", 60000, "//h/symbolz"},
    {"file://h/p", -1, -1, "file://h/p", 60000, "file://h/symbolz"},
    {"prof.pb.gz", -1, -1, NULL, 0, NULL},
    {"dir/prof.pb.gz", -1, -1, NULL, 0, NULL},
    {"/dir/prof.pb.gz", -1, -1, NULL, 0, NULL},
    {"", -1, -1, NULL, 0, NULL},
    {"@list", -1, -1, NULL, 0, NULL},
    {"C:prof", -1, -1, NULL, 0, NULL},
    {"file:///dir/prof", -1, -1, NULL, 0, NULL},
    {"http://", -1, -1, "http://http://", 60000, "http://http:/symbolz"},
    {"http://h/", 10, -1, "http://h/debug/pprof/profile?seconds=10", 15000,
     "http://h/debug/pprof/symbol"},
    {"http:// h/", -1, -1, "http://http://%20h/", 60000, "http://http:/symbolz"},
    {"http://h\n/", -1, -1, NULL, 0, NULL},
    {"h:x/", -1, -1, NULL, 0, NULL},
    {"//[::1/", -1, -1, NULL, 0, NULL},
    {"[::1/", -1, -1, NULL, 0, NULL},
    {"h%41/", -1, -1, NULL, 0, NULL},
    {"http://h/%zz", -1, -1, NULL, 0, NULL},
    {"u[@h/", -1, -1, NULL, 0, NULL},
};

static void completes_as_the_reference(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_arena a = {0};
        struct url_fetch f;
        bool is_url =
            url_complete(pp_str_from(cases[i].source), cases[i].seconds, cases[i].timeout, &f, &a);
        if (is_url != (cases[i].url != NULL)) fail_msg("case %zu: %s", i, cases[i].source);
        if (is_url) {
            assert_string_equal(f.url.data, cases[i].url);
            assert_int_equal(f.timeout_ms, cases[i].timeout_ms);
            assert_string_equal(url_symbols(f.url, &a).data, cases[i].symbols);
        }
        pp_arena_done(&a);
    }
}

static void resolves_as_the_reference(void **state) {
    (void)state;
    static const char *const references[][3] = {
        {"http://h/a/b?q#f", "c", "http://h/a/c"},
        {"http://h/a/b?q", "", "http://h/a/b?q"},
        {"http://h/a/b?q", "?r", "http://h/a/b?r"},
        {"http://h/a/b?q", "?", "http://h/a/b?"},
        {"http://u:p@h:1/a/b", "../../../c/./d/..", "http://u:p@h:1/c/"},
        {"http://u:p@h:1/a/b", "//k/../x%2Fy", "http://k/x%2Fy"},
        {"http://h/a/../b/c", "../d", "http://h/d"},
        {"http://h", "x y", "http://h/x%20y"},
        {"http://h/a", "https://k", "https://k"},
        {"http://h/a", "//", "http://h/a"},
        {"http://h/a//b/", "..", "http://h/a//"},
        {"http://h/a", "..", "http://h/"},
    };
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        struct pp_arena a = {0};
        struct url base, to;
        assert_true(url_parse(pp_str_from(references[i][0]), &base, &a));
        assert_true(url_resolve(&base, pp_str_from(references[i][1]), &to, &a));
        assert_string_equal(url_text(&to, &a).data, references[i][2]);
        assert_false(url_resolve(&base, PP_STR("http://[::1"), &to, &a));
        pp_arena_done(&a);
    }
}

static void tells_absolute_ones(void **state) {
    (void)state;
    assert_true(url_is_absolute(PP_STR("http://h/p")));
    assert_true(url_is_absolute(PP_STR("C:\\bin\\x")));
    assert_false(url_is_absolute(PP_STR("/usr/bin/x")));
    assert_false(url_is_absolute(PP_STR("[vdso]")));
    assert_false(url_is_absolute(PP_STR(":x")));
    assert_false(url_is_absolute(PP_STR("")));
    assert_false(url_is_absolute((struct pp_str){0}));
}

static void hides_passwords(void **state) {
    (void)state;
    struct pp_arena a = {0};
    assert_str(url_text_to_show(PP_STR("http://u:secret@h/p?q"), &a), "http://u:xxxxx@h/p?q");
    assert_str(url_text_to_show(PP_STR("http://u@h/p"), &a), "http://u@h/p");
    assert_str(url_text_to_show(PP_STR("http://[bad"), &a), "http://[bad");
    pp_arena_done(&a);
}

static void keeps_bytes_that_are_nul(void **state) {
    (void)state;
    struct pp_arena a = {0};
    assert_str(url_symbols(PP_STR("http://h/a%00b/x"), &a), "http://h/a%00b/symbolz");
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completes_as_the_reference), cmocka_unit_test(resolves_as_the_reference),
        cmocka_unit_test(tells_absolute_ones),        cmocka_unit_test(hides_passwords),
        cmocka_unit_test(keeps_bytes_that_are_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
