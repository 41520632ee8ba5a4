/* What gzip writes comes out again, whatever its length and however it was handed over. */
#include "base/gzip.h"
#include "base/input.h"
#include "test.h"

#include <stdlib.h>

static void check(size_t n, size_t piece, enum gzip_effort effort) {
    char *data = pp_malloc(n);
    uint32_t state = 7;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525 + 1013904223;
        data[i] = (char)(i % 5000 < 2500 ? state >> 24 : i >> 6); /* half of it can be packed */
    }
    struct out o;
    out_open_memory(&o);
    struct gzip *gz = gzip_open(&o, effort);
    assert_non_null(gz);
    for (size_t at = 0; at < n; at += piece)
        gzip_write(gz, (struct pp_str){data + at, n - at < piece ? n - at : piece});
    gzip_close(gz);
    struct input in;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, out_text(&o), NULL, &err));
    struct pp_str all = input_all(&in);
    assert_int_equal(all.len, n);
    if (n) assert_memory_equal(all.data, data, n);
    assert_true(input_finish(&in, &err));
    input_close(&in);
    out_close(&o, NULL);
    pp_free(data);
}

static void comes_out_again(void **state) {
    (void)state;
    const size_t mb = 1 << 20;
    const size_t sizes[] = {0, 1, 1000, mb - 1, mb, mb + 1, 2 * mb, 5 * mb + 7, 20 * mb};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check(sizes[i], 300001, GZIP_SMALL);
        check(sizes[i], sizes[i] + 1, GZIP_SOON);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_out_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
