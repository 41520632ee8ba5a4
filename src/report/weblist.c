/* -weblist: the source of each function that matches, with the instructions of each line, as a page
 * that needs no script and nothing from elsewhere: a line opens when it is clicked. Names and
 * sources are a stranger's; all of them go through html_put. */
#include "report/weblist.h"

#include "base/html.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/utf8.h"
#include "report/header.h"

enum {
    CODE_WIDTH = 80,
    TAB = 8,
    STEP = 4,
    DEEPEST = 32, /* calls that are shown, and steps of indentation */
    WIDEST_INDENT = 256,
};

struct page {
    struct weblist w;
    struct source_reader reader;
    struct out *out;
};

/* ---- lines of a function ---- */

struct line_walk {
    const struct weblist *w;
    const struct source_file *file;
    const struct weblist_line *next, *end; /* those with instructions that are still to come */
    int64_t number, last;
};

static struct line_walk walk_lines(struct page *p, const struct weblist_function *f) {
    return (struct line_walk){
        .w = &p->w,
        .file = source_find(&p->reader, p->w.files.strings[f->file]),
        .next = &p->w.lines[f->first],
        .end = &p->w.lines[f->first + f->n],
        .number = f->begin,
        .last = f->end,
    };
}

static bool next_line(struct line_walk *walk, struct weblist_line *ret_line,
                      struct pp_str *ret_source) {
    while (walk->number < walk->last) {
        int64_t number = walk->number++;
        bool has_code = walk->next < walk->end && walk->next->number == number;
        bool has_source = source_line(walk->file, number, ret_source);
        *ret_line = has_code ? *walk->next++ : (struct weblist_line){.number = number};
        if (has_source) return true;
        *ret_source = number ? PP_STR("???") : PP_STR("<instructions with unknown line numbers>");
        if (has_code) return true;
    }
    return false;
}

/* The column of the first character that is no blank. */
static size_t indentation(struct pp_str line) {
    size_t column = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] == '\t')
            column += TAB - column % TAB;
        else if (line.data[i] == ' ')
            column++;
        else
            break;
    }
    return column < WIDEST_INDENT ? column : WIDEST_INDENT;
}

static struct pp_str trimmed(struct pp_str s) {
    while (s.len && memchr(" \t\r\f\v", s.data[0], 5))
        s = pp_str_slice(s, 1, s.len);
    while (s.len && memchr(" \t\r\f\v", s.data[s.len - 1], 5))
        s.len--;
    return s;
}

/* ---- the page ---- */

