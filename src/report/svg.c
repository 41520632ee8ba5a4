#include "report/svg.h"

/* The window onto the drawing is its viewBox: x, y, width, height. */
static const char script[] =
    "<script type=\"text/ecmascript\"><![CDATA[\n"
    "(function () {\n"
    "  'use strict';\n"
    "  var svg = document.documentElement, box = svg.viewBox.baseVal, grip = null;\n"
    "  var home = [box.x, box.y, box.width, box.height];\n"
    "  function view(x, y, w, h) { svg.setAttribute('viewBox', [x, y, w, h].join(' ')); }\n"
    "  function place(e) {\n"
    "    var p = svg.createSVGPoint();\n"
    "    p.x = e.clientX;\n"
    "    p.y = e.clientY;\n"
    "    return p.matrixTransform(svg.getScreenCTM().inverse());\n"
    "  }\n"
    "  svg.addEventListener('wheel', function (e) {\n"
    "    var p = place(e), k = Math.pow(1.002, Math.max(-200, Math.min(200, e.deltaY)));\n"
    "    view(p.x - (p.x - box.x) * k, p.y - (p.y - box.y) * k, box.width * k, box.height * k);\n"
    "    e.preventDefault();\n"
    "  }, {passive: false});\n"
    "  svg.addEventListener('pointerdown', function (e) { grip = place(e); });\n"
    "  svg.addEventListener('pointermove', function (e) {\n"
    "    if (!grip || !e.buttons) return;\n"
    "    var p = place(e);\n"
    "    view(box.x + grip.x - p.x, box.y + grip.y - p.y, box.width, box.height);\n"
    "  });\n"
    "  svg.addEventListener('pointerup', function () { grip = null; });\n"
    "  svg.addEventListener('dblclick', function () { view.apply(null, home); });\n"
    "})();\n"
    "]]></script>\n";

static size_t find(struct pp_str text, size_t from, const char *what) {
    if (from >= text.len) return text.len;
    const char *at = memmem(text.data + from, text.len - from, what, strlen(what));
    return at ? (size_t)(at - text.data) : text.len;
}

/* Some versions of dot leave an empty entity, which no reader of XML accepts. */
static void put_mended(struct out *o, struct pp_str text) {
    for (size_t at = 0; at < text.len;) {
        size_t next = find(text, at, "&;");
        out_str(o, pp_str_slice(text, at, next));
        if (next < text.len) OUT_LIT(o, "&amp;;");
        at = next + 2;
    }
}

void svg_put(struct out *o, struct pp_str svg) {
    size_t tag = find(svg, 0, "<svg "), box = find(svg, tag, "viewBox="), end = find(svg, tag, ">");
    if (end == svg.len || box > end) {
        put_mended(o, svg);
        return;
    }
    put_mended(o, pp_str_slice(svg, 0, tag));
    OUT_LIT(o, "<svg width=\"100%\" height=\"100%\" ");
    put_mended(o, pp_str_slice(svg, box, end + 1));
    out_char(o, '\n');
    OUT_LIT(o, script);
    put_mended(o, pp_str_slice(svg, end + 1, svg.len));
}
