/* -list: the source of each function that matches, with flat and cum beside each line. A recursive
 * function's total counts a sample once, however many of its lines are on the stack, unless
 * rc->listing.count_recursion. */
#include "base/regex.h"
#include "base/sort.h"
#include "graph/group.h"
#include "report/header.h"
#include "report/screen.h"
#include "report/source.h"

enum {
    MARGIN = 5,   /* lines that are shown around those with samples */
    SHORT = 4096, /* bytes of lines without samples that are always shown */
};

struct list_line {
    int64_t number, flat, cum;
};

/* A function in one file. */
struct list_part {
    uint32_t name, file;          /* as in graph_info */
    uint32_t first_line, n_lines; /* in lines, ascending */
    int64_t start, end;           /* lines to show */
    int64_t flat, cum;
};

struct list {
    const struct report_ctx *rc;
    struct graph g;
    struct source_reader reader;
    uint32_t *nodes; /* that match, by function, file and line */
    struct list_part *parts;
    struct list_line *lines;
    uint32_t n_nodes, n_parts, n_lines;
};

static int by_place(const void *left, const void *right, void *user) {
    const struct graph *g = user;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    const struct graph_info x = graph_info_of(g, a), y = graph_info_of(g, b);
    int c = x.name == y.name ? 0 : pp_str_cmp(graph_name(g, a), graph_name(g, b));
    if (!c && x.file != y.file) c = pp_str_cmp(graph_file(g, a), graph_file(g, b));
    if (!c) c = (x.line > y.line) - (x.line < y.line);
    return c ? c : (a > b) - (a < b);
}

/* By node: whether its function's name does. */
static const bool *find_matches(struct list *l, struct pp_arena *arena) {
    const struct graph *g = &l->g;
    enum { UNKNOWN, NO, YES };
    uint8_t *of_string = PP_NEW(arena, uint8_t, g->p->n_strings);
    bool *matches = PP_NEW(arena, bool, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        uint8_t *m = &of_string[g->nodes[i].name];
        if (*m == UNKNOWN) *m = regex_matches(l->rc->param_regex, graph_name(g, i)) ? YES : NO;
        matches[i] = *m == YES;
    }
    return matches;
}

static bool select_nodes(struct list *l, struct pp_error *err) {
    struct graph *g = &l->g;
    struct pp_arena scratch = {0};
    const bool *matches = find_matches(l, &scratch);
    graph_sum_some(g, matches);
    l->nodes = PP_NEW(l->rc->arena, uint32_t, g->n_selected);
    for (uint32_t i = 0; i < g->n_selected; i++)
        if (matches[g->selected[i]]) l->nodes[l->n_nodes++] = g->selected[i];
    pp_arena_done(&scratch);
    if (!l->n_nodes)
        return pp_fail(err, PP_E_NOT_FOUND, "no matches found for regexp: %.*s",
                       PP_STR_ARG(l->rc->param));
    sort_stable(l->nodes, l->n_nodes, sizeof *l->nodes, by_place, g);
    return true;
}

static struct list_part new_part(const struct list *l, const struct graph_info *info) {
    return (struct list_part){
        .name = info->name,
        .file = info->file,
        .first_line = l->n_lines,
        .start = INT64_MAX,
        .end = INT64_MIN,
    };
}

