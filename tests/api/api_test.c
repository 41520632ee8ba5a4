/* The public library, used as a stranger uses it: api_test [PROFILE [BASE]]. Valid as C11 and as
 * C++17. Prints what failed; the exit status is 1 then. */
#include <cpprof/cpprof.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int failures;

static void check_at(bool ok, const char *what, int line) {
    if (ok) return;
    fprintf(stderr, "api_test.c:%d: %s\n", line, what);
    failures++;
}

#define CHECK(condition) check_at((condition), #condition, __LINE__)

struct text {
    char bytes[1 << 20];
    size_t n;
};

static bool collect(void *user, const void *bytes, size_t n) {
    struct text *t = (struct text *)user;
    if (n > sizeof t->bytes - t->n) return false;
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    return true;
}

/* ---- making ---- */

static bool add_call(struct pp_builder *b, const char *name, const char *thread, int64_t value,
                     struct pp_error *err) {
    struct pp_build_function f = {sizeof f, name, name, "shop.c", 1};
    struct pp_build_function m = {sizeof m, "main", "main", "shop.c", 90};
    struct pp_line_view line = {0, 10, 0}, main_line = {0, 95, 0};
    uint32_t stack[2];
    if (!pp_builder_add_function(b, &f, &line.function, err) ||
        !pp_builder_add_function(b, &m, &main_line.function, err))
        return false;
    struct pp_build_location l = {sizeof l, 0, PP_NOWHERE, &line, 1};
    struct pp_build_location above = {sizeof above, 0, PP_NOWHERE, &main_line, 1};
    if (!pp_builder_add_location(b, &l, &stack[0], err) ||
        !pp_builder_add_location(b, &above, &stack[1], err))
        return false;
    struct pp_build_label labels[] = {{"thread", thread, 0, NULL}, {"bytes", NULL, 64, "bytes"}};
    int64_t values[] = {value / 10000, value};
    struct pp_build_sample s = {sizeof s, stack, 2, values, labels, 2};
    return pp_builder_add_sample(b, &s, err);
}

static struct pp_profile *make(struct pp_context *ctx, int64_t factor, struct pp_error *err) {
    struct pp_builder *b = pp_builder_new(ctx, err);
    struct pp_profile *p = NULL;
    struct pp_build_info info = {sizeof info, "cpu", "nanoseconds", "cpu", 10000000, 1, 2000000000};
    if (!b) return NULL;
    if (!pp_builder_add_sample_type(b, "samples", "count", err) ||
        !pp_builder_add_sample_type(b, "cpu", "nanoseconds", err) ||
        !pp_builder_set_info(b, &info, err) || !pp_builder_add_comment(b, "made", err) ||
        !add_call(b, "parse", "worker-1", 30000000 * factor, err) ||
        !add_call(b, "render", "worker-2", 20000000, err) ||
        !add_call(b, "parse", "worker-1", 10000000, err)) {
        pp_builder_free(b);
        return NULL;
    }
    return pp_builder_finish(b, &p, err) ? p : NULL;
}

/* ---- asking ---- */

static bool render(struct pp_context *ctx, const struct pp_profile *p, const char *report,
                   const char *encoder, const struct pp_query *q, struct text *ret_text,
                   struct pp_error *err) {
    struct pp_request request = PP_REQUEST_INIT;
    struct pp_sink sink = {collect, ret_text};
    request.report = report;
    request.encoder = encoder;
    request.query = q;
    ret_text->n = 0;
    bool ok = pp_render(ctx, p, &request, &sink, NULL, err);
    if (ret_text->n < sizeof ret_text->bytes) ret_text->bytes[ret_text->n] = 0;
    return ok;
}

struct seen {
    size_t rows;
    int64_t flat;
    bool has_name;
};

static bool see(void *user, const struct pp_cell *cells, size_t n) {
    struct seen *s = (struct seen *)user;
    s->rows++;
    if (n > 5 && cells[5].kind == PP_CELL_INT) s->flat += cells[5].num;
    if (cells[0].kind == PP_CELL_TEXT) s->has_name |= pp_str_eq(cells[0].text, PP_STR("parse"));
    return true;
}

