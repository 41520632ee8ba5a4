/* The call graph as a picture, by graphviz: -svg, -png, -gif, -pdf, -ps, and the same shown by a
 * viewer: -web, -eog, -evince, -gv. -kcachegrind is the viewer of -callgrind. */
#include "base/process.h"
#include "report/report.h"
#include "report/svg.h"

enum { MINUTES = 10 };

static const uint64_t max_picture = UINT64_C(2) << 30;

static bool run_dot(const struct report_ctx *rc, struct out *ret_picture, struct pp_error *err) {
    struct out text;
    out_open_memory(&text);
    bool ok = dot_report.render(rc, &text, err);
    if (ok) {
        const char *const argv[] = {"dot", rc->format->filter, NULL};
        const struct process dot = {argv, out_text(&text), max_picture, MINUTES * 60};
        ok = process_run(&dot, ret_picture, err);
        if (!ok && err && err->code == PP_E_NOT_FOUND)
            pp_fail(err, PP_E_NOT_FOUND,
                    "-%s needs the program dot: install graphviz, or use -dot and draw elsewhere",
                    rc->format->name);
    }
    out_close(&text, NULL);
    return ok;
}

static bool render_picture(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct out picture;
    out_open_memory(&picture);
    bool ok = run_dot(rc, &picture, err);
    if (ok) out_str(o, out_text(&picture));
    out_close(&picture, NULL);
    return ok;
}

static bool render_svg(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct out picture;
    out_open_memory(&picture);
    bool ok = run_dot(rc, &picture, err);
    if (ok) svg_put(o, out_text(&picture));
    out_close(&picture, NULL);
    return ok;
}

static bool render_callgrind(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    return callgrind_report.render(rc, o, err);
}

#define PICTURE REPORT_CALL_TREE | REPORT_PICTURE | REPORT_OUTSIDE

const char *const browser_commands[] = {
    "$BROWSER", "chrome",           "google-chrome", "chromium",
    "firefox",  "sensible-browser", "xdg-open",      NULL,
};

static const char *const eog[] = {"eog", NULL}, *const evince[] = {"evince", NULL},
                         *const gv[] = {"gv --noantialias", NULL},
                         *const kcachegrind[] = {"kcachegrind", NULL};

const struct report_format svg_report = {
    .name = "svg",
    .help = "The call graph as an SVG picture (by graphviz)",
    .node_count = 80,
    .traits = PICTURE | REPORT_BINARY,
    .suffix = "svg",
    .filter = "-Tsvg",
    .render = render_svg,
};

const struct report_format png_report = {
    .name = "png",
    .help = "The call graph as a PNG picture (by graphviz)",
    .node_count = 80,
    .traits = PICTURE | REPORT_BINARY,
    .suffix = "png",
    .filter = "-Tpng",
    .render = render_picture,
};

const struct report_format gif_report = {
    .name = "gif",
    .help = "The call graph as a GIF picture (by graphviz)",
    .node_count = 80,
    .traits = PICTURE | REPORT_BINARY,
    .suffix = "gif",
    .filter = "-Tgif",
    .render = render_picture,
};

const struct report_format pdf_report = {
    .name = "pdf",
    .help = "The call graph as a PDF (by graphviz)",
    .node_count = 80,
    .traits = PICTURE | REPORT_BINARY,
    .suffix = "pdf",
    .filter = "-Tpdf",
    .render = render_picture,
};

const struct report_format ps_report = {
    .name = "ps",
    .help = "The call graph in PostScript (by graphviz)",
    .node_count = 80,
    .traits = PICTURE | REPORT_BINARY,
    .suffix = "ps",
    .filter = "-Tps",
    .render = render_picture,
};

const struct report_format web_report = {
    .name = "web",
    .help = "The call graph in a web browser",
    .node_count = 80,
    .traits = PICTURE,
    .suffix = "svg",
    .filter = "-Tsvg",
    .viewers = browser_commands,
    .render = render_svg,
};

const struct report_format eog_report = {
    .name = "eog",
    .help = "The call graph in the viewer eog",
    .node_count = 80,
    .traits = PICTURE,
    .suffix = "svg",
    .filter = "-Tsvg",
    .viewers = eog,
    .render = render_picture,
};

const struct report_format evince_report = {
    .name = "evince",
    .help = "The call graph in the viewer evince",
    .node_count = 80,
    .traits = PICTURE,
    .suffix = "pdf",
    .filter = "-Tpdf",
    .viewers = evince,
    .render = render_picture,
};

const struct report_format gv_report = {
    .name = "gv",
    .help = "The call graph in the viewer gv",
    .node_count = 80,
    .traits = PICTURE,
    .suffix = "ps",
    .filter = "-Tps",
    .viewers = gv,
    .render = render_picture,
};

const struct report_format kcachegrind_report = {
    .name = "kcachegrind",
    .help = "The -callgrind report in KCachegrind",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_OBJECT_NAMES | REPORT_CALL_TREE | REPORT_OUTSIDE,
    .suffix = "grind",
    .viewers = kcachegrind,
    .render = render_callgrind,
};
