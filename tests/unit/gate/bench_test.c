#include "gate/bench.h"

#include "test.h"

#include <math.h>

static struct pp_arena arena;

static struct gate_benches parse(const char *text) {
    struct gate_benches list = {0};
    struct pp_error err;
    assert_true(gate_bench_parse(pp_str_from(text), &list, &arena, &err));
    return list;
}

static bool is_refused(const char *text) {
    struct gate_benches list;
    struct pp_error err;
    return !gate_bench_parse(pp_str_from(text), &list, &arena, &err);
}

static void go_text(void **state) {
    (void)state;
    struct gate_benches b = parse("goos: linux\nBenchmarkA-8   \t 100\t  12.5 ns/op\t 3 B/op\r\n"
                                  "BenchmarkA-8 300 10 ns/op\nBenchmarkB/x-y 7 2 MB/s 1e3 ns/op\n"
                                  "Benchmark\nBenchmarkC-8 none 1 ns/op\nBenchmarkD 0 1 ns/op\n"
                                  "BenchmarkE 5 1 B/op\nPASS");
    assert_int_equal(b.n, 2);
    assert_str(b.at[0].name, "BenchmarkA");
    assert_true(b.at[0].n == 400 && b.at[0].nanoseconds == 4250);
    assert_str(b.at[1].name, "BenchmarkB/x-y");
    assert_true(b.at[1].nanoseconds == 7000);
}

static void json(void **state) {
    (void)state;
    struct gate_benches b =
        parse("{\"context\":{\"x\":[1,{}]},\"benchmarks\":[{\"name\":\"BM_a/8\",\"iterations\":10,"
              "\"real_time\":3,\"cpu_time\":2,\"time_unit\":\"us\"},{\"name\":\"BM_a/8_mean\","
              "\"run_type\":\"aggregate\",\"iterations\":3,\"cpu_time\":2}]}");
    assert_int_equal(b.n, 1);
    assert_true(b.at[0].n == 10 && b.at[0].nanoseconds == 20000);
    b = parse("{\"Action\":\"output\",\"Output\":\"BenchmarkA-2 \\t\"}\n"
              "{\"Action\":\"output\",\"Output\":\"50\\t4 ns/op\\n\"}\n{\"Action\":\"pass\"}");
    assert_str(b.at[0].name, "BenchmarkA");
    assert_true(b.at[0].n == 50);
}

static void nonsense(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "hello",
                                        "{",
                                        "{\"benchmarks\":[",
                                        "{\"benchmarks\":[{}]}",
                                        "{\"benchmarks\":[{\"name\"",
                                        "[1]",
                                        "BenchmarkA 1e999 1 ns/op",
                                        "BenchmarkA -5 1 ns/op",
                                        "BenchmarkA 5 nan ns/op"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_true(is_refused(texts[i]));
}

static bool is_a(void *user, struct pp_str name) {
    (void)user;
    return pp_str_eq(name, PP_STR("BenchmarkA"));
}

/* Operations count with what they cost in the base. */
static void work(void **state) {
    (void)state;
    double w[2];
    const struct gate_bench_filter only_a = {is_a, NULL};
    struct gate_benches runs[2] = {parse("BenchmarkA 100 10 ns/op\nBenchmarkB 10 500 ns/op"),
                                   parse("BenchmarkA 300 90 ns/op\nBenchmarkB 10 900 ns/op")};
    assert_true(gate_bench_work(runs, 2, 1, NULL, w));
    assert_true(w[0] == 6000 && w[1] == 8000);
    assert_true(gate_bench_work(runs, 2, 1, &only_a, w));
    assert_true(w[0] == 1000 && w[1] == 3000);
    runs[0] = parse("BenchmarkB 10 500 ns/op");
    assert_false(gate_bench_work(runs, 2, 1, &only_a, w));
    /* What the base does not have costs what it costs. */
    assert_true(gate_bench_work(runs, 2, 1, NULL, w));
    assert_true(w[1] == 300 * 90 + 5000);
}

static int done(void **state) {
    (void)state;
    pp_arena_done(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(go_text),
        cmocka_unit_test(json),
        cmocka_unit_test(nonsense),
        cmocka_unit_test(work),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
