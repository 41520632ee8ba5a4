/* Go: "BenchmarkWork-8   100   12345 ns/op   0 B/op". Google Benchmark: {"benchmarks": [{"name":
 * "BM_work", "run_type": "iteration", "iterations": 100, "cpu_time": 12.3, "time_unit": "us"}]}. */
#include "gate/bench.h"

#include "base/json_read.h"
#include "base/out.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_BENCHES = 1000, MAX_NUMBER = 40 };

struct reader {
    struct gate_benches list;
    size_t cap;
    bool is_full;
    struct pp_arena *arena;
};

static bool read_number(struct pp_str text, double *ret_v) {
    char copy[MAX_NUMBER + 1], *end;
    if (!text.len || text.len > MAX_NUMBER) return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    *ret_v = strtod(copy, &end);
    return !*end && isfinite(*ret_v) && *ret_v >= 0;
}

static void add(struct reader *r, struct pp_str name, double n, double nanoseconds) {
    if (!(n > 0)) return;
    for (uint32_t i = 0; i < r->list.n; i++) {
        struct gate_bench *b = &r->list.at[i];
        if (!pp_str_eq(b->name, name)) continue;
        b->n += n;
        b->nanoseconds += n * nanoseconds;
        return;
    }
    const struct gate_bench b = {name, n, n * nanoseconds};
    r->is_full |= r->list.n == MAX_BENCHES;
    if (!r->is_full) PP_PUSH(r->arena, r->list.at, r->list.n, r->cap, b);
}

/* ---- Go's text ---- */

/* "-8" at the end is the number of processors. */
static struct pp_str without_processors(struct pp_str name) {
    size_t end = name.len;
    while (end > 0 && text_is_digit(name.data[end - 1]))
        end--;
    bool has = end > 1 && end < name.len && name.data[end - 1] == '-';
    return has ? pp_str_slice(name, 0, end - 1) : name;
}

static void read_line(struct reader *r, struct pp_str line) {
    struct pp_str name, iterations, value, unit;
    double n, v;
    if (!text_next_word(&line, &name) || !pp_str_has_prefix(name, PP_STR("Benchmark")) ||
        !text_next_word(&line, &iterations) || !read_number(iterations, &n))
        return;
    while (text_next_word(&line, &value) && text_next_word(&line, &unit)) {
        if (!pp_str_eq(unit, PP_STR("ns/op")) || !read_number(value, &v)) continue;
        add(r, without_processors(name), n, v);
        return;
    }
}

static void read_text(struct reader *r, struct pp_str text) {
    struct pp_str line;
    while (text_next_line(&text, &line))
        read_line(r, line);
}

/* ---- JSON ---- */

/* Steps into the next member; false at the object's end, or where the text is no JSON. */
static bool next_member(struct json_read *j, bool *first, struct pp_str *ret_key,
                        struct pp_arena *arena) {
    bool more;
    bool ok = json_read_member(j, *first, ret_key, arena, &more) && more;
    *first = false;
    return ok;
}

static bool take_number(struct json_read *j, double *ret_v) {
    struct pp_str text;
    return json_read_number(j, &text) && read_number(text, ret_v);
}

