/* A table in Markdown (GitHub's), for comments on pull requests and summaries of CI steps. Long
 * texts lose their middle; what does not fit the size of a comment is cut, and a line says how
 * much. Columns that are empty throughout are left out. Values have the unit that the
 * report gives them, else they are raw, in the profile's own unit; shares are in percent. */
#include "base/path.h"
#include "base/utf8.h"
#include "report/encode/cells.h"
#include "report/encode/columns.h"
#include "report/markdown_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum { MAX_NAME = 70, MAX_SENTENCE = 1000 };

struct column {
    bool hidden, any, all_numbers;
    size_t longest; /* characters of a text */
};

struct markdown {
    struct pp_arena arena;
    struct column *columns;
    struct pp_str *cells; /* row by row */
    size_t n_cells, cap_cells;
    size_t bytes;
    uint64_t n_cut;
};

static void put_cell(struct out *o, const struct pp_cell *c, size_t longest) {
    struct out plain;
    switch (c->kind) {
    case PP_CELL_NULL:
        return;
    case PP_CELL_SHARE:
        out_printf(o, "%.2f%%", 100 * (double)c->num / (double)c->total);
        return;
    case PP_CELL_TEXT:
        if (c->text.len) markdown_cell(o, c->text, longest);
        return;
    case PP_CELL_INT:
        if (!c->text.len) break;
        out_str(o, c->text);
        return;
    case PP_CELL_TEXTS:
    case PP_CELL_LABELS:
        if (!c->n_texts) return;
        out_open_memory(&plain);
        cell_plain(&plain, c);
        markdown_cell(o, out_text(&plain), longest);
        out_close(&plain, NULL);
        return;
    default:
        break;
    }
    cell_plain(o, c);
}

static struct pp_cell short_cell(const char *column, const struct pp_cell *c) {
    struct pp_cell cell = *c;
    bool is_path = !strcmp(column, "file") || !strcmp(column, "mapping");
    if (c->kind == PP_CELL_TEXT && is_path) cell.text = path_end(c->text);
    return cell;
}

static bool is_number(enum pp_cell_kind kind) {
    return kind == PP_CELL_INT || kind == PP_CELL_SHARE || kind == PP_CELL_DOUBLE;
}

/* Reports with many columns say which of them are for people. */
static bool is_shown(const struct pp_table *head, size_t column) {
    bool shown = !head->shown;
    for (size_t i = 0; i < head->n_shown; i++)
        shown |= !strcmp(head->shown[i], head->columns[column]);
    return shown;
}

/* Sentences are read whole, as far as names leave them short; a name is known by its ends. */
static size_t longest_of(const char *column) {
    return strcmp(column, "message") ? MAX_NAME : MAX_SENTENCE;
}

static void begin(struct row_sink *sink) {
    struct markdown *m = sink->state = pp_malloc(sizeof *m);
    *m = (struct markdown){0};
    m->columns = PP_NEW(&m->arena, struct column, sink->head->n_columns);
    for (size_t i = 0; i < sink->head->n_columns; i++)
        m->columns[i] = (struct column){
            .hidden = !is_shown(sink->head, i),
            .all_numbers = true,
            .longest = longest_of(sink->head->columns[i]),
        };
}

static void row(struct row_sink *sink, const struct pp_cell *cells) {
    struct markdown *m = sink->state;
    if (m->bytes > MARKDOWN_BYTES) {
        m->n_cut++;
        return;
    }
    for (size_t i = 0; i < sink->head->n_columns; i++) {
        struct out text;
        out_open_memory(&text);
        const struct pp_cell cell = short_cell(sink->head->columns[i], &cells[i]);
        if (!m->columns[i].hidden) put_cell(&text, &cell, m->columns[i].longest);
        struct pp_str copy = pp_arena_copy(&m->arena, out_text(&text));
        out_close(&text, NULL);
        PP_PUSH(&m->arena, m->cells, m->n_cells, m->cap_cells, copy);
        m->bytes += copy.len + 3;
        if (!copy.len) continue;
        m->columns[i].any = true;
        m->columns[i].all_numbers &= is_number(cells[i].kind);
    }
}

/* "**top**: cpu in nanoseconds, total 30400000000", as far as the table says so. */
static void put_title(struct out *o, const struct pp_table *head) {
    const char *separator = ": ";
    const struct pp_cell *message = head_cell(head, "message");
    if (message) {
        out_printf(o, "### cpprof %s\n\n", head->report);
        put_cell(o, message, MAX_SENTENCE);
        OUT_LIT(o, "\n\n");
        return;
    }
    out_printf(o, "**%s**", head->report);
    for (size_t i = 0; i < head->n_fields; i++) {
        const struct pp_field *f = &head->fields[i];
        if (f->group || f->value.kind == PP_CELL_NULL) continue;
        out_printf(o, "%s%s ", separator, f->name);
        put_cell(o, &f->value, MAX_NAME);
        separator = ", ";
    }
    OUT_LIT(o, "\n\n");
}

static void put_names(struct out *o, const struct pp_table *head, const struct column *columns) {
    for (size_t i = 0; i < head->n_columns; i++)
        if (columns[i].any) out_printf(o, "| %s ", head->columns[i]);
    OUT_LIT(o, "|\n");
    for (size_t i = 0; i < head->n_columns; i++)
        if (columns[i].any) out_text0(o, columns[i].all_numbers ? "|---:" : "|---");
    OUT_LIT(o, "|\n");
}

static void put_rows(struct out *o, const struct markdown *m, size_t n_columns) {
    for (size_t at = 0; at < m->n_cells; at += n_columns) {
        for (size_t i = 0; i < n_columns; i++) {
            if (!m->columns[i].any) continue;
            OUT_LIT(o, "| ");
            out_str(o, m->cells[at + i]);
            out_char(o, ' ');
        }
        OUT_LIT(o, "|\n");
    }
}

static void end(struct row_sink *sink) {
    struct markdown *m = sink->state;
    put_title(sink->out, sink->head);
    if (m->n_cells) {
        put_names(sink->out, sink->head, m->columns);
        put_rows(sink->out, m, sink->head->n_columns);
    } else {
        OUT_LIT(sink->out, "No rows.\n");
    }
    if (m->n_cut)
        out_printf(sink->out, "\n%" PRIu64 " more rows are cut, to fit a comment.\n", m->n_cut);
    pp_arena_done(&m->arena);
    pp_free(m);
}

const struct encoder markdown_encoder = {
    .name = "markdown",
    .help = "as a Markdown table, for pull requests",
    .is_for_people = true,
    .begin = begin,
    .row = row,
    .end = end,
};
