/* What is written is what trying one digit more after the other finds. */
#include "base/shortest.h"
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void same(double v) {
    char text[SHORTEST_ROOM], want[SHORTEST_ROOM];
    int digits = 0;
    do
        snprintf(want, sizeof want, "%.*g", ++digits, v);
    while (strtod(want, NULL) != v);
    shortest_write(text, v);
    assert_string_equal(text, want);
}

static void edges(void **state) {
    (void)state;
    static const double some[] = {0,    0.1,  0.01,   0.001,   1e-4,    1e-5,   0.5,   0.25, 0.125,
                                  0.75, 1e15, 123.25, 1.0 / 3, 2.0 / 3, 5e-324, 1e308, 1e22, 0.3};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        same(some[i]);
        same(-some[i]);
        same(nextafter(some[i], 2));
        if (some[i] > 1e-300) same(nextafter(some[i], 0));
    }
}

static void shares(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        double v = (double)(seed >> 11) / 0x1p53;
        uint64_t tenths = 1;
        for (uint64_t n = seed % 17; n; n--)
            tenths *= 10;
        same(v);
        same(v * v * v);
        same(round(v * (double)tenths) / (double)tenths); /* few digits */
        same((double)(seed % 1000) / 1024);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(edges), cmocka_unit_test(shares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