static double unit_in_nanoseconds(struct pp_str unit) {
    static const struct {
        const char *name;
        double nanoseconds;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (pp_str_eq(unit, pp_str_from(units[i].name))) return units[i].nanoseconds;
    return 1;
}

/* A result of Google Benchmark; means and medians of several are no runs. */
static bool read_result(struct reader *r, struct json_read *j) {
    struct pp_str key, name = {0}, type = {0}, unit = PP_STR("ns");
    double n = 0, real = 0, cpu = 0;
    bool first = true, ok = json_read_take(j, '{');
    while (ok && next_member(j, &first, &key, r->arena)) {
        bool is_text = json_read_peek(j) == '"', is_number = json_read_peek(j) == '0';
        if (is_text && pp_str_eq(key, PP_STR("name")))
            ok = json_read_string(j, r->arena, &name);
        else if (is_text && pp_str_eq(key, PP_STR("run_type")))
            ok = json_read_string(j, r->arena, &type);
        else if (is_text && pp_str_eq(key, PP_STR("time_unit")))
            ok = json_read_string(j, r->arena, &unit);
        else if (is_number && pp_str_eq(key, PP_STR("iterations")))
            ok = take_number(j, &n);
        else if (is_number && pp_str_eq(key, PP_STR("real_time")))
            ok = take_number(j, &real);
        else if (is_number && pp_str_eq(key, PP_STR("cpu_time")))
            ok = take_number(j, &cpu);
        else
            ok = json_read_skip(j);
    }
    if (ok && name.len && !pp_str_eq(type, PP_STR("aggregate")))
        add(r, name, n, (cpu > 0 ? cpu : real) * unit_in_nanoseconds(unit));
    return ok;
}

static bool read_results(struct reader *r, struct json_read *j) {
    bool more = true;
    if (!json_read_take(j, '[')) return false;
    for (bool first = true; json_read_next(j, ']', first, &more) && more; first = false)
        if (!read_result(r, j)) return false;
    return !more;
}

/* One object: Google Benchmark's, or an event of `go test -json`, whose output is collected. */
static bool read_object(struct reader *r, struct json_read *j, struct out *text) {
    struct pp_str key, output;
    bool first = true, ok = json_read_take(j, '{');
    while (ok && next_member(j, &first, &key, r->arena)) {
        if (pp_str_eq(key, PP_STR("benchmarks")) && json_read_peek(j) == '[') {
            ok = read_results(r, j);
        } else if (pp_str_eq(key, PP_STR("Output")) && json_read_peek(j) == '"') {
            ok = json_read_string(j, r->arena, &output);
            if (ok) out_str(text, output);
        } else {
            ok = json_read_skip(j);
        }
    }
    return ok;
}

static void read_json(struct reader *r, struct pp_str text) {
    struct json_read j = {.text = text};
    struct out events;
    out_open_memory(&events);
    while (json_read_peek(&j) == '{' && read_object(r, &j, &events)) {
    }
    read_text(r, pp_arena_copy(r->arena, out_text(&events)));
    out_close(&events, NULL);
}

bool gate_bench_parse(struct pp_str text, struct gate_benches *ret_benches, struct pp_arena *arena,
                      struct pp_error *err) {
    struct reader r = {.arena = arena};
    struct json_read j = {.text = text};
    if (json_read_peek(&j) == '{')
        read_json(&r, text);
    else
        read_text(&r, text);
    if (!r.list.n)
        return pp_fail(err, PP_E_FORMAT,
                       "no benchmark in it: neither Go's \"BenchmarkX 100 12 ns/op\" nor Google "
                       "Benchmark's JSON");
    if (r.is_full) return pp_fail(err, PP_E_LIMIT, "more than %d benchmarks", MAX_BENCHES);
    *ret_benches = r.list;
    return true;
}

/* ---- work ---- */

static const struct gate_bench *find(const struct gate_benches *list, struct pp_str name) {
    for (uint32_t i = 0; i < list->n; i++)
        if (pp_str_eq(list->at[i].name, name)) return &list->at[i];
    return NULL;
}

/* What an operation costs: in the base, or where that does not have it, in the new runs. */
static double cost_of(const struct gate_benches *runs, uint32_t n, uint32_t n_old,
                      struct pp_str name) {
    double sum = 0, operations = 0;
    for (uint32_t i = 0; i < n && (i < n_old || !(operations > 0)); i++) {
        const struct gate_bench *b = find(&runs[i], name);
        if (!b) continue;
        sum += b->nanoseconds;
        operations += b->n;
    }
    return operations > 0 && sum > 0 ? sum / operations : 1;
}

bool gate_bench_work(const struct gate_benches *runs, uint32_t n, uint32_t n_old,
                     const struct gate_bench_filter *filter, double *ret_work) {
    for (uint32_t i = 0; i < n; i++) {
        ret_work[i] = 0;
        for (uint32_t k = 0; k < runs[i].n; k++) {
            const struct gate_bench *b = &runs[i].at[k];
            if (filter && !filter->matches(filter->user, b->name)) continue;
            ret_work[i] += b->n * cost_of(runs, n, n_old, b->name);
        }
        if (!(ret_work[i] > 0)) return false;
    }
    return true;
}
