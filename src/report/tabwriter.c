#include "report/tabwriter.h"

#include "base/utf8.h"

enum { PADDING = 1 };

static const unsigned char ESCAPE = 0xff;

struct cell_span {
    struct pp_str text;
    size_t width;
    uint32_t run; /* the column that it belongs to, in widths */
    bool last;    /* of its line: not aligned */
    char end;     /* of the last: '\n', '\f', or 0 at the end of the text */
};

struct tabwriter {
    struct pp_arena arena;
    struct cell_span *cells;
    size_t n_cells, cap_cells;
    size_t *widths; /* of each run of cells */
    size_t n_widths, cap_widths;
    uint32_t *open; /* the run of each column of the line before */
    size_t n_open, cap_open;
};

static void end_cell(struct tabwriter *t, struct cell_span *c, size_t column, bool last, char end) {
    c->last = last;
    c->end = end;
    if (last) {
        t->n_open = end == '\f' ? 0 : column < t->n_open ? column : t->n_open;
    } else {
        if (column == t->n_open) {
            PP_PUSH(&t->arena, t->open, t->n_open, t->cap_open, (uint32_t)t->n_widths);
            PP_PUSH(&t->arena, t->widths, t->n_widths, t->cap_widths, 0);
        }
        c->run = t->open[column];
        if (c->width + PADDING > t->widths[c->run]) t->widths[c->run] = c->width + PADDING;
    }
    PP_PUSH(&t->arena, t->cells, t->n_cells, t->cap_cells, *c);
}

/* The end of the cell that begins at `from`; its width comes out too. */
static size_t scan_cell(struct pp_str text, size_t from, size_t *ret_width) {
    size_t i = from, escapes = 0;
    bool escaped = false;
    for (; i < text.len; i++) {
        char c = text.data[i];
        if ((unsigned char)c == ESCAPE) {
            escaped = !escaped;
            escapes += escaped;
        } else if (!escaped && (c == '\t' || c == '\v' || c == '\n' || c == '\f')) {
            break;
        }
    }
    /* The two bytes around an escaped text take no room. */
    *ret_width = utf8_count(pp_str_slice(text, from, i)) - 2 * escapes;
    return i;
}

static void scan(struct tabwriter *t, struct pp_str text) {
    size_t column = 0;
    for (size_t i = 0; i <= text.len; i++) {
        struct cell_span c = {0};
        size_t end = scan_cell(text, i, &c.width);
        c.text = pp_str_slice(text, i, end);
        char terminator = end < text.len ? text.data[end] : 0;
        bool last = terminator != '\t' && terminator != '\v';
        end_cell(t, &c, column, last, terminator);
        column = last ? 0 : column + 1;
        i = end;
    }
}

void tabwriter_put(struct out *o, struct pp_str text) {
    struct tabwriter t = {0};
    scan(&t, text);
    for (size_t i = 0; i < t.n_cells; i++) {
        const struct cell_span *c = &t.cells[i];
        if (!c->last) out_spaces(o, t.widths[c->run] - c->width);
        out_str(o, c->text);
        if (c->last && c->end) out_char(o, '\n');
    }
    pp_arena_done(&t.arena);
}
