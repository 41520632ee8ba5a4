/* Recordings of Java Flight Recorder, made here byte by byte, with integers of both kinds. */
#include "decode_text.h"
#include "profile/decode/jfr/jfr.h"

enum { ROOM = 8192 };

struct maker {
    uint8_t bytes[ROOM];
    size_t n;
    bool compressed;
    size_t chunk, event; /* where they begin */
};

static void put(struct maker *m, uint8_t byte) {
    assert_true(m->n < ROOM);
    m->bytes[m->n++] = byte;
}

static void fixed(struct maker *m, uint64_t v, unsigned bytes) {
    while (bytes-- > 0)
        put(m, (uint8_t)(v >> 8 * bytes));
}

static void integer(struct maker *m, uint64_t v, unsigned bytes) {
    if (!m->compressed) {
        fixed(m, v, bytes);
        return;
    }
    for (unsigned i = 0; i < 8 && v > 0x7f; i++, v >>= 7)
        put(m, (uint8_t)(v | 0x80));
    put(m, (uint8_t)v);
}

#define INT(v)  integer(m, (uint64_t)(v), 4)
#define LONG(v) integer(m, (uint64_t)(v), 8)

static void text(struct maker *m, const char *s) {
    put(m, 3);
    INT(strlen(s));
    while (*s)
        put(m, (uint8_t)*s++);
}

static void begin_chunk(struct maker *m, unsigned major) {
    m->chunk = m->n;
    fixed(m, 0x464c5200, 4);
    fixed(m, major, 2);
    fixed(m, 1, 2);
    fixed(m, 0, 8); /* its size, set at the end */
    fixed(m, 0, 8);
    fixed(m, 0, 8);
    fixed(m, 1000000000, 8);
    fixed(m, 5000000000, 8);
    fixed(m, 0, 8);
    fixed(m, 500000000, 8); /* a tick is 2 ns */
    fixed(m, m->compressed, 4);
}

static void end_chunk(struct maker *m) {
    size_t end = m->n;
    m->n = m->chunk + 8;
    fixed(m, end - m->chunk, 8);
    m->n = end;
}

/* A size has four bytes in any case, as Java writes it. */
static void begin_event(struct maker *m, uint64_t type) {
    m->event = m->n;
    fixed(m, 0, 4);
    LONG(type);
}

static void end_event(struct maker *m) {
    size_t size = m->n - m->event;
    for (unsigned i = 0; i < 4; i++)
        m->bytes[m->event + i] =
            (uint8_t)(m->compressed ? (size >> 7 * i & 0x7f) | (i < 3 ? 0x80 : 0)
                                    : size >> 8 * (3 - i));
}

/* ---- types ---- */

enum type_id {
    T_INT = 1000, /* larger than what a byte holds */
    T_LONG,
    T_STRING,
    T_BOOLEAN,
    T_CLASS,
    T_SYMBOL,
    T_METHOD,
    T_FRAME,
    T_TRACE,
    T_THREAD,
    T_STATE,
    T_EXECUTION,
    T_ALLOCATION,
    T_MONITOR,
    T_OTHER
};

