/* Profiles with addresses become profiles with names: modes, flags, build ids, and what is left
 * alone. */
#include "binary.h"
#include "profile/builder.h"
#include "swap.h"
#include "symbol/locate.h"
#include "symbol/symbolize.h"

enum { BASE = 0x55550000 };

struct made {
    struct pp_arena arena;
    struct pp_profile p;
    uint64_t plain, work; /* addresses in the process */
    struct pp_str build_id;
};

/* A profile with two locations of a position-independent binary, loaded at BASE. */
static void make(struct made *m, const char *name, const char *build_id) {
    struct fixture b;
    struct profile_builder builder;
    uint64_t size;
    *m = (struct made){0};
    binary_open(&b, name);
    m->plain = BASE + binary_symbol(&b, "plain_c", &size) + 1;
    m->work = BASE + binary_symbol(&b, "_ZN8geometry4workEPKiiPi", &size) + 2;
    m->build_id = pp_arena_copy(&m->arena, b.object.main.build_id);
    const struct elf_segment *text = elf_file_text_segment(&b.object.main);
    struct pp_mapping map = {.id = 1,
                             .start = BASE + text->vaddr,
                             .limit = BASE + text->vaddr + text->memsz,
                             .offset = text->offset};
    binary_close(&b);
    char path[500];
    snprintf(path, sizeof path, "%s/%s", BINARIES, name);
    builder_init(&builder, &m->arena);
    map.file = builder_string(&builder, pp_str_from(path));
    map.build_id = builder_string(&builder, build_id ? pp_str_from(build_id) : m->build_id);
    builder_add_type(&builder, builder_string(&builder, PP_STR("cpu")),
                     builder_string(&builder, PP_STR("ns")));
    builder_add_mapping(&builder, &map);
    struct pp_location at = {.address = m->plain, .mapping = 0};
    uint32_t frames[2] = {builder_add_location(&builder, &at, NULL, 0)};
    at = (struct pp_location){.address = m->work, .mapping = 0};
    frames[1] = builder_add_location(&builder, &at, NULL, 0);
    int64_t value = 5;
    builder_add_sample(&builder, builder_stack(&builder, frames, 2),
                       builder_label_set(&builder, NULL, 0, 0), &value, 1);
    assert_true(builder_finish(&builder, &m->p, NULL));
}

static void run(struct made *m, const char *mode, struct pp_profile *ret,
                struct symbol_row *ret_row) {
    const struct binaries_options none = {0};
    const struct pp_diag diag = {0};
    struct binaries binaries;
    struct symbolized named;
    binaries_init(&binaries, &none, NULL);
    const struct symbolize_options opt = {.mode = mode, .binaries = &binaries, .diag = &diag};
    assert_true(symbolize(&m->p, &opt, &named, &m->arena, NULL));
    assert_int_equal(named.report.n, m->p.n_mappings);
    *ret = named.profile;
    *ret_row = named.report.rows[0];
    binaries_done(&binaries);
}

static struct pp_str name_of(const struct pp_profile *p, uint32_t location) {
    const struct pp_location *l = &p->locations[location];
    if (l->n_lines == 0) return PP_STR("-");
    return pp_string(p, p->functions[p->lines[l->first_line + l->n_lines - 1].function].name);
}

static void names_lines_and_flags(void **state) {
    struct made m;
    struct pp_profile p;
    struct symbol_row row;
    (void)state;
    make(&m, "gcc-pie", NULL);
    run(&m, "", &p, &row);
    assert_str(name_of(&p, 0), "plain_c");
    assert_str(name_of(&p, 1), "geometry::work");
    assert_int_equal(m.p.locations[0].n_lines, 0); /* the input stays */
    assert_int_equal(pp_id(p.function_ids, 0), 1);
    assert_true(p.mappings[0].has_functions && p.mappings[0].has_filenames);
    assert_true(p.mappings[0].has_line_numbers && p.mappings[0].has_inline_frames);
    assert_int_equal(row.outcome, SYMBOLS_READ);
    assert_true(row.id_matches);
    assert_int_equal(row.n_dwarf, 2);
    assert_int_equal(row.n_none, 0);
    pp_arena_done(&m.arena);
}

