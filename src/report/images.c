/* The drawing of -dot as pictures, by graphviz, and viewers for them. */
#include "report/dot.h"

enum { PICTURE = REPORT_CALL_TREE | REPORT_PICTURE | REPORT_OUTSIDE };

#define IMAGE(format, what)                                                                        \
    const struct report_format format##_report = {                                                 \
        .name = #format,                                                                           \
        .help = "The call graph as " what,                                                         \
        .node_count = 80,                                                                          \
        .traits = PICTURE | REPORT_BINARY,                                                         \
        .suffix = #format,                                                                         \
        .filter = "dot -T" #format,                                                                \
        .render = dot_render,                                                                      \
    }

IMAGE(svg, "SVG");
IMAGE(png, "PNG");
IMAGE(pdf, "PDF");
IMAGE(ps, "PostScript");
IMAGE(gif, "GIF");

#define VIEWER(program, format, what, command)                                                     \
    const struct report_format program##_report = {                                                \
        .name = #program,                                                                          \
        .help = "The call graph, shown by " what,                                                  \
        .node_count = 80,                                                                          \
        .traits = PICTURE,                                                                         \
        .suffix = #format,                                                                         \
        .filter = "dot -T" #format,                                                                \
        .viewer = command,                                                                         \
        .render = dot_render,                                                                      \
    }

VIEWER(web, svg, "the browser", "xdg-open");
VIEWER(gv, ps, "gv", "gv --noantialias");
VIEWER(evince, pdf, "evince", "evince");
VIEWER(eog, svg, "eog", "eog");