static const struct {
    const char *name;
    enum type_id id;
    struct {
        const char *name;
        enum type_id type;
        bool pooled, array;
    } fields[5];
} types[] = {
    {"int", T_INT, {{0}}},
    {"long", T_LONG, {{0}}},
    {"java.lang.String", T_STRING, {{0}}},
    {"boolean", T_BOOLEAN, {{0}}},
    {"java.lang.Class", T_CLASS, {{"name", T_SYMBOL, true, false}}},
    {"jdk.types.Symbol", T_SYMBOL, {{"string", T_STRING, false, false}}},
    {"jdk.types.Method",
     T_METHOD,
     {{"type", T_CLASS, true, false}, {"name", T_SYMBOL, true, false}}},
    {"jdk.types.StackFrame",
     T_FRAME,
     {{"method", T_METHOD, true, false}, {"lineNumber", T_INT, false, false}}},
    {"jdk.types.StackTrace",
     T_TRACE,
     {{"truncated", T_BOOLEAN, false, false}, {"frames", T_FRAME, false, true}}},
    {"java.lang.Thread",
     T_THREAD,
     {{"osName", T_STRING, false, false}, {"javaName", T_STRING, false, false}}},
    {"jdk.types.ThreadState", T_STATE, {{"name", T_STRING, false, false}}},
    {"jdk.ExecutionSample",
     T_EXECUTION,
     {{"startTime", T_LONG, false, false},
      {"sampledThread", T_THREAD, true, false},
      {"stackTrace", T_TRACE, true, false},
      {"state", T_STATE, true, false}}},
    {"jdk.ObjectAllocationSample",
     T_ALLOCATION,
     {{"objectClass", T_CLASS, true, false},
      {"stackTrace", T_TRACE, true, false},
      {"weight", T_LONG, false, false}}},
    {"com.oracle.jdk.JavaMonitorEnter", /* as Java 9 has it */
     T_MONITOR,
     {{"duration", T_LONG, false, false}, {"stackTrace", T_TRACE, true, false}}},
    {"jdk.Other", T_OTHER, {{"x", T_STRING, false, true}}},
};

enum { N_TYPES = sizeof types / sizeof *types };

static struct {
    const char *at[200];
    uint32_t n;
} strings;

static uint32_t string_id(const char *s) {
    for (uint32_t i = 0; i < strings.n; i++)
        if (!strcmp(strings.at[i], s)) return i;
    strings.at[strings.n] = s;
    return strings.n++;
}

static const char *number_text(unsigned n) {
    static char texts[40][8];
    assert_true(n >= 1000 && n < 1040);
    snprintf(texts[n - 1000], sizeof texts[0], "%u", n);
    return texts[n - 1000];
}

static void element(struct maker *m, const char *name, unsigned n_attributes) {
    INT(string_id(name));
    INT(n_attributes);
}

static void attribute(struct maker *m, const char *key, const char *value) {
    INT(string_id(key));
    INT(string_id(value));
}

static void put_tree(struct maker *m) {
    element(m, "root", 0);
    INT(2);
    element(m, "metadata", 0);
    INT(N_TYPES);
    for (size_t i = 0; i < N_TYPES; i++) {
        unsigned n = 0;
        while (n < 5 && types[i].fields[n].name)
            n++;
        element(m, "class", 2);
        attribute(m, "name", types[i].name);
        attribute(m, "id", number_text(types[i].id));
        INT(n + 1);
        element(m, "annotation", 0);
        INT(0);
        for (unsigned k = 0; k < n; k++) {
            element(m, "field", 2u + types[i].fields[k].pooled + types[i].fields[k].array);
            attribute(m, "name", types[i].fields[k].name);
            attribute(m, "class", number_text(types[i].fields[k].type));
            if (types[i].fields[k].pooled) attribute(m, "constantPool", "true");
            if (types[i].fields[k].array) attribute(m, "dimension", "1");
            INT(0);
        }
    }
    element(m, "region", 0);
    INT(0);
}

/* The strings stand first, and are known last. */
static void put_types(struct maker *m) {
    static struct maker tree;
    tree = (struct maker){.compressed = m->compressed};
    put_tree(&tree);
    begin_event(m, 0);
    LONG(0);
    LONG(0);
    LONG(1);
    INT(strings.n);
    for (uint32_t i = 0; i < strings.n; i++)
        text(m, strings.at[i]);
    for (size_t i = 0; i < tree.n; i++)
        put(m, tree.bytes[i]);
    end_event(m);
}

/* ---- values and events ---- */

static void begin_pool(struct maker *m, enum type_id type, unsigned n) {
    LONG(type);
    INT(n);
}

