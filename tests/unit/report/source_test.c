/* Source files: where they are found, and which are never read. */
#include "test.h"

#include "base/beneath.h"
#include "report/source.h"

#include <errno.h>
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

static void searches_below_the_path(void **state) {
    struct place *p = *state;
    assert_string_equal(look(p, "main.c"), "one");
    assert_string_equal(look(p, "project/main.c"), "one"); /* from its parent: still in it */
    assert_string_equal(look(p, "../project/main.c"), "one");
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
    assert_non_null(strstr(look(p, "other/lib.c"), "could not find")); /* beside it */
    assert_non_null(strstr(look(p, "../other/lib.c"), "could not find"));
    assert_non_null(strstr(look(p, at(p, "home/other/lib.c")), "outside the search path"));
    assert_non_null(strstr(look(p, at(p, "go/src/fmt/print.go")), "outside the search path"));
    assert_non_null(strstr(look(p, ".ssh/id"), "could not find"));
    assert_non_null(strstr(look(p, at(p, "home/.ssh/id")), "outside the search path"));
    p->opt.path = PP_STR("/");
    assert_non_null(strstr(look(p, "/etc/passwd"), "root:"));
    assert_string_equal(look(p, at(p, "home/.ssh/id")), "secret");
}

static void link_to(struct place *p, const char *name, const char *to) {
    assert_int_equal(symlink(to, at(p, name)), 0);
}

