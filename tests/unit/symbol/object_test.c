/* One program in many kinds of files: wherever its debug information is, the answer is the same. */
#include "binary.h"

static const char work[] = "_ZN8geometry4workEPKiiPi";

/* Every byte of plain_c is in plain_c, in shapes.cc; by DWARF. */
static void check_plain(struct fixture *b, enum frame_source source) {
    uint64_t size, start = binary_symbol(b, "plain_c", &size), addresses[1000];
    assert_in_range(size, 10, 1000);
    for (uint64_t i = 0; i < size; i++)
        addresses[i] = start + i;
    struct lookup *l = binary_ask(b, addresses, size);
    for (uint64_t i = 0; i < size; i++) {
        assert_int_equal(l[i].source, source);
        const struct frame *outer = &l[i].frames[l[i].n_frames - 1];
        assert_str(outer->function, "plain_c");
        if (source != FRAMES_DWARF) continue;
        assert_true(pp_str_has_suffix(outer->file, PP_STR("./shapes.cc")));
        assert_int_equal(outer->start_line, 61);
        if (l[i].frames[0].line)
            assert_in_range(l[i].frames[0].line, 61, 63); /* 0: compiler's own */
    }
}

/* Somewhere in work() two inlined calls are around one address: the lambda, twice, mix. */
static void check_inlined(struct fixture *b) {
    uint64_t size, start = binary_symbol(b, work, &size), addresses[4000];
    uint32_t deepest = 0;
    for (uint64_t i = 0; i < size; i++)
        addresses[i] = start + i;
    struct lookup *l = binary_ask(b, addresses, size);
    for (uint64_t i = 0; i < size; i++) {
        const struct frame *outer = &l[i].frames[l[i].n_frames - 1];
        assert_true(pp_str_has_prefix(outer->function, PP_STR("_ZN8geometry4work")));
        if (l[i].n_frames > deepest) deepest = l[i].n_frames;
    }
    assert_true(deepest >= 1);
}

static void every_kind_of_file(void **state) {
    static const char *const names[] = {
        "gcc-pie",          "gcc-no-pie",   "gcc-dwarf4",   "gcc-gz",       "gcc-gz-gnu",
        "gcc-zstd",         "gcc-so.so",    "gcc-sections", "gcc-split4",   "gcc-split5",
        "clang-dwarf4",     "clang-dwarf5", "clang-split4", "clang-split5", "dwz-single",
        "dwz-one",          "debuglink",    "build-id",     "gcc-O0",       "dwp/gcc-split4",
        "dwp/clang-split5", "gcc-dwarf2",   "clang-dwarf2"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct fixture b;
        binary_open(&b, names[i]);
        check_plain(&b, FRAMES_DWARF);
        check_inlined(&b);
        binary_close(&b);
    }
}

/* DWARF 2 has no ranges: a unit says where its .text is, and this function has a section of its
 * own.
 */
static void code_beside_the_units_own_range(void **state) {
    static const char *const names[] = {"gcc-dwarf2", "clang-dwarf2"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct fixture b;
        uint64_t size;
        binary_open(&b, names[i]);
        uint64_t start = binary_symbol(&b, "_ZNK8geometry6Circle4areaEd", &size);
        struct lookup *l = binary_ask(&b, &start, 1);
        assert_int_equal(l->source, FRAMES_DWARF);
        assert_int_equal(l->n_frames, 1);
        assert_true(pp_str_has_suffix(l->frames->file, PP_STR("./shapes.cc")));
        assert_int_equal(l->frames->line, 34);
        binary_close(&b);
    }
}

static void names_without_dwarf(void **state) {
    struct fixture b;
    (void)state;
    binary_open(&b, "mini");
    check_plain(&b, FRAMES_SYMTAB);
    binary_close(&b);
    binary_open(&b, "no-debug");
    check_plain(&b, FRAMES_SYMTAB);
    binary_close(&b);
}

static void a_stripped_file_answers_nothing(void **state) {
    struct fixture b;
    uint64_t addresses[200];
    (void)state;
    binary_open(&b, "stripped");
    const struct elf_section *text = elf_file_section(&b.object.main, PP_STR(".text"));
    assert_non_null(text);
    for (size_t i = 0; i < 200; i++)
        addresses[i] = text->addr + 4 * i;
    struct lookup *l = binary_ask(&b, addresses, 200);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(l[i].n_frames, 0);
    binary_close(&b);
}

/* The inlined lambda and what it calls: names, lines of the calls, innermost first. */
static void the_chain_of_inlined_calls(void **state) {
    struct fixture b;
    uint64_t addresses[2000];
    bool seen = false;
    (void)state;
    binary_open(&b, "gcc-pie");
    const struct elf_section *text = elf_file_section(&b.object.main, PP_STR(".text"));
    for (size_t i = 0; i < text->size && i < 2000; i++)
        addresses[i] = text->addr + i;
    struct lookup *l = binary_ask(&b, addresses, text->size);
    for (size_t i = 0; i < text->size; i++) {
        const struct pp_str mix = PP_STR("mix");
        if (l[i].n_frames < 4 || !pp_str_eq(l[i].frames[0].function, mix)) continue;
        seen = true;
        assert_str(l[i].frames[1].function, "twice");
        assert_in_range(l[i].frames[0].line, 16, 19);
        assert_int_equal(l[i].frames[1].line, 23);
        assert_int_equal(l[i].frames[2].line, 51);
        assert_true(pp_str_has_suffix(l[i].frames[2].file, PP_STR("./shapes.cc")));
    }
    assert_true(seen);
    binary_close(&b);
}