static void put_pools(struct maker *m) {
    begin_event(m, 1);
    LONG(0);
    LONG(0);
    LONG(0);
    put(m, 0);
    INT(7);
    begin_pool(m, T_SYMBOL, 4);
    LONG(1), text(m, "shop/Cart$$Lambda$14+0x00007f0001003000/360062");
    LONG(2), text(m, "run");
    LONG(3), put(m, 5), INT(4), put(m, 'a'), put(m, 0xe9), put(m, '['), put(m, 'x');
    LONG(4), text(m, "[[Ljava/lang/String;");
    begin_pool(m, T_CLASS, 2);
    LONG(1), LONG(1);
    LONG(2), LONG(4);
    begin_pool(m, T_METHOD, 2);
    LONG(300), LONG(1), LONG(2);
    LONG(301), LONG(0), LONG(3); /* no class: native */
    begin_pool(m, T_TRACE, 1);
    LONG(7), put(m, 1), INT(2);
    LONG(300), INT(12);
    LONG(301), INT(-1);
    begin_pool(m, T_THREAD, 2);
    LONG(1), text(m, "os"), put(m, 4), INT(3), integer(m, 'm', 2), integer(m, 0xd83d, 2),
        integer(m, 0xde00, 2);
    LONG(2), put(m, 2), LONG(9), put(m, 0); /* its name is in the pool of strings */
    begin_pool(m, T_STATE, 1);
    LONG(1), text(m, "STATE_RUNNABLE");
    begin_pool(m, T_STRING, 1);
    LONG(9), text(m, "pooled");
    end_event(m);
}

static void put_sample(struct maker *m, int64_t thread, int64_t trace, int64_t state) {
    begin_event(m, T_EXECUTION);
    LONG(0), LONG(thread), LONG(trace), LONG(state);
    end_event(m);
}

static void put_events(struct maker *m) {
    put_sample(m, 1, 7, 1);
    put_sample(m, 1, 7, 1);
    put_sample(m, 2, 7, 99);
    put_sample(m, 1, 0, 1); /* no such stack */
    begin_event(m, T_ALLOCATION);
    LONG(2), LONG(7), LONG(INT64_C(1) << 60);
    end_event(m);
    begin_event(m, T_MONITOR);
    LONG(50), LONG(7);
    end_event(m);
    begin_event(m, T_OTHER);
    INT(2), text(m, "x"), put(m, 1);
    end_event(m);
    begin_event(m, 77); /* of no type */
    put(m, 1);
    end_event(m);
}

/* Events first, then what they need. */
static void make(struct maker *m, bool compressed) {
    *m = (struct maker){.compressed = compressed};
    strings.n = 0;
    begin_chunk(m, 2);
    put_events(m);
    put_pools(m);
    put_types(m);
    end_chunk(m);
}

static const char want[] =
    "PeriodType:  \n"
    "Period: 0\n"
    "Time: 1970-01-01 00:00:01 +0000 UTC\n"
    "Duration: 5s\n"
    "Samples:\n"
    "samples/count[dflt] alloc_samples/count alloc_space/bytes contentions/count "
    "delay/nanoseconds\n"
    "          2          0          0          0          0: 1 2 \n"
    "                state:[STATE_RUNNABLE] thread:[m\xf0\x9f\x98\x80]\n"
    "          1          0          0          0          0: 1 2 \n"
    "                thread:[pooled]\n"
    "          1          0          0          0          0: \n"
    "                state:[STATE_RUNNABLE] thread:[m\xf0\x9f\x98\x80]\n"
    "          0          1 1152921504606846976          0          0: 1 2 \n"
    "                class:[java.lang.String[][]]\n"
    "          0          0          0          1        100: 1 2 \n"
    "Locations\n"
    "     1: 0x0 M=1 shop.Cart$$Lambda$14/0x00007f0001003000.run :12:0 s=0\n"
    "     2: 0x0 M=1 a\xc3\xa9[x :0:0 s=0\n"
    "Mappings\n"
    "1: 0x0/0x0/0x0   [FN][FL][LN]\n";

static struct pp_str bytes_of(const struct maker *m) {
    return (struct pp_str){(const char *)m->bytes, m->n};
}

static void reads_both_kinds_of_integers(void **state) {
    static struct maker m;
    (void)state;
    for (int compressed = 0; compressed < 2; compressed++) {
        make(&m, compressed);
        struct decode_case c = {compressed ? "compressed" : "fixed", bytes_of(&m), want};
        check_decode(&c);
    }
}

