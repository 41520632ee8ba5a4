/* Files of other kinds: the first bytes of each, as its own programs write them. */
#include "profile/decode/foreign.h"

#include "base/text.h"
#include "profile/decode/decode.h"
#include "test.h"

struct first_bytes {
    struct pp_str bytes;
    const char *name; /* NULL: none of the kinds */
};

#define BYTES(literal)                                                                             \
    { literal, sizeof(literal) - 1 }

static const struct first_bytes files[] = {
#define FILE_OF(name, literal) {BYTES(literal), name},
#include "foreign_files.def"
#undef FILE_OF
};

static struct pp_error decode_error(struct pp_str bytes) {
    struct pp_arena arena = {0};
    struct input in;
    struct pp_profile p;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, bytes, NULL, &err));
    if (profile_decode(&in, &p, &arena, &err)) fail_msg("%.9s was read", bytes.data);
    input_close(&in);
    pp_arena_done(&arena);
    return err;
}

static void each_kind_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct pp_error err = decode_error(files[i].bytes);
        assert_int_equal(err.code, PP_E_UNRECOGNIZED);
        const char *want = files[i].name ? files[i].name : "unrecognized";
        if (!strstr(err.text, want)) fail_msg("%s instead of %s", err.text, want);
        for (size_t k = 0; !files[i].name && k < foreign_table_len; k++)
            if (strstr(err.text, foreign_table[k].name)) fail_msg("row %zu: %s", i, err.text);
    }
}

/* No row of the table is without a file here, nor hidden behind another row. */
static void every_row_is_tested(void **state) {
    (void)state;
    for (size_t k = 0; k < foreign_table_len; k++) {
        bool found = false;
        for (size_t i = 0; i < sizeof files / sizeof *files && !found; i++) {
            struct input in;
            assert_true(input_open_memory(&in, files[i].bytes, NULL, NULL));
            /* what is compressed is shown with the inner bytes */
            found = foreign_find(foreign_head(&in)) == &foreign_table[k];
            input_close(&in);
        }
        if (!found) fail_msg("no file is %s (row %zu)", foreign_table[k].name, k);
    }
}

/* docs/formats.md says of each kind what turns it into something readable. */
static void every_row_is_documented(void **state) {
    (void)state;
    struct input in;
    assert_true(input_open_file(&in, FIXTURES "/../../docs/formats.md", NULL, NULL));
    struct pp_str text = input_all(&in);
    for (size_t k = 0; k < foreign_table_len; k++)
        if (!text_contains(text, pp_str_from(foreign_table[k].name)))
            fail_msg("docs/formats.md lacks %s", foreign_table[k].name);
    input_close(&in);
}

static void a_byte_order_mark_is_skipped(void **state) {
    static const char *const texts[] = {
        "\xef\xbb\xbf"
        "a;b 1\n",
        "\xef\xbb\xbf"
        "goroutine profile: total 1\n1 @ 0x1 0x2\n",
        "\xef\xbb\xbf"
        "{\"sampleType\": [{\"type\": \"1\", \"unit\": \"1\"}], \"stringTable\": [\"\", \"x\"]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pp_arena arena = {0};
        struct input in;
        struct pp_profile p;
        struct pp_error err = {0};
        assert_true(input_open_memory(&in, pp_str_from(texts[i]), NULL, &err));
        if (!profile_decode(&in, &p, &arena, &err)) fail_msg("%s: %s", texts[i] + 3, err.text);
        input_close(&in);
        pp_arena_done(&arena);
    }
    assert_non_null(strstr(decode_error(pp_str_from("\xef\xbb\xbf")).text, "unrecognized"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_named),
        cmocka_unit_test(every_row_is_tested),
        cmocka_unit_test(every_row_is_documented),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
