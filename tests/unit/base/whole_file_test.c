/* A file that is whole or not there, in the folder that was opened first. */
#include "test.h"

#include "base/whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Stands before libc's: some file systems know no files without a name. */
static bool refuses_unnamed;

int openat(int folder, const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (refuses_unnamed && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

static char home[] = "/tmp/cpprof-whole-XXXXXX";

static int begin(void **state) {
    (void)state;
    return mkdtemp(home) && chdir(home) == 0 && mkdir("here", 0700) == 0 &&
                   mkdir("other", 0700) == 0
               ? 0
               : -1;
}

/* Removes what is in the folder; the names, separated by blanks. */
static const char *take_names(const char *folder) {
    static char names[512];
    *names = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (*e->d_name == '.') continue;
        size_t at = strlen(names);
        snprintf(names + at, sizeof names - at, "%s%s", at ? " " : "", e->d_name);
        unlinkat(dirfd(d), e->d_name, 0);
    }
    closedir(d);
    return names;
}

static int end(void **state) {
    (void)state;
    take_names("here");
    take_names("other");
    return rmdir("here") == 0 && rmdir("other") == 0 && chdir("/") == 0 ? rmdir(home) : -1;
}

/* Writes here/report, and calls `meanwhile` before it is closed. */
static bool write_report(void (*meanwhile)(void), bool good) {
    struct whole_file f;
    struct pp_arena a = {0};
    struct pp_error err = {0};
    bool ok = whole_file_open(&f, PP_STR("here/report"), 0600, &a, &err);
    assert_true(ok);
    assert_int_equal(write(f.fd, "text", 4), 4);
    if (meanwhile) meanwhile();
    ok = whole_file_close(&f, good, &a, &err);
    pp_arena_done(&a);
    return ok;
}

static void swap_folder(void) {
    assert_int_equal(rename("here", "moved"), 0);
    assert_int_equal(rename("other", "here"), 0);
}

static void swap_for_link(void) {
    assert_int_equal(rename("here", "moved"), 0);
    assert_int_equal(symlink("other", "here"), 0);
}

static void check_both_ways(void (*check)(void)) {
    for (int i = 0; i < 2; i++) {
        refuses_unnamed = i;
        check();
    }
    refuses_unnamed = false;
}

static void check_place(void) {
    assert_true(write_report(NULL, true));
    assert_true(write_report(NULL, true)); /* one that is there is replaced */
    assert_string_equal(take_names("here"), "report");
    assert_false(write_report(NULL, false));
    assert_string_equal(take_names("here"), "");
}

static void check_swapped_folder(void) {
    for (int good = 0; good < 2; good++) {
        assert_int_equal(write_report(swap_folder, good), good);
        assert_string_equal(take_names("here"), "");
        assert_string_equal(take_names("moved"), good ? "report" : "");
        assert_int_equal(rename("here", "other"), 0);
        assert_int_equal(rename("moved", "here"), 0);
    }
}

static void check_link(void) {
    assert_true(write_report(swap_for_link, true));
    assert_string_equal(take_names("other"), "");
    assert_string_equal(take_names("moved"), "report");
    assert_int_equal(unlink("here"), 0);
    assert_int_equal(rename("moved", "here"), 0);
}

static void is_whole_or_not_there(void **state) {
    (void)state;
    check_both_ways(check_place);
}

static void stays_in_its_folder(void **state) {
    (void)state;
    check_both_ways(check_swapped_folder);
    check_both_ways(check_link);
}

static void says_what_is_missing(void **state) {
    (void)state;
    static const char *const names[] = {"nowhere/report", "nowhere/", "here/.."};
    struct pp_arena a = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct whole_file f;
        struct pp_error err = {0};
        bool ok = whole_file_open(&f, pp_str_from(names[i]), 0600, &a, &err) &&
                  whole_file_close(&f, true, &a, &err);
        assert_false(ok);
        assert_int_equal(err.code, PP_E_IO);
        assert_non_null(strstr(err.text, names[i]));
    }
    pp_arena_done(&a);
    assert_string_equal(take_names("here"), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_whole_or_not_there),
        cmocka_unit_test(stays_in_its_folder),
        cmocka_unit_test(says_what_is_missing),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
