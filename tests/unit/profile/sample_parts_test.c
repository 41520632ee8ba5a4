/* Samples that are written on all processors come in their order, whatever is in them. */
#include "profile/sample_parts.h"

#include "base/arena.h"

#include "test.h"

enum { SAMPLES = 20000, DEEP_ONE = 7000, LONG_ONE = 9000, LONG = 3 << 20, EMPTY_ONE = 11000 };

static void put_number(void *user, unsigned worker, uint32_t sample, struct out *o) {
    assert_true(worker < SAMPLE_WRITERS);
    out_printf(o, "%u\n", sample);
    for (int i = 0; user && sample == LONG_ONE && i < LONG; i++)
        out_char(o, 'x');
}

/* Twenty frames each, but for the one that has very many and the one that has none. */
static struct pp_profile profile_of(uint32_t n, struct pp_arena *a) {
    struct pp_profile p = {.n_samples = n, .n_stacks = 3};
    p.stacks = PP_NEW(a, struct pp_stack, 3);
    p.stacks[0].len = 20;
    p.stacks[1].len = 1 << 20;
    p.sample_stack = PP_NEW(a, uint32_t, n);
    if (n > DEEP_ONE) p.sample_stack[DEEP_ONE] = 1;
    if (n > EMPTY_ONE) p.sample_stack[EMPTY_ONE] = 2;
    return p;
}

static void check(uint32_t n, void *user) {
    struct pp_arena a = {0};
    struct pp_profile p = profile_of(n, &a);
    struct out want, got;
    out_open_memory(&want);
    out_open_memory(&got);
    for (uint32_t i = 0; i < n; i++)
        put_number(user, 0, i, &want);
    sample_parts_put(&p, &got, put_number, user);
    assert_str_bytes(out_text(&got), out_text(&want).data, out_text(&want).len);
    out_close(&want, NULL);
    out_close(&got, NULL);
    pp_arena_done(&a);
}

static void keeps_the_order(void **state) {
    (void)state;
    check(0, NULL);
    check(10, NULL);
    check(SAMPLES, NULL);
    check(SAMPLES, &(int){0});
}

static bool take(void *user, const void *bytes, size_t len) {
    (void)bytes;
    size_t *left = user;
    if (*left < len) return false;
    *left -= len;
    return true;
}

static void ends_when_nobody_reads(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = profile_of(SAMPLES, &a);
    struct out o;
    struct pp_error err;
    size_t left = 20000;
    out_open_sink(&o, take, &left);
    sample_parts_put(&p, &o, put_number, NULL);
    assert_true(out_failed(&o));
    assert_false(out_close(&o, &err));
    assert_int_equal(err.code, PP_E_CLOSED);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_order),
        cmocka_unit_test(ends_when_nobody_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
