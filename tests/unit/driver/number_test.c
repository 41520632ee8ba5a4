/* Numbers as a command line has them. */
#include "driver/number.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same bits as strtod's. */
static void is_real(const char *text) {
    double v, want = strtod(text, NULL);
    if (!number_real(text, &v) || memcmp(&v, &want, sizeof v)) fail_msg("\"%s\"", text);
}

static void reals_are_as_strtod_has_them(void **state) {
    (void)state;
    static const char *const texts[] = {"0",
                                        "1",
                                        "0.005",
                                        "0.001",
                                        "00.10",
                                        "5.",
                                        ".25",
                                        "0.1",
                                        "123.4",
                                        "999999999999999",
                                        "0.0000000000001",
                                        "0.30000000000000004",
                                        "1e3",
                                        "-1",
                                        "0x10",
                                        "9007199254740993",
                                        "1e-400",
                                        "inf"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        is_real(texts[i]);
    for (int i = 0; i < 100000; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d.%05d", i * 7919 % 1000, i);
        is_real(text);
    }
}

static void what_is_no_real(void **state) {
    (void)state;
    static const char *const texts[] = {"", ".", " 1", "1 ", "1.2.3", "1,5", "one", "1e400"};
    double v;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (number_real(texts[i], &v)) fail_msg("\"%s\"", texts[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reals_are_as_strtod_has_them),
        cmocka_unit_test(what_is_no_real),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
