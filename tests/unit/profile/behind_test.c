/* Two profiles in one file, of any two kinds, compressed or not: what stands behind the first is
 * counted, or it is said where it begins. Nothing of it is left out without a word. */
#include "test.h"

#include "base/text.h"
#include "profile/decode/decode.h"

#include <zlib.h>
#include <zstd.h>

#define MAP    "00400000-00500000 r-xp 00000000 08:01 1 /bin/app\n"
#define CORPUS FIXTURES "/../../tests/fuzz/corpus/profile/"

/* A file, or without one a text. */
static const struct kind {
    const char *name, *text;
} kind_table[] = {
    {CORPUS "bpftrace", NULL},
    {CORPUS "chrome_trace", NULL},
    {CORPUS "count", NULL},
    {CORPUS "cpuprofile", NULL},
    {CORPUS "cpuprofile_old", NULL},
    {CORPUS "dtrace", NULL},
    {CORPUS "firefox", NULL},
    {CORPUS "firefox_rows", NULL},
    {CORPUS "folded", NULL},
    {CORPUS "growth", NULL},
    {CORPUS "heap", NULL},
    {CORPUS "heap_go", NULL},
    {CORPUS "heap_v2", NULL},
    {CORPUS "heapprofile", NULL},
    {CORPUS "java_contention", NULL},
    {CORPUS "java_heap", NULL},
    {CORPUS "jemalloc", NULL},
    {CORPUS "json", NULL},
    {CORPUS "memprof", NULL},
    {CORPUS "mutex", NULL},
    {CORPUS "otlp_events", NULL},
    {CORPUS "otlp_framed", NULL},
    {CORPUS "otlp_json", NULL},
    {CORPUS "otlp_v1_10", NULL},
    {CORPUS "otlp_v1_5", NULL},
    {CORPUS "otlp_v1_6", NULL},
    {CORPUS "otlp_v1_8", NULL},
    {CORPUS "speedscope", NULL},
    {CORPUS "thread", NULL},
    {CORPUS "trace_samples", NULL},
    {CORPUS "trace_spans", NULL},
    {FIXTURES "/cpp/cpu.prof", NULL},
    {FIXTURES "/cpp/heap.prof", NULL},
    {FIXTURES "/cpp/heap.pb.gz", NULL}, /* without a time, which tells two of Go's apart */
    {FIXTURES "/go/goroutine.txt", NULL},
    {FIXTURES "/go/heap.pb.gz", NULL},
    {FIXTURES "/go/heap.txt", NULL},
    {FIXTURES "/go/mutex.txt", NULL},
    {FIXTURES "/java/work.jfr.gz", NULL},
    {FIXTURES "/made/plain.pb.gz", NULL},
    {FIXTURES "/perf/shop.perf.data", NULL},
    {FIXTURES "/perf/shop-pipe.perf.data", NULL},
    {"heap with a map", "heap profile: 1: 100 [1: 100] @ heapprofile\n1: 100 [1: 100] @ 0x400100\n"
                        "MAPPED_LIBRARIES:\n" MAP},
    {"counts with a map", "threadcreate profile: total 7\n7 @ 0x400100 0x400200\n"
                          "--- Memory map: ---\n" MAP},
    {"contention with a map", "--- contention:\ncycles/second = 1000000000\n100 3 @ 0x400100\n"
                              "--- Memory map: ---\n" MAP},
    {"threads with a map", "--- threadz 1 ---\n\n--- Thread 7f794ab9 (name: main/14) stack: ---\n"
                           "  0x40be31 0x40be73\n--- Memory map: ---\n" MAP},
    {"names in front", "--- symbol\nbinary=/bin/app\n0x0000000000400101 outer--inner\n---\n"
                       "--- heap\nheap profile: 1: 100 [1: 100] @ heapprofile\n"
                       "1: 100 [1: 100] @ 0x400101\nMAPPED_LIBRARIES:\n" MAP},
    {"goroutines",
     "goroutine 12 [chan receive]:\nmain.wait(0xc000012345)\n\t/src/main.go:12 +0x1d\n"
     "created by main.start in goroutine 1\n\t/src/main.go:7 +0x45\n"},
    {"perf script", "shop 4242/4243 [001]  6917.188160:    1001001 cpu-clock:\n"
                    "        55d0c1a2b3c4 hash+0x1f (/usr/bin/shop)\n\n"},
    {"austin", "# austin: 3.6.0\n# mode: wall\n\nP42;T1;/a.py:f:1;/a.py:g:2 300\n"},
};

enum { N_KINDS = sizeof kind_table / sizeof *kind_table, N_FORMS = 3 };

enum form { PLAIN, GZIP, ZSTD };

struct sample {
    struct pp_str forms[N_FORMS];
    int64_t total;
};

/* The sum of the first type's values; false when it is refused. What is said goes to ret_said. */
static bool read_total(struct pp_str bytes, int64_t *ret_total, struct pp_error *ret_said) {
    struct input in;
    struct pp_profile p;
    struct pp_arena arena = {0};
    assert_true(input_open_memory(&in, bytes, NULL, ret_said));
    bool ok = profile_decode(&in, &p, &arena, ret_said);
    uint64_t total = 0;
    for (uint32_t i = 0; ok && i < p.n_samples; i++)
        total += (uint64_t)p.values[(size_t)i * p.n_types];
    *ret_total = (int64_t)total;
    if (ok) *ret_said = in.doubt;
    input_close(&in);
    pp_arena_done(&arena);
    return ok;
}

