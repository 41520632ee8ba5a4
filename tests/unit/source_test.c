/* Source files: where they are found, and which are never read. */
#include "test.h"

#include "report/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    struct pp_arena arena;
    char root[64];
    struct source_options opt;
};

static const char *at(struct place *p, const char *name) {
    return pp_arena_printf(&p->arena, "%s/%s", p->root, name).data;
}

static void make(struct place *p, const char *name, const char *text) {
    char *path = (char *)(uintptr_t)at(p, name);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int set_up(void **state) {
    struct place *p = calloc(1, sizeof *p);
    strcpy(p->root, "/tmp/cpprof-source-XXXXXX");
    assert_non_null(mkdtemp(p->root));
    make(p, "home/project/main.c", "one\ntwo\r\n\nfour");
    make(p, "home/other/lib.c", "other\n");
    make(p, "home/.ssh/id", "secret\n");
    make(p, "home/project/.cache/gen.c", "generated\n");
    make(p, "go/VERSION", "go1.22\n");
    make(p, "go/src/fmt/print.go", "package fmt\n");
    make(p, "cache/host.org/!my!mod@v1.2.3/Main.go", "package my\n");
    make(p, "far/away.c", "far\n");
    mkfifo(at(p, "home/project/fifo.c"), 0600);
    p->opt.current = pp_str_from(at(p, "home/project"));
    p->opt.path = p->opt.current;
    *state = p;
    return 0;
}

static int tear_down(void **state) {
    struct place *p = *state;
    const char *command = pp_arena_printf(&p->arena, "rm -rf %s", p->root).data;
    assert_int_equal(system(command), 0);
    pp_arena_done(&p->arena);
    free(p);
    return 0;
}

/* The file's first line, or its error with the test's directory taken out. */
static const char *look(struct place *p, const char *name) {
    struct source_reader r;
    source_reader_init(&r, &p->opt, &p->arena);
    const struct source_file *f = source_find(&r, pp_str_from(name));
    struct pp_str line = PP_STR("(no line)");
    if (f->error.len)
        line = f->error;
    else
        source_line(f, 1, &line);
    source_reader_done(&r);
    char *text = (char *)(uintptr_t)pp_arena_copy(&p->arena, line).data;
    size_t n = strlen(p->root);
    for (char *s; (s = strstr(text, p->root));)
        memmove(s, s + n, strlen(s + n) + 1);
    return text;
}

static void splits_lines(void **state) {
    struct place *p = *state;
    struct source_reader r;
    source_reader_init(&r, &p->opt, &p->arena);
    const struct source_file *f = source_find(&r, PP_STR("main.c"));
    static const char *const want[] = {"one", "two", "", "four"};
    struct pp_str line;
    for (int i = 0; i < 4; i++) {
        assert_true(source_line(f, i + 1, &line));
        assert_str_bytes(line, want[i], strlen(want[i]));
    }
    assert_false(source_line(f, 0, &line));
    assert_false(source_line(f, 5, &line));
    assert_false(source_line(f, INT64_MIN, &line));
    assert_false(source_line(f, INT64_MAX, &line));
    source_reader_done(&r);
}

static void searches_the_path_and_its_parents(void **state) {
    struct place *p = *state;
    assert_string_equal(look(p, "main.c"), "one");
    assert_string_equal(look(p, "other/lib.c"), "other");
    assert_string_equal(look(p, "../other/lib.c"), "other");
    assert_string_equal(look(p, "none.c"), "could not find file none.c on path /home/project");
    assert_string_equal(look(p, at(p, "home/project/main.c")), "one");
    assert_string_equal(look(p, "/build/project/main.c"), "one"); /* the path's own name */
    assert_string_equal(look(p, "/nowhere/x.c"), "open /nowhere/x.c: no such file or directory");
    p->opt.trim = PP_STR("/build/x");
    assert_string_equal(look(p, "/build/x/main.c"), "one");
    assert_string_equal(look(p, ".cache/gen.c"), "generated");
}

static void reads_nothing_else_unasked(void **state) {
    struct place *p = *state;
    assert_non_null(strstr(look(p, "/etc/passwd"), "outside the search path"));
    assert_non_null(strstr(look(p, "etc/passwd"), "could not find"));
    assert_non_null(strstr(look(p, "../../../../../etc/passwd"), "could not find"));
    assert_non_null(strstr(look(p, "../.ssh/id"), "could not find"));
    assert_non_null(strstr(look(p, ".ssh/id"), "could not find"));
    assert_non_null(strstr(look(p, at(p, "home/.ssh/id")), "outside the search path"));
    p->opt.path = PP_STR("/");
    assert_non_null(strstr(look(p, "/etc/passwd"), "root:"));
    assert_string_equal(look(p, at(p, "home/.ssh/id")), "secret");
}

static void reads_plain_files_only(void **state) {
    struct place *p = *state;
    p->opt.path = PP_STR("/");
    assert_non_null(strstr(look(p, at(p, "home/project/fifo.c")), "not a regular file"));
    assert_non_null(strstr(look(p, "/dev/zero"), "not a regular file"));
    assert_non_null(strstr(look(p, "/proc/self/environ"), "file system of the kernel"));
    assert_string_equal(look(p, at(p, "home")), "(no line)");
    p->opt.none = true;
    assert_string_equal(look(p, at(p, "home/project/main.c")), "not read, because of -nosource");
}

static void knows_where_go_keeps_sources(void **state) {
    struct place *p = *state;
    assert_string_equal(look(p, at(p, "go/src/fmt/print.go")), "package fmt");
    assert_non_null(strstr(look(p, "fmt/print.go"), "could not find"));
    p->opt.go_root = pp_str_from(at(p, "go"));
    p->opt.module_cache = pp_str_from(at(p, "cache"));
    assert_string_equal(look(p, "fmt/print.go"), "package fmt");
    assert_string_equal(look(p, "/usr/local/go-none/src/fmt/print.go"), "package fmt");
    assert_string_equal(look(p, "host.org/MyMod@v1.2.3/Main.go"), "package my");
    assert_string_equal(look(p, "/root/go/pkg/mod/host.org/!my!mod@v1.2.3/Main.go"), "package my");
    assert_non_null(strstr(look(p, "/x/pkg/mod/../far/away.c"), "open"));
    p->opt.path = PP_STR("/nowhere");
    assert_non_null(strstr(look(p, "x@v1/../../far/away.c"), "could not find"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(splits_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(searches_the_path_and_its_parents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_nothing_else_unasked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_plain_files_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_where_go_keeps_sources, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