static void add_node(struct list *l, uint32_t node, uint32_t *part_of, uint32_t *line_of) {
    const struct graph_node *n = &l->g.nodes[node];
    const struct graph_info info = graph_info_of(&l->g, node);
    struct list_part *p = l->n_parts ? &l->parts[l->n_parts - 1] : NULL;
    if (!p || p->name != info.name || p->file != info.file) {
        p = &l->parts[l->n_parts++];
        *p = new_part(l, &info);
    }
    struct list_line *line = p->n_lines ? &l->lines[l->n_lines - 1] : NULL;
    if (!line || line->number != info.line) {
        line = &l->lines[l->n_lines++];
        line->number = info.line;
        p->n_lines++;
    }
    int64_t start = info.start_line;
    if (!start) start = num_add(info.line, -MARGIN);
    int64_t end = num_add(info.line, MARGIN);
    if (start < p->start) p->start = start;
    if (end > p->end) p->end = end;
    line->flat = num_add(line->flat, n->flat);
    line->cum = num_add(line->cum, n->cum);
    p->flat = num_add(p->flat, n->flat);
    p->cum = num_add(p->cum, n->cum);
    part_of[node] = l->n_parts - 1;
    line_of[node] = l->n_lines - 1;
}

/* Replaces the sums of nodes by sums of samples. */
static void count_once(struct list *l, const uint32_t *part_of, const uint32_t *line_of,
                       struct pp_arena *scratch) {
    uint32_t most = l->n_lines > l->n_parts ? l->n_lines : l->n_parts;
    int64_t *cum = PP_NEW(scratch, int64_t, most);
    graph_group_cum(&l->g, part_of, l->n_parts, cum);
    for (uint32_t i = 0; i < l->n_parts; i++)
        l->parts[i].cum = cum[i];
    graph_group_cum(&l->g, line_of, l->n_lines, cum);
    for (uint32_t i = 0; i < l->n_lines; i++)
        l->lines[i].cum = cum[i];
}

static bool list_build(struct list *l, struct pp_error *err) {
    const struct report_ctx *rc = l->rc;
    graph_init(&l->g, rc->profile, &rc->graph, rc->arena);
    source_reader_init(&l->reader, &rc->listing.sources, rc->arena);
    if (!select_nodes(l, err)) return false;
    struct pp_arena scratch = {0};
    uint32_t *part_of = PP_NEW(&scratch, uint32_t, l->g.n_nodes);
    uint32_t *line_of = PP_NEW(&scratch, uint32_t, l->g.n_nodes);
    memset(part_of, 0xff, l->g.n_nodes * sizeof *part_of); /* PP_NONE */
    memset(line_of, 0xff, l->g.n_nodes * sizeof *line_of);
    l->parts = PP_NEW(rc->arena, struct list_part, l->n_nodes);
    l->lines = PP_NEW(rc->arena, struct list_line, l->n_nodes);
    for (uint32_t i = 0; i < l->n_nodes; i++)
        add_node(l, l->nodes[i], part_of, line_of);
    if (!rc->listing.count_recursion) count_once(l, part_of, line_of, &scratch);
    pp_arena_done(&scratch);
    return true;
}

static void list_done(void *found) {
    struct list *l = found;
    source_reader_done(&l->reader);
    graph_done(&l->g);
}

static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    struct list *l = PP_NEW(rc->arena, struct list, 1);
    l->rc = rc;
    *ret_found = l;
    bool ok = list_build(l, err);
    if (!ok) list_done(l);
    return ok;
}

/* Functions without a file are only worth a word where no other part of them has one. */
static bool is_without_file(const struct list *l, uint32_t part) {
    return l->g.files.strings[l->parts[part].file].len == 0;
}

static bool is_superfluous(const struct list *l, uint32_t part) {
    return is_without_file(l, part) && part + 1 < l->n_parts &&
           l->parts[part + 1].name == l->parts[part].name;
}

/* ---- lines of a part ---- */

struct line_walk {
    const struct source_file *file;
    const struct list_line *next, *end; /* those with samples that are still to come */
    int64_t number, last;
    int64_t skip_from, skip_to; /* lines that are left out: [skip_from, skip_to) */
    bool gap_begins;            /* here or at a later line with samples */
};

static const struct source_file no_file;

