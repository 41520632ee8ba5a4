/* The texts of units against printf, which rounds exactly. */
#include "profile/units.h"

#include "test.h"

#include <math.h>
#include <stdio.h>

/* Of any magnitude, mostly small ones. */
static int64_t next_value(uint64_t *state) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (int64_t)(*state >> 1 >> (*state >> 58 & 63));
}

static void expect_percentage(int64_t value, int64_t total) {
    double ratio = total ? fabs((double)value / (double)total) * 100 : 0;
    const char *format = ratio >= 1.0 ? "%5.2f%%" : "%5.2g%%";
    char want[400];
    if (ratio >= 99.95 && ratio <= 100.05)
        snprintf(want, sizeof want, "  100%%");
    else
        snprintf(want, sizeof want, format, ratio);
    struct units_text got;
    units_percentage(value, total, &got);
    assert_str_bytes(units_str(&got), want, strlen(want));
}

static void percentages_round_as_printf_does(void **state) {
    (void)state;
    static const int64_t edges[][2] = {
        {0, 7},      {1, 0},      {1, 8},      {1, 800},       {1, 1000},      {996, 100000},
        {999, 1000}, {125, 1000}, {375, 1000}, {9995, 100000}, {1, INT64_MAX}, {INT64_MIN, 1},
        {-3, 8},     {1, 1600},   {3, 1600},   {9995, 10000},  {99949, 100000}};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        expect_percentage(edges[i][0], edges[i][1]);
    uint64_t random = 1;
    for (int i = 0; i < 200000; i++) {
        int64_t value = next_value(&random);
        expect_percentage(value, next_value(&random));
    }
}

static void expect_label(int64_t value) {
    double scaled = (double)value / 1024;
    char want[400];
    int len = snprintf(want, sizeof want, "%.2f", scaled);
    if (!strcmp(want + len - 3, ".00")) len -= 3;
    if (!strncmp(want, "-0", (size_t)len) || !strncmp(want, "0", (size_t)len))
        strcpy(want, "0");
    else
        strcpy(want + len, "kB");
    struct units_text got;
    units_label(value, PP_STR("bytes"), PP_STR("kB"), &got);
    assert_str_bytes(units_str(&got), want, strlen(want));
}

static void labels_round_as_printf_does(void **state) {
    (void)state;
    static const int64_t edges[] = {0, 1, 5, -5, 1024, 128, 384, INT64_MAX, INT64_MIN, 1LL << 60};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        expect_label(edges[i]);
    uint64_t random = 2;
    for (int i = 0; i < 200000; i++) {
        int64_t value = next_value(&random);
        expect_label(i & 1 ? -value : value);
    }
}

static void units_are_read_in_any_case_and_number(void **state) {
    (void)state;
    struct pp_str unit;
    assert_true(units_compatible(PP_STR("NanoSeconds"), PP_STR("hrs")));
    assert_false(units_compatible(PP_STR(""), PP_STR("s")));
    assert_true(units_scale(1500, PP_STR("ms"), PP_STR("auto"), &unit) == 1.5);
    assert_str(unit, "s");
}

static void steps_are_those_that_texts_use(void **state) {
    (void)state;
    struct units_step steps[UNITS_STEPS];
    assert_int_equal(units_steps(PP_STR("microseconds"), PP_STR("minimum"), steps), 5);
    assert_str(steps[0].name, "ns");
    assert_true(steps[0].factor == 1e-3 && steps[1].factor == 1 && steps[3].factor == 1e6);
    assert_int_equal(units_steps(PP_STR("bytes"), PP_STR("MB"), steps), 1);
    assert_str(steps[0].name, "MB");
    assert_true(steps[0].factor == 0x1p20);
    assert_int_equal(units_steps(PP_STR("count"), PP_STR("minimum"), steps), 1);
    assert_str(steps[0].name, "");
    assert_true(steps[0].factor == 1);
    assert_int_equal(units_steps(PP_STR("gcu"), PP_STR("auto"), steps), UNITS_STEPS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentages_round_as_printf_does),
        cmocka_unit_test(labels_round_as_printf_does),
        cmocka_unit_test(units_are_read_in_any_case_and_number),
        cmocka_unit_test(steps_are_those_that_texts_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