static void modes(void **state) {
    struct made m;
    struct pp_profile p;
    struct symbol_row row;
    (void)state;
    make(&m, "gcc-pie", NULL);
    run(&m, "none", &p, &row);
    assert_str(name_of(&p, 0), "-");
    assert_int_equal(row.outcome, SYMBOLS_OFF);
    run(&m, "remote", &p, &row);
    assert_str(name_of(&p, 0), "-");
    run(&m, "fastlocal", &p, &row);
    assert_str(name_of(&p, 1), "geometry::work");
    assert_int_equal(row.n_symtab, 2);
    assert_false(p.mappings[0].has_line_numbers);
    run(&m, "LOCAL:demangle=none", &p, &row);
    assert_str(name_of(&p, 1), "_ZN8geometry4workEPKiiPi");
    run(&m, "demangle=full", &p, &row);
    assert_str(name_of(&p, 1), "geometry::work(int const*, int, int*)");
    m.p = p;
    run(&m, "demangle=templates", &p, &row); /* implies force */
    assert_str(name_of(&p, 1), "geometry::work");
    pp_arena_done(&m.arena);
}

static void what_has_names_is_left_alone(void **state) {
    struct made m;
    struct pp_profile p;
    struct symbol_row row;
    (void)state;
    make(&m, "gcc-pie", NULL);
    m.p.mappings[0].has_filenames = true;
    run(&m, "", &p, &row);
    assert_str(name_of(&p, 0), "-");
    assert_int_equal(row.outcome, SYMBOLS_PRESENT);
    assert_ptr_equal(p.locations, m.p.locations); /* nothing is copied */
    assert_ptr_equal(p.functions, m.p.functions);
    assert_ptr_equal(p.strings, m.p.strings);
    run(&m, "force", &p, &row);
    assert_str(name_of(&p, 0), "plain_c");
    pp_arena_done(&m.arena);
}

static void a_wrong_build_id(void **state) {
    struct made m;
    struct pp_profile p;
    struct symbol_row row;
    (void)state;
    make(&m, "gcc-pie", "0123456789abcdef");
    run(&m, "", &p, &row);
    assert_str(name_of(&p, 0), "-");
    assert_int_equal(row.outcome, SYMBOLS_WRONG_BUILD);
    assert_true(row.n_tips > 0);
    run(&m, "force", &p, &row);
    assert_str(name_of(&p, 0), "plain_c");
    pp_arena_done(&m.arena);
}

static void write_text(const char *path, const char *text) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

/* Code in memory is named by the perf map, when one is given; code of a file never is. */
static void a_perf_map(void **state) {
    struct made m;
    struct symbolized s;
    struct pp_error err = {0};
    char path[] = "/tmp/cpprof-perf-map-XXXXXX", text[100];
    const struct pp_diag diag = {0};
    const struct binaries_options none = {0};
    struct binaries binaries;
    struct symbolize_options opt = {
        .mode = "", .perf_map = path, .binaries = &binaries, .diag = &diag};
    (void)state;
    binaries_init(&binaries, &none, NULL);
    close(mkstemp(path));
    make(&m, "gcc-pie", NULL);
    assert_false(symbolize(&m.p, &opt, &s, &m.arena, &err));
    assert_string_equal(err.about, "perf_map");
    snprintf(text, sizeof text, "%llx 8 jitted:plain\n", (unsigned long long)m.plain - 1);
    write_text(path, text);

    assert_true(symbolize(&m.p, &opt, &s, &m.arena, &err));
    assert_str(name_of(&s.profile, 0), "plain_c");

    m.p.strings[m.p.mappings[0].file] = PP_STR("[anon:jit]");
    assert_true(symbolize(&m.p, &opt, &s, &m.arena, &err));
    assert_str(name_of(&s.profile, 0), "jitted:plain");
    assert_str(name_of(&s.profile, 1), "-");
    assert_true(s.profile.mappings[0].has_functions);
    assert_false(s.profile.mappings[0].has_filenames);
    assert_int_equal(s.report.rows[0].outcome, SYMBOLS_PERF_MAP);
    assert_int_equal(s.report.rows[0].n_perf_map, 1);
    assert_int_equal(s.report.rows[0].n_none, 1);

    m.p.locations[0].mapping = m.p.locations[1].mapping = PP_NONE;
    assert_true(symbolize(&m.p, &opt, &s, &m.arena, &err));
    assert_str(name_of(&s.profile, 0), "jitted:plain");
    assert_str(name_of(&s.profile, 1), "-");
    opt.mode = "none";
    assert_true(symbolize(&m.p, &opt, &s, &m.arena, &err));
    assert_str(name_of(&s.profile, 0), "-");
    binaries_done(&binaries);
    unlink(path);
    pp_arena_done(&m.arena);
}

