/* Makes recordings of perf for the benchmarks: the same bytes for the same options, on any machine
 * of that byte order. Writes perf.data to standard output.
 *
 *     make_perf_data --samples=700000 --stacks=50000 > chains.perf.data
 *     make_perf_data --samples=24000 --of=RECORDING --stack=8192 > stacks.perf.data
 *
 * Without --of: samples with call chains, walks in a call graph where few callees take most of the
 * time, of several processes on several processors, whose records come in runs. With it: those of a
 * real recording, again and again; their copied stacks are filled up to --stack.
 *
 * --stacks=N: of so many stacks; 0: all are drawn anew, the worst case for whoever keeps them. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 104,
    ATTR = 128,
    MAPS = 40,
    MAP_SIZE = 1 << 20,
    FUNCTIONS = 4000,
    CALLEES = 8,
    MAX_DEPTH = 127,
    RUN = 2000 /* samples of one processor, one after the other */
};

enum { RECORD_MMAP = 1, RECORD_COMM = 3, RECORD_SAMPLE = 9, RECORD_ROUND = 68 };

struct options {
    uint64_t samples, processes, processors, stacks, stack, seed;
    const char *of;
};

struct bytes {
    uint8_t *at;
    size_t n, cap;
};

static void die(const char *why) {
    fprintf(stderr, "make_perf_data: %s\n", why);
    exit(2);
}

static void put(struct bytes *b, const void *data, size_t n) {
    if (b->n + n > b->cap) {
        b->cap = (b->n + n) * 2;
        b->at = realloc(b->at, b->cap);
        if (!b->at) die("no memory");
    }
    memcpy(b->at + b->n, data, n);
    b->n += n;
}

static void put64(struct bytes *b, uint64_t v) {
    put(b, &v, 8);
}

static void put32(struct bytes *b, uint32_t v) {
    put(b, &v, 4);
}

static void put_name(struct bytes *b, const char *name) {
    char padded[64] = {0};
    size_t n = strlen(name) / 8 * 8 + 8;
    memcpy(padded, name, strlen(name));
    put(b, padded, n);
}

