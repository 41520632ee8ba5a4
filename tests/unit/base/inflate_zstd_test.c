/* zstd sources come out as what went in: any size, frames in a row, cut off, too large. */
#include "base/arena.h"
#include "base/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zstd.h>

static struct pp_str noise(struct pp_arena *arena, size_t len) {
    char *bytes = PP_NEW(arena, char, len);
    uint32_t state = 1;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (char)(state >> 30); /* two bits of it: half compressible */
    }
    return (struct pp_str){bytes, len};
}

static struct pp_str compressed(struct pp_arena *arena, struct pp_str s) {
    size_t room = ZSTD_compressBound(s.len);
    char *bytes = PP_NEW(arena, char, room);
    size_t len = ZSTD_compress(bytes, room, s.data, s.len, 1); /* without a checksum */
    assert_false(ZSTD_isError(len));
    return (struct pp_str){bytes, len};
}

static void assert_reads(struct pp_str packed, struct pp_str want) {
    struct input in;
    struct pp_error err;
    assert_true(input_open_memory(&in, packed, NULL, &err));
    struct pp_str got = input_all(&in);
    bool ok = input_finish(&in, &err);
    bool same = pp_str_eq(got, want);
    input_close(&in);
    assert_true(ok);
    assert_true(same);
}

static void reads_any_size(void **state) {
    (void)state;
    static const size_t sizes[] = {1,       1000,    131071,  131072,  131073, 262143, 262144,
                                   262145,  300000,  393216,  400000,  524288, 600001, 1000000,
                                   1310720, 3000000, 5000001, 8388608, 9999999};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pp_arena arena = {0};
        struct pp_str s = noise(&arena, sizes[i]);
        assert_reads(compressed(&arena, s), s);
        pp_arena_done(&arena);
    }
}

static void reads_frames_in_a_row(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_str s = noise(&arena, 300000);
    struct pp_str a = compressed(&arena, pp_str_slice(s, 0, 100000));
    struct pp_str b = compressed(&arena, pp_str_slice(s, 100000, s.len));
    char *both = PP_NEW(&arena, char, a.len + b.len);
    memcpy(both, a.data, a.len);
    memcpy(both + a.len, b.data, b.len);
    assert_reads((struct pp_str){both, a.len + b.len}, s);
    pp_arena_done(&arena);
}

static void assert_fails(struct pp_str packed, const struct pp_limits *limits, enum pp_code code,
                         const char *part) {
    struct input in;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, packed, limits, &err));
    assert_false(input_finish(&in, &err));
    input_close(&in);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.text, part));
}

static void refuses_what_is_cut_off(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_str packed = compressed(&arena, noise(&arena, 300000));
    for (size_t len = 8; len < packed.len; len += packed.len / 7)
        assert_fails(pp_str_slice(packed, 0, len), NULL, PP_E_FORMAT, "end of the zstd data");
    pp_arena_done(&arena);
}

static void refuses_what_is_too_large(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_str zeros = {PP_NEW(&arena, char, 20 << 20), 20 << 20};
    struct pp_limits limits = {.max_bytes = 1 << 20};
    assert_fails(compressed(&arena, zeros), &limits, PP_E_LIMIT, "1048576 bytes");
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_any_size),
        cmocka_unit_test(reads_frames_in_a_row),
        cmocka_unit_test(refuses_what_is_cut_off),
        cmocka_unit_test(refuses_what_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
