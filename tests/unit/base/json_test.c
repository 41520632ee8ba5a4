#include "base/json.h"

#include "test.h"

#include <float.h>
#include <math.h>

static void nests(void **state) {
    (void)state;
    struct out o;
    out_open_memory(&o);
    struct json j;
    json_begin(&j, &o);
    json_object(&j);
    json_key(&j, "list");
    json_array(&j);
    json_i64(&j, INT64_MIN);
    json_u64(&j, UINT64_MAX);
    json_hex(&j, 0);
    json_object(&j);
    json_object_end(&j);
    json_array(&j);
    json_array_end(&j);
    json_null(&j);
    json_bool(&j, true);
    json_array_end(&j);
    json_line(&j);
    json_key_str(&j, PP_STR("k\"y"));
    json_str(&j, PP_STR("v"));
    json_object_end(&j);
    assert_str(out_text(&o), "{\"list\":[-9223372036854775808,18446744073709551615,\"0x0\",{},[],"
                             "null,true],\n\"k\\\"y\":\"v\"}");
    out_close(&o, NULL);
}

static void check_literal(struct pp_str s, const char *want) {
    struct out o;
    out_open_memory(&o);
    json_literal(&o, s);
    assert_str_bytes(out_text(&o), want, strlen(want));
    out_close(&o, NULL);
}

static void escapes(void **state) {
    (void)state;
    check_literal(PP_STR(""), "\"\"");
    check_literal(PP_STR("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    check_literal(PP_STR("\0\x01\n\r\t\x1f\x7f"), "\"\\u0000\\u0001\\n\\r\\t\\u001f\\u007f\"");
    check_literal(PP_STR("caf\xc3\xa9 \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
    check_literal(PP_STR("x\xffy\xe2\x82"), "\"x\xef\xbf\xbdy\xef\xbf\xbd\xef\xbf\xbd\"");
    check_literal(PP_STR("\xef\xbf\xbd"), "\"\xef\xbf\xbd\""); /* a valid U+FFFD stays */
}

static void check_double(double v, const char *want) {
    struct out o;
    out_open_memory(&o);
    struct json j;
    json_begin(&j, &o);
    json_double(&j, v);
    assert_str_bytes(out_text(&o), want, strlen(want));
    out_close(&o, NULL);
}

static void writes_short_doubles(void **state) {
    (void)state;
    check_double(0.1, "0.1");
    check_double(100, "100");
    check_double(1.0 / 3, "0.3333333333333333");
    check_double(DBL_MAX, "1.7976931348623157e+308");
    check_double(NAN, "null");
    check_double(INFINITY, "null");
}

/* A byte is looked at wherever it stands among others that need no change. */
static void escapes_at_every_place(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 20; at++) {
            char text[20];
            struct out alone, among;
            memset(text, 'a', sizeof text);
            text[at] = (char)c;
            out_open_memory(&alone);
            out_open_memory(&among);
            json_literal(&alone, (struct pp_str){text + at, 1});
            json_literal(&among, (struct pp_str){text, sizeof text});
            struct pp_str one = out_text(&alone), all = out_text(&among);
            assert_int_equal(all.len, one.len + sizeof text - 1);
            assert_memory_equal(all.data + 1 + at, one.data + 1, one.len - 2);
            out_close(&alone, NULL);
            out_close(&among, NULL);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nests),
        cmocka_unit_test(escapes),
        cmocka_unit_test(escapes_at_every_place),
        cmocka_unit_test(writes_short_doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
