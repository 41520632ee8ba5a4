/* Lists of a kernel's symbols: where they are found, kernels and modules that were moved, lines
 * that are no functions. */
#include "perf_map_check.h"
#include "symbol/kernel_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST                                                                                       \
    "0000000000000000 A fixed_percpu_data\n"                                                       \
    "ffffffff81000000 T srso_alias\n"                                                              \
    "ffffffff81000000 T _text\n"                                                                   \
    "ffffffff81000000 T start_of_all\n"                                                            \
    "ffffffff81000100 t helper\n"                                                                  \
    "ffffffff81000180 W __weak_one\n"                                                              \
    "ffffffff81000180 T __pi_copy\n"                                                               \
    "ffffffff81000180 T copy\n"                                                                    \
    "ffffffff81000200 D some_data\n"                                                               \
    "ffffffff81000300 t last\n"                                                                    \
    "no line at all\n"                                                                             \
    "ffffffffc0301010 t fs_read\t[some_fs]\n"                                                      \
    "ffffffffc0301090 T fs_write\t[some_fs]\n"                                                     \
    "ffffffffc0400000 t net_send\t[some_net]\n"

enum { KERNEL_OFFSET = 0x3000000 };

static const uint64_t text_start = UINT64_C(0xffffffff81000000);

static bool read_part(struct perf_map *m, const char *list, struct kernel_part part,
                      struct pp_arena *arena) {
    const struct kernel_list l = {PP_STR("aabb"), part.file, PP_STR("list"), pp_str_from(list)};
    return kernel_names_read(m, &l, &part, arena);
}

/* The kernel of the recording lay elsewhere than that of the list. */
static void a_kernel_that_was_moved(void **state) {
    struct perf_map m;
    struct pp_arena arena = {0};
    const uint64_t start = text_start + KERNEL_OFFSET;
    (void)state;
    struct kernel_part part = {PP_STR("[kernel.kallsyms]_text"), PP_STR("_text"), start,
                               start + 0x1000000, start};
    assert_true(read_part(&m, LIST, part, &arena));
    check(&m, start - 1, NULL);
    check(&m, start, "start_of_all");
    check(&m, start + 0xff, "start_of_all");
    check(&m, start + 0x100, "helper");
    check(&m, start + 0x1ff, "copy");
    check(&m, start + 0x200, NULL); /* data */
    check(&m, start + 0x2ff, NULL);
    check(&m, start + 0x300, "last");
    check(&m, start + 0x1000, NULL);
    check(&m, text_start, NULL);

    part.start -= 0x1000; /* the offset tells where the symbol was, the start need not */
    assert_true(read_part(&m, LIST, part, &arena));
    check(&m, start + 0x100, "helper");

    part.symbol = PP_STR("_stext"); /* which the list does not have */
    assert_false(read_part(&m, LIST, part, &arena));
    pp_arena_done(&arena);
}

static void modules(void **state) {
    struct perf_map m;
    struct pp_arena arena = {0};
    struct kernel_part part = {.start = UINT64_C(0xffffffffc0301000),
                               .limit = UINT64_C(0xffffffffc0305000)};
    static const char *const names[] = {"[some_fs]", "/lib/modules/6.1.0/kernel/fs/some-fs.ko",
                                        "/usr/lib/modules/6.1.0/kernel/fs/some_fs.ko.xz"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        part.file = pp_str_from(names[i]);
        assert_true(read_part(&m, LIST, part, &arena));
        assert_int_equal(m.n, 2);
        check(&m, part.start + 0x10, "fs_read");
        check(&m, part.start + 0x90, "fs_write");
        check(&m, text_start, NULL);
    }
    part.start += 0x1000; /* it was loaded elsewhere: the list is of another start of the machine */
    assert_false(read_part(&m, LIST, part, &arena));
    part.start -= 0x1000;
    part.file = PP_STR("/lib/modules/6.1.0/kernel/fs/other_fs.ko");
    assert_false(read_part(&m, LIST, part, &arena));
    part.file = PP_STR("/usr/bin/program");
    assert_false(read_part(&m, LIST, part, &arena));
    pp_arena_done(&arena);
}

/* Who may not see addresses gets zeros. */
/* Nobody knows where the kernel lay: all of the list is where it says. */
static void a_kernel_that_lies_anywhere(void **state) {
    struct perf_map m;
    struct pp_arena arena = {0};
    const uint64_t half = UINT64_C(1) << 63;
    (void)state;
    struct kernel_part part = {PP_STR("[guest.kernel.kallsyms]"), PP_STR(""), half, UINT64_MAX,
                               half};
    assert_true(read_part(&m, LIST, part, &arena));
    check(&m, text_start + 0x100, "helper");
    check(&m, text_start + 0x200, NULL);
    check(&m, UINT64_C(0xffffffffc0301010), "fs_read");
    assert_true(read_part(&m, "ffffffff81000100 t alone\n", part, &arena));
    check(&m, text_start + 0x100, "alone");
    pp_arena_done(&arena);
}

