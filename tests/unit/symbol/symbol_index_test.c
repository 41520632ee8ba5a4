/* The format: what is written is read again, and nothing that is damaged is believed. */
#include "base/hash.h"
#include "symbol/symbol_index_writer.h"
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct object_facts facts = {.dwarf = true, .complete = true, .symbols = true};

/* A descriptor on these bytes. */
static int file_of(const void *bytes, size_t n) {
    int fd = memfd_create("index", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    return fd;
}

static struct pp_str finish(struct index_writer *w, struct pp_arena *arena) {
    struct out out;
    struct pp_error err;
    out_open_memory(&out);
    assert_true(symbol_index_write(w, PP_STR("abcd"), &facts, &out, &err));
    struct pp_str bytes = pp_arena_copy(arena, out_text(&out));
    out_close(&out, NULL);
    index_writer_done(w);
    return bytes;
}

static uint32_t call(struct index_writer *w, const char *name, uint32_t outer) {
    const struct index_call c = {.outer = outer,
                                 .name = index_add_text(w, pp_str_from(name)),
                                 .start_line = 7,
                                 .from_file = outer ? index_add_file(w, PP_STR("/src/a.c")) : 0,
                                 .from_line = outer ? 40 : 0,
                                 .from_column = outer ? 3 : 0,
                                 .source = FRAMES_DWARF};
    return index_add_call(w, &c);
}

/* Rows at 1000, 1010, ...: in `inner` inside `outer` at odd ones, in nothing at every fifth. */
static struct pp_str some_index(struct pp_arena *arena, uint32_t n_rows) {
    struct index_writer w;
    index_writer_init(&w);
    uint32_t outer = call(&w, "outer", 0), inner = call(&w, "inner", outer);
    uint32_t file = index_add_file(&w, PP_STR("/src/b.c"));
    for (uint32_t i = 0; i < n_rows; i++) {
        struct index_row row = {.address = 1000 + 10 * (uint64_t)i,
                                .call = i & 1 ? inner : outer,
                                .file = file,
                                .line = 1000000 - 17 * i,
                                .column = i % 100};
        if (i % 5 == 0) row = (struct index_row){.address = row.address};
        index_add_row(&w, &row);
    }
    return finish(&w, arena);
}

static struct symbol_index opened(struct pp_str bytes, struct pp_arena *arena) {
    struct symbol_index x;
    struct pp_error err = {0};
    bool ok = symbol_index_open(&x, file_of(bytes.data, bytes.len), PP_STR("abcd"), arena, &err);
    if (!ok) fail_msg("%s", err.text);
    return x;
}

static struct lookup ask(struct symbol_index *x, uint64_t address, struct pp_arena *arena) {
    struct lookup l = {.address = address};
    assert_true(symbol_index_find(x, &l, arena));
    return l;
}

static void check_row(struct symbol_index *x, uint32_t i, struct pp_arena *arena) {
    for (uint64_t byte = 0; byte < 10; byte++) {
        struct lookup l = ask(x, 1000 + 10 * (uint64_t)i + byte, arena);
        assert_int_equal(l.n_frames, i % 5 == 0 ? 0 : i & 1 ? 2 : 1);
        if (!l.n_frames) continue;
        assert_int_equal(l.source, FRAMES_DWARF);
        assert_str(l.frames[0].file, "/src/b.c");
        assert_int_equal(l.frames[0].line, 1000000 - 17 * i);
        assert_int_equal(l.frames[0].column, i % 100);
        assert_int_equal(l.frames[0].start_line, 7);
        assert_str(l.frames[l.n_frames - 1].function, "outer");
        if (l.n_frames < 2) continue;
        assert_str(l.frames[0].function, "inner");
        assert_str(l.frames[1].file, "/src/a.c");
        assert_int_equal(l.frames[1].line, 40);
        assert_int_equal(l.frames[1].column, 3);
    }
}

static void what_is_written_is_read(void **state) {
    static const uint32_t sizes[] = {1, 2, INDEX_BLOCK_ROWS, INDEX_BLOCK_ROWS + 1, 5000};
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct pp_arena a = {0};
        struct symbol_index x = opened(some_index(&a, sizes[k]), &a);
        assert_true(x.facts.dwarf && x.facts.complete && !x.facts.mini);
        for (uint32_t i = 0; i < sizes[k]; i++)
            check_row(&x, i, &a);
        assert_int_equal(ask(&x, 0, &a).n_frames, 0);
        assert_int_equal(ask(&x, 999, &a).n_frames, 0);
        symbol_index_close(&x);
        pp_arena_done(&a);
    }
}

