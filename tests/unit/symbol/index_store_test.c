/* An index answers every address of every fixture as the binary itself does. And the folder. */
#include "base/file.h"
#include "binary.h"
#include "symbol/index_store.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

static char dir[] = "/tmp/cpprof-index-XXXXXX";

static struct index_store store(void) {
    return (struct index_store){.dir = pp_str_from(dir), .is_named = true};
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

/* Calls `see` for the files of the folder; returns how many there are. */
static size_t each_file(void (*see)(const char *path)) {
    char path[600];
    size_t n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d));) {
        if (*e->d_name == '.') continue;
        n++;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (see) see(path);
    }
    closedir(d);
    return n;
}

static void remove_file(const char *path) {
    unlink(path);
}

static int empty_folder(void **state) {
    (void)state;
    each_file(remove_file);
    return 0;
}

static int remove_folder(void **state) {
    empty_folder(state);
    return rmdir(dir);
}

static bool make(const struct index_store *s, const char *name, unsigned threads,
                 struct index_made *ret_made, struct pp_error *err) {
    struct fixture b;
    struct pp_arena a = {0};
    binary_open(&b, name);
    const struct index_options opt = {.dirs = b.dirs, .threads = threads};
    *ret_made = (struct index_made){.arena = &a};
    bool ok = index_store_make(s, &b.object, &opt, ret_made, err);
    binary_close(&b);
    pp_arena_done(&a);
    return ok;
}

/* ---- equality ---- */

struct answers {
    struct object object;
    struct pp_arena arenas[PARALLEL_MAX + 1];
    struct lookup *lookups;
    size_t n;
};

static void answer(struct answers *r, const char *name, const struct index_store *index) {
    static const struct pp_str tree = {BINARIES "/tree", sizeof(BINARIES "/tree") - 1};
    char path[500];
    struct pp_error err;
    size_t cap = 0;
    snprintf(path, sizeof path, "%s/%s", BINARIES, name);
    *r = (struct answers){0};
    assert_true(object_open(&r->object, pp_str_from(path), &err));
    struct pp_arena *arena = &r->arenas[0];
    for (uint32_t i = 1; i < r->object.main.n_sections; i++) {
        const struct elf_section *s = &r->object.main.sections[i];
        if (s->size == 0 || !(s->flags & 2)) continue; /* SHF_ALLOC */
        /* Of a large section only some. */
        uint64_t step = s->size > (64 << 10) ? 29 : 1;
        for (uint64_t at = 0; at < s->size + 16; at += step) {
            struct lookup l = {.address = s->addr + at};
            if (r->n && l.address <= r->lookups[r->n - 1].address) continue;
            PP_PUSH(arena, r->lookups, r->n, cap, l);
        }
    }
    struct batch_object b = {.object = &r->object, .lookups = r->lookups, .n = r->n};
    const struct batch_options opt = {.dirs = {.at = &tree, .n = 1}, .index = index};
    batch_run(&b, 1, &opt, r->arenas);
}

static void answers_done(struct answers *r) {
    object_close(&r->object);
    for (size_t i = 0; i <= PARALLEL_MAX; i++)
        pp_arena_done(&r->arenas[i]);
}

static void check_equal(const char *name, const struct lookup *a, const struct lookup *b) {
    bool same = a->n_frames == b->n_frames && a->source == b->source;
    for (uint32_t i = 0; i < a->n_frames && same; i++) {
        const struct frame *x = &a->frames[i], *y = &b->frames[i];
        same = pp_str_eq(x->function, y->function) && pp_str_eq(x->file, y->file) &&
               x->line == y->line && x->column == y->column && x->start_line == y->start_line;
    }
    if (!same) fail_msg("%s: %#llx differs", name, (unsigned long long)a->address);
}

static const char *const names[] = {
    "gcc-pie",      "gcc-no-pie",   "gcc-dwarf4",     "gcc-gz",           "gcc-gz-gnu",
    "gcc-zstd",     "gcc-so.so",    "gcc-sections",   "gcc-split4",       "gcc-split5",
    "clang-dwarf4", "clang-dwarf5", "clang-split4",   "clang-split5",     "dwz-single",
    "dwz-one",      "debuglink",    "build-id",       "gcc-O0",           "gcc-lto",
    "burn-gcc",     "burn-clang",   "dwp/gcc-split4", "dwp/clang-split5", "go-1.19",
    "go-1.23",      "rust-v0.so",   "module.o",       "burn-no-pie",      "rust-legacy.so"};

static void every_address_of_every_fixture(void **state) {
    const struct index_store s = store(), none = {0};
    size_t n_named = 0;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct index_made made;
        struct pp_error err;
        struct answers with, without;
        if (!make(&s, names[i], 0, &made, &err)) fail_msg("%s: %s", names[i], err.text);
        answer(&with, names[i], &s);
        answer(&without, names[i], &none);
        assert_true(with.object.is_indexed);
        assert_false(without.object.is_indexed);
        for (size_t k = 0; k < with.n; k++) {
            check_equal(names[i], &with.lookups[k], &without.lookups[k]);
            n_named += with.lookups[k].n_frames > 0;
        }
        answers_done(&with);
        answers_done(&without);
        empty_folder(NULL);
    }
    assert_true(n_named > 20000);
}

static void read_whole(const char *path, struct pp_str *ret_bytes, struct pp_arena *arena) {
    assert_true(file_read(pp_str_from(path), 1 << 24, ret_bytes, arena, NULL));
}