/* Who has no vmlinux has the kernel's own list, of the same build. */
static void a_list_of_the_kernel(void **state) {
    struct made m;
    struct symbolized s;
    char symbols[] = "/tmp/cpprof-symbols-XXXXXX", notes[] = "/tmp/cpprof-notes-XXXXXX";
    const struct pp_diag diag = {0};
    const struct kernel_files files = {symbols, notes};
    const struct binaries_options of_kernel = {.kernel_files = &files};
    struct binaries binaries;
    struct symbolize_options opt = {.mode = "", .binaries = &binaries, .diag = &diag};
    (void)state;
    make(&m, "gcc-pie", "aabbccdd");
    m.p.strings[m.p.mappings[0].file] = PP_STR("[kernel.kallsyms]_text");
    m.p.strings[m.p.mappings[0].kernel_symbol] = PP_STR("");
    m.p.mappings[0].start = m.p.mappings[0].offset = UINT64_C(0xffffffff83000000);
    m.p.mappings[0].limit = UINT64_C(0xffffffff84000000);
    m.p.locations[0].address = UINT64_C(0xffffffff83000120);
    m.p.locations[1].address = UINT64_C(0xffffffff83000220);
    close(mkstemp(symbols));
    int fd = mkstemp(notes);
    const uint32_t sizes[] = {4, 4, 3};
    assert_int_equal(write(fd, sizes, sizeof sizes), sizeof sizes);
    assert_int_equal(write(fd, "GNU\0\xaa\xbb\xcc\xdd", 8), 8);
    close(fd);
    write_text(symbols, "ffffffff81000000 T _text\nffffffff81000100 t helper\n"
                        "ffffffff81000200 D data\n");
    binaries_init(&binaries, &of_kernel, NULL);
    assert_true(symbolize(&m.p, &opt, &s, &m.arena, NULL));
    assert_str(name_of(&s.profile, 0), "helper");
    assert_str(name_of(&s.profile, 1), "-");
    assert_int_equal(s.report.rows[0].outcome, SYMBOLS_KERNEL);
    assert_int_equal(s.report.rows[0].n_symtab, 1);
    assert_int_equal(s.report.rows[0].n_none, 1);
    binaries_done(&binaries);

    m.p.strings[m.p.mappings[0].build_id] = PP_STR("aabbccde");
    binaries_init(&binaries, &of_kernel, NULL);
    assert_true(symbolize(&m.p, &opt, &s, &m.arena, NULL));
    assert_int_equal(s.report.rows[0].outcome, SYMBOLS_NOT_A_FILE);
    binaries_done(&binaries);
    unlink(symbols);
    unlink(notes);
    pp_arena_done(&m.arena);
}

static void no_such_file(void **state) {
    struct made m;
    struct pp_profile p;
    struct symbol_row row;
    static const struct {
        const char *file;
        enum symbol_outcome outcome;
    } cases[] = {{"/nowhere/at/all", SYMBOLS_UNREADABLE}, {"", SYMBOLS_NO_FILE},
                 {"[vdso]", SYMBOLS_NOT_A_FILE},          {"//anon", SYMBOLS_NOT_A_FILE},
                 {"/dev/zero", SYMBOLS_UNREADABLE},       {"/proc/kcore", SYMBOLS_UNREADABLE}};
    (void)state;
    make(&m, "gcc-pie", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        m.p.strings[m.p.mappings[0].file] = pp_str_from(cases[i].file);
        run(&m, "", &p, &row);
        assert_int_equal(row.outcome, cases[i].outcome);
        assert_str(name_of(&p, 0), "-");
    }
    pp_arena_done(&m.arena);
}

/* ---- locating ---- */

static struct pp_str located(struct made *m, const char *search_path, const char *binary) {
    const struct locate_options opt = {.search_path = search_path, .home = "", .binary = binary};
    const struct pp_diag diag = {0};
    struct pp_profile p;
    locate_binaries(&m->p, &opt, &p, &m->arena, &diag);
    return pp_string(&p, p.mappings[0].file);
}

