/* JUnit XML, as build servers read it: each row is a test case, a broken rule a failure, what can't
 * be compared an error. Times and host are constants, so that the output is the same every time.
 * The elements and attributes are those that both common schemas (Ant's, Jenkins') allow. */
#include "report/encode/cells.h"
#include "report/encode/columns.h"

#include "base/utf8.h"

#include <stdlib.h>

struct junit {
    struct out cases, unsure; /* unsure: what passes, but should be known */
    uint64_t failures, errors;
};

/* Characters that XML 1.0 knows. */
static bool is_xml(uint32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xfffe && c != 0xffff);
}

static void put_escaped(struct out *o, struct pp_str s) {
    while (s.len) {
        size_t len;
        uint32_t c = utf8_decode(s, &len);
        char bytes[4];
        if (!is_xml(c)) c = UTF8_INVALID;
        switch (c) {
        case '&':
            OUT_LIT(o, "&amp;");
            break;
        case '<':
            OUT_LIT(o, "&lt;");
            break;
        case '>':
            OUT_LIT(o, "&gt;");
            break;
        case '"':
            OUT_LIT(o, "&quot;");
            break;
        case '\n':
            OUT_LIT(o, "&#10;");
            break;
        case '\r':
            OUT_LIT(o, "&#13;");
            break;
        case '\t':
            OUT_LIT(o, "&#9;");
            break;
        default:
            out_bytes(o, bytes, utf8_encode(c, bytes));
            break;
        }
        s = pp_str_slice(s, len, s.len);
    }
}

static void put_text(struct out *o, const struct pp_table *head, const struct pp_cell *cells,
                     void (*text)(struct out *, const struct pp_table *, const struct pp_cell *)) {
    struct out plain;
    out_open_memory(&plain);
    text(&plain, head, cells);
    put_escaped(o, out_text(&plain));
    out_close(&plain, NULL);
}

/* "a.go:12" and the callers, as the body of a failure. */
static void put_details(struct out *o, const struct pp_table *head, const struct pp_cell *cells) {
    const struct pp_cell *file = row_cell(head, cells, "file"),
                         *line = row_cell(head, cells, "line");
    const struct pp_cell *callers = row_cell(head, cells, "callers");
    if (file) {
        OUT_LIT(o, "at ");
        out_str(o, file->text);
        if (line) {
            out_char(o, ':');
            cell_plain(o, line);
        }
    }
    if (callers && callers->n_texts) {
        OUT_LIT(o, "\ncalled by ");
        cell_plain(o, callers);
    }
}

static void put_problem(struct out *o, const char *element, const char *type,
                        const struct pp_table *head, const struct pp_cell *cells) {
    out_printf(o, "\n      <%s type=\"%s\" message=\"", element, type);
    put_text(o, head, cells, row_message);
    OUT_LIT(o, "\">");
    put_text(o, head, cells, put_details);
    out_printf(o, "</%s>\n    ", element);
}

static void begin(struct row_sink *sink) {
    struct junit *j = sink->state = pp_malloc(sizeof *j);
    *j = (struct junit){.failures = 0};
    out_open_memory(&j->cases);
    out_open_memory(&j->unsure);
}

static void row(struct row_sink *sink, const struct pp_cell *cells) {
    struct junit *j = sink->state;
    struct out *o = &j->cases;
    const struct pp_table *head = sink->head;
    enum row_verdict verdict = row_verdict(head, cells);
    OUT_LIT(o, "    <testcase name=\"");
    put_text(o, head, cells, row_name);
    out_printf(o, "\" classname=\"cpprof.%s\" time=\"0\">", head->report);
    if (verdict == ROW_BAD) {
        put_problem(o, "failure", "PerformanceRegression", head, cells);
        j->failures++;
    } else if (verdict == ROW_ERROR) {
        put_problem(o, "error", "CannotCompare", head, cells);
        j->errors++;
    } else if (verdict == ROW_UNSURE) {
        OUT_LIT(&j->unsure, "unsure: ");
        put_text(&j->unsure, head, cells, row_message);
        OUT_LIT(&j->unsure, "&#10;");
    }
    OUT_LIT(o, "</testcase>\n");
}

static void end(struct row_sink *sink) {
    struct junit *j = sink->state;
    struct out *o = sink->out;
    const struct pp_cell *message = head_cell(sink->head, "message");
    OUT_LIT(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    out_printf(o,
               "  <testsuite name=\"cpprof.%s\" package=\"cpprof\" id=\"0\" hostname=\"localhost\" "
               "timestamp=\"1970-01-01T00:00:00\" tests=\"%llu\" failures=\"%llu\" errors=\"%llu\" "
               "time=\"0\">\n    <properties/>\n",
               sink->head->report, (unsigned long long)sink->n_rows,
               (unsigned long long)j->failures, (unsigned long long)j->errors);
    out_str(o, out_text(&j->cases));
    OUT_LIT(o, "    <system-out>");
    out_str(o, out_text(&j->unsure));
    if (message) put_escaped(o, message->text);
    OUT_LIT(o, "</system-out>\n    <system-err></system-err>\n  </testsuite>\n</testsuites>\n");
    out_close(&j->cases, NULL);
    out_close(&j->unsure, NULL);
    pp_free(j);
}

const struct encoder junit_encoder = {
    .name = "junit",
    .help = "as JUnit XML: a test case a row",
    .begin = begin,
    .row = row,
    .end = end,
};
