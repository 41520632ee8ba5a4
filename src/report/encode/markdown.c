/* Markdown: the report's own sentence, then a table as GitHub and GitLab render it. It ends early
 * enough for a comment on a pull request (65,536 characters); a step summary takes 1 MiB. */
#include "report/encode/cells.h"
#include "report/encode/columns.h"

#include <stdlib.h>

enum { MOST_BYTES = 60000 };

struct markdown {
    size_t *columns; /* positions */
    size_t n_columns;
    uint64_t written, left_out;
};

/* So that text stays text: no markup, no HTML, no end of the cell, no link to a user or an issue.
 */
static void put_escaped(struct out *o, struct pp_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == '\n' || c == '\r') {
            out_char(o, ' ');
            continue;
        }
        if (c == '<')
            OUT_LIT(o, "&lt;");
        else if (c == '&')
            OUT_LIT(o, "&amp;");
        else if (c == '@')
            OUT_LIT(o, "&#64;");
        else {
            if (memchr("\\`*_{}[]()#+-.!|>~$", c, 19)) out_char(o, '\\');
            out_char(o, c);
        }
    }
}

static void put_cell(struct out *o, const struct cell *c) {
    struct out plain;
    out_open_memory(&plain);
    cell_plain(&plain, c);
    put_escaped(o, out_text(&plain));
    out_close(&plain, NULL);
}

static bool is_number(const struct cell *c) {
    return c->kind == CELL_INT || c->kind == CELL_SHARE || c->kind == CELL_DOUBLE;
}

static void choose_columns(struct markdown *m, const struct table_head *head) {
    m->columns = pp_malloc((head->n_columns + 1) * sizeof *m->columns);
    for (size_t i = 0; i < head->n_columns; i++) {
        bool is_shown = !head->shown;
        for (size_t j = 0; j < head->n_shown; j++)
            is_shown |= !strcmp(head->shown[j], head->columns[i]);
        if (is_shown) m->columns[m->n_columns++] = i;
    }
}

static void begin(struct row_sink *sink) {
    const struct table_head *head = sink->head;
    struct out *o = sink->out;
    struct markdown *m = sink->state = pp_malloc(sizeof *m);
    *m = (struct markdown){.columns = NULL};
    choose_columns(m, head);
    const struct cell *message = head_cell(head, "message");
    OUT_LIT(o, "### cpprof ");
    out_text0(o, head->report);
    OUT_LIT(o, "\n\n");
    if (message) {
        put_cell(o, message);
        OUT_LIT(o, "\n\n");
    }
    out_char(o, '|');
    for (size_t i = 0; i < m->n_columns; i++) {
        out_char(o, ' ');
        put_escaped(o, pp_str_from(head->columns[m->columns[i]]));
        OUT_LIT(o, " |");
    }
    OUT_LIT(o, "\n|");
    for (size_t i = 0; i < m->n_columns; i++)
        OUT_LIT(o, " --- |");
    out_char(o, '\n');
}

static void row(struct row_sink *sink, const struct cell *cells) {
    struct markdown *m = sink->state;
    struct out line;
    out_open_memory(&line);
    out_char(&line, '|');
    for (size_t i = 0; i < m->n_columns; i++) {
        const struct cell *c = &cells[m->columns[i]];
        out_char(&line, ' ');
        if (is_number(c))
            cell_plain(&line, c);
        else
            put_cell(&line, c);
        OUT_LIT(&line, " |");
    }
    out_char(&line, '\n');
    struct pp_str text = out_text(&line);
    if (m->left_out || m->written + text.len > MOST_BYTES)
        m->left_out++;
    else
        out_str(sink->out, text);
    m->written += text.len;
    out_close(&line, NULL);
}

static void end(struct row_sink *sink) {
    struct markdown *m = sink->state;
    if (m->left_out)
        out_printf(sink->out, "\n%llu more rows left out\n", (unsigned long long)m->left_out);
    free(m->columns);
    free(m);
}

const struct encoder markdown_encoder = {
    .name = "markdown",
    .help = "as a Markdown table, short enough for a comment",
    .begin = begin,
    .row = row,
    .end = end,
};