static void binaries_are_found_by_every_pattern(void **state) {
    struct made m;
    char dir[] = "/tmp/cpprof-locate-XXXXXX", command[2000], wanted[700];
    (void)state;
    make(&m, "gcc-pie", NULL);
    assert_non_null(mkdtemp(dir));
    struct pp_str own = pp_string(&m.p, m.p.mappings[0].file);
    const char *id = m.build_id.data, *full = pp_arena_copy(&m.arena, own).data;
    char patterns[9][600];
    snprintf(patterns[0], 600, "%s/gcc-pie", id);
    snprintf(patterns[1], 600, "%s/anything", id);
    snprintf(patterns[2], 600, "%s/%s", full, id);
    snprintf(patterns[3], 600, "%.2s/%s.debug", id, id + 2);
    snprintf(patterns[4], 600, "gcc-pie");
    snprintf(patterns[5], 600, "%s", full);
    snprintf(patterns[6], 600, "%s.debug", full);
    snprintf(patterns[7], 600, "%s/.debug/gcc-pie.debug", BINARIES);
    snprintf(patterns[8], 600, "usr/lib/debug%s/gcc-pie.debug", BINARIES);
    for (size_t i = 0; i < 9; i++) {
        const char *name = patterns[i][0] == '/' ? patterns[i] + 1 : patterns[i];
        snprintf(command, sizeof command, "rm -rf %s && mkdir -p $(dirname %s/%s) && cp %s %s/%s",
                 dir, dir, name, full, dir, name);
        assert_int_equal(system(command), 0);
        snprintf(wanted, sizeof wanted, "%s/%s", dir, name);
        struct pp_str got = located(&m, dir, NULL);
        if (!pp_str_eq(got, pp_str_from(wanted))) fail_msg("%s: got %.*s", wanted, PP_STR_ARG(got));
    }
    /* another build under the right name is passed over */
    snprintf(command, sizeof command, "rm -rf %s && mkdir -p %s && cp %s/gcc-no-pie %s/gcc-pie",
             dir, dir, BINARIES, dir);
    assert_int_equal(system(command), 0);
    assert_true(pp_str_eq(located(&m, dir, NULL), own));
    assert_str(located(&m, dir, "/the/binary"), "/the/binary");
    snprintf(command, sizeof command, "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
    pp_arena_done(&m.arena);
}

/* A build id of a profile is part of a path only if it is hexadecimal. */
static void a_build_id_leads_nowhere_else(void **state) {
    struct made m;
    char dir[] = "/tmp/cpprof-locate-XXXXXX", command[2000], inside[100], outside[100];
    (void)state;
    make(&m, "gcc-pie", "../outside");
    assert_non_null(mkdtemp(dir));
    snprintf(inside, sizeof inside, "%s/inside", dir);
    snprintf(outside, sizeof outside, "%s/outside/gcc-pie", dir);
    snprintf(command, sizeof command, "mkdir %s %s/outside && cp %s/gcc-pie %s", inside, dir,
             BINARIES, outside);
    assert_int_equal(system(command), 0);
    int watch = watch_opening(outside);
    struct pp_str got = located(&m, inside, NULL);
    assert_true(pp_str_eq(got, pp_string(&m.p, m.p.mappings[0].file)));
    assert_false(opened_since(watch));
    snprintf(command, sizeof command, "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
    pp_arena_done(&m.arena);
}

static void a_profile_without_mappings_gets_one(void **state) {
    struct made m;
    struct pp_profile p;
    const struct locate_options opt = {.home = "", .build_id = "abcd", .binary = "prog"};
    const struct pp_diag diag = {0};
    (void)state;
    make(&m, "gcc-pie", NULL);
    m.p.n_mappings = 0;
    locate_binaries(&m.p, &opt, &p, &m.arena, &diag);
    assert_int_equal(p.n_mappings, 1);
    assert_int_equal(p.mappings[0].id, 1);
    assert_str(pp_string(&p, p.mappings[0].file), "prog");
    assert_str(pp_string(&p, p.mappings[0].build_id), "abcd");
    assert_int_equal(p.locations[1].mapping, 0);
    pp_arena_done(&m.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lines_and_flags),
        cmocka_unit_test(modes),
        cmocka_unit_test(what_has_names_is_left_alone),
        cmocka_unit_test(a_wrong_build_id),
        cmocka_unit_test(a_perf_map),
        cmocka_unit_test(a_list_of_the_kernel),
        cmocka_unit_test(no_such_file),
        cmocka_unit_test(binaries_are_found_by_every_pattern),
        cmocka_unit_test(a_build_id_leads_nowhere_else),
        cmocka_unit_test(a_profile_without_mappings_gets_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
