/* Binaries are opened once, whoever asks; what has the build id stands in for a file that has not.
 */
#include "symbol/binaries.h"

#include "base/parallel.h"
#include "binary.h"
#include "symbol/symbol_list.h"

#include <stdatomic.h>

static const struct pp_str tree = {BINARIES "/tree", sizeof BINARIES "/tree" - 1};
static const struct pp_str id = {"c0ffee0123456789abcdef0123456789abcdef01", 40};

static void begin(struct binaries *b) {
    const struct binaries_options opt = {.debug_dirs = &tree, .n_debug_dirs = 1};
    assert_true(binaries_init(b, &opt, NULL));
}

static void each_is_opened_once(void **state) {
    struct binaries b;
    (void)state;
    begin(&b);
    struct pp_str path = pp_str_from(BINARIES "/build-id");
    struct binary *first = binaries_open(&b, path, id, false);
    assert_true(first->is_open);
    assert_ptr_equal(binaries_open(&b, path, id, false), first);
    assert_ptr_not_equal(binaries_open(&b, path, PP_STR("ab"), false), first);
    binaries_done(&b);
}

static void what_is_missing_says_why(void **state) {
    static const struct {
        const char *file, *why;
    } cases[] = {{"/nowhere/x", "No such file"}, {"[vdso]", "is not the name of a file"}};
    struct binaries b;
    (void)state;
    begin(&b);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct binary *o = binaries_open(&b, pp_str_from(cases[i].file), PP_STR("abcd"), false);
        assert_false(o->is_open);
        assert_non_null(strstr(o->error.text, cases[i].why));
    }
    binaries_done(&b);
}

/* The tree has only the debug file of this build. */
static void the_build_id_leads_to_a_debug_file(void **state) {
    struct binaries b;
    (void)state;
    begin(&b);
    struct binary *gone = binaries_open(&b, PP_STR("/nowhere/x"), id, false);
    assert_true(gone->is_open);
    assert_false(elf_file_has_code(&gone->object.main));
    struct pp_str other = pp_str_from(BINARIES "/gcc-O0");
    struct binary *forced = binaries_open(&b, other, id, true);
    assert_true(pp_str_eq(forced->object.path, other));
    binaries_done(&b);
    begin(&b);
    struct binary *right = binaries_open(&b, other, id, false);
    assert_true(pp_str_eq(right->object.main.build_id, id));
    binaries_done(&b);
}

struct asking {
    struct binaries b;
    atomic_uint named;
};

/* Symbols or frames, in turn. */
static void ask(void *user, unsigned worker, size_t task) {
    struct asking *a = user;
    (void)worker;
    struct binary *o = binaries_open(&a->b, pp_str_from(BINARIES "/build-id"), id, false);
    struct symbol_groups groups = binaries_symbols(&a->b, o);
    struct lookup l = {.address = groups.at[groups.n / 2].start};
    struct batch_object object = {.object = &o->object, .lookups = &l, .n = 1};
    struct pp_arena arenas[PARALLEL_MAX + 1] = {{0}};
    const struct batch_options opt = {.fast = task % 2 != 0};
    binaries_resolve(&a->b, &object, 1, &opt, arenas);
    if (groups.n) a->named++;
    for (size_t i = 0; i <= PARALLEL_MAX; i++)
        pp_arena_done(&arenas[i]);
}

static void several_threads_may_ask(void **state) {
    static struct asking a;
    (void)state;
    begin(&a.b);
    parallel_run(4, 16, ask, &a);
    assert_int_equal(a.named, 16);
    binaries_done(&a.b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_opened_once),
        cmocka_unit_test(what_is_missing_says_why),
        cmocka_unit_test(the_build_id_leads_to_a_debug_file),
        cmocka_unit_test(several_threads_may_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
