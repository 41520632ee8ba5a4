/* Tables of abbreviations, made of bytes: what is found, how long values are, and what is broken.
 */
#include "symbol/dwarf_abbrevs.h"
#include "test.h"

#include <dwarf.h>

static const struct dwarf_sizes sizes = {5, 8, 4};

static struct dwarf_cursor cursor(const void *bytes, size_t n) {
    return dwarf_cursor((struct pp_str){bytes, n}, 0, false);
}

static bool open_table(struct dwarf_abbrevs *t, const void *bytes, size_t n) {
    uint64_t read;
    *t = (struct dwarf_abbrevs){0};
    return dwarf_abbrevs_open(t, cursor(bytes, n), 0, sizes, &read);
}

static const unsigned char table[] = {2,
                                      DW_TAG_subprogram,
                                      1,
                                      DW_AT_sibling,
                                      DW_FORM_ref4,
                                      DW_AT_name,
                                      DW_FORM_strp,
                                      0,
                                      0, /* */
                                      1,
                                      DW_TAG_compile_unit,
                                      1,
                                      DW_AT_name,
                                      DW_FORM_string,
                                      DW_AT_sibling,
                                      DW_FORM_ref4,
                                      0,
                                      0, /* */
                                      0x80,
                                      1,
                                      DW_TAG_variable,
                                      0,
                                      DW_AT_type,
                                      DW_FORM_implicit_const,
                                      0x7f,
                                      DW_AT_low_pc,
                                      DW_FORM_addr,
                                      0,
                                      0,
                                      0};

static void codes_in_any_order(void **state) {
    struct dwarf_abbrevs t;
    (void)state;
    assert_true(open_table(&t, table, sizeof table));
    assert_int_equal(t.n, 3);
    const struct dwarf_abbrev *unit = dwarf_abbrevs_find(&t, 1), *f = dwarf_abbrevs_find(&t, 2);
    const struct dwarf_abbrev *v = dwarf_abbrevs_find(&t, 128);
    assert_true(unit && f && v);
    assert_int_equal(unit->tag, DW_TAG_compile_unit);
    assert_int_equal(unit->size, DWARF_VARIES);
    assert_int_equal(unit->sibling, DWARF_VARIES);
    assert_int_equal(f->size, 8);
    assert_int_equal(f->sibling, 0);
    assert_false(v->has_children);
    assert_int_equal(v->size, 8);
    assert_int_equal(v->sibling, DWARF_UNKNOWN);
    assert_int_equal(*t.specs[v->first_spec].constant, 0x7f);
    assert_null(dwarf_abbrevs_find(&t, 3));
    assert_null(dwarf_abbrevs_find(&t, 0));
    assert_null(dwarf_abbrevs_find(&t, UINT64_MAX));
    dwarf_abbrevs_close(&t);
}

/* Wherever it is cut before its end. */
static void a_cut_table_is_none(void **state) {
    struct dwarf_abbrevs t;
    (void)state;
    for (size_t n = 0; n < sizeof table; n++) {
        assert_false(open_table(&t, table, n));
        assert_null(dwarf_abbrevs_find(&t, 1));
        dwarf_abbrevs_close(&t);
    }
}

static void a_table_is_read_once(void **state) {
    struct dwarf_abbrevs t = {0};
    uint64_t read;
    (void)state;
    assert_true(dwarf_abbrevs_open(&t, cursor(table, sizeof table), 7, sizes, &read));
    assert_int_equal(read, sizeof table);
    assert_true(dwarf_abbrevs_open(&t, cursor(table, sizeof table), 7, sizes, &read));
    assert_int_equal(read, 0);
    const struct dwarf_sizes small = {5, 4, 4};
    assert_true(dwarf_abbrevs_open(&t, cursor(table, sizeof table), 7, small, &read));
    assert_int_equal(read, sizeof table);
    assert_int_equal(dwarf_abbrevs_find(&t, 128)->size, 4);
    dwarf_abbrevs_close(&t);
}

static void a_form_that_is_not_known(void **state) {
    static const unsigned char bytes[] = {1, DW_TAG_variable, 0, DW_AT_name, 0x7e, 0, 0, 0};
    struct dwarf_abbrevs t;
    (void)state;
    assert_true(open_table(&t, bytes, sizeof bytes));
    assert_false(dwarf_abbrevs_find(&t, 1)->is_known);
    dwarf_abbrevs_close(&t);
}

/* How many bytes a value of the form takes, of those that are there; -1: it is none. */
static int length(uint32_t form, const char *bytes, size_t n) {
    struct dwarf_cursor c = cursor(bytes, n);
    if (!dwarf_skip_varying(&c, form, sizes)) return -1;
    return (int)(n - dwarf_left(&c));
}

static void values(void **state) {
    (void)state;
    assert_int_equal(length(DW_FORM_string, "ab\0cd", 5), 3);
    assert_int_equal(length(DW_FORM_string, "ab", 2), -1);
    assert_int_equal(length(DW_FORM_block1, "\2xyz", 4), 3);
    assert_int_equal(length(DW_FORM_block1, "\4xyz", 4), -1);
    assert_int_equal(length(DW_FORM_block2, "\2\0xyz", 5), 4);
    assert_int_equal(length(DW_FORM_block4, "\2\0\0\0xyz", 7), 6);
    assert_int_equal(length(DW_FORM_block4, "\377\377\377\377xyz", 7), -1);
    assert_int_equal(length(DW_FORM_exprloc, "\1xyz", 4), 2);
    assert_int_equal(length(DW_FORM_udata, "\x80\x80\1z", 4), 3);
    assert_int_equal(length(DW_FORM_udata, "\x80\x80", 2), -1);
    assert_int_equal(length(DW_FORM_indirect, "\x0bzz", 3), 2); /* DW_FORM_data1 */
    assert_int_equal(length(DW_FORM_indirect, "\x0fz", 2), 2);  /* DW_FORM_udata */
    assert_int_equal(length(DW_FORM_indirect, "\x16\x0bz", 3), -1);
    assert_int_equal(length(DW_FORM_indirect, "\x21zz", 3), -1); /* DW_FORM_implicit_const */
    assert_int_equal(length(DW_FORM_indirect, "\x7ezz", 3), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_in_any_order),
        cmocka_unit_test(a_cut_table_is_none),
        cmocka_unit_test(a_table_is_read_once),
        cmocka_unit_test(a_form_that_is_not_known),
        cmocka_unit_test(values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
