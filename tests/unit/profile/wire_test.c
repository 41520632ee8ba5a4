#include "profile/wire.h"

#include "test.h"

static struct wire over(struct pp_str s) {
    const uint8_t *at = (const uint8_t *)s.data;
    return (struct wire){at, at + s.len};
}

static void reads_varints(void **state) {
    (void)state;
    const struct {
        struct pp_str bytes;
        bool ok;
        uint64_t v;
    } table[] = {
        {PP_STR("\x00"), true, 0},
        {PP_STR("\x7f"), true, 127},
        {PP_STR("\x80\x01"), true, 128},
        {PP_STR("\x80\x00"), true, 0}, /* longer than needed */
        {PP_STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), true, UINT64_MAX},
        {PP_STR("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02"), true, 0}, /* the 65th bit is lost */
        {PP_STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), false, 0},
        {PP_STR("\xff"), false, 0},
        {PP_STR(""), false, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wire w = over(table[i].bytes);
        const uint8_t *start = w.at;
        uint64_t v = 77;
        assert_int_equal(wire_varint(&w, &v), table[i].ok);
        assert_true(v == (table[i].ok ? table[i].v : 77));
        assert_ptr_equal(w.at, table[i].ok ? w.end : start);
    }
}

static void reads_fields(void **state) {
    (void)state;
    struct wire w = over(PP_STR("\x08\x05\x12\x03"
                                "abc\x19"
                                "12345678\x25"
                                "1234"));
    struct wire_field f;
    assert_true(wire_field(&w, &f));
    assert_true(f.number == 1 && f.type == WIRE_VARINT && f.value == 5);
    assert_true(wire_field(&w, &f));
    assert_true(f.number == 2 && f.type == WIRE_BYTES);
    assert_memory_equal(f.bytes.at, "abc", 3);
    assert_int_equal(f.bytes.end - f.bytes.at, 3);
    assert_true(wire_field(&w, &f));
    assert_true(f.number == 3 && f.type == WIRE_FIXED64);
    assert_true(wire_field(&w, &f));
    assert_true(f.number == 4 && f.type == WIRE_FIXED32);
    assert_ptr_equal(w.at, w.end);
}

static void refuses_broken_fields(void **state) {
    (void)state;
    const struct pp_str table[] = {
        PP_STR("\x08"),
        PP_STR("\x12\x05"
               "abcd"),
        PP_STR("\x19"
               "1234567"),
        PP_STR("\x25"
               "123"),
        PP_STR("\x0b"),
        PP_STR("\x0c"),
        PP_STR("\x0e"),
        PP_STR("\x0f"),
        PP_STR("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wire w = over(table[i]);
        struct wire_field f;
        assert_false(wire_field(&w, &f));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_varints),
        cmocka_unit_test(reads_fields),
        cmocka_unit_test(refuses_broken_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