static struct line_walk walk_lines(struct list *l, const struct list_part *p) {
    struct line_walk w = {.file = &no_file, .gap_begins = true};
    w.next = l->lines + p->first_line;
    w.end = w.next + p->n_lines;
    w.number = p->start < 1 ? 1 : p->start;
    w.last = p->end;
    /* A function may begin below its lines, in a file that it is not from. */
    struct pp_str name = l->g.files.strings[p->file];
    const struct source_file *known = source_known(&l->reader, name);
    if (w.number <= w.last) known = source_find(&l->reader, name);
    if (known) w.file = known;
    return w;
}

/* Where many lines without samples begin that a file's other functions have shown already: all but
 * the first and the last few are left out. */
static void look_ahead(struct list *l, struct line_walk *w) {
    int64_t to = w->next < w->end ? w->next->number : w->last, end = (int64_t)w->file->n_lines;
    if (to > end) to = end;
    if (to <= w->number || (uint64_t)to - (uint64_t)w->number <= 2 * MARGIN) return;
    uint64_t extent = source_extent(w->file, w->number, to);
    if (extent <= SHORT || source_may_show(&l->reader, extent)) return;
    w->skip_from = w->number + MARGIN;
    w->skip_to = to - MARGIN;
}

/* `ret_skipped`: how many lines before this one are left out. */
static bool next_line(struct list *l, struct line_walk *w, struct list_line *ret_line,
                      struct pp_str *ret_source, int64_t *ret_skipped) {
    while (w->next < w->end && w->next->number < w->number)
        w->next++;
    if (w->gap_begins) look_ahead(l, w);
    w->gap_begins = false;
    bool skips = w->number == w->skip_from && w->skip_from < w->skip_to;
    *ret_skipped = skips ? w->skip_to - w->skip_from : 0;
    w->number += *ret_skipped;
    if (w->number > w->last || !source_line(w->file, w->number, ret_source)) return false;
    *ret_source = source_shown(&l->reader, *ret_source);
    *ret_line = (struct list_line){.number = w->number};
    if (w->next < w->end && w->next->number == w->number) {
        *ret_line = *w->next++;
        w->gap_begins = true;
    }
    w->number++;
    return true;
}

/* ---- text ---- */

static void put_line(const struct list *l, struct out *o, const struct list_line *line,
                     struct pp_str file) {
    const struct report_ctx *rc = l->rc;
    screen_heat(o, rc, line->cum, rc->total);
    put_value_or_dot(o, rc, rc->unit, line->flat, 10);
    out_char(o, ' ');
    put_value_or_dot(o, rc, rc->unit, line->cum, 10);
    screen_plain(o, rc);
    out_char(o, ' ');
    bool is_link = screen_link(o, rc, file, line->number);
    out_printf(o, "%6lld:", (long long)line->number);
    screen_link_end(o, is_link);
}

static void put_part(struct list *l, struct out *o, const struct list_part *p) {
    const struct report_ctx *rc = l->rc;
    struct pp_str name = l->g.files.strings[p->file];
    struct line_walk w = walk_lines(l, p);
    struct pp_str file = w.file->path.len ? w.file->path : name; /* what a click opens */
    OUT_LIT(o, "ROUTINE ======================== ");
    out_str(o, pp_string(l->g.p, p->name));
    OUT_LIT(o, " in ");
    bool is_link = screen_link(o, rc, file, p->start);
    out_str(o, name);
    screen_link_end(o, is_link);
    out_char(o, '\n');
    put_value(o, rc, rc->unit, p->flat, 10);
    out_char(o, ' ');
    put_value(o, rc, rc->unit, p->cum, 10);
    OUT_LIT(o, " (flat, cum) ");
    screen_share(o, rc, p->cum, rc->total);
    OUT_LIT(o, " of Total\n");
    if (w.file->error.len) {
        OUT_LIT(o, " Error: ");
        out_str(o, w.file->error);
        out_char(o, '\n');
        return;
    }
    struct list_line line;
    int64_t skipped;
    for (struct pp_str source; next_line(l, &w, &line, &source, &skipped) && !out_failed(o);) {
        if (skipped)
            out_printf(o, "%28s ... %lld lines without samples, shown with other functions\n", "",
                       (long long)skipped);
        put_line(l, o, &line, file);
        out_str(o, source);
        out_char(o, '\n');
    }
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct list *l = rc->found;
    OUT_LIT(o, "Total: ");
    put_value(o, rc, rc->unit, rc->total, 0);
    out_char(o, '\n');
    for (uint32_t i = 0; i < l->n_parts && !out_failed(o); i++) {
        if (is_superfluous(l, i)) continue;
        if (!is_without_file(l, i)) {
            put_part(l, o, &l->parts[i]);
            continue;
        }
        OUT_LIT(o, "No source information for ");
        out_str(o, pp_string(rc->profile, l->parts[i].name));
        out_char(o, '\n');
    }
    return true;
}