static const char head_text[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { font-family: system-ui, sans-serif; margin: 1em 2em; }\n"
    "header { color: GrayText; white-space: pre-line; }\n"
    "h2 { margin: 1.5em 0 0; overflow-wrap: anywhere; }\n"
    "section { font-family: ui-monospace, monospace; font-size: .9em; overflow-x: auto; }\n"
    "section div, summary, p { white-space: pre; margin: 0; tab-size: 8; }\n"
    "summary { list-style: none; cursor: pointer; }\n"
    "summary::-webkit-details-marker { display: none; }\n"
    "summary:hover, details[open] > summary { background: color-mix(in srgb, Highlight 20%, "
    "Canvas); "
    "}\n"
    ".no, .none, .at { color: GrayText; }\n"
    ".code { color: light-dark(#060, #8d8); }\n"
    ".call { color: light-dark(#008, #aaf); }\n"
    "</style>\n<title>";

static void put_cell(struct page *p, int64_t value, size_t width) {
    put_value_or_dot(p->out, p->w.rc, p->w.rc->unit, value, width);
    out_char(p->out, ' ');
}

/* Code at a column, padded, so that what follows is aligned. */
static void put_code(struct out *o, size_t column, struct pp_str text) {
    out_spaces(o, column);
    for (size_t i = 0; i < text.len; column++) {
        size_t len;
        utf8_decode(pp_str_slice(text, i, text.len), &len);
        if (text.data[i] == '\t') {
            size_t blanks = TAB - column % TAB;
            out_spaces(o, blanks);
            column += blanks - 1;
        } else {
            html_put(o, pp_str_slice(text, i, i + len));
        }
        i += len;
    }
    if (column < CODE_WIDTH) out_spaces(o, CODE_WIDTH - column);
}

static void put_place(struct out *o, struct pp_str file, int64_t line) {
    OUT_LIT(o, " <span class=\"at\">");
    html_put(o, path_base(file));
    out_printf(o, ":%lld</span>", (long long)line);
}

/* Calls that the instruction is in and the one before it (`shown`) was not. */
static void put_calls(struct page *p, const struct weblist_entry *e,
                      const struct weblist_entry *shown, size_t column) {
    for (uint32_t i = 0; i < e->n_calls && i < DEEPEST; i++) {
        const struct weblist_call *c = &e->calls[i], *s = NULL;
        if (shown && i < shown->n_calls) s = &shown->calls[i];
        if (s && s->line == c->line && pp_str_eq(s->file, c->file)) continue;
        shown = NULL;
        struct pp_str source = {0};
        source_line(source_find(&p->reader, c->file), c->line, &source);
        OUT_LIT(p->out, "<div>");
        out_spaces(p->out, 42);
        OUT_LIT(p->out, "<span class=\"call\">");
        put_code(p->out, column + STEP * i, trimmed(source_shown(&p->reader, source)));
        OUT_LIT(p->out, "</span>");
        put_place(p->out, c->file, c->line);
        OUT_LIT(p->out, "</div>\n");
    }
    if (e->n_calls > DEEPEST && (!shown || shown->n_calls != e->n_calls))
        out_printf(p->out, "<div class=\"at\">%42s... %u more inlined calls</div>\n", "",
                   e->n_calls - DEEPEST);
}

static size_t step(uint32_t depth) {
    return STEP * (depth < DEEPEST ? depth : DEEPEST);
}

static void put_inst(struct page *p, const struct weblist_entry *e, size_t column) {
    const struct weblist_inst *inst = &p->w.insts[e->inst];
    if (!inst->text.len) return; /* no binary: the line says it all */
    OUT_LIT(p->out, "<div>");
    out_spaces(p->out, 8);
    put_cell(p, inst->flat, 10);
    put_cell(p, inst->cum, 10);
    out_printf(p->out, "%10llx: <span class=\"code\">", (unsigned long long)inst->object_address);
    put_code(p->out, column + step(e->n_calls), inst->text);
    OUT_LIT(p->out, "</span>");
    if (inst->file.len) put_place(p->out, inst->file, inst->line);
    OUT_LIT(p->out, "</div>\n");
}

static void put_insts(struct page *p, const struct weblist_line *line, struct pp_str source) {
    const struct weblist_entry *before = NULL;
    size_t column = indentation(source) + STEP;
    for (uint32_t i = 0; i < line->n; i++) {
        const struct weblist_entry *e = &p->w.entries[line->first + i];
        const struct weblist_inst *inst = &p->w.insts[e->inst];
        if (before) {
            const struct weblist_inst *last = &p->w.insts[before->inst];
            if (inst->address != last->address + last->length) /* another block */
                OUT_LIT(
                    p->out,
                    "<div class=\"at\">                                    \xe2\x8b\xae</div>\n");
        }
        put_calls(p, e, before, column);
        put_inst(p, e, column);
        before = e;
    }
}

static bool opens(const struct weblist *w, const struct weblist_line *line) {
    for (uint32_t i = 0; i < line->n; i++) {
        const struct weblist_entry *e = &w->entries[line->first + i];
        if (e->n_calls || w->insts[e->inst].text.len) return true;
    }
    return false;
}

static void put_line(struct page *p, const struct weblist_line *line, struct pp_str source) {
    bool live = opens(&p->w, line);
    out_text0(p->out, live ? "<details><summary>" : line->n ? "<div>" : "<div class=\"none\">");
    out_printf(p->out, "<span class=\"no\">%7lld</span> ", (long long)line->number);
    put_cell(p, line->flat, 10);
    put_cell(p, line->cum, 10);
    out_spaces(p->out, 11);
    html_put(p->out, source_shown(&p->reader, source));
    if (live) {
        OUT_LIT(p->out, "</summary>\n");
        put_insts(p, line, source);
    }
    out_text0(p->out, live ? "</details>\n" : "</div>\n");
}

static void put_function(struct page *p, const struct weblist_function *f) {
    struct out *o = p->out;
    const struct report_ctx *rc = p->w.rc;
    OUT_LIT(o, "<h2>");
    html_put(o, f->name);
    OUT_LIT(o, "</h2>\n<p class=\"file\">");
    html_put(o, p->w.files.strings[f->file]);
    OUT_LIT(o, "</p>\n<section>\n<p>  Total: ");
    put_value(o, rc, rc->unit, f->flat, 10);
    out_char(o, ' ');
    put_value(o, rc, rc->unit, f->cum, 10);
    OUT_LIT(o, " (flat, cum) ");
    put_percentage(o, f->cum, rc->total);
    OUT_LIT(o, "</p>\n");
    struct line_walk walk = walk_lines(p, f);
    if (walk.file->error.len) {
        OUT_LIT(o, "<p class=\"none\">No source: ");
        html_put(o, walk.file->error);
        OUT_LIT(o, "</p>\n");
    }
    struct weblist_line line;
    for (struct pp_str source; next_line(&walk, &line, &source) && !out_failed(o);) {
        put_line(p, &line, source);
        walk.file = source_find(&p->reader, p->w.files.strings[f->file]); /* calls read others */
    }
    OUT_LIT(o, "</section>\n");
}

static void put_head(struct page *p) {
    const struct report_ctx *rc = p->w.rc;
    struct pp_str file = {0};
    if (rc->profile->n_mappings) file = pp_string(rc->profile, rc->profile->mappings[0].file);
    OUT_LIT(p->out, head_text);
    html_put(p->out, file.len ? path_base(file) : PP_STR("unknown"));
    out_char(p->out, ' ');
    html_put(p->out, rc->type_name.len ? rc->type_name : PP_STR("unknown"));
    OUT_LIT(p->out, "</title>\n</head>\n<body>\n<header>");
    struct out labels;
    out_open_memory(&labels);
    put_profile_labels(&labels, rc, rc->unit);
    html_put(p->out, out_text(&labels));
    out_close(&labels, NULL);
    OUT_LIT(p->out, "Total: ");
    put_value(p->out, rc, rc->unit, rc->total, 0);
    OUT_LIT(p->out, "</header>\n");
}

static void page_close(void *found) {
    struct page *p = found;
    source_reader_done(&p->reader);
    weblist_done(&p->w);
}

static int by_flat(const void *left, const void *right, void *user) {
    (void)user;
    const struct weblist_function *a = left, *b = right;
    return (a->flat < b->flat) - (a->flat > b->flat);
}

/* Where not all are listed, the heaviest. */
static void limit_functions(struct weblist *w, uint32_t most) {
    if (!most) return;
    sort_stable(w->functions, w->n_functions, sizeof *w->functions, by_flat, NULL);
    if (w->n_functions > most) w->n_functions = most;
}

static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    struct page *p = PP_NEW(rc->arena, struct page, 1);
    source_reader_init(&p->reader, &rc->listing.sources, rc->arena);
    *ret_found = p;
    bool ok = weblist_build(&p->w, rc, err);
    if (ok) limit_functions(&p->w, rc->listing.most);
    if (!ok) page_close(p);
    return ok;
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct page *p = rc->found;
    p->out = o;
    put_head(p);
    for (uint32_t i = 0; i < p->w.n_functions && !out_failed(o); i++)
        if (p->w.functions[i].cum) put_function(p, &p->w.functions[i]);
    OUT_LIT(o, "</body>\n</html>\n");
    return true;
}

