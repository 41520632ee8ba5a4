#include "test.h"

#include "base/html.h"
#include "report/svg.h"

static void check_html(struct pp_str text, const char *want) {
    struct out o;
    out_open_memory(&o);
    html_put(&o, text);
    assert_str_bytes(out_text(&o), want, strlen(want));
    out_close(&o, NULL);
}

static void escapes_markup(void **state) {
    (void)state;
    check_html(PP_STR("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
    check_html(PP_STR("</script>"), "&lt;/script&gt;");
    check_html(PP_STR(""), "");
}

static void writes_out_what_is_not_shown(void **state) {
    (void)state;
    check_html(PP_STR("\x1b[2J\xff\0z"), "\\x1b[2J\\xff\\x00z");
    check_html(PP_STR("a\xe2\x80\xae<"), "a\\u202e&lt;");
    check_html(PP_STR("\xc3\xbc"), "\xc3\xbc");
}

static bool has(const struct out *o, const char *text) {
    return memmem(o->buffer, o->used, text, strlen(text)) != NULL;
}

static void makes_pictures_movable(void **state) {
    (void)state;
    struct out o;
    out_open_memory(&o);
    svg_put(&o, PP_STR("<?xml?>\n<svg width=\"8pt\" height=\"9pt\"\n viewBox=\"0 0 8 9\" x=\"y\">"
                       "<title>a&;b</title></svg>"));
    assert_true(has(&o,
                    "<?xml?>\n<svg width=\"100%\" height=\"100%\" viewBox=\"0 0 8 9\" x=\"y\">\n"
                    "<script"));
    assert_true(has(&o, "<title>a&amp;;b</title></svg>"));
    assert_false(has(&o, "8pt"));
    out_close(&o, NULL);
    out_open_memory(&o);
    svg_put(&o, PP_STR("no picture"));
    assert_str(out_text(&o), "no picture");
    out_close(&o, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_markup),
        cmocka_unit_test(writes_out_what_is_not_shown),
        cmocka_unit_test(makes_pictures_movable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
