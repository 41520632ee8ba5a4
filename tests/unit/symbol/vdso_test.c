/* The kernel's pages in this process: its own function for the time is in them. */
#include "symbol/vdso.h"

#include "symbol/debug_file.h"
#include "test.h"

#include <elf.h>

static bool see_time(void *user, const struct elf_symbol *symbol) {
    static const struct pp_str names[] = {{"__vdso_clock_gettime", 20},
                                          {"__kernel_clock_gettime", 22}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (pp_str_eq(symbol->name, names[i])) *(uint64_t *)user = symbol->size;
    return true;
}

static void it_is_read(void **state) {
    struct elf_file f;
    struct pp_arena arena = {0};
    uint64_t size = 0;
    (void)state;
    if (!vdso_open(&f, &arena)) skip(); /* valgrind hides it */
    assert_true(f.build_id.len > 0);
    for (uint32_t i = 1; i < f.n_sections; i++)
        if (f.sections[i].type == SHT_DYNSYM)
            elf_file_each_symbol(&f, &f.sections[i], see_time, &size);
    assert_true(size > 0);
    elf_file_close(&f);
    pp_arena_done(&arena);
}

/* No other build is it. */
static void by_build_id(void **state) {
    struct elf_file f, found;
    struct pp_arena arena = {0};
    struct debug_search s = {.arena = &arena};
    struct pp_str path, other;
    (void)state;
    if (!vdso_open(&f, &arena)) skip();
    assert_true(debug_file_find_program(&s, f.build_id, &found, &path));
    elf_file_close(&found);
    assert_true(debug_file_find_alone(&s, f.build_id, PP_STR(""), &found, &path));
    elf_file_close(&found);
    other = pp_arena_copy(&arena, f.build_id);
    ((char *)other.data)[0] = other.data[0] == 'a' ? 'b' : 'a';
    assert_false(debug_file_find_program(&s, other, &found, &path));
    assert_false(debug_file_find_program(&s, PP_STR(""), &found, &path));
    elf_file_close(&f);
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read),
        cmocka_unit_test(by_build_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
