/* Addresses of processes to addresses of files, by program headers. */
#include "symbol/address.h"
#include "test.h"

#include <elf.h>

static const struct elf_section sections[] = {
    {.type = 0}, {.name = {".text", 5}, .type = SHT_PROGBITS, .addr = 0x401000, .size = 0x1000}};

static struct elf_file file_of(uint16_t type, struct elf_segment *segments, uint32_t n) {
    return (struct elf_file){.type = type,
                             .segments = segments,
                             .n_segments = n,
                             .sections = (struct elf_section *)(uintptr_t)sections,
                             .n_sections = 2};
}

static struct address_mapping mapping(uint64_t start, uint64_t limit, uint64_t offset) {
    return (struct address_mapping){
        .start = start, .limit = limit, .offset = offset, .path = PP_STR("f")};
}

static uint64_t ask(const struct elf_file *f, uint64_t start, uint64_t limit, uint64_t offset,
                    uint64_t address) {
    struct address_map map;
    struct pp_error err = {0};
    uint64_t result = 0;
    const struct address_mapping m = mapping(start, limit, offset);
    if (!address_map_init(&map, f, &m, &err) || !address_to_object(&map, address, &result, &err))
        fail_msg("%s", err.text);
    return result;
}

static bool refused(const struct elf_file *f, uint64_t start, uint64_t limit, uint64_t offset,
                    uint64_t address) {
    struct address_map map;
    uint64_t result;
    const struct address_mapping m = mapping(start, limit, offset);
    return !address_map_init(&map, f, &m, NULL) || !address_to_object(&map, address, &result, NULL);
}

static void fixed_programs(void **state) {
    struct elf_segment s = {PT_LOAD, PF_R | PF_X, 0x1000, 0x401000, 0x1000, 0x1000, 0x1000};
    struct elf_file f = file_of(ET_EXEC, &s, 1);
    (void)state;
    assert_int_equal(ask(&f, 0x401000, 0x402000, 0x1000, 0x401234), 0x401234);
    assert_int_equal(ask(&f, 0, UINT64_MAX, 0, 0x401234), 0x401234);
    assert_int_equal(ask(&f, 0, 0, 0, 0x401234), 0x401234);
    assert_true(refused(&f, 0x401000, 0x402000, 0x1000, 0x402000));
    assert_true(refused(&f, 0x401000, 0x402000, 0x1000, 0x400fff));
}

static void moved_programs(void **state) {
    struct elf_segment s = {PT_LOAD, PF_R | PF_X, 0x1000, 0x401000, 0x1000, 0x1000, 0x1000};
    struct elf_file f = file_of(ET_DYN, &s, 1);
    (void)state;
    assert_int_equal(ask(&f, 0x7f0000001000, 0x7f0000002000, 0x1000, 0x7f0000001234), 0x401234);
}

/* Two segments on one page of the file, each moved by another distance: each address by its own. */
static void several_segments(void **state) {
    struct elf_segment s[] = {{PT_LOAD, PF_R | PF_X, 0x0, 0x0, 0x800, 0x800, 0x1000},
                              {PT_LOAD, PF_R | PF_X, 0x800, 0x200800, 0x1000, 0x1000, 0x1000}};
    struct elf_file f = file_of(ET_DYN, s, 2);
    (void)state;
    assert_int_equal(ask(&f, 0x10000, 0x12000, 0, 0x10010), 0x10);
    assert_int_equal(ask(&f, 0x10000, 0x12000, 0, 0x10810), 0x200810);
}

/* A mapping of the file as memory has it: no place in the file matters, only where it begins. */
static void images(void **state) {
    struct elf_segment s[] = {{PT_LOAD, PF_R, 0, 0x400000, 0x800, 0x800, 0x1000},
                              {PT_LOAD, PF_R | PF_X, 0x800, 0x401800, 0x1000, 0x1000, 0x1000}};
    static const uint64_t starts[] = {0, 0x7f0000000000};
    struct elf_file f = file_of(ET_EXEC, s, 2);
    f.load_base = 0x400000;
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct address_map map;
        uint64_t at = 0;
        struct address_mapping m = mapping(starts[i], UINT64_MAX, 0);
        m.as_image = true;
        assert_true(address_map_init(&map, &f, &m, NULL));
        assert_true(address_to_object(&map, starts[i] + 0x1834, &at, NULL));
        assert_int_equal(at, 0x401834);
        assert_false(starts[i] && address_to_object(&map, starts[i] - 1, &at, NULL));
    }
}

