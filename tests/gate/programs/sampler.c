/* sampler OUT HZ PROGRAM ARGUMENTS...: a profiler that costs little, for programs that run for a
 * few hundredths of a second: the kernel's clock of the processor time, call stacks by frame
 * pointers, written as gperftools writes profiles. Status 77: the kernel lets nobody sample. */
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 128, MAX_CPUS = 64 };

struct ring {
    char *memory;
    size_t page;
};

static void fail(const char *what, int status) {
    fprintf(stderr, "sampler: %s: %s\n", what, strerror(errno));
    exit(status);
}

/* Threads that the program starts are sampled too; such an event belongs to one processor. */
static struct ring open_ring(pid_t pid, int cpu, uint64_t hz) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof attr,
                                   .config = PERF_COUNT_SW_CPU_CLOCK,
                                   .sample_period = 1000000000 / hz,
                                   .sample_type = PERF_SAMPLE_CALLCHAIN,
                                   .disabled = 1,
                                   .inherit = 1,
                                   .enable_on_exec = 1,
                                   .exclude_kernel = 1,
                                   .exclude_callchain_kernel = 1,
                                   .mmap = 1};
    long fd = syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0) fail("perf_event_open", 77);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *memory = mmap(NULL, (PAGES + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
    if (memory == MAP_FAILED) fail("mmap", 77);
    return (struct ring){memory, page};
}

static void write_word(FILE *out, uint64_t word) {
    fwrite(&word, sizeof word, 1, out);
}

static void write_sample(FILE *out, const uint64_t *body) {
    uint64_t n = 0, kept[PERF_MAX_STACK_DEPTH];
    for (uint64_t i = 0; i < body[0] && n < PERF_MAX_STACK_DEPTH; i++)
        if (body[1 + i] < PERF_CONTEXT_MAX) kept[n++] = body[1 + i];
    if (!n) return;
    write_word(out, 1);
    write_word(out, n);
    fwrite(kept, sizeof *kept, n, out);
}

static void write_mapping(FILE *out, const char *body) {
    uint64_t at[3]; /* behind pid and tid: address, length, offset in the file; then its name */
    memcpy(at, body + 8, sizeof at);
    fprintf(out, "%08" PRIx64 "-%08" PRIx64 " r-xp %08" PRIx64 " 00:00 0 %s\n", at[0],
            at[0] + at[1], at[2], body + 8 + sizeof at);
}

static void write_records(FILE *out, const struct ring *ring, uint32_t type) {
    const struct perf_event_mmap_page *control = (const void *)ring->memory;
    const char *data = ring->memory + ring->page;
    if (control->data_head > PAGES * ring->page) fail("more samples than there is room for", 1);
    for (uint64_t at = 0; at < control->data_head;) {
        const struct perf_event_header *header = (const void *)(data + at);
        const char *body = data + at + sizeof *header;
        if (header->type == PERF_RECORD_LOST) fail("samples were lost", 1);
        if (header->type == type && type == PERF_RECORD_SAMPLE)
            write_sample(out, (const void *)body);
        else if (header->type == type)
            write_mapping(out, body);
        at += header->size;
    }
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    int go[2], status;
    char byte = 0;
    struct ring rings[MAX_CPUS];
    long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t hz = strtoull(argv[2], NULL, 10);
    if (n_cpus > MAX_CPUS || !hz || pipe(go)) return 2;
    pid_t pid = fork();
    if (pid < 0) fail("fork", 2);
    if (pid == 0) {
        close(go[1]);
        if (read(go[0], &byte, 1) != 1) _exit(2);
        execv(argv[3], argv + 3);
        fail(argv[3], 2);
    }
    for (int cpu = 0; cpu < n_cpus; cpu++)
        rings[cpu] = open_ring(pid, cpu, hz);
    if (write(go[1], &byte, 1) != 1 || waitpid(pid, &status, 0) < 0) fail(argv[3], 2);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) return 2;
    FILE *out = fopen(argv[1], "wb");
    if (!out) fail(argv[1], 2);
    const uint64_t head[] = {0, 3, 0, 1000000 / hz, 0}, tail[] = {0, 1, 0};
    fwrite(head, sizeof *head, 5, out);
    for (int cpu = 0; cpu < n_cpus; cpu++)
        write_records(out, &rings[cpu], PERF_RECORD_SAMPLE);
    fwrite(tail, sizeof *tail, 3, out);
    for (int cpu = 0; cpu < n_cpus; cpu++)
        write_records(out, &rings[cpu], PERF_RECORD_MMAP);
    return fclose(out) ? 2 : 0;
}