/* The ends of the address space, and the largest numbers. */
static void far_rows(void **state) {
    static const uint64_t at[] = {0, 1, UINT64_C(1) << 62, UINT64_MAX - 1, UINT64_MAX};
    struct pp_arena a = {0};
    struct index_writer w;
    (void)state;
    index_writer_init(&w);
    uint32_t c[2] = {call(&w, "even", 0), call(&w, "odd", 0)};
    for (size_t i = 0; i < 5; i++) {
        struct index_row row = {.address = at[i], .call = c[i & 1], .line = i & 1 ? UINT32_MAX : 0};
        row.column = row.line;
        index_add_row(&w, &row);
    }
    struct symbol_index x = opened(finish(&w, &a), &a);
    for (size_t i = 0; i < 5; i++) {
        struct lookup l = ask(&x, at[i], &a);
        assert_int_equal(l.n_frames, 1);
        assert_true(pp_str_eq(l.frames[0].function, i & 1 ? PP_STR("odd") : PP_STR("even")));
        assert_int_equal(l.frames[0].line, i & 1 ? UINT32_MAX : 0);
        assert_int_equal(l.frames[0].column, i & 1 ? UINT32_MAX : 0);
    }
    assert_true(pp_str_eq(ask(&x, UINT64_C(1) << 63, &a).frames[0].function, PP_STR("even")));
    symbol_index_close(&x);
    pp_arena_done(&a);
}

static void no_rows(void **state) {
    struct pp_arena a = {0};
    struct index_writer w;
    (void)state;
    index_writer_init(&w);
    struct symbol_index x = opened(finish(&w, &a), &a);
    assert_int_equal(ask(&x, 5, &a).n_frames, 0);
    symbol_index_close(&x);
    pp_arena_done(&a);
}

static void the_same_input_gives_the_same_bytes(void **state) {
    struct pp_arena a = {0};
    (void)state;
    assert_true(pp_str_eq(some_index(&a, 500), some_index(&a, 500)));
    pp_arena_done(&a);
}

/* ---- what is damaged ---- */

static bool opens(const void *bytes, size_t n, const char *key, const char *why) {
    struct pp_arena a = {0};
    struct symbol_index x;
    struct pp_error err = {0};
    bool ok = symbol_index_open(&x, file_of(bytes, n), pp_str_from(key), &a, &err);
    if (ok) symbol_index_close(&x);
    if (!ok && !strstr(err.text, why)) fail_msg("%s, not %s", err.text, why);
    pp_arena_done(&a);
    return ok;
}

static void another_binary(void **state) {
    struct pp_arena a = {0};
    (void)state;
    struct pp_str bytes = some_index(&a, 10);
    assert_true(opens(bytes.data, bytes.len, "abcd", ""));
    assert_false(opens(bytes.data, bytes.len, "abce", "another binary"));
    assert_false(opens(bytes.data, bytes.len, "abc", "another binary"));
    pp_arena_done(&a);
}

static void every_length(void **state) {
    struct pp_arena a = {0};
    (void)state;
    struct pp_str bytes = some_index(&a, 300);
    for (size_t n = 0; n < bytes.len; n++)
        assert_false(opens(bytes.data, n, "abcd", ""));
    char *longer = PP_NEW(&a, char, bytes.len + 1);
    memcpy(longer, bytes.data, bytes.len);
    assert_false(opens(longer, bytes.len + 1, "abcd", "cut short"));
    pp_arena_done(&a);
}

/* Asks for all rows. True: it was believed to the end. */
static bool answers(const void *bytes, size_t n, uint32_t n_rows) {
    struct pp_arena a = {0};
    struct symbol_index x;
    bool ok = symbol_index_open(&x, file_of(bytes, n), PP_STR("abcd"), &a, NULL);
    bool is_open = ok;
    for (uint32_t i = 0; i < n_rows && ok; i++) {
        struct lookup l = {.address = 1000 + 10 * (uint64_t)i};
        ok = symbol_index_find(&x, &l, &a);
        if (ok) check_row(&x, i, &a);
    }
    if (is_open) symbol_index_close(&x);
    pp_arena_done(&a);
    return ok;
}

/* Whatever bit is wrong: the file is not believed, and nothing wrong was answered before. Bits of
 * the filler between parts count, too. */