static void a_mapping_of_no_segment(void **state) {
    struct elf_segment s = {PT_LOAD, PF_R | PF_X, 0x1000, 0x401000, 0x1000, 0x1000, 0x1000};
    struct elf_file f = file_of(ET_DYN, &s, 1);
    (void)state;
    assert_true(refused(&f, 0x10000, 0x11000, 0x8000, 0x10010));
}

/* objcopy --only-keep-debug leaves segments their addresses and sizes, and no place in the file.
 * The code is at 0x1000 and three pages long. */
static void debug_files(void **state) {
    struct elf_segment s[] = {{PT_LOAD, PF_R, 0, 0, 0x300, 0x600, 0x1000},
                              {PT_LOAD, PF_R | PF_X, 0, 0x1010, 0, 0x2800, 0x1000}};
    struct elf_section own[] = {{.type = 0},
                                {.name = {".text", 5},
                                 .type = SHT_NOBITS,
                                 .flags = SHF_ALLOC | SHF_EXECINSTR,
                                 .addr = 0x1010,
                                 .size = 0x2800}};
    struct elf_file f = file_of(ET_DYN, s, 2);
    (void)state;
    f.sections = own;
    f.n_sections = 2;
    /* laid out as in memory; packed, where the size tells; the code's second half; all from the
     * file's beginning on; packed and of no known size */
    assert_int_equal(ask(&f, 0x7f0000001000, 0x7f0000004000, 0x1000, 0x7f0000001234), 0x1234);
    assert_int_equal(ask(&f, 0x7f0000001000, 0x7f0000004000, 0, 0x7f0000001234), 0x1234);
    assert_int_equal(ask(&f, 0x7f0000002000, 0x7f0000004000, 0x2000, 0x7f0000002234), 0x2234);
    assert_int_equal(ask(&f, 0x7f0000000000, 0x7f0000009000, 0, 0x7f0000001234), 0x1234);
    assert_int_equal(ask(&f, 0x7f0000001000, 0x7f0000009000, 0x9000, 0x7f0000001234), 0x1234);
    s[0].flags |= PF_X; /* no rule tells which of two it is */
    assert_true(refused(&f, 0x7f0000001000, 0x7f0000009000, 0x9000, 0x7f0000001234));
}

static void kernels(void **state) {
    struct elf_segment s = {PT_LOAD,  PF_R | PF_X, 0x200000, UINT64_C(0xffffffff81000000),
                            0x100000, 0x100000,    0x200000};
    struct elf_section own[] = {
        {.type = 0},
        {.name = {".text", 5}, .addr = UINT64_C(0xffffffff81000000), .size = 0x100000}};
    struct elf_file f = file_of(ET_EXEC, &s, 1);
    (void)state;
    f.sections = own;
    /* loaded elsewhere, the mapping starting at _text: moved by the difference */
    assert_int_equal(ask(&f, UINT64_C(0xffffffff9e000000), UINT64_C(0xffffffffa0000000), 0,
                         UINT64_C(0xffffffff9e001234)),
                     UINT64_C(0xffffffff81001234));
    /* the same with the mapping's start as its offset, as perf writes it */
    assert_int_equal(ask(&f, UINT64_C(0xffffffff9e000000), UINT64_C(0xffffffffa0000000),
                         UINT64_C(0xffffffff9e000000), UINT64_C(0xffffffff9e001234)),
                     UINT64_C(0xffffffff81001234));
}

static void modules(void **state) {
    struct elf_file f = file_of(ET_REL, NULL, 0);
    (void)state;
    assert_int_equal(ask(&f, UINT64_C(0xffffffffc0100000), UINT64_C(0xffffffffc0200000), 0,
                         UINT64_C(0xffffffffc0100040)),
                     0x40);
    assert_true(refused(&f, 0x10000, 0x20000, 0x1000, 0x10010));
}

static void not_a_program(void **state) {
    struct elf_file f = file_of(ET_CORE, NULL, 0);
    (void)state;
    assert_true(refused(&f, 0x10000, 0x20000, 0, 0x10010));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_programs),
        cmocka_unit_test(moved_programs),
        cmocka_unit_test(several_segments),
        cmocka_unit_test(images),
        cmocka_unit_test(a_mapping_of_no_segment),
        cmocka_unit_test(kernels),
        cmocka_unit_test(modules),
        cmocka_unit_test(not_a_program),
        cmocka_unit_test(debug_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