static struct pp_str bytes_of(const struct kind *k, struct pp_arena *arena) {
    struct input in;
    if (k->text) return pp_str_from(k->text);
    if (!input_open_file(&in, k->name, NULL, NULL)) fail_msg("%s is not there", k->name);
    struct pp_str bytes = pp_arena_copy(arena, input_all(&in));
    input_close(&in);
    return bytes;
}

static struct pp_str zstd_of(struct pp_str bytes, struct pp_arena *arena) {
    size_t room = ZSTD_compressBound(bytes.len);
    char *packed = PP_NEW(arena, char, room);
    size_t n = ZSTD_compress(packed, room, bytes.data, bytes.len, 1);
    assert_false(ZSTD_isError(n));
    return (struct pp_str){packed, n};
}

static struct pp_str gzip_of(struct pp_str bytes, struct pp_arena *arena) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, bytes.len);
    char *packed = PP_NEW(arena, char, room);
    z.next_in = (z_const Bytef *)bytes.data;
    z.avail_in = (uInt)bytes.len;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return (struct pp_str){packed, z.total_out};
}

/* "byte 12", "line 3", "message 2". */
static bool names_a_place(const char *said) {
    static const char *const words[] = {"byte ", "line ", "message "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strstr(said, words[i]);
        if (at && text_is_digit(at[strlen(words[i])])) return true;
    }
    return false;
}

static void check_pair(const struct sample *all, size_t first, enum form first_form, size_t second,
                       enum form second_form, struct pp_arena *arena) {
    struct pp_str a = all[first].forms[first_form], b = all[second].forms[second_form];
    char *both = PP_NEW(arena, char, a.len + b.len);
    struct pp_error said = {.code = PP_E_NONE};
    int64_t total;
    memcpy(both, a.data, a.len);
    memcpy(both + a.len, b.data, b.len);
    bool ok = read_total((struct pp_str){both, a.len + b.len}, &total, &said);
    if (ok && total == all[first].total + all[second].total) return;
    if (said.code == PP_E_NONE || !names_a_place(said.text))
        fail_msg("%s and %s, forms %d and %d: %s, and \"%s\"", kind_table[first].name,
                 kind_table[second].name, first_form, second_form, ok ? "read" : "refused",
                 said.code == PP_E_NONE ? "" : said.text);
}

static void nothing_is_left_out_in_silence(void **state) {
    static const enum form forms[][2] = {{PLAIN, PLAIN}, {PLAIN, GZIP}, {GZIP, PLAIN},
                                         {PLAIN, ZSTD},  {ZSTD, PLAIN}, {GZIP, ZSTD}};
    static struct sample all[N_KINDS];
    struct pp_arena arena = {0};
    (void)state;
    for (size_t i = 0; i < N_KINDS; i++) {
        struct pp_error why = {.code = PP_E_NONE};
        struct pp_str bytes = bytes_of(&kind_table[i], &arena);
        if (!read_total(bytes, &all[i].total, &why))
            fail_msg("%s: %s", kind_table[i].name, why.text);
        if (why.code != PP_E_NONE) fail_msg("%s alone: %s", kind_table[i].name, why.text);
        all[i].forms[PLAIN] = bytes;
        all[i].forms[GZIP] = gzip_of(bytes, &arena);
        all[i].forms[ZSTD] = zstd_of(bytes, &arena);
    }
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (size_t i = 0; i < N_KINDS; i++)
            for (size_t j = 0; j < N_KINDS; j++) {
                struct pp_arena pair = {0};
                check_pair(all, i, forms[f][0], j, forms[f][1], &pair);
                pp_arena_done(&pair);
            }
    pp_arena_done(&arena);
}

#define SAYS(bytes, text)                                                                          \
    { {bytes, sizeof(bytes) - 1}, text }

/* What is no profile is told too, once, and what a format allows is not. */
static void says_what_stands_behind(void **state) {
    static const struct {
        struct pp_str bytes;
        const char *said; /* "": nothing */
    } cases[] = {
        SAYS("heap profile: 1: 1 [1: 1] @ heapprofile\n1: 1 [1: 1] @ 0x400001\nMAPPED_LIBRARIES:\n"
             "build=/bin\n\n# a comment\n400000-500000 r-xp 0 0:0 0 $build/app\n",
             ""),
        SAYS("heap profile: 1: 1 [1: 1] @ heapprofile\n1: 1 [1: 1] @ 0x400001\nMAPPED_LIBRARIES:\n"
             "400000-500000 r-xp 0 0:0 0 /bin/app\nmain;work 12\n",
             "another profile begins at byte 117"),
        SAYS("heap profile: 1: 1 [1: 1] @ heapprofile\n1: 1 [1: 1] @ 0x400001\nMAPPED_LIBRARIES:\n"
             "400000-500000 r-xp 0 0:0 0 /bin/app\nand so on\n",
             "heap profile: what stands at byte 117 is no part of it and is left out"),
        SAYS("goroutine 1 [running]:\nmain.main()\n\t/main.go:1 +0x1\nexit status 2\n", ""),
        SAYS("goroutine 1 [running]:\nmain.main()\n\t/main.go:1 +0x1\n\nmain;work 12\n",
             "another profile seems to begin at byte 53"),
        SAYS("# made by hand\nmain;work 12\n# the end\n", ""),
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_error said = {.code = PP_E_NONE};
        int64_t total;
        read_total(cases[i].bytes, &total, &said);
        const char *text = said.code == PP_E_NONE ? "" : said.text;
        if (*cases[i].said ? !strstr(text, cases[i].said) : *text)
            fail_msg("\"%s\" instead of \"%s\"", text, cases[i].said);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_out_in_silence),
        cmocka_unit_test(says_what_stands_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
