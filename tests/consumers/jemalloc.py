#!/usr/bin/env python3
"""Heap dumps of jemalloc against jeprof, which comes with it: totals, and what each function holds.

The totals are equal to the byte. A function's share may be off by a few, for cpprof rounds each stack
such that the sum of all is right.
"""
import random

import lib

SOURCE = r"""
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
static void *kept[8][3000];
__attribute__((noinline)) static void *small(unsigned n) {
    void *p = malloc(16 + n % 200);
    asm volatile("" ::: "memory"); /* no tail call */
    return p;
}
__attribute__((noinline)) static void *large(unsigned n) {
    void *p = malloc(20000 + n % 400000);
    asm volatile("" ::: "memory");
    return p;
}
static void *work(void *arg) {
    size_t me = (size_t)arg;
    unsigned seed = (unsigned)me;
    for (int i = 0; i < 3000; i++) {
        void *p = rand_r(&seed) % 3 ? small(rand_r(&seed)) : large(rand_r(&seed));
        if (rand_r(&seed) % 2) free(p); else kept[me][i] = p;
    }
    if (me) pause();
    return NULL;
}
int main(int argc, char **argv) {
    pthread_t thread;
    const char *file = argv[argc - 1];
    for (size_t i = 1; i < 5; i++) pthread_create(&thread, NULL, work, (void *)i);
    work(NULL);
    usleep(300000);
    _exit(mallctl("prof.dump", NULL, NULL, &file, sizeof file) != 0);
}
"""
TYPES = ("inuse_space", "inuse_objects", "alloc_space", "alloc_objects")
OURS = ("small", "large", "work", "main")
SLACK = 40


def jeprof(tool, program, dump, kind):
    """The total, and the functions' own and cumulative values; None where jeprof has nothing to show."""
    _, out, _ = lib.run([tool, "--text", "--show_bytes", f"--{kind}", str(program), str(dump)])
    lines = out.decode().splitlines()
    if not lines:
        return None, {}
    rows = [line.split(None, 5) for line in lines[1:]]
    return int(lines[0].split()[1]), {row[5]: (int(row[0]), int(row[3])) for row in rows}


def compare(tool, program, dump, kind, named):
    want, functions = jeprof(tool, program, dump, kind)
    report = lib.report("-symbolize=local", "-top", "-nodecount=0", "-nodefraction=0",
                        f"-sample_index={kind}", str(dump))
    total = report["total"] if report else None
    if (want or None) != (total or None) and not (want is None and "alloc" in kind):
        lib.fail(dump.name, f"{kind}: {total} instead of {want}")
    if not named or not want:
        return
    rows = {row["function"]: (row["flat"], row["cum"]) for row in report["rows"]}
    for name in OURS:
        a, b = functions.get(name, (0, 0)), rows.get(name, (0, 0))
        if max(abs(a[0] - b[0]), abs(a[1] - b[1])) > SLACK:
            lib.fail(dump.name, f"{kind} of {name}: {b} instead of {a}")


def made(seed):
    """A dump whose numbers are made up: large, small and none, with threads and without."""
    r = random.Random(seed)

    def row(who):
        n, m = r.choice((0, 1, 2, 50, 10**6)), r.choice((0, 1, 7, 10**5))
        return f"  {who}: {n}: {n * r.choice((1, 8, 4096, 10**6))} [{m}: {m * r.choice((1, 24, 10**5))}]\n"

    lines = [f"heap_v2/{r.choice((1, 2, 512, 4096, 524288, 1 << 30))}\n", "  t*: 1: 1 [1: 1]\n"]
    for _ in range(r.choice((1, 5, 300))):
        lines.append("@ " + " ".join(hex(r.randrange(1, 1 << 47)) for _ in range(r.randrange(1, 9))) + "\n")
        lines.append(row("t*"))
        lines += [row(f"t{i}") for i in range(r.randrange(3))]
    return "".join(lines)


def real_dumps(scratch):
    compiler = lib.tool("gcc", "gcc")
    (scratch / "program.c").write_text(SOURCE)
    program = scratch / "program"
    status, _, err = lib.run([compiler, "-g", "-O1", "-no-pie", str(scratch / "program.c"), "-o", str(program),
                              "-ljemalloc", "-lpthread"])
    if status:
        lib.skip(f"no program with jemalloc can be built here (Debian's package libjemalloc-dev): {err}")
    for rate in (0, 12, 19):
        for accum in ("false", "true"):
            dump = scratch / f"{rate}-{accum}.heap"
            status, _, err = lib.run(["env", f"MALLOC_CONF=prof:true,lg_prof_sample:{rate},prof_accum:{accum}",
                                      str(program), str(dump)])
            if status or not dump.exists():
                lib.skip(f"this jemalloc writes no heap profiles: {err}")
            yield program, dump


def check(scratch):
    tool = lib.tool("jeprof", "libjemalloc-dev")
    n = 0
    for program, dump in real_dumps(scratch):
        if "libjemalloc" not in dump.read_text():
            lib.fail(dump.name, "the library is not in its map")
        for kind in TYPES:
            if "alloc" in kind and "false" in dump.name:
                continue
            compare(tool, program, dump, kind, named=True)
            n += 1
    for seed in range(6):
        dump = scratch / f"seed-{seed}.heap"
        dump.write_text(made(seed))
        for kind in TYPES:
            compare(tool, program, dump, kind, named=False)
            n += 1
    return f"{n} totals"


lib.main(check)
