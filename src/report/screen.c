#include "report/screen.h"

#include "base/text.h"
#include "base/utf8.h"
#include "graph/name.h"
#include "report/header.h"

#include <inttypes.h>
#include <math.h>

/* No name becomes shorter than this: the line is too long then. */
enum { LEAST = 9 };

void screen_name(struct out *o, const struct report_ctx *rc, struct pp_str name,
                 struct pp_str behind, size_t used) {
    size_t width = rc->screen.width, taken = width ? used + utf8_count(behind) : 0;
    size_t n = width ? utf8_count(name) : 0, room = width > taken + LEAST ? width - taken : LEAST;
    if (n <= room) {
        out_str(o, name);
    } else {
        size_t tail = (room - 1) * 2 / 3; /* the end tells functions apart */
        out_bytes(o, name.data, name.len - utf8_skip(name, room - 1 - tail).len);
        OUT_LIT(o, "\u2026");
        out_str(o, utf8_skip(name, n - tail));
    }
    out_str(o, behind);
}

void screen_plain(struct out *o, const struct report_ctx *rc) {
    if (rc->screen.color) out_style(o, "0");
}

void screen_heat(struct out *o, const struct report_ctx *rc, int64_t value, int64_t total) {
    double share = total ? fabs((double)value / (double)total) : 0;
    const char *color = share >= 0.1 ? "1;31" : share >= 0.01 ? "33" : "2";
    if (rc->screen.color) out_style(o, color);
}

void screen_share(struct out *o, const struct report_ctx *rc, int64_t value, int64_t total) {
    screen_heat(o, rc, value, total);
    put_percentage(o, value, total);
    screen_plain(o, rc);
}

void screen_change(struct out *o, const struct report_ctx *rc, int64_t delta) {
    if (rc->screen.color) out_style(o, delta > 0 ? "31" : delta < 0 ? "32" : "2");
}

/* ---- links ---- */

bool screen_link(struct out *o, const struct report_ctx *rc, struct pp_str file, int64_t line) {
    if (!rc->screen.links || !file.len || file.data[0] != '/') return false;
    struct out url;
    out_open_memory(&url);
    OUT_LIT(&url, "file://");
    for (size_t i = 0; i < file.len; i++) {
        unsigned char c = (unsigned char)file.data[i];
        if (text_is_letter((char)c) || text_is_digit((char)c) || strchr("/._-+~", c))
            out_char(&url, (char)c);
        else
            out_printf(&url, "%%%02X", c);
    }
    if (line > 0) out_printf(&url, "#%" PRId64, line);
    out_link(o, out_text(&url));
    out_close(&url, NULL);
    return true;
}

void screen_link_end(struct out *o, bool is_link) {
    if (is_link) out_link(o, PP_STR(""));
}

void screen_nodes_init(struct screen_nodes *n, const struct report_ctx *rc, struct graph *g) {
    *n = (struct screen_nodes){.rc = rc, .g = g};
    if (rc->screen.links) places_init(&n->places, rc, g);
}

bool screen_node_link(struct out *o, const struct screen_nodes *n, uint32_t node) {
    if (!n->rc->screen.links) return false;
    struct place place = place_of(&n->places, node);
    return screen_link(o, n->rc, place.file, place.line ? place.line : place.first_seen);
}

void screen_node(struct out *o, const struct screen_nodes *n, uint32_t node, struct pp_str behind,
                 size_t used) {
    bool is_link = screen_node_link(o, n, node);
    screen_name(o, n->rc, graph_printable_name(n->g, node), behind, used);
    screen_link_end(o, is_link);
}