/* ---- rows: a row a line, then one for each of its instructions ---- */

static const char *const columns[] = {
    "function", "file",       "line", "source",    "address",       "instruction", "inlined_at",
    "flat",     "flat_share", "cum",  "cum_share", "function_flat", "function_cum"};

enum { N_COLUMNS = sizeof columns / sizeof *columns };

static struct pp_cell calls_cell(const struct page *p, const struct weblist_entry *e) {
    struct pp_str *texts = PP_NEW(p->w.arena, struct pp_str, e->n_calls);
    for (uint32_t i = 0; i < e->n_calls; i++) {
        struct out o;
        out_open_memory(&o);
        out_str(&o, e->calls[i].file);
        out_printf(&o, ":%lld", (long long)e->calls[i].line);
        texts[i] = pp_arena_copy(p->w.arena, out_text(&o));
        out_close(&o, NULL);
    }
    return (struct pp_cell){.kind = PP_CELL_TEXTS, .texts = texts, .n_texts = e->n_calls};
}

/* A line of source, or an instruction of one. */
struct weblist_row {
    int64_t number;
    const struct pp_str *source;      /* NULL: it is an instruction */
    const struct weblist_entry *inst; /* NULL: it is a line */
    int64_t flat, cum;
};

static void add_row(const struct page *p, struct row_sink *sink, const struct weblist_function *f,
                    const struct weblist_row *row) {
    const struct weblist *w = &p->w;
    const struct weblist_inst *inst = row->inst ? &w->insts[row->inst->inst] : NULL;
    struct pp_cell none = {.kind = PP_CELL_NULL};
    const struct pp_cell cells[N_COLUMNS] = {
        cell_text(f->name),
        cell_known(w->files.strings[f->file]),
        cell_int(row->number),
        row->source ? cell_text(*row->source) : none,
        inst ? cell_hex(inst->object_address) : none,
        inst ? cell_text(inst->text) : none,
        inst ? calls_cell(p, row->inst) : none,
        cell_int(row->flat),
        cell_share(row->flat, w->rc->total),
        cell_int(row->cum),
        cell_share(row->cum, w->rc->total),
        cell_int(f->flat),
        cell_int(f->cum),
    };
    rows_add(sink, cells);
}

