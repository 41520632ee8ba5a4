/* Dumps of code that was made at run time: what their records mean, and that any bytes are read. */
#include "jitdump_writer.h"
#include "profile/decode/perf/perf_dump.h"
#include "profile/profile.h"
#include "test.h"

static struct perf_writer w;

static struct perf_dump read_it(struct pp_arena *arena) {
    struct perf_dump d;
    assert_true(perf_dump_read(&d, (struct pp_str){w.bytes, w.len}, arena, NULL));
    perf_dump_sort(&d);
    return d;
}

static void write_shop(bool swap, uint64_t bias) {
    begin_dump(&w, swap, 0);
    begin_lines(&w, 20, 0x1000, 3);
    put_line(&w, 0x1000 + bias, 7, "/srv/shop.js");
    put_line(&w, 0x1010 + bias, 8, "\xff");
    put_line(&w, 0x1018 + bias, 3, "/srv/hash.js");
    end_entry(&w);
    put_load(&w, 20, "serve", 0x1000, 0x20, 1);
    begin_entry(&w, 4, 21); /* how to unwind it */
    put64(&w, 0);
    end_entry(&w);
    put_load(&w, 10, "parse", 0x2000, 0x30, 2);
    put_move(&w, 30, 0x1000, 0x3000, 0x20, 1);
    put_move(&w, 31, 0x9000, 0x9100, 0x20, 99); /* of nothing */
    begin_entry(&w, 3, 40);                     /* the end */
    end_entry(&w);
}

static void check_shop(struct perf_dump *d) {
    static const struct {
        uint64_t time, start, size;
        const char *name;
    } want[] = {
        {10, 0x2000, 0x30, "parse"}, {20, 0x1000, 0x20, "serve"}, {30, 0x3000, 0x20, "serve"}};
    assert_int_equal(d->n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(d->codes[i].time, want[i].time);
        assert_int_equal(d->codes[i].start, want[i].start);
        assert_int_equal(d->codes[i].size, want[i].size);
        assert_true(pp_str_eq(d->codes[i].name, pp_str_from(want[i].name)));
    }
    assert_int_equal(d->low, 0x1000);
    assert_int_equal(d->high, 0x3020);
}

static void check_line(const struct perf_code_lines *lines, uint64_t at, const char *file,
                       uint32_t line) {
    const struct perf_code_line *l = perf_code_line_at(lines, at);
    assert_non_null(l);
    assert_true(pp_str_eq(l->file, pp_str_from(file)));
    assert_int_equal(l->line, line);
}

/* In either order; addresses of lines may count in the header of the file that perf makes of it. */
static void functions_and_lines(void **state) {
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        struct pp_arena arena = {0};
        write_shop(variant & 1, variant & 2 ? 0x40 : 0);
        struct perf_dump d = read_it(&arena);
        check_shop(&d);
        for (size_t i = 1; i < 3; i++) {
            const struct perf_code_lines *lines = perf_dump_lines(&d, &d.codes[i]);
            check_line(lines, 0, "/srv/shop.js", 7);
            check_line(lines, 0xf, "/srv/shop.js", 7);
            check_line(lines, 0x10, "/srv/shop.js", 8);
            check_line(lines, 0x1f, "/srv/hash.js", 3);
        }
        assert_int_equal(perf_dump_lines(&d, &d.codes[0])->n, 0);
        assert_null(perf_code_line_at(perf_dump_lines(&d, &d.codes[0]), 0));
        pp_arena_done(&arena);
    }
}

/* Node 20's names are not as long as they were when it counted them: no line is believed then. */
static void lines_that_contradict_themselves(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    begin_dump(&w, false, 0);
    begin_lines(&w, 20, 0x1000, 3);
    put_line(&w, 0x1000, 7, "/srv/shop.js");
    put_bytes(&w, "rest of a name\0", 16);
    put_line(&w, 0x1010, 8, "/srv/shop.js");
    end_entry(&w);
    put_load(&w, 20, "serve", 0x1000, 0x20, 1);
    begin_lines(&w, 21, 0x5000, 1); /* of something else than what follows */
    put_line(&w, 0x5000, 9, "/srv/shop.js");
    end_entry(&w);
    put_load(&w, 21, "parse", 0x2000, 0x20, 2);
    struct perf_dump d = read_it(&arena);
    assert_int_equal(d.n, 2);
    assert_int_equal(perf_dump_lines(&d, &d.codes[0])->n, 0);
    assert_int_equal(perf_dump_lines(&d, &d.codes[1])->n, 0);
    pp_arena_done(&arena);
}

static void functions_without_room(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    begin_dump(&w, false, 1);
    put_load(&w, 1, "empty", 0x1000, 0, 1);
    put_load(&w, 2, "round the end", UINT64_MAX - 7, 8, 2);
    put_load(&w, 3, "last", UINT64_MAX - 8, 8, 3);
    struct perf_dump d = read_it(&arena);
    assert_int_equal(d.n, 1);
    assert_true(d.has_cycles);
    assert_int_equal(d.low, UINT64_MAX - 8);
    pp_arena_done(&arena);
}

/* Cut or changed anywhere: it is read as far as it goes, lines too. */
static void any_bytes(void **state) {
    static struct perf_writer whole;
    (void)state;
    write_shop(false, 0);
    whole = w;
    for (size_t at = 0; at < whole.len; at++)
        for (int what = 0; what < 3; what++) {
            struct pp_arena arena = {0};
            struct perf_dump d;
            char *copy = pp_malloc(whole.len + 1); /* its end is what a sanitizer watches */
            size_t len = what ? whole.len : at;
            memcpy(copy, whole.bytes, len);
            if (what) copy[at] = (char)(what == 1 ? 0xff : copy[at] ^ 1);
            char *exact = pp_realloc(copy, len + !len);
            bool ok = perf_dump_read(&d, (struct pp_str){exact, len}, &arena, NULL);
            if (!what) assert_int_equal(ok, at >= 40);
            for (uint32_t i = 0; ok && i < d.n; i++)
                perf_code_line_at(perf_dump_lines(&d, &d.codes[i]), 9);
            pp_arena_done(&arena);
            pp_free(exact);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_and_lines),
        cmocka_unit_test(lines_that_contradict_themselves),
        cmocka_unit_test(functions_without_room),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
