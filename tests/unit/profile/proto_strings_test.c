#include "profile/decode/proto_strings.h"

#include "test.h"

#include <stdio.h>

/* Adds "", "0", "1" and so on; entry `twice` has the text of the one at `first`. */
static void each_entry_leads_to_its_text(uint32_t n, uint32_t first, uint32_t twice) {
    struct pp_arena arena = {0};
    struct interner in;
    interner_init(&in, &arena);
    struct proto_string_table table = {.interner = &in, .arena = &arena};
    char text[16] = "";
    for (uint32_t i = 0; i < n; i++) {
        if (i) snprintf(text, sizeof text, "%u", (i == twice ? first : i) - 1);
        if (i == twice && first == 0) text[0] = 0;
        proto_strings_add(&table, pp_str_from(text));
    }
    struct proto_strings strings = proto_strings_end(&table);
    assert_int_equal(strings.n, n);
    assert_int_equal(strings.at == NULL, twice >= n);
    assert_int_equal(in.n, n ? n - (twice < n) : 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t id, wanted = i == twice ? first : i;
        text[0] = 0;
        if (wanted) snprintf(text, sizeof text, "%u", wanted - 1);
        assert_true(proto_strings_find(strings, i, &id));
        assert_true(pp_str_eq(in.strings[id], pp_str_from(text)));
        if (i == twice) {
            uint32_t same;
            assert_true(proto_strings_find(strings, first, &same));
            assert_int_equal(id, same);
        }
    }
    uint32_t id;
    assert_false(proto_strings_find(strings, n, &id));
    assert_false(proto_strings_find(strings, (uint64_t)-1, &id));
    interner_done(&in);
    pp_arena_done(&arena);
}

static void positions_are_strings_where_all_differ(void **state) {
    (void)state;
    for (uint32_t n = 0; n < 100; n++)
        each_entry_leads_to_its_text(n, 0, n);
}

static void equal_entries_are_one_string(void **state) {
    (void)state;
    for (uint32_t n = 1; n < 60; n++)
        for (uint32_t twice = 1; twice < n; twice++)
            for (uint32_t first = 0; first < twice; first++)
                each_entry_leads_to_its_text(n, first, twice);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_are_strings_where_all_differ),
        cmocka_unit_test(equal_entries_are_one_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