static void add_rows(struct page *p, struct row_sink *sink, const struct weblist_function *f) {
    struct line_walk walk = walk_lines(p, f);
    struct weblist_line line;
    for (struct pp_str source; next_line(&walk, &line, &source);) {
        const struct weblist_row row = {line.number, &source, NULL, line.flat, line.cum};
        add_row(p, sink, f, &row);
        for (uint32_t i = 0; i < line.n; i++) {
            const struct weblist_entry *e = &p->w.entries[line.first + i];
            const struct weblist_inst *inst = &p->w.insts[e->inst];
            const struct weblist_row of = {line.number, NULL, e, inst->flat, inst->cum};
            if (inst->text.len) add_row(p, sink, f, &of);
        }
    }
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    struct page *p = rc->found;
    for (uint32_t i = 0; i < p->w.n_functions; i++)
        if (p->w.functions[i].cum) add_rows(p, sink, &p->w.functions[i]);
    return true;
}

static const struct report_table table = {
    .version = 2,
    .columns = columns,
    .n_columns = N_COLUMNS,
};

const struct report_format weblist_report = {
    .name = "weblist",
    .help = "Source lines with their instructions, in a browser",
    .usage = "weblist func_regex|address [focus_regex]* [-ignore_regex]*\n"
             "Show the source of functions that match func_regex or are at the address, each line\n"
             "with its instructions; only samples through focus_regex, none through ignore_regex.",
    .param = "<func_regex|address>",
    .granularity = "addresses",
    .traits =
        REPORT_KEEP_ALL | REPORT_OBJECT_NAMES | REPORT_INLINES | REPORT_SOURCES | REPORT_OBJECTS,
    .suffix = "html",
    .viewers = browser_commands,
    .collect = collect,
    .close = page_close,
    .render = render,
    .rows = rows,
    .table = &table,
};
