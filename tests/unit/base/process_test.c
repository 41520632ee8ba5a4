/* Other programs: run without a shell, without a deadlock, with an end. */
#include "test.h"

#include "base/process.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

struct result {
    bool ok;
    struct out out;
    struct pp_error err;
};

static struct result run(const struct process *p) {
    struct result r = {.err = {0}};
    out_open_memory(&r.out);
    r.ok = process_run(p, &r.out, &r.err);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    assert_int_equal(errno, ECHILD);
    return r;
}

static struct result run_shell(const char *script, unsigned seconds) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    return run(&(struct process){.argv = argv, .seconds = seconds});
}

static void gives_input_and_takes_output(void **state) {
    (void)state;
    size_t n = 10 << 20;
    char *bytes = pp_malloc(n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 7 / 3);
    const char *const argv[] = {"cat", NULL};
    struct result r = run(&(struct process){.argv = argv, .input = {bytes, n}});
    assert_true(r.ok);
    assert_int_equal(r.out.used, n);
    assert_memory_equal(r.out.buffer, bytes, n);
    out_close(&r.out, NULL);
    const char *const deaf[] = {"true", NULL}; /* reads nothing */
    r = run(&(struct process){.argv = deaf, .input = {bytes, n}});
    assert_true(r.ok);
    out_close(&r.out, NULL);
    pp_free(bytes);
}

static void takes_arguments_as_they_are(void **state) {
    (void)state;
    const char *const argv[] = {"printf", "%s|%s", "$(id) `id`; *", "", NULL};
    struct result r = run(&(struct process){.argv = argv});
    assert_true(r.ok);
    assert_str(out_text(&r.out), "$(id) `id`; *|");
    out_close(&r.out, NULL);
}

static void says_why_it_failed(void **state) {
    (void)state;
    struct result r = run_shell("echo oh no >&2; echo more >&2; exit 3", 0);
    assert_false(r.ok);
    assert_string_equal(r.err.text, "sh failed with exit status 3: oh no");
    out_close(&r.out, NULL);
    r = run_shell("kill -9 $$", 0);
    assert_false(r.ok);
    assert_non_null(strstr(r.err.text, "killed by signal 9"));
    out_close(&r.out, NULL);
    const char *const argv[] = {"no-such-program-here", NULL};
    r = run(&(struct process){.argv = argv});
    assert_false(r.ok);
    assert_int_equal(r.err.code, PP_E_NOT_FOUND);
    out_close(&r.out, NULL);
}

static void has_an_end(void **state) {
    (void)state;
    time_t before = time(NULL);
    struct result r = run_shell("exec sleep 60", 1);
    assert_false(r.ok);
    assert_int_equal(r.err.code, PP_E_LIMIT);
    out_close(&r.out, NULL);
    r = run_shell("exec >&-; exec sleep 60", 1); /* says that it is done, and is not */
    assert_false(r.ok);
    out_close(&r.out, NULL);
    r = run_shell("sleep 60 & exit 0", 1); /* leaves a child that keeps the pipe open */
    assert_false(r.ok);
    out_close(&r.out, NULL);
    assert_true(time(NULL) - before < 20);
}

static void stops_at_the_limit_of_output(void **state) {
    (void)state;
    const char *const argv[] = {"yes", NULL};
    struct result r = run(&(struct process){.argv = argv, .max_output = 1 << 20});
    assert_false(r.ok);
    assert_int_equal(r.err.code, PP_E_LIMIT);
    assert_true(r.out.used <= 1 << 20);
    out_close(&r.out, NULL);
}

/* Who would end it may be killed first. */
static void has_an_end_by_itself(void **state) {
    (void)state;
    const char *const argv[] = {"sh", "-c", "sleep 0.3; ulimit -t", NULL};
    struct result r = run(&(struct process){.argv = argv, .seconds = 20});
    assert_true(r.ok);
    assert_str(out_text(&r.out), "21\n");
    out_close(&r.out, NULL);
}

static void finds_programs_by_absolute_directories_only(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_str path;
    assert_true(process_find(PP_STR("sh"), PP_STR(""), &path, &arena));
    assert_int_equal(path.data[0], '/');
    char *old = strdup(getenv("PATH"));
    setenv("PATH", ".:relative", 1);
    assert_false(process_find(PP_STR("sh"), PP_STR(""), &path, &arena));
    assert_true(process_find(PP_STR("sh"), PP_STR("/nowhere:/bin"), &path, &arena));
    assert_str(path, "/bin/sh");
    assert_false(process_find(PP_STR("/etc/passwd"), PP_STR(""), &path, &arena));
    setenv("PATH", old, 1);
    free(old);
    pp_arena_done(&arena);
}

static void keeps_file_names_from_being_options(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    assert_str(process_file_argument(PP_STR("-rf"), &arena), "./-rf");
    assert_str(process_file_argument(PP_STR("@file"), &arena), "./@file");
    assert_str(process_file_argument(PP_STR("/bin/x"), &arena), "/bin/x");
    assert_str(process_file_argument(PP_STR("x"), &arena), "x");
    pp_arena_done(&arena);
}

static void starts_and_waits(void **state) {
    (void)state;
    struct pp_error err;
    int pid;
    const char *const good[] = {"true", NULL}, *const bad[] = {"false", NULL};
    assert_true(process_start(good, &pid, &err));
    assert_true(process_wait(good, pid, &err));
    assert_true(process_start(bad, &pid, &err));
    assert_false(process_wait(bad, pid, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_input_and_takes_output),
        cmocka_unit_test(takes_arguments_as_they_are),
        cmocka_unit_test(says_why_it_failed),
        cmocka_unit_test(has_an_end),
        cmocka_unit_test(stops_at_the_limit_of_output),
        cmocka_unit_test(has_an_end_by_itself),
        cmocka_unit_test(finds_programs_by_absolute_directories_only),
        cmocka_unit_test(keeps_file_names_from_being_options),
        cmocka_unit_test(starts_and_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
