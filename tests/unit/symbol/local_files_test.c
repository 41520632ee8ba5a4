/* Files that a profile names besides its binaries: where they are looked for, and whose they must
 * be.
 */
#include "symbol/local_files.h"

#include "binary.h"
#include "traps.h"

static struct local_files files;

static bool opens(const char *path) {
    struct pp_str bytes;
    void *opened = files.files.open(&files.files, pp_str_from(path), &bytes);
    if (!opened) return false;
    assert_true(bytes.len == 5 && !memcmp(bytes.data, "bytes", 5));
    files.files.close(opened);
    return true;
}

static void own_files_are(void **state) {
    (void)state;
    local_files_init(&files, NULL, 0);
    binary_write(file, "bytes", 5);
    assert_true(opens(file));
    assert_false(opens("/tmp/cpprof-no-such-file"));
    assert_false(opens(strrchr(file, '/') + 1)); /* whose directory nobody knows */
    assert_false(opens(""));
}

static void nothing_else_is(void **state) {
    (void)state;
    local_files_init(&files, NULL, 0);
    assert_int_equal(symlink(file, link_to), 0);
    assert_false(opens(link_to));
    unlink(link_to);
    assert_false(opens(fifo));
    assert_false(opens("/proc/self/status"));
    assert_false(opens(dir));
    if (geteuid()) return;
    assert_int_equal(chown(file, 65534, 65534), 0);
    assert_false(opens(file));
    assert_int_equal(chown(file, 0, 0), 0);
}

/* Another's file, or a link, that takes the place of one's own once that was looked at. */
static void what_was_put_there_is_looked_at(void **state) {
    char other[80];
    (void)state;
    local_files_init(&files, NULL, 0);
    snprintf(other, sizeof other, "%s.other", file);
    binary_write(file, "bytes", 5);
    binary_write(link_to, "bytes", 5);
    assert_int_equal(symlink(link_to, other), 0);
    swap_in = other;
    assert_false(opens(file));
    assert_null(swap_in);
    unlink(link_to);
    unlink(file);
    binary_write(file, "bytes", 5);
    if (geteuid()) return;
    binary_write(other, "bytes", 5);
    assert_int_equal(chown(other, 65534, 65534), 0);
    swap_in = other;
    assert_false(opens(file));
    assert_null(swap_in);
    unlink(file);
    binary_write(file, "bytes", 5);
}

/* There they may be anybody's: who named the directory trusts what is in it. */
static void directories_are_searched(void **state) {
    (void)state;
    const struct pp_str dirs[] = {PP_STR(""), PP_STR("/nonexistent"), pp_str_from(dir)};
    local_files_init(&files, dirs, 3);
    assert_true(opens("/elsewhere/file"));
    assert_false(opens("/elsewhere/fifo"));
    assert_false(opens("/elsewhere/other"));
    if (geteuid() == 0) assert_int_equal(chown(file, 65534, 65534), 0);
    assert_true(opens("/elsewhere/file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_files_are),
        cmocka_unit_test(nothing_else_is),
        cmocka_unit_test(what_was_put_there_is_looked_at),
        cmocka_unit_test(directories_are_searched),
    };
    return cmocka_run_group_tests(tests, make_traps, remove_traps);
}