static bool refuse(void *user, const struct pp_cell *cells, size_t n) {
    (void)user, (void)cells, (void)n;
    return false;
}

/* Everything that needs no file: also run with each allocation failing once. False with an error
 * where memory was exhausted. */
static bool story(struct pp_context *ctx, struct text *text, struct pp_error *err) {
    struct pp_profile *p = make(ctx, 1, err), *worse = NULL, *diff = NULL, *twice = NULL;
    struct pp_profile *again = NULL, *both = NULL;
    struct pp_query q = PP_QUERY_INIT;
    double factors[] = {1, 2};
    bool ok = p != NULL;
    ok = ok && (worse = make(ctx, 3, err)) != NULL;
    ok = ok && pp_profile_subtract(ctx, worse, p, PP_SUBTRACT_MARK, &diff, err);
    ok = ok && pp_profile_scale(ctx, p, factors, &twice, err);
    const struct pp_profile *sides[] = {p, worse};
    ok = ok && pp_profile_merge(ctx, sides, 2, &both, err);
    ok = ok && render(ctx, diff, "diff", "json", NULL, text, err);
    ok = ok && render(ctx, p, "proto", NULL, NULL, text, err) &&
         pp_profile_read_memory(ctx, text->bytes, text->n, "again", &again, err);
    q.focus = "parse|render";
    q.tagfocus = "worker-1";
    ok = ok && render(ctx, again, "top", NULL, &q, text, err) &&
         render(ctx, both, "tree", "markdown", &q, text, err) &&
         render(ctx, twice, "flame", NULL, NULL, text, err) &&
         render(ctx, twice, "dot", NULL, NULL, text, err) &&
         render(ctx, twice, "samples", "ndjson", NULL, text, err);
    pp_profile_free(p);
    pp_profile_free(worse);
    pp_profile_free(diff);
    pp_profile_free(twice);
    pp_profile_free(again);
    pp_profile_free(both);
    return ok;
}

/* ---- what is there ---- */

static void looks_at_what_was_made(struct pp_context *ctx) {
    struct pp_error err;
    struct pp_profile *p = make(ctx, 1, &err);
    struct pp_profile_info info;
    struct pp_sample_view s;
    struct pp_label_view label;
    struct pp_function_view f;
    struct pp_line_view line;
    uint32_t location = 0;
    info.size = sizeof info;
    CHECK(p != NULL);
    if (!p) return;
    pp_profile_get_info(p, &info);
    CHECK(info.n_sample_types == 2 && info.n_samples == 3 && info.n_functions == 3);
    CHECK(info.n_locations == 3 && info.default_sample_type == 1 && info.n_comments == 1);
    CHECK(pp_profile_sample(p, 0, &s) && s.values[1] == 30000000 && s.depth == 2);
    CHECK(s.n_labels == 2 && !pp_profile_sample(p, 3, &s));
    CHECK(pp_profile_sample_label(p, 0, 0, &label) && pp_str_eq(label.text, PP_STR("worker-1")));
    CHECK(pp_profile_sample_label(p, 0, 1, &label) && label.is_num && label.num == 64);
    CHECK(pp_profile_sample_location(p, 0, 0, &location));
    CHECK(pp_profile_location_line(p, location, 0, &line) && line.line == 10);
    CHECK(pp_profile_function(p, line.function, &f) && pp_str_eq(f.name, PP_STR("parse")));
    CHECK(!pp_profile_function(p, 9, &f) && !pp_profile_location_line(p, location, 1, &line));
    pp_profile_free(p);
}

