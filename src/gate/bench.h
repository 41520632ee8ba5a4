/* How much a run did, as benchmarks tell: Go's text, the same in the lines of `go test -json`, and
 * Google Benchmark's JSON. */
#ifndef GATE_BENCH_H
#define GATE_BENCH_H

#include "base/arena.h"
#include "cpprof/error.h"

/* One benchmark; what several lines of a run say of it is one. */
struct gate_bench {
    struct pp_str name; /* without the number of processors: "BenchmarkWork/small" */
    double n;           /* operations */
    double nanoseconds; /* of all of them */
};

struct gate_benches {
    struct gate_bench *at;
    uint32_t n;
};

/* Fails with PP_E_FORMAT where no result is in it. Names live as long as the text or `arena`. */
bool gate_bench_parse(struct pp_str text, struct gate_benches *ret_benches, struct pp_arena *arena,
                      struct pp_error *err);

/* Picks benchmarks by name. */
struct gate_bench_filter {
    bool (*matches)(void *user, struct pp_str name);
    void *user;
};

/* The work of each of n runs: the nanoseconds that the first n_old, the base, would have needed for
 * as many operations of the benchmarks that pass the filter (NULL: of all). False: a run did none
 * of them. */
bool gate_bench_work(const struct gate_benches *runs, uint32_t n, uint32_t n_old,
                     const struct gate_bench_filter *filter, double *ret_work);

#endif
