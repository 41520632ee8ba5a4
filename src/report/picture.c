/* The call graph as a picture, by graphviz: -svg, -png, -gif, -pdf, -ps, and the same shown by a
 * viewer: -web, -eog, -evince, -gv. */
#include "base/process.h"
#include "base/utf8.h"
#include "report/report.h"
#include "report/svg.h"

#include <inttypes.h>

enum { SECONDS = 30 }; /* as long as somebody may wait for a picture */

static const uint64_t max_picture = UINT64_C(2) << 30;

/* What neither dot nor XML can hold, in names: NUL and other controls, invalid UTF-8. */
static void put_printable(struct out *o, struct pp_str text) {
    for (size_t at = 0, len; at < text.len; at += len) {
        unsigned char first = (unsigned char)text.data[at];
        struct pp_str rest = pp_str_slice(text, at, text.len);
        uint32_t c = first < 0x80 ? first : utf8_decode(rest, &len);
        if (first < 0x80) len = 1;
        bool is_control = c < 0x20 && c != '\n' && c != '\t';
        bool is_no_character = c == 0xfffe || c == 0xffff || c == UTF8_INVALID;
        if (is_control || c == 0x7f || is_no_character)
            OUT_LIT(o, "\xef\xbf\xbd");
        else
            out_str(o, pp_str_slice(rest, 0, len));
    }
}

/* A program that is broken, or no graphviz, may end well and have drawn nothing. */
static bool is_picture(struct pp_str s, const char *filter) {
    static const char *const marks[] = {"svg</svg>", "png\x89PNG", "pdf%PDF-", "ps%!PS", "gifGIF8"};
    const char *format = filter + strlen("-T");
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (strncmp(marks[i], format, strlen(format)) != 0) continue;
        struct pp_str mark = pp_str_from(marks[i] + strlen(format));
        return s.len && memmem(s.data, s.len, mark.data, mark.len);
    }
    return s.len > 0;
}

static bool run_dot(const struct report_ctx *rc, struct out *ret_picture, struct pp_error *err) {
    struct out raw, text;
    out_open_memory(&raw);
    out_open_memory(&text);
    out_limit(&raw, ret_picture->limit);
    bool ok = dot_report.render(rc, &raw, err) && out_check(&raw, err);
    if (ok) {
        put_printable(&text, out_text(&raw));
        const char *const argv[] = {"dot", rc->format->filter, NULL};
        const struct process dot = {argv, out_text(&text), max_picture, SECONDS};
        ok = process_run(&dot, ret_picture, err);
        if (ok && !is_picture(out_text(ret_picture), rc->format->filter))
            ok = pp_fail(err, PP_E_IO, "dot ended without a picture");
        if (!ok && err && err->code == PP_E_LIMIT && err->limit == SECONDS)
            pp_fail(err, PP_E_LIMIT,
                    "dot: no picture after %d seconds; -nodecount=N (now %" PRIu32
                    ") draws fewer nodes, -dot writes the graph for drawing elsewhere",
                    SECONDS, rc->trim.node_count);
        if (!ok && err && err->code == PP_E_NOT_FOUND)
            pp_fail(err, PP_E_NOT_FOUND,
                    "-%s needs the program dot: install graphviz, or use -dot and draw elsewhere",
                    rc->format->name);
    }
    out_close(&text, NULL);
    out_close(&raw, NULL);
    return ok;
}

static bool render_picture(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct out picture;
    out_open_memory(&picture);
    out_limit(&picture, o->limit);
    bool ok = run_dot(rc, &picture, err);
    if (ok) out_str(o, out_text(&picture));
    out_close(&picture, NULL);
    return ok;
}

static bool render_svg(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct out picture;
    out_open_memory(&picture);
    out_limit(&picture, o->limit);
    bool ok = run_dot(rc, &picture, err);
    if (ok) svg_put(o, out_text(&picture));
    out_close(&picture, NULL);
    return ok;
}

#define DRAWING(id, what, is_output, program)                                                      \
    .name = #id, .help = "The call graph " what, .node_count = 80,                                 \
    .traits = REPORT_CALL_TREE | REPORT_PICTURE | REPORT_OUTSIDE | REPORT_BY_GRAPH | (is_output),  \
    .viewers = (program)
#define AS(format) .suffix = format, .filter = "-T" format

const char *const browser_commands[] = {
    "$BROWSER", "chrome",           "google-chrome", "chromium",
    "firefox",  "sensible-browser", "xdg-open",      NULL,
};
static const char *const eog[] = {"eog", NULL}, *const evince[] = {"evince", NULL},
                         *const gv[] = {"gv --noantialias", NULL};

const struct report_format svg_report = {
    DRAWING(svg, "as an SVG picture, by graphviz", REPORT_FILE, NULL), AS("svg"),
    .render = render_svg};
const struct report_format png_report = {
    DRAWING(png, "as a PNG picture, by graphviz", REPORT_FILE, NULL), AS("png"),
    .render = render_picture};
const struct report_format pdf_report = {DRAWING(pdf, "as a PDF, by graphviz", REPORT_FILE, NULL),
                                         AS("pdf"), .render = render_picture};
const struct report_format ps_report = {
    DRAWING(ps, "in PostScript, by graphviz", REPORT_FILE, NULL), AS("ps"),
    .render = render_picture};
const struct report_format gif_report = {
    DRAWING(gif, "as a GIF picture, by graphviz", REPORT_FILE, NULL), AS("gif"),
    .render = render_picture};
const struct report_format web_report = {DRAWING(web, "in a browser", 0, browser_commands),
                                         AS("svg"), .render = render_svg};
const struct report_format gv_report = {DRAWING(gv, "in gv", 0, gv), AS("ps"),
                                        .render = render_picture};
const struct report_format evince_report = {DRAWING(evince, "in evince", 0, evince), AS("pdf"),
                                            .render = render_picture};
const struct report_format eog_report = {DRAWING(eog, "in eog", 0, eog), AS("svg"),
                                         .render = render_picture};