static void writes_no_more_than_it_may(const struct pp_profile *p, struct text *text) {
    struct pp_error err;
    struct pp_context_options options = PP_CONTEXT_OPTIONS_INIT;
    options.limits.max_output = 100;
    struct pp_context *ctx = pp_context_new(&options, &err);
    CHECK(!render(ctx, p, "raw", NULL, NULL, text, &err) && err.code == PP_E_LIMIT);
    CHECK(err.about && !strcmp(err.about, "max_output") && text->n <= 100);
    CHECK(!render(ctx, p, "top", "json", NULL, text, &err) && err.code == PP_E_LIMIT);
    CHECK(render(ctx, p, "comments", NULL, NULL, text, &err));
    pp_context_free(ctx);
}

static void answers_questions(struct pp_context *ctx, struct text *text) {
    struct pp_error err;
    struct pp_profile *p = make(ctx, 1, &err);
    struct pp_request request = PP_REQUEST_INIT;
    struct seen seen = {0, 0, false};
    struct pp_row_visitor visitor = {NULL, see, &seen}, unwilling = {NULL, refuse, NULL};
    struct pp_query q = PP_QUERY_INIT;
    request.report = "top";
    CHECK(pp_rows(ctx, p, &request, &visitor, NULL, &err));
    CHECK(seen.rows == 3 && seen.flat == 60000000 && seen.has_name);
    CHECK(!pp_rows(ctx, p, &request, &unwilling, NULL, &err) && err.code == PP_E_IO);
    q.ignore = "parse";
    CHECK(render(ctx, p, "top", NULL, &q, text, &err) && strstr(text->bytes, "render"));
    CHECK(!strstr(text->bytes, " parse"));
    q.ignore = "(";
    CHECK(!render(ctx, p, "top", NULL, &q, text, &err) && !strcmp(err.about, "ignore"));
    CHECK(!render(ctx, p, "nonsense", NULL, NULL, text, &err) && err.code == PP_E_NOT_FOUND);
    CHECK(!render(ctx, p, "peek", NULL, NULL, text, &err) && err.code == PP_E_USAGE);
    CHECK(!render(ctx, p, "top", "nonsense", NULL, text, &err) && err.code == PP_E_NOT_FOUND);
    writes_no_more_than_it_may(p, text);
    pp_profile_free(p);
}

static void judges(struct pp_context *ctx, struct text *text) {
    struct pp_error err;
    struct pp_profile *p = make(ctx, 1, &err), *worse = make(ctx, 3, &err);
    const struct pp_profile *bases[] = {p};
    struct pp_request request = PP_REQUEST_INIT;
    struct pp_sink sink = {collect, text};
    int status = 9;
    request.report = "gate";
    request.bases = bases;
    request.n_bases = 1;
    request.rules = "total at most 1ms\n";
    text->n = 0;
    CHECK(pp_render(ctx, worse, &request, &sink, &status, &err) && status == 1);
    request.rules = "total at most 100s\n";
    CHECK(pp_render(ctx, worse, &request, &sink, &status, &err) && status == 0);
    pp_profile_free(p);
    pp_profile_free(worse);
}

static void lists(const struct pp_context *ctx) {
    struct pp_report_info info;
    struct pp_encoder_info encoder;
    size_t n = 0;
    bool has_top = false;
    info.size = sizeof info;
    encoder.size = sizeof encoder;
    for (; pp_report_info(ctx, n, &info); n++)
        if (!strcmp(info.name, "top")) has_top = info.n_columns > 5 && info.version > 0;
    CHECK(n > 20 && has_top);
    CHECK(pp_encoder_info(ctx, 0, &encoder) && !strcmp(encoder.name, "json"));
}

static void says_what_is_wrong(struct pp_context *ctx) {
    struct pp_error err;
    struct pp_profile *p = NULL;
    CHECK(!pp_profile_read_memory(ctx, "nonsense", 8, "it", &p, &err));
    CHECK(err.code == PP_E_UNRECOGNIZED && !p && strstr(err.text, "it"));
    CHECK(!pp_profile_read_file(ctx, "/nowhere/at/all", &p, &err) && err.code == PP_E_IO);
    CHECK(!pp_profile_symbolize(ctx, NULL, NULL, &p, &err) && err.code == PP_E_DENIED);
}