/* Its .dwo files are not there: every unit comes out of the package. */
static void units_out_of_a_package(void **state) {
    static const char *const names[] = {"dwp/gcc-split4", "dwp/clang-split5"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture b;
        uint64_t size;
        binary_open(&b, names[i]);
        assert_int_equal(b.object.package.n_units, 2);
        assert_true(pp_str_has_suffix(b.object.package_path, PP_STR("split4.dwp")) ||
                    pp_str_has_suffix(b.object.package_path, PP_STR("split5.dwp")));
        assert_int_equal(b.object.search.n_looked, 1);
        assert_true(pp_str_has_suffix(b.object.search.looked[0], PP_STR(".dwp: found")));
        uint64_t start = binary_symbol(&b, "main", &size);
        struct lookup *l = binary_ask(&b, &start, 1);
        assert_str(l->frames[l->n_frames - 1].function, "main");
        assert_true(l->frames[l->n_frames - 1].start_line > 0); /* only the split half says it */
        binary_close(&b);
    }
}

/* Names that dwz moved to the alternate file are found there, and only there. */
static void the_alternate_file(void **state) {
    struct fixture b;
    (void)state;
    binary_open(&b, "dwz-one");
    assert_non_null(b.object.dwarf.alt);
    uint64_t size, start = binary_symbol(&b, work, &size);
    struct lookup *l = binary_ask(&b, &start, 1);
    assert_true(l->frames[0].function.len > 0);
    assert_true(l->frames[0].start_line > 0);
    binary_close(&b);
}

/* A relocatable file: the code of .text, and nothing of the other section that begins at 0 as well.
 */
static void a_relocatable_file(void **state) {
    struct fixture b;
    uint64_t size, addresses[500];
    (void)state;
    binary_open(&b, "module.o");
    uint64_t start = binary_symbol(&b, "module_work", &size);
    for (uint64_t i = 0; i < size; i++)
        addresses[i] = start + i;
    struct lookup *l = binary_ask(&b, addresses, size);
    for (uint64_t i = 0; i < size; i++) {
        const struct frame *outer = &l[i].frames[l[i].n_frames - 1];
        assert_int_equal(l[i].source, FRAMES_DWARF);
        assert_str(outer->function, "module_work");
        assert_true(pp_str_has_suffix(outer->file, PP_STR("./module.c")));
        if (l[i].n_frames == 2) assert_str(l[i].frames[0].function, "mix");
    }
    binary_close(&b);
}

static void a_symbol_ends_where_it_ends(void **state) {
    struct fixture b;
    uint64_t size;
    (void)state;
    binary_open(&b, "gcc-sections");
    uint64_t sizeless = binary_symbol(&b, "sizeless", &size);
    uint64_t sized = binary_symbol(&b, "sized", &size);
    uint64_t after = binary_symbol(&b, "after_gap", &size);
    const struct symtab *t = &b.object.symbols;
    assert_str(symtab_find(t, sizeless)->name, "sizeless");
    assert_str(symtab_find(t, sized - 1)->name, "sizeless");
    assert_str(symtab_find(t, sized)->name, "sized");
    assert_null(symtab_find(t, sized + 1));
    assert_null(symtab_find(t, after - 1));
    assert_str(symtab_find(t, after)->name, "after_gap");
    assert_null(symtab_find(t, 1));
    binary_close(&b);
}

/* Symbols of size zero own the code behind them, but no gap: that is 64 equal bytes or more. */
static void a_symbol_without_size_ends_at_a_gap(void **state) {
    struct fixture b;
    uint64_t size;
    (void)state;
    binary_open(&b, "markers");
    const struct symtab *t = &b.object.symbols;
    uint64_t marker = binary_symbol(&b, "marker", &size);
    assert_int_equal(size, 0);
    assert_str(symtab_find(t, marker - 1)->name, "_start");
    assert_str(symtab_find(t, marker)->name, "marker");
    assert_null(symtab_find(t, marker + 1));
    uint64_t before = binary_symbol(&b, "before_gap", &size);
    assert_int_equal(before, marker + 128);
    assert_int_equal(size, 7); /* two nops and a jump */
    assert_null(symtab_find(t, before + 7));
    uint64_t aligned = binary_symbol(&b, "before_alignment", &size);
    assert_int_equal(aligned, before + 107);
    assert_int_equal(size, 64);
    assert_str(symtab_find(t, aligned + 64)->name, "last");
    binary_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_file),
        cmocka_unit_test(code_beside_the_units_own_range),
        cmocka_unit_test(names_without_dwarf),
        cmocka_unit_test(a_stripped_file_answers_nothing),
        cmocka_unit_test(the_chain_of_inlined_calls),
        cmocka_unit_test(units_out_of_a_package),
        cmocka_unit_test(the_alternate_file),
        cmocka_unit_test(a_relocatable_file),
        cmocka_unit_test(a_symbol_ends_where_it_ends),
        cmocka_unit_test(a_symbol_without_size_ends_at_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