static void lists_without_addresses(void **state) {
    struct perf_map m;
    struct pp_arena arena = {0};
    const struct kernel_part part = {PP_STR("[kernel.kallsyms]_text"), PP_STR("_text"), text_start,
                                     text_start + 0x1000, text_start};
    (void)state;
    assert_false(
        read_part(&m, "0000000000000000 T _text\n0000000000000000 t helper\n", part, &arena));
    assert_false(read_part(&m, "", part, &arena));
    assert_false(read_part(
        &m, "\n\nffffffff81000000\nffffffff81000000 T\n ffffffff81000000 T _text", part, &arena));
    pp_arena_done(&arena);
}

static void write_file(const char *path, const void *bytes, size_t n) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    fclose(out);
}

static void make_folder(char *path, size_t size, const char *dir, const char *below) {
    snprintf(path, size, "%s%s", dir, below);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void where_it_is(void **state) {
    char dir[] = "/tmp/cpprof-kernel-XXXXXX", path[200], symbols[100], notes[100];
    uint32_t note[] = {4, 4, 3, 0, 0};
    struct pp_arena arena = {0};
    (void)state;
    assert_non_null(mkdtemp(dir));
    memcpy(note + 3, "GNU", 4);
    memcpy(note + 4, "\xaa\xbb\xcc\xdd", 4);
    snprintf(symbols, sizeof symbols, "%s/symbols", dir);
    snprintf(notes, sizeof notes, "%s/notes", dir);
    write_file(symbols, LIST, sizeof LIST - 1);
    write_file(notes, note, sizeof note);
    const struct kernel_files files = {symbols, notes};
    const struct pp_str kernel = PP_STR("[kernel.kallsyms]_text");
    const struct pp_str at = pp_str_from(dir);
    const struct debug_dirs dirs = {.at = &at, .n = 1};

    /* That of the kernel that runs here, if it is the same. */
    struct kernel_list l = kernel_names_find(PP_STR("aabbccdd"), kernel, &dirs, &files, &arena);
    assert_str_bytes(l.text, LIST, sizeof LIST - 1);
    assert_true(pp_str_eq(l.path, pp_str_from(symbols)));
    l = kernel_names_find(PP_STR("aabbccde"), kernel, &dirs, &files, &arena);
    assert_int_equal(l.text.len, 0);
    l = kernel_names_find(PP_STR("aabbccdd"), kernel, &dirs, NULL, &arena);
    assert_int_equal(l.text.len, 0);
    l = kernel_names_find(PP_STR("../../aa"), kernel, &dirs, &files, &arena);
    assert_int_equal(l.text.len, 0);
    l = kernel_names_find(PP_STR(""), kernel, &dirs, &files, &arena);
    assert_int_equal(l.text.len, 0);

    /* One that is kept comes first. */
    make_folder(path, sizeof path, dir, "/.build-id");
    make_folder(path, sizeof path, dir, "/.build-id/aa");
    make_folder(path, sizeof path, dir, "/.build-id/aa/bbccdd");
    strcat(path, "/kallsyms");
    write_file(path, "ffffffff81000000 T _text\n", 25);
    l = kernel_names_find(PP_STR("aabbccdd"), kernel, &dirs, &files, &arena);
    assert_int_equal(l.text.len, 25);
    assert_true(pp_str_eq(l.path, pp_str_from(path)));

    /* One that is called as the kernel is, which has no build id. */
    snprintf(path, sizeof path, "%s/guest.kernel.kallsyms.7", dir);
    write_file(path, LIST, sizeof LIST - 1);
    const struct pp_str guest = PP_STR("[guest.kernel.kallsyms.7]_stext");
    l = kernel_names_find(PP_STR(""), guest, &dirs, &files, &arena);
    assert_int_equal(l.text.len, sizeof LIST - 1);
    assert_true(pp_str_eq(l.path, pp_str_from(path)));
    static const char *const others[] = {"[guest.kernel.kallsyms.8]", "[guest.kernel.kallsyms.7",
                                         "guest.kernel.kallsyms.7]",
                                         "[guest.kernel.kallsyms./../guest.kernel.kallsyms.7]"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        l = kernel_names_find(PP_STR(""), pp_str_from(others[i]), &dirs, &files, &arena);
        assert_int_equal(l.text.len, 0);
    }
    l = kernel_names_find(PP_STR("aabbccde"), guest, &dirs, &files, &arena);
    assert_int_equal(l.text.len, 0);

    static const char *const made[] = {"/.build-id/aa/bbccdd/kallsyms", "/guest.kernel.kallsyms.7",
                                       "/symbols", "/notes"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        snprintf(path, sizeof path, "%s%s", dir, made[i]);
        assert_int_equal(unlink(path), 0);
    }
    static const char *const folders[] = {"/.build-id/aa/bbccdd", "/.build-id/aa", "/.build-id",
                                          ""};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s%s", dir, folders[i]);
        assert_int_equal(rmdir(path), 0);
    }
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kernel_that_was_moved),
        cmocka_unit_test(modules),
        cmocka_unit_test(a_kernel_that_lies_anywhere),
        cmocka_unit_test(lists_without_addresses),
        cmocka_unit_test(where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
