/* Which files become an image, each barrier by itself: another one that would hold is told apart by
 * its words, by whether the file was opened, or by what takes its place meanwhile. */
#include "symbol/image.h"

#include "binary.h"
#include "traps.h"

static void assert_refused(const char *path, const char *why) {
    struct image image;
    struct pp_error err = {0};
    if (image_open(&image, path, &err)) fail_msg("%s becomes an image", path);
    if (!strstr(err.text, why)) fail_msg("%s: %s, not: %s", path, err.text, why);
}

static void a_regular_file_is(void **state) {
    struct image image;
    (void)state;
    int watch = watch_opening(BINARIES "/gcc-pie");
    assert_true(image_open(&image, BINARIES "/gcc-pie", NULL));
    assert_memory_equal(image.bytes, "\177ELF", 4);
    image_close(&image);
    assert_true(opened_since(watch));
    binary_write(file, "", 0);
    assert_refused(file, "the file is empty");
}

static void nothing_else_is_opened(void **state) {
    (void)state;
    int watch = watch_opening(fifo);
    assert_refused(fifo, "not a regular file");
    assert_false(opened_since(watch));
    static const char *const others[] = {"/dev/zero", "/dev/null", "/", "/tmp"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_refused(others[i], "not a regular file");
    assert_int_equal(symlink("/dev/zero", link_to), 0);
    assert_refused(link_to, "not a regular file");
    unlink(link_to);
}

/* It was a file when it was asked about. */
static void what_was_put_there_is_looked_at(void **state) {
    char other[80];
    (void)state;
    binary_write(file, "bytes", 5);
    snprintf(other, sizeof other, "%s.fifo", file);
    assert_int_equal(mkfifo(other, 0600), 0);
    swap_in = other;
    assert_refused(file, "not a regular file");
    assert_null(swap_in);
    unlink(file);
}

static void nothing_of_the_kernel(void **state) {
    static const char *const files[] = {"/proc/cpuinfo", "/proc/self/environ", "/proc/kcore",
                                        "/sys/kernel/mm/transparent_hugepage/enabled",
                                        "/sys/kernel/notes"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_refused(files[i], "is not a path that a binary is read from");
        if (access(files[i], R_OK) != 0) continue;
        assert_int_equal(symlink(files[i], link_to), 0);
        assert_refused(link_to, "lies in a file system of the kernel");
        unlink(link_to);
    }
}

/* Some of them lead to a file that is no file of the kernel. */
static void nothing_by_way_of_the_kernel(void **state) {
    static const char *const paths[] = {"", "/proc/self/exe", "//proc/./self/exe",
                                        "/./proc/self/exe", "/sys/x"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_refused(paths[i], "is not a path that a binary is read from");
}

static void nothing_too_long(void **state) {
    (void)state;
    binary_write(file, "x", 1);
    assert_int_equal(truncate(file, (INT64_C(32) << 30) + 1), 0);
    assert_refused(file, "has 34359738369 bytes, more than");
    assert_int_equal(truncate(file, 1), 0);
}

/* Whatever the length of a file, behind its end are zeros. */
static void zeros_behind_the_end(void **state) {
    static char ones[8192];
    (void)state;
    memset(ones, 1, sizeof ones);
    for (size_t n = 4095; n <= 8192; n += n == 4097 ? 4094 : 1) {
        struct image image;
        binary_write(file, ones, n);
        assert_true(image_open(&image, file, NULL));
        assert_int_equal(image.size, n);
        for (size_t i = 0; i < 4096; i++)
            assert_int_equal(image.bytes[n + i], 0);
        assert_int_equal(image.bytes[n - 1], 1);
        image_close(&image);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regular_file_is),
        cmocka_unit_test(nothing_else_is_opened),
        cmocka_unit_test(what_was_put_there_is_looked_at),
        cmocka_unit_test(nothing_of_the_kernel),
        cmocka_unit_test(nothing_by_way_of_the_kernel),
        cmocka_unit_test(nothing_too_long),
        cmocka_unit_test(zeros_behind_the_end),
    };
    return cmocka_run_group_tests(tests, make_traps, remove_traps);
}
