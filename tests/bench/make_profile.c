/* Makes profiles for the benchmarks: the same bytes for the same options, on any machine (with the
 * same zlib). Writes a gzip'd profile.proto to standard output.
 *
 *     make_profile --samples=1000000 --locations=20000 --functions=1000 > worst.pb.gz
 *
 * shape=random: every stack is drawn anew, so nothing repeats: the worst case for whoever interns.
 * shape=tree: stacks are walks in a call graph where few callees take most of the time; they share
 * their outer frames and many are equal, as in profiles of services.
 * stacks=N: those of all samples are among N, the same ones whatever the seed: profiles of one
 * program, which mostly coincide. Without it even the places with inlined calls go by the seed.
 * distinct=N: so many of a hundred samples have a stack of their own, others repeat an earlier one.
 * lines=N: so many in each location, in place of two in `inlined` of a hundred. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct options {
    uint64_t samples, min_depth, max_depth, locations, functions, labels, seed, level, tree,
        inlined, stacks, distinct, lines, values, label_values;
};

static const struct {
    const char *name;
    size_t offset;
    uint64_t value;
} option_table[] = {
    {"samples", offsetof(struct options, samples), 1000},
    {"min-depth", offsetof(struct options, min_depth), 4},
    {"max-depth", offsetof(struct options, max_depth), 80},
    {"locations", offsetof(struct options, locations), 20000},
    {"functions", offsetof(struct options, functions), 1000},
    {"labels", offsetof(struct options, labels),
     0}, /* a sample; those after the fourth are texts */
    {"label-values", offsetof(struct options, label_values),
     500}, /* of a label, from the second on */
    {"seed", offsetof(struct options, seed), 1},
    {"stacks", offsetof(struct options, stacks), 0},
    {"level", offsetof(struct options, level), 6}, /* of compression */
    {"tree", offsetof(struct options, tree), 0},
    {"inlined", offsetof(struct options, inlined), 10}, /* percent of the locations */
    {"lines", offsetof(struct options, lines), 0},
    {"distinct", offsetof(struct options, distinct), 100},
    {"values", offsetof(struct options, values), 2}, /* a sample */
};

enum { N_OPTIONS = sizeof option_table / sizeof *option_table, THREADS = 64, NAMED_LABELS = 4 };

struct bytes {
    uint8_t *at;
    size_t n, cap;
};

struct maker {
    struct options o;
    uint64_t random;
    struct bytes message, inner;
    gzFile out;
    uint64_t n_stacks, first_thread, first_endpoint, first_request;
    bool failed;
};

/* splitmix64 */
static uint64_t next_random(struct maker *m) {
    uint64_t z = m->random += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static uint64_t below(struct maker *m, uint64_t n) {
    return next_random(m) % n;
}

/* A few values take most of the draws. */
static uint64_t skewed_below(struct maker *m, uint64_t n) {
    uint64_t r = below(m, n);
    for (int i = 0; i < 3 && below(m, 3); i++)
        r = r * below(m, 1000) / 1000;
    return r;
}

/* ---- protobuf ---- */

static void put_byte(struct bytes *b, uint8_t byte) {
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 4096;
        b->at = realloc(b->at, b->cap);
        if (!b->at) abort();
    }
    b->at[b->n++] = byte;
}

static void put_varint(struct bytes *b, uint64_t v) {
    for (; v >= 0x80; v >>= 7)
        put_byte(b, (uint8_t)(v | 0x80));
    put_byte(b, (uint8_t)v);
}

static void put_number(struct bytes *b, unsigned field, uint64_t v) {
    if (!v) return;
    put_varint(b, field << 3);
    put_varint(b, v);
}

/* Appends `part` as a field, and empties it. */
static void put_part(struct bytes *b, unsigned field, struct bytes *part) {
    put_varint(b, field << 3 | 2);
    put_varint(b, part->n);
    for (size_t i = 0; i < part->n; i++)
        put_byte(b, part->at[i]);
    part->n = 0;
}

static void write_bytes(struct maker *m, const void *bytes, size_t n) {
    if (n && gzwrite(m->out, bytes, (unsigned)n) != (int)n) m->failed = true;
}

static void write_message(struct maker *m, unsigned field) {
    struct bytes head = {0};
    put_varint(&head, field << 3 | 2);
    put_varint(&head, m->message.n);
    write_bytes(m, head.at, head.n);
    write_bytes(m, m->message.at, m->message.n);
    m->message.n = 0;
    free(head.at);
}

static void write_string(struct maker *m, const char *text) {
    for (; *text; text++)
        put_byte(&m->message, (uint8_t)*text);
    write_message(m, 6);
}

/* ---- the parts of a profile ---- */

/* String table: "", 4 names of types and units, 5 of labels, file and build id of the mapping, then
 * a name a function, a file for each 10 functions, then the values of labels. */