static void adds_chunks(void **state) {
    static struct maker m;
    (void)state;
    make(&m, true);
    size_t n = m.n;
    assert_true(2 * n <= ROOM);
    memcpy(m.bytes + n, m.bytes, n);
    m.n = 2 * n;
    struct pp_arena arena = {0};
    struct pp_profile p;
    struct pp_str got = decode_raw(bytes_of(&m), &arena, &p);
    assert_non_null(
        strstr(got.data, "          4          0          0          0          0: 1 2"));
    assert_non_null(
        strstr(got.data, "          0          0          0          2        200: 1 2"));
    pp_arena_done(&arena);
}

/* The error of such bytes, or what is doubted of them. */
static struct pp_error error_of(struct pp_str bytes) {
    struct pp_arena arena = {0};
    struct input in;
    struct pp_profile p;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, bytes, NULL, NULL));
    if (profile_decode(&in, &p, &arena, &err)) err = in.doubt;
    input_close(&in);
    pp_arena_done(&arena);
    return err;
}

static void check_error(struct pp_str bytes, const char *want_text) {
    struct pp_error err = error_of(bytes);
    if (!strstr(err.text, want_text)) fail_msg("%s instead of %s", err.text, want_text);
}

static void says_what_is_wrong(void **state) {
    static struct maker m;
    (void)state;
    check_error(pp_str_from("FLR"), "unrecognized");
    m = (struct maker){0};
    begin_chunk(&m, 0);
    check_error(bytes_of(&m), "Mission Control");
    m.n = 0;
    begin_chunk(&m, 2);
    end_chunk(&m);
    check_error(bytes_of(&m), "does not say its types");
    m.n = 20;
    check_error(bytes_of(&m), "cut off");
    make(&m, true);
    put(&m, 7);
    check_error(bytes_of(&m), "is no chunk");
    m.n = 0;
    m.compressed = true;
    begin_chunk(&m, 2);
    put_types(&m);
    end_chunk(&m);
    check_error(bytes_of(&m), "none of its 0 events");
    make(&m, true);
    memset(m.bytes + 8, 0, 8);
    check_error(bytes_of(&m), "not finished");
    assert_int_equal(error_of(bytes_of(&m)).code, PP_E_FORMAT);
}

/* Every prefix is refused or doubted, every byte may be any other. */
static void survives_damage(void **state) {
    static struct maker m;
    (void)state;
    make(&m, true);
    for (size_t n = 5; n < m.n; n++)
        assert_true(error_of(pp_str_slice(bytes_of(&m), 0, n)).code != PP_E_NONE);
    for (size_t i = 4; i < m.n; i++) {
        uint8_t byte = m.bytes[i];
        static const uint8_t flips[] = {0x01, 0x80, 0xff};
        for (size_t k = 0; k < sizeof flips; k++) {
            m.bytes[i] = byte ^ flips[k];
            error_of(bytes_of(&m));
        }
        m.bytes[i] = byte;
    }
}

static void names_classes(void **state) {
    static const char *const cases[][2] = {
        {"java/util/Map$Entry", "java.util.Map$Entry"},
        {"[B", "byte[]"},
        {"[[Ljava/lang/String;", "java.lang.String[][]"},
        {"shop/A$$Lambda$14/0x0000000801003000", "shop.A$$Lambda$14/0x0000000801003000"},
        {"shop/A$$Lambda$14/123456", "shop.A$$Lambda$14/123456"},
        {"shop/A$$Lambda+0x00007f0001003000", "shop.A$$Lambda/0x00007f0001003000"},
        {"shop/A$$Lambda$1+0x00007f0001/99", "shop.A$$Lambda$1/0x00007f0001"},
        {"shop.A", "shop.A"},
        {"[", "[]"},
        {"", ""},
    };
    struct pp_arena arena = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_str got = jfr_class_name(pp_str_from(cases[i][0]), &arena);
        if (!pp_str_eq(got, pp_str_from(cases[i][1])))
            fail_msg("%s: %.*s", cases[i][0], PP_STR_ARG(got));
    }
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_kinds_of_integers),
        cmocka_unit_test(adds_chunks),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(names_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
