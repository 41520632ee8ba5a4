/* Which files are read because a stranger named them; each barrier by itself, as in image_test. */
#include "base/file.h"

#include "traps.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pp_error read_file(const char *path, uint64_t max, struct pp_str *ret_bytes,
                                 struct pp_arena *arena) {
    struct pp_error err = {0};
    if (!file_read(pp_str_from(path), max, ret_bytes, arena, &err)) assert_true(err.text[0]);
    return err;
}

static void assert_refused(const char *path, const char *why) {
    struct pp_arena arena = {0};
    struct pp_str bytes;
    struct pp_error err = read_file(path, 5, &bytes, &arena);
    if (!strstr(err.text, why)) fail_msg("%s: %s, not: %s", path, err.text, why);
    pp_arena_done(&arena);
}

static void write_file(const char *bytes) {
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(bytes, out);
    fclose(out);
}

static void a_regular_file_is_read(void **state) {
    struct pp_arena arena = {0};
    struct pp_str bytes;
    (void)state;
    write_file("bytes");
    int watch = watch_opening(file);
    assert_int_equal(read_file(file, 5, &bytes, &arena).code, PP_E_NONE);
    assert_str(bytes, "bytes");
    assert_true(opened_since(watch));
    assert_int_equal(read_file(dir, 5, &bytes, &arena).code, PP_E_NONE);
    assert_int_equal(bytes.len, 0);
    pp_arena_done(&arena);
}

static void nothing_else_is_opened(void **state) {
    (void)state;
    int watch = watch_opening(fifo);
    assert_refused(fifo, "is not a regular file");
    assert_false(opened_since(watch));
    assert_refused("/dev/zero", "is not a regular file");
}

/* It was a file when it was asked about. */
static void what_was_put_there_is_looked_at(void **state) {
    char other[80];
    (void)state;
    write_file("bytes");
    snprintf(other, sizeof other, "%s.fifo", file);
    assert_int_equal(mkfifo(other, 0600), 0);
    swap_in = other;
    struct pp_error err = {0};
    uint64_t size;
    assert_int_equal(file_open(file, 100, &size, &err), -1);
    assert_non_null(strstr(err.text, "is not a regular file"));
    assert_null(swap_in);
    unlink(file);
}

static void nothing_of_the_kernel(void **state) {
    static const char *const files[] = {"/proc/cpuinfo", "/proc/self/environ",
                                        "/sys/kernel/mm/transparent_hugepage/enabled"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (access(files[i], R_OK) != 0) continue;
        assert_refused(files[i], "lies in a file system of the kernel");
        assert_int_equal(symlink(files[i], link_to), 0);
        assert_refused(link_to, "lies in a file system of the kernel");
        unlink(link_to);
    }
}

static void nothing_too_long(void **state) {
    (void)state;
    write_file("6bytes");
    assert_refused(file, "has 6 bytes, more than 5");
}

/* What a C function would take for another path. */
static void nothing_behind_a_nul(void **state) {
    struct pp_arena arena = {0};
    struct pp_str bytes;
    struct pp_error err;
    char path[80];
    (void)state;
    write_file("bytes");
    int n = snprintf(path, sizeof path, "%s%c.c", file, 0);
    assert_false(file_read((struct pp_str){path, (size_t)n}, 5, &bytes, &arena, &err));
    assert_non_null(strstr(err.text, "invalid argument"));
    pp_arena_done(&arena);
}

/* Twice, since the second time all are there. */
static void folders_are_made(void **state) {
    char path[100];
    struct stat st;
    (void)state;
    snprintf(path, sizeof path, "%s/made/below", dir);
    for (int i = 0; i < 2; i++) {
        assert_true(file_make_folders(pp_str_from(path), 0700));
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
    }
    assert_int_equal(rmdir(path), 0);
    *strrchr(path, '/') = 0;
    assert_int_equal(rmdir(path), 0);
}

static void no_folder_in_a_file(void **state) {
    char path[100];
    (void)state;
    write_file("bytes");
    assert_false(file_make_folders(pp_str_from(file), 0700));
    assert_int_equal(errno, ENOTDIR);
    snprintf(path, sizeof path, "%s/below", file);
    assert_false(file_make_folders(pp_str_from(path), 0700));
    assert_int_equal(errno, ENOTDIR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regular_file_is_read),
        cmocka_unit_test(nothing_else_is_opened),
        cmocka_unit_test(what_was_put_there_is_looked_at),
        cmocka_unit_test(nothing_of_the_kernel),
        cmocka_unit_test(nothing_too_long),
        cmocka_unit_test(nothing_behind_a_nul),
        cmocka_unit_test(folders_are_made),
        cmocka_unit_test(no_folder_in_a_file),
    };
    return cmocka_run_group_tests(tests, make_traps, remove_traps);
}
