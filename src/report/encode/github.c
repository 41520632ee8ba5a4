/* Annotations for GitHub Actions: `::error file=a.go,line=1,title=t::message` on standard output. A
 * step shows ten annotations of a kind and drops the others silently, so the tenth here says how
 * many there are. The last line is the report's own last word. Escapes: the runner's ActionCommand.
 */
#include "base/safe.h"
#include "base/utf8.h"
#include "report/encode/cells.h"
#include "report/encode/columns.h"

#include <stdlib.h>

enum { MOST = 10, LONGEST = 4000 };

enum kind { NOTICE, ERROR, N_KINDS };

static const char *const kind_names[N_KINDS] = {"notice", "error"};

struct github {
    uint64_t n[N_KINDS];
};

/* What would act in the log, or show it in another order, is written out. */
static void put_escaped(struct out *o, struct pp_str s, bool is_property) {
    if (s.len > LONGEST) s.len = utf8_floor(s, LONGEST);
    for (size_t len; s.len; s = pp_str_slice(s, len, s.len)) {
        uint32_t c = utf8_decode(s, &len);
        bool special =
            c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','));
        if (special)
            out_printf(o, "%%%02X", c);
        else if ((c < 0x20 && c != '\t') || c == 0x7f)
            out_char(o, '?');
        else if (!safe_is_harmless(c))
            out_printf(o, "\\u%04x", c);
        else
            out_utf8(o, pp_str_slice(s, 0, len));
    }
}

static bool kind_of(enum row_verdict verdict, enum kind *ret_kind) {
    if (verdict == ROW_GOOD) return false;
    *ret_kind = verdict == ROW_BAD || verdict == ROW_ERROR ? ERROR : NOTICE;
    return true;
}

static void begin(struct row_sink *sink) {
    struct github *g = sink->state = pp_malloc(sizeof *g);
    *g = (struct github){.n = {0}};
}

static void put_place(struct out *o, const struct pp_table *head, const struct pp_cell *cells) {
    const struct pp_cell *file = row_cell(head, cells, "file"),
                         *line = row_cell(head, cells, "line");
    if (!file) return;
    OUT_LIT(o, "file=");
    put_escaped(o, file->text, true);
    if (line) {
        OUT_LIT(o, ",line=");
        cell_plain(o, line);
    }
    out_char(o, ',');
}

static void row(struct row_sink *sink, const struct pp_cell *cells) {
    struct github *g = sink->state;
    struct out *o = sink->out, text;
    enum kind kind;
    if (!kind_of(row_verdict(sink->head, cells), &kind)) return;
    if (++g->n[kind] >= MOST) return;
    out_printf(o, "::%s ", kind_names[kind]);
    put_place(o, sink->head, cells);
    OUT_LIT(o, "title=");
    out_open_memory(&text);
    row_name(&text, sink->head, cells);
    put_escaped(o, out_text(&text), true);
    out_close(&text, NULL);
    OUT_LIT(o, "::");
    out_open_memory(&text);
    row_message(&text, sink->head, cells);
    put_escaped(o, out_text(&text), false);
    out_close(&text, NULL);
    out_char(o, '\n');
}

static void end(struct row_sink *sink) {
    struct github *g = sink->state;
    struct out *o = sink->out;
    for (int kind = 0; kind < N_KINDS; kind++)
        if (g->n[kind] >= MOST)
            out_printf(o, "::%s title=%s::and %llu more\n", kind_names[kind], sink->head->report,
                       (unsigned long long)g->n[kind] - MOST + 1);
    const struct pp_cell *message = head_cell(sink->head, "message");
    if (message) {
        put_escaped(o, message->text, false);
        out_char(o, '\n');
    }
    pp_free(g);
}

const struct encoder github_encoder = {
    .name = "github",
    .help = "as annotations for GitHub Actions",
    .begin = begin,
    .row = row,
    .end = end,
};