static void put_record(struct bytes *b, uint32_t type, uint16_t misc, const struct bytes *body) {
    uint16_t size = (uint16_t)(8 + (body ? body->n : 0));
    put32(b, type);
    put(b, &misc, 2);
    put(b, &size, 2);
    if (body) put(b, body->at, body->n);
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---- made up ---- */

/* What follows every record but samples: process, thread, time. */
static void put_ids(struct bytes *body, uint32_t pid, uint64_t time) {
    put32(body, pid);
    put32(body, pid);
    put64(body, time);
}

static void put_process(struct bytes *out, uint32_t pid) {
    struct bytes body = {0};
    char name[32];
    put32(&body, pid);
    put32(&body, pid);
    snprintf(name, sizeof name, "worker-%" PRIu32, pid);
    put_name(&body, name);
    put_ids(&body, pid, 1);
    put_record(out, RECORD_COMM, 0x2000, &body);
    for (uint64_t i = 0; i < MAPS; i++) {
        body.n = 0;
        put32(&body, pid);
        put32(&body, pid);
        put64(&body, 0x400000 + pid * 0x1000 + i * 2 * MAP_SIZE);
        put64(&body, MAP_SIZE);
        put64(&body, 0);
        snprintf(name, sizeof name, "/srv/made-up/lib%" PRIu64 ".so", i);
        put_name(&body, name);
        put_ids(&body, pid, 2);
        put_record(out, RECORD_MMAP, 2, &body);
    }
    free(body.at);
}

/* An address in a function, of the call to the callee of that number. */
static uint64_t address_of(uint32_t pid, uint64_t function, uint64_t callee) {
    uint64_t in_map = function / MAPS * 2048 + callee * 32 + 16;
    return 0x400000 + pid * 0x1000 + function % MAPS * 2 * MAP_SIZE + in_map;
}

/* One of `n` stacks, and of those the first ones most of the time: where its walk begins. */
static uint64_t choose_stack(uint64_t *random, uint64_t n) {
    uint64_t r = next_random(random);
    if (n == 0) return r;
    uint64_t below = next_random(random) % (r % n + 1);
    return (below + 1) * 0x9e3779b97f4a7c15;
}

/* From the outermost frame inwards; most calls go to the first callees of a function. */
static uint64_t walk(uint64_t stack, uint32_t pid, uint64_t *ret_chain) {
    uint64_t *random = &stack;
    uint64_t depth = 8 + next_random(random) % 40, function = 0;
    for (uint64_t i = depth; i-- > 0;) {
        uint64_t callee = (uint64_t)__builtin_ctzll(next_random(random) | 1 << (CALLEES - 1));
        ret_chain[i] = address_of(pid, function, callee);
        function = (function * CALLEES + callee + 1) % FUNCTIONS;
    }
    return depth;
}

static void put_sample(struct bytes *out, uint64_t stack, uint32_t pid, uint64_t time) {
    uint64_t chain[MAX_DEPTH], n = walk(stack, pid, chain);
    struct bytes body = {0};
    put64(&body, chain[0]);
    put_ids(&body, pid, time);
    put64(&body, 1000000); /* period */
    put64(&body, n + 1);
    put64(&body, (uint64_t)-512); /* the program's frames follow */
    put(&body, chain, n * 8);
    put_record(out, RECORD_SAMPLE, 2, &body);
    free(body.at);
}

static void flush(struct bytes *out) {
    if (fwrite(out->at, 1, out->n, stdout) != out->n) die("can't write");
    out->n = 0;
}

static void put_head(struct bytes *out, uint64_t n_data) {
    const uint64_t fields[] = {HEADER, ATTR + 16, HEADER, ATTR + 16, HEADER + ATTR + 16, n_data};
    put(out, "PERFILE2", 8);
    put(out, fields, sizeof fields);
    for (int i = 0; i < 6; i++)
        put64(out, 0);
    put32(out, 1); /* cpu-clock */
    put32(out, ATTR);
    put64(out, 0);
    put64(out, 1000000);
    put64(out, 1 | 2 | 4 | 1 << 5 | 1 << 8); /* ip, tid, time, chain, period */
    put64(out, 0);
    put64(out, 1 << 18);
    for (size_t i = 48; i < ATTR + 16; i += 8)
        put64(out, 0);
}

static void make_up(const struct options *o) {
    struct bytes out = {0};
    uint64_t random = o->seed * 0x9e3779b97f4a7c15, time = 1000;
    for (uint32_t pid = 1; pid <= o->processes; pid++)
        put_process(&out, pid);
    for (uint64_t i = 0; i < o->samples;) {
        for (uint64_t cpu = 0; cpu < o->processors; cpu++)
            for (uint64_t k = 0; k < RUN && i < o->samples; k++, i++)
                put_sample(&out, choose_stack(&random, o->stacks),
                           (uint32_t)(1 + next_random(&random) % o->processes),
                           time + k * o->processors + cpu);
        time += RUN * o->processors;
        put_record(&out, RECORD_ROUND, 0, NULL);
    }
    struct bytes head = {0};
    put_head(&head, out.n);
    flush(&head);
    flush(&out);
}

/* ---- of a recording ---- */

static struct bytes read_all(const char *path) {
    struct bytes b = {0};
    uint8_t piece[1 << 16];
    FILE *f = fopen(path, "rb");
    if (!f) die("can't open the recording");
    for (size_t n; (n = fread(piece, 1, sizeof piece, f));)
        put(&b, piece, n);
    fclose(f);
    if (b.n < HEADER || memcmp(b.at, "PERFILE2", 8)) die("no recording of this byte order");
    return b;
}

static uint64_t get64(const uint8_t *at) {
    uint64_t v;
    memcpy(&v, at, 8);
    return v;
}

/* Where in a sample the length of its copied stack stands: behind the stack is how much of it was
 * filled, and at most one field more; 0: it has none. */
static size_t find_stack(const uint8_t *record, size_t size) {
    for (size_t at = 8; at + 16 <= size; at += 8) {
        uint64_t n = get64(record + at);
        if (n % 8 || n < 64 || n > size - 16 - at || size - 16 - at - n > 8) continue;
        if (get64(record + at + 8 + n) <= n) return at;
    }
    return 0;
}

static void put_longer(struct bytes *out, const uint8_t *record, size_t size, uint64_t stack) {
    static const uint8_t filler[1 << 14];
    size_t at = find_stack(record, size);
    uint64_t there = at ? get64(record + at) : stack, more = stack > there ? stack - there : 0;
    if (!more) {
        put(out, record, size);
        return;
    }
    struct bytes body = {0};
    put(&body, record + 8, at - 8);
    put64(&body, stack);
    put(&body, record + at + 8, there);
    put(&body, filler, more);
    put64(&body, get64(record + at + 8 + there) + more);
    put(&body, record + at + 16 + there, size - at - 16 - there);
    put_record(out, RECORD_SAMPLE, (uint16_t)(record[4] | record[5] << 8), &body);
    free(body.at);
}

static void repeat(const struct options *o) {
    struct bytes in = read_all(o->of), out = {0};
    uint64_t at = get64(in.at + 40), end = at + get64(in.at + 48), n = 0;
    bool first = true;
    if (end > in.n || o->stack > 1 << 14) die("the recording is cut short, or stacks are too long");
    for (; n < o->samples; first = false)
        for (uint64_t i = at; i + 8 <= end;) {
            uint32_t type = (uint32_t)(get64(in.at + i)), size = (uint32_t)(get64(in.at + i) >> 48);
            if (type == RECORD_SAMPLE)
                put_longer(&out, in.at + i, size, o->stack);
            else if (first || type == RECORD_ROUND)
                put(&out, in.at + i, size);
            n += type == RECORD_SAMPLE;
            i += size;
        }
    struct bytes head = {0};
    put(&head, in.at, at);
    memcpy(head.at + 48, &out.n, 8);
    uint64_t table = end, features = 0;
    for (int i = 0; i < 256; i++)
        features += in.at[72 + i / 8] >> i % 8 & 1;
    for (uint64_t i = 0; i < features; i++) { /* their places move by as much as the data grew */
        uint64_t moved = get64(in.at + table + 16 * i) + out.n - (end - at);
        memcpy(in.at + table + 16 * i, &moved, 8);
    }
    flush(&head);
    flush(&out);
    if (fwrite(in.at + end, 1, in.n - end, stdout) != in.n - end) die("can't write");
}

int main(int argc, char **argv) {
    struct options o = {.samples = 1000, .processes = 4, .processors = 4, .stack = 0, .seed = 1};
    const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {{"--samples=", &o.samples},       {"--processes=", &o.processes},
                   {"--processors=", &o.processors}, {"--stacks=", &o.stacks},
                   {"--stack=", &o.stack},           {"--seed=", &o.seed}};
    for (int i = 1; i < argc; i++) {
        bool known = !strncmp(argv[i], "--of=", 5);
        if (known) o.of = argv[i] + 5;
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            if (!strncmp(argv[i], numbers[k].name, strlen(numbers[k].name))) {
                *numbers[k].value = strtoull(argv[i] + strlen(numbers[k].name), NULL, 10);
                known = true;
            }
        if (!known) die("an unknown option");
    }
    (o.of ? repeat : make_up)(&o);
    return fclose(stdout) ? 2 : 0;
}