static struct pp_arena kept;
static struct pp_str last_file;

static void keep_file(const char *path) {
    read_whole(path, &last_file, &kept);
}

static void threads_change_nothing(void **state) {
    const struct index_store s = store();
    struct index_made made;
    (void)state;
    assert_true(make(&s, "gcc-pie", 1, &made, NULL));
    each_file(keep_file);
    struct pp_str one = last_file;
    empty_folder(NULL);
    assert_true(make(&s, "gcc-pie", 4, &made, NULL));
    each_file(keep_file);
    assert_true(pp_str_eq(one, last_file));
    assert_int_equal(one.len, made.bytes);
    pp_arena_done(&kept);
}

/* ---- what is not kept ---- */

static void what_lacks_something(void **state) {
    static const struct {
        const char *name, *why;
    } rows[] = {{"stripped", "no debug information"}, {"no-debug", "no debug information"}};
    const struct index_store s = store();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct index_made made;
        struct pp_error err;
        assert_false(make(&s, rows[i].name, 0, &made, &err));
        if (!strstr(err.text, rows[i].why)) fail_msg("%s: %s", rows[i].name, err.text);
    }
    assert_int_equal(each_file(NULL), 0);
}

/* ---- whose files ---- */

static void open_to_all(const char *path) {
    chmod(path, 0666);
}

static struct answers asked;

static const char *trouble(void) {
    static char text[200];
    const struct index_store s = store();
    answer(&asked, "gcc-pie", &s);
    assert_false(asked.object.is_indexed);
    snprintf(text, sizeof text, "%.*s", PP_STR_ARG(asked.object.index_trouble));
    answers_done(&asked);
    return text;
}

static void to_a_link(const char *path) {
    char other[700];
    snprintf(other, sizeof other, "%s.away", path);
    rename(path, other);
    assert_int_equal(symlink(other, path), 0);
}

static void to_a_folder(const char *path) {
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void to_somebody(const char *path) {
    assert_int_equal(chown(path, 12345, 12345), 0);
}

static void back(const char *path) {
    rmdir(path);
}

static void what_is_not_trusted(void **state) {
    const struct index_store s = store();
    struct index_made made;
    (void)state;
    assert_string_equal(trouble(), ""); /* there is none */
    assert_true(make(&s, "gcc-pie", 0, &made, NULL));
    each_file(open_to_all);
    assert_string_equal(trouble(), "others may write to it");
    assert_true(make(&s, "gcc-pie", 0, &made, NULL)); /* a new one takes its place */
    each_file(to_a_link);
    assert_true(strlen(trouble()) > 0);
    empty_folder(NULL);
    assert_true(make(&s, "gcc-pie", 0, &made, NULL));
    each_file(to_a_folder);
    assert_string_equal(trouble(), "is not a regular file");
    each_file(back);
    if (geteuid() != 0) return;
    assert_true(make(&s, "gcc-pie", 0, &made, NULL));
    each_file(to_somebody);
    assert_true(strstr(trouble(), "belongs to user 12345") != NULL);
}

/* ---- room ---- */

static int64_t age;

static void make_older(const char *path) {
    const struct utimbuf t = {1000000000 + age, 1000000000 + age};
    age += 100;
    utime(path, &t);
}

static void what_was_not_used_for_longest_goes(void **state) {
    struct index_store s = store();
    struct index_made made;
    struct answers r;
    (void)state;
    assert_true(make(&s, "gcc-pie", 0, &made, NULL));
    assert_true(make(&s, "clang-dwarf5", 0, &made, NULL));
    each_file(make_older);
    answer(&r, "gcc-pie", &s); /* used now */
    assert_true(r.object.is_indexed);
    answers_done(&r);
    s.most_bytes = 20000;
    assert_true(make(&s, "gcc-no-pie", 0, &made, NULL));
    assert_in_range(made.bytes, 1000, 10000);
    answer(&r, "gcc-pie", &s);
    assert_true(r.object.is_indexed);
    answers_done(&r);
    s.most_bytes = made.bytes + 1000;
    assert_true(make(&s, "gcc-dwarf4", 0, &made, NULL));
    assert_int_equal(each_file(NULL), 1); /* the new one stays, whatever the bound */
    s.most_bytes = 1;
    assert_true(make(&s, "gcc-pie", 0, &made, NULL));
    assert_int_equal(each_file(NULL), 1);
}

static void left_behind(const char *path) {
    char other[700];
    snprintf(other, sizeof other, "%s.123-0", path);
    rename(path, other);
    make_older(other);
}

static void what_was_left_behind_goes(void **state) {
    const struct index_store s = store();
    struct index_made made;
    (void)state;
    assert_true(make(&s, "gcc-pie", 0, &made, NULL));
    each_file(left_behind);
    assert_true(make(&s, "clang-dwarf5", 0, &made, NULL));
    assert_int_equal(each_file(NULL), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_address_of_every_fixture, empty_folder),
        cmocka_unit_test_teardown(threads_change_nothing, empty_folder),
        cmocka_unit_test_teardown(what_lacks_something, empty_folder),
        cmocka_unit_test_teardown(what_is_not_trusted, empty_folder),
        cmocka_unit_test_teardown(what_was_not_used_for_longest_goes, empty_folder),
        cmocka_unit_test_teardown(what_was_left_behind_goes, empty_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