static void knows_its_own_mappings(struct pp_context *ctx) {
    for (int from_file = 0; from_file < 2; from_file++) {
        struct pp_error err;
        struct pp_builder *b = pp_builder_new(ctx, &err);
        struct pp_profile *p = NULL;
        struct pp_mapping_view m;
        CHECK(!pp_builder_add_maps(b, "/nowhere", &err) && strstr(err.text, "/nowhere"));
        CHECK(from_file ? pp_builder_add_maps(b, "/proc/self/maps", &err)
                        : pp_builder_add_own_mappings(b, &err));
        CHECK(pp_builder_add_sample_type(b, "a", "count", &err));
        CHECK(pp_builder_finish(b, &p, &err) && pp_profile_mapping(p, 0, &m));
        CHECK(m.limit > m.start && m.file.len > 0);
        pp_profile_free(p);
    }
}

/* ---- many threads, one profile ---- */

struct asker {
    struct pp_context *ctx;
    const struct pp_profile *p;
    const char *report;
    bool ok;
};

static void *ask(void *user) {
    struct asker *a = (struct asker *)user;
    struct text *text = (struct text *)malloc(sizeof *text);
    struct pp_error err;
    a->ok = true;
    for (int i = 0; i < 20 && a->ok; i++)
        a->ok = render(a->ctx, a->p, a->report, NULL, NULL, text, &err);
    free(text);
    return NULL;
}

static void serves_threads(struct pp_context *ctx) {
    static const char *const reports[] = {"top", "tree", "flame", "raw", "dot", "traces"};
    enum { N = sizeof reports / sizeof *reports };
    struct pp_error err;
    struct pp_profile *p = make(ctx, 1, &err);
    struct asker askers[N];
    pthread_t threads[N];
    for (int i = 0; i < N; i++) {
        struct asker a = {ctx, p, reports[i], false};
        askers[i] = a;
        pthread_create(&threads[i], NULL, ask, &askers[i]);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(threads[i], NULL);
        CHECK(askers[i].ok);
    }
    pp_profile_free(p);
}

/* ---- exhausted memory (only where this program's own malloc may fail) ---- */

#ifdef API_OOM
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static long fail_at = -1;

static bool fails(void) {
    return fail_at >= 0 && fail_at-- == 0;
}

void *malloc(size_t n) {
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t n) {
    return fails() ? NULL : __libc_realloc(old, n);
}

static void survives_every_allocation(struct text *text) {
    long n = 0;
    for (bool done = false; !done; n++) {
        struct pp_error err = {PP_E_NONE, NULL, 0, ""};
        struct pp_context *ctx = pp_context_new(NULL, &err);
        fail_at = n;
        bool ok = story(ctx, text, &err);
        done = fail_at >= 0; /* it never came to that one */
        fail_at = -1;
        CHECK(ok == done);
        if (!ok) CHECK(err.code == PP_E_MEMORY);
        pp_context_free(ctx);
    }
    CHECK(n > 100);
    printf("%ld allocations failed, one at a time\n", n - 1);
}
#endif

int main(int argc, char **argv) {
    static struct text text;
    struct pp_error err = {PP_E_NONE, NULL, 0, ""};
    struct pp_context *ctx = pp_context_new(NULL, &err);
    CHECK(ctx != NULL && pp_version()[0] >= '0');
    CHECK(story(ctx, &text, &err));
    looks_at_what_was_made(ctx);
    answers_questions(ctx, &text);
    judges(ctx, &text);
    lists(ctx);
    says_what_is_wrong(ctx);
    knows_its_own_mappings(ctx);
    serves_threads(ctx);
    if (argc > 1) {
        struct pp_profile *p = NULL;
        CHECK(pp_profile_read_file(ctx, argv[1], &p, &err));
        CHECK(p && render(ctx, p, "top", "csv", NULL, &text, &err));
        pp_profile_free(p);
    }
    pp_context_free(ctx);
#ifdef API_OOM
    survives_every_allocation(&text);
#endif
    return failures ? 1 : 0;
}
