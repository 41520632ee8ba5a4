/* A program with sixty builds: -DCOMMIT=0 to 59. It does the same work in each, but for three of
 * them, from which on a function does more or less than before. It samples itself, five thousand
 * times a second, and writes what processor time it saw as a legacy CPU profile (gperftools,
 * "Profiler's format").
 *
 * usage: commits PROFILE */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

enum { PERIOD_US = 200, MOST = 1 << 16, DEPTH = 8, ROUNDS = 60 };

/* ---- sampling ---- */

static struct place {
    uint32_t n_periods, depth;
    uintptr_t at[DEPTH]; /* the innermost first */
} places[MOST];
static volatile uint32_t n_places;
static uintptr_t stack_end; /* at main's frame */
static int64_t seen_ns;     /* of the thread's processor time */

/* Whole periods of processor time since the sample before: waiting for a processor is none. */
static uint32_t periods(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    int64_t n = ((int64_t)t.tv_sec * 1000000000 + t.tv_nsec - seen_ns) / (PERIOD_US * 1000);
    seen_ns += n * PERIOD_US * 1000;
    return (uint32_t)n;
}

static void sample(int sig, siginfo_t *info, void *context) {
    const ucontext_t *c = context;
    (void)sig, (void)info;
#if defined(__x86_64__)
    uintptr_t top = (uintptr_t)c->uc_mcontext.gregs[REG_RSP];
    uintptr_t pc = (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
    const uintptr_t *frame = (const uintptr_t *)c->uc_mcontext.gregs[REG_RBP];
#else
    uintptr_t top = (uintptr_t)c->uc_mcontext.sp;
    uintptr_t pc = (uintptr_t)c->uc_mcontext.pc;
    const uintptr_t *frame = (const uintptr_t *)c->uc_mcontext.regs[29];
#endif
    if (n_places == MOST) return;
    struct place *p = &places[n_places];
    p->n_periods = periods();
    p->depth = 0;
    for (; p->depth < DEPTH; pc = frame[1], frame = (const uintptr_t *)frame[0]) {
        p->at[p->depth++] = pc;
        if ((uintptr_t)frame < top || (uintptr_t)frame >= stack_end) break;
        top = (uintptr_t)frame + 1;
    }
    if (p->n_periods) n_places = n_places + 1;
}

static timer_t start(void) {
    struct sigaction action = {.sa_sigaction = sample, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
    const struct itimerspec each = {{0, PERIOD_US * 1000}, {0, PERIOD_US * 1000}};
    timer_t timer;
    sigaction(SIGPROF, &action, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &each, NULL))
        exit(3);
    return timer;
}

static void put(FILE *f, uintptr_t word) {
    fwrite(&word, sizeof word, 1, f);
}

static int write_profile(const char *path) {
    FILE *f = fopen(path, "wb"), *maps = fopen("/proc/self/maps", "r");
    int c;
    if (!f || !maps) return 1;
    put(f, 0), put(f, 3), put(f, 0), put(f, PERIOD_US), put(f, 0);
    for (uint32_t i = 0; i < n_places; i++) {
        put(f, places[i].n_periods), put(f, places[i].depth);
        for (uint32_t k = 0; k < places[i].depth; k++)
            put(f, places[i].at[k]);
    }
    put(f, 0), put(f, 1), put(f, 0);
    while ((c = getc(maps)) != EOF)
        putc(c, f);
    fclose(maps);
    return fclose(f) != 0;
}

/* ---- the program ---- */

#define OWN __attribute__((noinline, noclone))
/* A compiler makes none for a function that calls none. */
#define HAS_FRAME() __asm__ volatile("" ::"r"(__builtin_frame_address(0)))

enum { N = 4096 };
static uint32_t keys[N], sorted[N], table[N];
static double picture[N];

OWN static void text_parse(void) {
    HAS_FRAME();
    for (int k = 0; k < 300; k++)
        for (uint32_t i = 1; i < N; i++)
            keys[i] = keys[i] * 31 + (keys[i - 1] >> 3) + i;
}

OWN static void text_hash(void) {
    HAS_FRAME();
    const int times = COMMIT >= 18 ? 650 : 500; /* the first change: 30% more */
    for (int k = 0; k < times; k++)
        for (uint32_t i = 0; i < N; i++)
            table[i] = (table[i] ^ keys[i]) * 16777619U + (table[i] >> 15);
}

OWN static void list_sort(void) {
    HAS_FRAME();
    const int times = COMMIT >= 32 ? 3 : 4; /* the second: 25% less */
    for (int k = 0; k < times; k++) {
        memcpy(sorted, table, sizeof sorted);
        for (uint32_t gap = N / 2; gap; gap /= 2)
            for (uint32_t i = gap; i < N; i++) {
                uint32_t one = sorted[i], at = i;
                for (; at >= gap && sorted[at - gap] > one; at -= gap)
                    sorted[at] = sorted[at - gap];
                sorted[at] = one;
            }
    }
}

OWN static void page_render(void) {
    HAS_FRAME();
    const int times = COMMIT >= 46 ? 150 : 100; /* the third: 50% more */
    for (int k = 0; k < times; k++)
        for (uint32_t i = 1; i < N; i++)
            picture[i] = picture[i] * 0.5 + picture[i - 1] * 0.25 + sorted[i];
}

OWN static void page_write(void) {
    HAS_FRAME();
    for (int k = 0; k < 300; k++)
        for (uint32_t i = 0; i < N; i++)
            keys[i] ^= table[(i * 7 + (uint32_t)k) % N];
}

OWN static void run_all(void) {
    for (int i = 0; i < ROUNDS; i++) {
        text_parse();
        text_hash();
        list_sort();
        page_render();
        page_write();
        __asm__ volatile("" ::: "memory");
    }
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    stack_end = (uintptr_t)__builtin_frame_address(0);
    periods();
    timer_t timer = start();
    run_all();
    timer_delete(timer);
    return write_profile(argv[1]);
}