/* Links are followed as long as they stay inside. */
static void no_link_leads_out(void **state) {
    struct place *p = *state;
    link_to(p, "home/project/inside.c", "main.c");
    link_to(p, "home/project/.cache/up.c", "../main.c");
    link_to(p, "home/project/absolute.c", at(p, "home/project/main.c"));
    link_to(p, "home/project/out.c", "../other/lib.c");
    link_to(p, "home/project/away.c", at(p, "far/away.c"));
    link_to(p, "home/project/root", "/proc/self/root");
    link_to(p, "home/project/loop.c", "loop.c");
    static const char *const inside[] = {"inside.c", ".cache/up.c", "absolute.c"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        assert_string_equal(look(p, inside[i]), "one");
    static const char *const outside[] = {"out.c", "away.c", "root/etc/passwd"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_non_null(strstr(look(p, outside[i]), ": leads out of /home/project"));
    assert_non_null(strstr(look(p, "loop.c"), "could not find"));
    assert_string_equal(look(p, at(p, "home/project/out.c")),
                        pp_arena_printf(&p->arena, "open /home/project/out.c: leads out of "
                                                   "/home/project")
                            .data);
}

/* The same without openat2. */
static void no_link_leads_out_by_hand(void **state) {
    struct place *p = *state;
    static const struct {
        const char *path;
        int code; /* 0: opens */
    } table[] = {
        {"main.c", 0},          {"./main.c", 0},           {".cache/../main.c", 0},
        {".cache/up.c", 0},     {"inside.c", 0},           {"chain.c", 0},
        {"..", EXDEV},          {"../other/lib.c", EXDEV}, {".cache/../../other/lib.c", EXDEV},
        {"out.c", EXDEV},       {"absolute.c", EXDEV},     {"root/etc/passwd", EXDEV},
        {"/etc/passwd", EXDEV}, {"loop.c", ELOOP},         {"none.c", ENOENT},
        {"main.c/x", ENOTDIR},
    };
    link_to(p, "home/project/inside.c", "main.c");
    link_to(p, "home/project/chain.c", ".cache/up.c");
    link_to(p, "home/project/.cache/up.c", "../main.c");
    link_to(p, "home/project/absolute.c", at(p, "home/project/main.c"));
    link_to(p, "home/project/out.c", "../other/lib.c");
    link_to(p, "home/project/root", "/proc/self/root");
    link_to(p, "home/project/loop.c", "loop.c");
    int dir = open(at(p, "home/project"), O_PATH | O_DIRECTORY);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        errno = 0;
        int fd = beneath_by_hand(dir, table[i].path, O_RDONLY);
        if (fd >= 0) close(fd);
        assert_int_equal(fd < 0 ? errno : 0, table[i].code);
    }
    close(dir);
}

static void finds_windows_names(void **state) {
    struct place *p = *state;
    assert_string_equal(look(p, ".cache\\gen.c"), "generated");
    assert_string_equal(look(p, ".\\.cache/gen.c"), "generated");
    assert_string_equal(look(p, "C:\\build\\project\\.cache\\gen.c"), "generated");
    p->opt.trim = PP_STR("D:\\:C:\\build\\x:/y");
    assert_string_equal(look(p, "C:\\build\\x\\main.c"), "one");
    assert_string_equal(look(p, "C:/build/x/main.c"), "one");
    assert_string_equal(look(p, "D:\\main.c"), "one");
    assert_string_equal(look(p, "/y/main.c"), "one");
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
    assert_non_null(strstr(look(p, "fmt/print.go"), "could not find"));
    p->opt.go.root = pp_str_from(at(p, "go"));
    p->opt.go.module_cache = pp_str_from(at(p, "cache"));
    assert_string_equal(look(p, "fmt/print.go"), "package fmt");
    assert_string_equal(look(p, at(p, "go/src/fmt/print.go")), "package fmt");
    assert_string_equal(look(p, "/usr/local/go-none/src/fmt/print.go"), "package fmt");
    assert_string_equal(look(p, "host.org/MyMod@v1.2.3/Main.go"), "package my");
    assert_string_equal(look(p, "/root/go/pkg/mod/host.org/!my!mod@v1.2.3/Main.go"), "package my");
    assert_non_null(strstr(look(p, "/x/pkg/mod/../far/away.c"), "open"));
    p->opt.path = PP_STR("/nowhere");
    assert_non_null(strstr(look(p, "x@v1/../../far/away.c"), "could not find"));
}

static void assert_read_at(struct place *p, const char *name, const char *want) {
    struct source_reader r;
    source_reader_init(&r, &p->opt, &p->arena);
    assert_string_equal(pp_arena_copy(&p->arena, source_find(&r, pp_str_from(name))->path).data,
                        want);
    source_reader_done(&r);
}

static void says_where_a_file_was_read(void **state) {
    struct place *p = *state;
    p->opt.go.root = pp_str_from(at(p, "go"));
    assert_read_at(p, "main.c", at(p, "home/project/main.c"));
    assert_read_at(p, at(p, "home/project/../project/main.c"), at(p, "home/project/main.c"));
    assert_read_at(p, "fmt/print.go", at(p, "go/src/fmt/print.go"));
    assert_read_at(p, "missing.c", "");
    p->opt.path = PP_STR("/");
    assert_read_at(p, at(p, "far/away.c"), at(p, "far/away.c"));
}

/* Names of a program that was built with -trimpath, in the folder of its module. */
static void knows_the_users_modules(void **state) {
    struct place *p = *state;
    static const char *const module[] = {
        "module host.org/shop/server\n",
        "// a comment\n\nmodule\t\"host.org/shop/server\" // x\r\n"};
    make(p, "home/project/cmd/run.go", "package main");
    make(p, "home/project/vendor/host.org/MyMod/Main.go", "package vendored");
    make(p, "home/other/x.go", "package other");
    for (size_t i = 0; i < sizeof module / sizeof *module; i++) {
        assert_non_null(strstr(look(p, "host.org/shop/server/cmd/run.go"), "could not find"));
        make(p, "home/project/go.mod", module[i]);
        assert_string_equal(look(p, "host.org/shop/server/cmd/run.go"), "package main");
        assert_string_equal(look(p, "host.org/shop/server@v1.2.3/cmd/run.go"), "package main");
        assert_non_null(strstr(look(p, "host.org/shop/serverless/cmd/run.go"), "could not find"));
        assert_non_null(strstr(look(p, "host.org/shop/server/../other/x.go"), "could not find"));
        make(p, "home/project/go.mod", "go 1.23\nmodules x\nmodule\n");
    }
    assert_string_equal(look(p, "host.org/MyMod@v1.2.3/Main.go"), "package vendored");
    assert_string_equal(look(p, "host.org/MyMod/Main.go"), "package vendored");
    assert_non_null(strstr(look(p, "../../other@v1/x.go"), "could not find"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(splits_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(searches_below_the_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_link_leads_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_link_leads_out_by_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_windows_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_nothing_else_unasked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_plain_files_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_where_go_keeps_sources, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_where_a_file_was_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_the_users_modules, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
