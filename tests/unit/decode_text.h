/* For tests of decoders: bytes in, the text of -raw out; "error: <kind>" where decoding fails. */
#ifndef DECODE_TEXT_H
#define DECODE_TEXT_H

#include "profile/decode/decode.h"
#include "profile/decode/host.h"
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct decode_case {
    const char *name;
    struct pp_str input;
    const char *want;
};

#define BYTES(literal)                                                                             \
    { literal, sizeof(literal) - 1 }

/* `host`: whom the decoder may ask; or NULL. */
static inline struct pp_str decode_raw_with(const struct decode_host *host, struct pp_str bytes,
                                            struct pp_arena *arena,
                                            struct pp_profile *ret_profile) {
    struct input in;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, bytes, NULL, &err));
    in.host = host;
    bool ok = profile_decode(&in, ret_profile, arena, &err);
    input_close(&in); /* a profile keeps nothing of it */
    if (!ok) return pp_arena_printf(arena, "error: %s", pp_code_text(err.code));
    struct report_ctx rc = {.profile = ret_profile, .full = ret_profile, .arena = arena};
    struct out out;
    out_open_memory(&out);
    assert_true(raw_report.render(&rc, &out, &err));
    struct pp_str text = pp_arena_copy(arena, out_text(&out));
    assert_true(out_close(&out, &err));
    return text;
}

static inline struct pp_str decode_raw(struct pp_str bytes, struct pp_arena *arena,
                                       struct pp_profile *ret_profile) {
    return decode_raw_with(NULL, bytes, arena, ret_profile);
}

static inline void check_decode(const struct decode_case *c) {
    struct pp_arena arena = {0};
    struct pp_profile p;
    struct pp_str got = decode_raw(c->input, &arena, &p);
    if (!pp_str_eq(got, pp_str_from(c->want)))
        fail_msg("%s:\n%.*s\n-- instead of\n%s", c->name, (int)got.len, got.data, c->want);
    pp_arena_done(&arena);
}

#define CHECK_DECODE(cases)                                                                        \
    for (size_t i_ = 0; i_ < sizeof(cases) / sizeof *(cases); i_++)                                \
    check_decode(&(cases)[i_])

/* The program of a file that has only a table of cases. */
#define DECODE_TEST(name, cases)                                                                   \
    static void name(void **state) {                                                               \
        (void)state;                                                                               \
        CHECK_DECODE(cases);                                                                       \
    }                                                                                              \
    int main(void) {                                                                               \
        const struct CMUnitTest tests[] = {cmocka_unit_test(name)};                                \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

#endif