enum {
    S_SAMPLES = 1,
    S_COUNT,
    S_CPU,
    S_NANOSECONDS,
    S_THREAD,
    S_ENDPOINT,
    S_BYTES,
    S_REQUEST,
    S_BINARY,
    S_BUILD_ID,
    S_FUNCTIONS
};

static uint64_t file_string(const struct maker *m, uint64_t function) {
    return S_FUNCTIONS + m->o.functions + function / 10;
}

static void write_type(struct maker *m, unsigned field, uint64_t type, uint64_t unit) {
    put_number(&m->message, 1, type);
    put_number(&m->message, 2, unit);
    write_message(m, field);
}

static void put_label(struct maker *m, uint64_t key, uint64_t text, uint64_t number,
                      uint64_t unit) {
    put_number(&m->inner, 1, key);
    put_number(&m->inner, 2, text);
    put_number(&m->inner, 3, number);
    put_number(&m->inner, 4, unit);
    put_part(&m->message, 3, &m->inner);
}

static uint64_t next_location(struct maker *m, uint64_t parent) {
    if (!m->o.tree) return below(m, m->o.locations);
    /* The callees of a place: some dozen others, the same ones every time. */
    return (parent * 2654435761U + skewed_below(m, 12) * 40503 + 1) % m->o.locations;
}

/* Which stack a sample has: equal numbers are equal stacks. */
static uint64_t number_of_stack(struct maker *m) {
    if (m->o.stacks) return skewed_below(m, m->o.stacks);
    bool is_new = !m->n_stacks || below(m, 100) < m->o.distinct;
    return is_new ? m->n_stacks++ : below(m, m->n_stacks);
}

static void put_stack(struct maker *m) {
    bool repeats = m->o.stacks || m->o.distinct < 100;
    uint64_t which = repeats ? number_of_stack(m) : 0, random = m->random;
    if (repeats) m->random = which << 32;
    uint64_t depth = m->o.min_depth + below(m, m->o.max_depth - m->o.min_depth + 1);
    uint64_t *stack = malloc((depth + 1) * sizeof *stack);
    if (!stack) abort();
    for (uint64_t i = 0, at = 0; i < depth; i++)
        stack[i] = at = next_location(m, at);
    for (uint64_t i = depth; i-- > 0;)
        put_varint(&m->inner, stack[i] + 1);
    if (depth) put_part(&m->message, 1, &m->inner);
    free(stack);
    if (repeats) m->random = random;
}

static void write_sample(struct maker *m, uint64_t number) {
    put_stack(m);
    uint64_t count = 1 + below(m, 9);
    put_varint(&m->inner, count);
    if (m->o.values > 1) put_varint(&m->inner, count * 10000000);
    for (uint64_t i = 2; i < m->o.values; i++)
        put_varint(&m->inner, count * (i + 7));
    put_part(&m->message, 2, &m->inner);
    if (m->o.labels > 0) put_label(m, S_THREAD, m->first_thread + below(m, THREADS), 0, 0);
    if (m->o.labels > 1)
        put_label(m, S_ENDPOINT, m->first_endpoint + skewed_below(m, m->o.label_values), 0, 0);
    if (m->o.labels > 2) put_label(m, S_BYTES, 0, 64 * (1 + skewed_below(m, 100000)), S_BYTES);
    if (m->o.labels > 3) put_label(m, S_REQUEST, m->first_request + number, 0, 0);
    for (uint64_t i = NAMED_LABELS; i < m->o.labels; i++)
        put_label(m, S_FUNCTIONS + i % m->o.functions,
                  m->first_endpoint + skewed_below(m, m->o.label_values), 0, 0);
    write_message(m, 2);
}

static void write_tables(struct maker *m) {
    put_number(&m->message, 1, 1);
    put_number(&m->message, 2, 0x400000);
    put_number(&m->message, 3, 0x400000 + m->o.locations * 16);
    put_number(&m->message, 5, S_BINARY);
    put_number(&m->message, 6, S_BUILD_ID);
    put_number(&m->message, 7, 1);
    put_number(&m->message, 8, 1);
    put_number(&m->message, 9, 1);
    write_message(m, 3);
    if (m->o.stacks) m->random = 0;
    for (uint64_t i = 0; i < m->o.locations; i++) {
        put_number(&m->message, 1, i + 1);
        put_number(&m->message, 2, 1);
        put_number(&m->message, 3, 0x400000 + i * 16);
        uint64_t n_lines = below(m, 100) < m->o.inlined ? 2 : 1;
        if (m->o.lines) n_lines = m->o.lines;
        for (uint64_t line = 0; line < n_lines; line++) {
            put_number(&m->inner, 1, (i + line * 7919) % m->o.functions + 1);
            put_number(&m->inner, 2, 10 + i / m->o.functions);
            put_part(&m->message, 4, &m->inner);
        }
        write_message(m, 4);
    }
    for (uint64_t i = 0; i < m->o.functions; i++) {
        put_number(&m->message, 1, i + 1);
        put_number(&m->message, 2, S_FUNCTIONS + i);
        put_number(&m->message, 3, S_FUNCTIONS + i);
        put_number(&m->message, 4, file_string(m, i));
        put_number(&m->message, 5, 5 + i % 100);
        write_message(m, 5);
    }
}