/* ---- rows ---- */

static const char *const columns[] = {"function",      "file",         "line", "source",
                                      "flat",          "flat_share",   "cum",  "cum_share",
                                      "function_flat", "function_cum", "error"};

enum { N_COLUMNS = sizeof columns / sizeof *columns };

/* What a row tells besides its function. */
struct list_row {
    const struct list_line *line; /* NULL: there is none */
    struct pp_str source, error;
};

static void add_row(const struct list *l, struct row_sink *sink, const struct list_part *p,
                    const struct list_row *row) {
    const struct list_line *line = row->line;
    int64_t total = l->rc->total;
    struct pp_cell none = {.kind = PP_CELL_NULL};
    const struct pp_cell cells[N_COLUMNS] = {
        cell_text(pp_string(l->g.p, p->name)),
        cell_known(l->g.files.strings[p->file]),
        line ? cell_int(line->number) : none,
        line ? cell_text(row->source) : none,
        line ? cell_int(line->flat) : none,
        line ? cell_share(line->flat, total) : none,
        line ? cell_int(line->cum) : none,
        line ? cell_share(line->cum, total) : none,
        cell_int(p->flat),
        cell_int(p->cum),
        cell_known(row->error),
    };
    rows_add(sink, cells);
}

static void add_part_rows(struct list *l, struct row_sink *sink, const struct list_part *p) {
    struct line_walk w = walk_lines(l, p);
    struct list_line line;
    struct pp_str source;
    int64_t skipped;
    bool any = false;
    for (; next_line(l, &w, &line, &source, &skipped) && !out_failed(sink->out); any = true)
        add_row(l, sink, p, &(struct list_row){.line = &line, .source = source});
    if (any) return;
    /* No text: the lines with samples alone. */
    for (; w.next < w.end; w.next++)
        add_row(l, sink, p, &(struct list_row){.line = w.next, .error = w.file->error});
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    struct list *l = rc->found;
    for (uint32_t i = 0; i < l->n_parts; i++) {
        if (is_superfluous(l, i)) continue;
        if (is_without_file(l, i))
            add_row(l, sink, &l->parts[i],
                    &(struct list_row){.error = PP_STR("no source information")});
        else
            add_part_rows(l, sink, &l->parts[i]);
    }
    return true;
}

static const struct report_table table = {
    .version = 2,
    .columns = columns,
    .n_columns = N_COLUMNS,
};

const struct report_format list_report = {
    .name = "list",
    .help = "Source lines of functions that match, with their cost",
    .usage = "list func_regex [focus_regex]* [-ignore_regex]* >f\n"
             "Show the source of functions that match func_regex, with the cost of each line;\n"
             "only samples through focus_regex, none through ignore_regex; >f writes to a file.",
    .param = "<func_regex|address>",
    .granularity = "lines",
    .traits = REPORT_KEEP_ALL | REPORT_OBJECT_NAMES | REPORT_SOURCES | REPORT_BY_GRAPH,
    .collect = collect,
    .close = list_done,
    .render = render,
    .rows = rows,
    .table = &table,
};
