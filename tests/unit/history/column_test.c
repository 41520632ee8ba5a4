/* A function's cells come back from their bytes, sparse and dense, the extremes too; other bytes
 * are refused, or are cells. */
#include "history/column.h"
#include "test.h"

#include <stdlib.h>

enum { RUNS = 512 };

static uint64_t seed = 1;

static uint64_t draw(void) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return seed >> 20;
}

static size_t back(const struct column_cell *cells, uint32_t n, uint32_t n_runs) {
    static struct column_cell got[RUNS];
    struct pp_arena arena = {0};
    uint32_t n_got;
    struct pp_str bytes = column_write(cells, n, n_runs, &arena);
    assert_true(column_read(bytes, n_runs, COLUMN_CUM, got, &n_got));
    assert_int_equal(n_got, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(got[i].run, cells[i].run);
        assert_int_equal(got[i].self, cells[i].self);
        assert_int_equal(got[i].cum, cells[i].cum);
        assert_int_equal(got[i].count, cells[i].count);
    }
    pp_arena_done(&arena);
    return bytes.len;
}

static void dense(void **state) {
    (void)state;
    struct column_cell cells[RUNS];
    for (uint32_t i = 0; i < RUNS; i++) {
        int64_t count = 100 + (int64_t)(draw() % 16);
        cells[i] = (struct column_cell){i, count * 10000000, (count + 1000) * 10000000, count};
    }
    size_t bytes = back(cells, RUNS, RUNS);
    assert_true(bytes < (size_t)RUNS * 6 / 8 + 60); /* four random bits, a little more */
    assert_true(back(cells, 0, RUNS) == 1);
    back(cells, 1, 1);
    back(cells, 5, 5);
}

static void sparse(void **state) {
    (void)state;
    struct column_cell cells[RUNS];
    uint32_t n = 0;
    for (uint32_t i = 3; i < RUNS; i += 1 + (uint32_t)(draw() % 60))
        cells[n++] = (struct column_cell){i, 10000000, 10000000, 1};
    assert_true(back(cells, n, RUNS) < 3 * (size_t)n + 20);
    back(cells, 1, RUNS);
}

static void extreme(void **state) {
    (void)state;
    static const int64_t edges[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, 1 << 30};
    struct column_cell cells[RUNS];
    for (uint32_t i = 0; i < RUNS; i++)
        cells[i] = (struct column_cell){i, edges[draw() % 7], edges[draw() % 7], edges[draw() % 7]};
    for (uint32_t n = 0; n <= 40; n++)
        back(cells, n, n % 2 ? n : RUNS);
    back(cells, RUNS, RUNS);
}

static void refused(void **state) {
    (void)state;
    struct column_cell cells[RUNS];
    struct pp_arena arena = {0};
    uint32_t n;
    for (uint32_t i = 0; i < 100; i++)
        cells[i] = (struct column_cell){4 * i, (int64_t)draw(), (int64_t)draw(), (int64_t)draw()};
    struct pp_str whole = column_write(cells, 100, RUNS, &arena);
    for (size_t len = 0; len < whole.len; len++)
        assert_false(column_read(pp_str_slice(whole, 0, len), RUNS, COLUMN_CUM, cells, &n));
    assert_false(column_read(whole, 99, COLUMN_CUM, cells, &n));
    assert_false(column_read(whole, COLUMN_MAX_RUNS + 1, COLUMN_CUM, cells, &n));
    for (int i = 0; i < 20000; i++) {
        char *bad = malloc(whole.len);
        memcpy(bad, whole.data, whole.len);
        for (uint64_t k = draw() % 3 + 1; k; k--)
            bad[draw() % whole.len] = (char)draw();
        if (column_read((struct pp_str){bad, whole.len}, RUNS, COLUMN_CUM, cells, &n))
            for (uint32_t k = 0; k < n; k++)
                assert_true(cells[k].run < RUNS && (!k || cells[k].run > cells[k - 1].run));
        free(bad);
    }
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense),
        cmocka_unit_test(sparse),
        cmocka_unit_test(extreme),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