static void every_bit(void **state) {
    enum { ROWS = 40 };
    struct pp_arena a = {0};
    (void)state;
    struct pp_str bytes = some_index(&a, ROWS);
    char *wrong = PP_NEW(&a, char, bytes.len);
    memcpy(wrong, bytes.data, bytes.len);
    for (size_t i = 0; i < 8 * bytes.len; i++) {
        wrong[i / 8] = (char)(wrong[i / 8] ^ 1 << i % 8);
        assert_false(answers(wrong, bytes.len, ROWS));
        wrong[i / 8] = bytes.data[i / 8];
    }
    assert_true(answers(wrong, bytes.len, ROWS));
    pp_arena_done(&a);
}

/* Sums are no secret: who forges a file makes them right. Then only the checks of every place and
 * length are left; the answers may be wrong, but reading stays inside. */
static void forge(char *bytes, size_t n) {
    struct index_header h;
    memcpy(&h, bytes, sizeof h);
    const struct index_span *sums = &h.parts[INDEX_SUMS];
    for (uint64_t i = 0; i < sums->size / 8; i++) {
        uint64_t from = sizeof h + i * INDEX_CHUNK, left = sums->at - from;
        uint64_t sum = symbol_index_hash(bytes + from, left < INDEX_CHUNK ? left : INDEX_CHUNK);
        memcpy(bytes + sums->at + 8 * i, &sum, sizeof sum);
    }
    h.sums_hash = symbol_index_hash(bytes + sums->at, sums->size);
    h.hash = symbol_index_hash(&h, offsetof(struct index_header, hash));
    memcpy(bytes, &h, sizeof h);
    (void)n;
}

static void forged(void **state) {
    enum { ROWS = 200, ROUNDS = 4000 };
    struct pp_arena keep = {0};
    uint64_t seed = 1;
    size_t refused = 0;
    (void)state;
    struct pp_str bytes = some_index(&keep, ROWS);
    char *wrong = PP_NEW(&keep, char, bytes.len);
    size_t sums_at = bytes.len - 8;
    for (size_t i = 0; i < ROUNDS; i++) {
        struct pp_arena a = {0};
        struct symbol_index x;
        memcpy(wrong, bytes.data, bytes.len);
        for (int k = 0; k < 3; k++) {
            seed = hash_word(seed, i);
            wrong[sizeof(struct index_header) + seed % (sums_at - sizeof(struct index_header))] =
                (char)(seed >> 40);
        }
        forge(wrong, bytes.len);
        if (!symbol_index_open(&x, file_of(wrong, bytes.len), PP_STR("abcd"), &a, NULL)) {
            refused++;
            pp_arena_done(&a);
            continue;
        }
        for (uint64_t at = 990; at < 1000 + 10 * ROWS; at += 7) {
            struct lookup l = {.address = at};
            if (symbol_index_find(&x, &l, &a)) continue;
            assert_int_not_equal(x.error.code, PP_E_NONE);
            refused++;
            break;
        }
        symbol_index_close(&x);
        pp_arena_done(&a);
    }
    assert_in_range(refused, 1, ROUNDS);
    pp_arena_done(&keep);
}

/* The file is cut short, or written over, after it was opened. */
static void a_file_that_changes(void **state) {
    struct pp_arena a = {0};
    struct symbol_index x;
    struct lookup l = {.address = 1000 + 10 * 4001};
    (void)state;
    struct pp_str bytes = some_index(&a, 5000);
    for (int cut = 0; cut < 2; cut++) {
        int fd = file_of(bytes.data, bytes.len), other = dup(fd);
        assert_true(symbol_index_open(&x, fd, PP_STR("abcd"), &a, NULL));
        if (cut)
            assert_int_equal(ftruncate(other, 5000), 0);
        else
            assert_int_equal(pwrite(other, bytes.data, bytes.len - 5000, 5000), bytes.len - 5000);
        assert_false(symbol_index_find(&x, &l, &a));
        assert_int_equal(l.n_frames, 0);
        assert_false(symbol_index_find(&x, &l, &a));
        symbol_index_close(&x);
        close(other);
    }
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(far_rows),
        cmocka_unit_test(no_rows),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(another_binary),
        cmocka_unit_test(every_length),
        cmocka_unit_test(every_bit),
        cmocka_unit_test(forged),
        cmocka_unit_test(a_file_that_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