static void write_strings(struct maker *m) {
    static const char *const fixed[] = {"",
                                        "samples",
                                        "count",
                                        "cpu",
                                        "nanoseconds",
                                        "thread",
                                        "endpoint",
                                        "bytes",
                                        "request",
                                        "/usr/bin/service",
                                        "5f1c29a06c2b4e7e8f0d3b9a4c6d8e0f11223344"};
    char text[100];
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        write_string(m, fixed[i]);
    for (uint64_t i = 0; i < m->o.functions; i++) {
        snprintf(text, sizeof text,
                 "example.com/service/package%" PRIu64 ".(*Type%" PRIu64 ").Method%" PRIu64, i / 50,
                 i / 5 % 10, i);
        write_string(m, text);
    }
    for (uint64_t i = 0; i <= (m->o.functions - 1) / 10; i++) {
        snprintf(text, sizeof text, "/src/service/package%" PRIu64 "/file%" PRIu64 ".go", i / 5, i);
        write_string(m, text);
    }
    for (uint64_t i = 0; m->o.labels > 0 && i < THREADS; i++) {
        snprintf(text, sizeof text, "worker-%" PRIu64, i);
        write_string(m, text);
    }
    for (uint64_t i = 0; m->o.labels > 1 && i < m->o.label_values; i++) {
        snprintf(text, sizeof text, "/api/v1/resource/%" PRIu64, i);
        write_string(m, text);
    }
    for (uint64_t i = 0; m->o.labels > 3 && i < m->o.samples; i++) {
        snprintf(text, sizeof text, "%016" PRIx64, next_random(m));
        write_string(m, text);
    }
}

static void write_profile(struct maker *m) {
    m->first_thread = file_string(m, m->o.functions - 1) + 1;
    m->first_endpoint = m->first_thread + THREADS;
    m->first_request = m->first_endpoint + m->o.label_values;
    write_type(m, 1, S_SAMPLES, S_COUNT);
    for (uint64_t i = 1; i < m->o.values; i++)
        write_type(m, 1, i == 1 ? S_CPU : S_FUNCTIONS + i % m->o.functions, S_NANOSECONDS);
    for (uint64_t i = 0; i < m->o.samples; i++)
        write_sample(m, i);
    write_tables(m);
    write_strings(m);
    struct bytes rest = {0};
    put_number(&rest, 9, UINT64_C(1700000000000000000) + m->o.seed);
    put_number(&rest, 10, UINT64_C(30000000000));
    write_bytes(m, rest.at, rest.n);
    free(rest.at);
    write_type(m, 11, S_CPU, S_NANOSECONDS);
    struct bytes period = {0};
    put_number(&period, 12, 10000000);
    write_bytes(m, period.at, period.n);
    free(period.at);
}

static bool read_option(struct options *o, const char *arg) {
    for (size_t i = 0; i < N_OPTIONS; i++) {
        size_t len = strlen(option_table[i].name);
        if (strncmp(arg, "--", 2) || strncmp(arg + 2, option_table[i].name, len) ||
            arg[2 + len] != '=')
            continue;
        char *end;
        uint64_t value = strtoull(arg + 3 + len, &end, 10);
        if (*end) return false;
        memcpy((char *)o + option_table[i].offset, &value, sizeof value);
        return true;
    }
    return false;
}

int main(int argc, char **argv) {
    struct maker m = {0};
    for (size_t i = 0; i < N_OPTIONS; i++)
        memcpy((char *)&m.o + option_table[i].offset, &option_table[i].value, sizeof(uint64_t));
    for (int i = 1; i < argc; i++) {
        if (read_option(&m.o, argv[i])) continue;
        fprintf(stderr, "make_profile: %s: not --NAME=NUMBER of a known name\n", argv[i]);
        return 2;
    }
    if (!m.o.locations || !m.o.functions || !m.o.values || !m.o.label_values ||
        m.o.min_depth > m.o.max_depth || m.o.level > 9) {
        fprintf(stderr, "make_profile: the options contradict each other\n");
        return 2;
    }
    m.random = m.o.seed;
    char mode[] = {'w', 'b', (char)('0' + m.o.level), 0};
    m.out = gzdopen(1, mode);
    if (!m.out) return 2;
    write_profile(&m);
    if (gzclose(m.out) != Z_OK || m.failed) {
        fprintf(stderr, "make_profile: writing failed\n");
        return 2;
    }
    free(m.message.at);
    free(m.inner.at);
    return 0;
}
