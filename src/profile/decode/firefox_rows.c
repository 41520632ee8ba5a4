/* Profiles as Firefox itself writes them (MOZ_PROFILER_SHUTDOWN, the developer tools of old):
 * tables are rows, a schema says where each column stands in one, and a frame is one text.
 *
 * Source: docs-developer/gecko-profile-format.md of firefox-devtools/profiler. */
#include "base/text.h"
#include "profile/decode/firefox.h"

#include <math.h>

enum { MAX_COLUMNS = 3 };

struct reading {
    const char *const *names; /* of the columns that are wanted; NULL: no more */
    double places[MAX_COLUMNS];
    double row[MAX_COLUMNS];
    size_t at; /* in the row */
    struct walk_doubles *columns[MAX_COLUMNS];
};

static bool read_place(struct json_walk *w, struct pp_str key, void *to) {
    struct reading *r = to;
    for (size_t i = 0; i < MAX_COLUMNS && r->names[i]; i++)
        if (pp_str_eq(key, pp_str_from(r->names[i]))) return walk_double(w, &r->places[i]);
    return walk_skip(w);
}

static bool read_schema(struct json_walk *w, void *to) {
    return walk_members(w, read_place, to);
}

static bool read_cell(struct json_walk *w, void *to) {
    struct reading *r = to;
    size_t at = r->at++;
    for (size_t i = 0; i < MAX_COLUMNS; i++)
        if (r->places[i] == (double)at && json_read_peek(&w->j) == '0')
            return walk_double(w, &r->row[i]);
    return walk_skip(w);
}

static bool read_row(struct json_walk *w, void *to) {
    struct reading *r = to;
    r->at = 0;
    for (size_t i = 0; i < MAX_COLUMNS; i++)
        r->row[i] = NAN;
    if (!walk_array(w, read_cell, r)) return false;
    for (size_t i = 0; i < MAX_COLUMNS && r->names[i]; i++)
        PP_PUSH(w->arena, r->columns[i]->at, r->columns[i]->n, r->columns[i]->cap, r->row[i]);
    return true;
}

static bool read_rows(struct json_walk *w, void *to) {
    return walk_array(w, read_row, to);
}

static bool read_table(struct json_walk *w, const struct row_table *t, struct reading *r) {
    for (size_t i = 0; i < MAX_COLUMNS; i++)
        r->places[i] = NAN;
    return walk_there(w, t->schema_at, read_schema, r) && walk_there(w, t->data_at, read_rows, r);
}

static bool is_rows(const struct row_table *t) {
    return t->schema_at && t->data_at;
}

/* ---- frames ---- */

struct place {
    struct pp_str name, file;
    double line;
};

/* Takes ":12" off the end. */
static bool take_number(struct pp_str *s, double *ret_d) {
    size_t at = s->len;
    uint64_t n;
    while (at > 0 && text_is_digit(s->data[at - 1]))
        at--;
    if (at == 0 || s->data[at - 1] != ':' || !text_u64(pp_str_slice(*s, at, s->len), 10, &n))
        return false;
    *ret_d = (double)n;
    s->len = at - 1;
    return true;
}

/* Without "[7]" at the end, the number of a source, as it stands since version 32. */
static struct pp_str without_source(struct pp_str s) {
    size_t at = s.len;
    if (at == 0 || s.data[at - 1] != ']') return s;
    for (at--; at > 0 && text_is_digit(s.data[at - 1]);)
        at--;
    bool is_source = at > 1 && at + 1 < s.len && s.data[at - 1] == '[' && s.data[at - 2] == ')';
    return is_source ? pp_str_slice(s, 0, at - 1) : s;
}

/* "name (file:line:column)"; anything else is a name. */
static struct place parse_location(struct pp_str s) {
    struct place p = {.name = s, .line = NAN};
    s = without_source(s);
    size_t at = s.len;
    if (at == 0 || s.data[at - 1] != ')') return p;
    while (at > 1 && !(s.data[at - 2] == ' ' && s.data[at - 1] == '('))
        at--;
    if (at <= 2) return p;
    double first, second;
    struct pp_str file = pp_str_slice(s, at, s.len - 1);
    if (!take_number(&file, &first)) return p;
    p.line = take_number(&file, &second) ? second : first;
    p.file = file;
    p.name = pp_str_slice(s, 0, at - 2);
    return p;
}

static double add_text(struct json_walk *w, struct texts *texts, struct pp_str s) {
    PP_PUSH(w->arena, texts->at, texts->n, texts->cap, s);
    return (double)texts->n - 1;
}

/* A function for each frame. */
static bool take_frames(struct json_walk *w, struct firefox_tables *t) {
    static const char *const names[MAX_COLUMNS] = {"location", "line", "column"};
    struct walk_doubles locations = {0};
    struct reading r = {.names = names, .columns = {&locations, &t->frame_line, &t->frame_column}};
    size_t n_strings = t->strings.n;
    if (!read_table(w, &t->frame_rows, &r)) return false;
    for (size_t i = 0; i < locations.n; i++) {
        double at = locations.at[i];
        struct place p = {.line = NAN};
        if (at >= 0 && at < (double)n_strings) p = parse_location(t->strings.at[(size_t)at]);
        double name = add_text(w, &t->strings, p.name), file = add_text(w, &t->strings, p.file);
        PP_PUSH(w->arena, t->frame_func.at, t->frame_func.n, t->frame_func.cap, (double)i);
        PP_PUSH(w->arena, t->func_name.at, t->func_name.n, t->func_name.cap, name);
        PP_PUSH(w->arena, t->func_file.at, t->func_file.n, t->func_file.cap, file);
        PP_PUSH(w->arena, t->func_line.at, t->func_line.n, t->func_line.cap, p.line);
    }
    return true;
}

/* The first versions of the page's format have the place in the function's name. */
static void split_names(struct json_walk *w, struct firefox_tables *t) {
    size_t n_strings = t->strings.n;
    for (size_t i = 0; i < t->func_name.n; i++) {
        double at = t->func_name.at[i];
        struct place p = {.line = NAN};
        if (at >= 0 && at < (double)n_strings) p = parse_location(t->strings.at[(size_t)at]);
        if (p.file.len) t->func_name.at[i] = add_text(w, &t->strings, p.name);
        double file = p.file.len ? add_text(w, &t->strings, p.file) : NAN;
        PP_PUSH(w->arena, t->func_file.at, t->func_file.n, t->func_file.cap, file);
        PP_PUSH(w->arena, t->func_line.at, t->func_line.n, t->func_line.cap, p.line);
    }
}

bool firefox_take_rows(struct json_walk *w, struct firefox_tables *t) {
    static const char *const stack_names[MAX_COLUMNS] = {"frame", "prefix"};
    static const char *const sample_names[MAX_COLUMNS] = {"stack"};
    struct reading stacks = {.names = stack_names, .columns = {&t->stack_frame, &t->stack_prefix}};
    struct reading samples = {.names = sample_names, .columns = {&t->sample_stack}};
    if (!t->func_file.n && !t->func_line.n) split_names(w, t);
    return (!is_rows(&t->frame_rows) || take_frames(w, t)) &&
           (!is_rows(&t->stack_rows) || read_table(w, &t->stack_rows, &stacks)) &&
           (!is_rows(&t->sample_rows) || read_table(w, &t->sample_rows, &samples));
}
