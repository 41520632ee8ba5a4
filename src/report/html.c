/* -html: the page as one file that opens offline: flame graph, tables, and the front end that shows
 * them. Nothing in it is loaded from elsewhere; its policy (CSP) allows its own script alone. */
#include "base/html.h"
#include "report/page_data.h"
#include "report/report.h"
#include "web/web.h"

enum {
    BUDGET = 2 << 20, /* bytes of the whole file */
    MOST_BOXES = 40000,
    LEAST_BOXES = 64,
    BOXES_PER_ROW = 40,
};

/* The tables of the page; a node, or a value of each label, for so many boxes. */
static const struct section {
    const struct report_format *format;
    uint32_t boxes_per_row;
    bool of_base;
} sections[] = {
    {&top_report, BOXES_PER_ROW, false},
    {&tree_report, 200, false},
    {&diff_report, BOXES_PER_ROW, true},
    {&tags_report, BOXES_PER_ROW, false},
};

static bool has_base(const struct report_ctx *rc) {
    return rc->comparison.len > 0;
}

static void put_table(struct json *j, const struct report_format *format, struct pp_str table) {
    if (!table.len) return;
    json_key(j, format->name);
    out_str(json_raw(j), table);
}

static bool put_tables(struct json *j, const struct report_ctx *rc, uint32_t boxes,
                       struct pp_error *err) {
    json_key(j, "tables");
    json_object(j);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const struct section *s = &sections[i];
        if (s->of_base && !has_base(rc)) continue;
        struct report_ctx own = *rc;
        own.format = s->format;
        own.trim.node_fraction = 0;
        own.trim.node_count = own.listing.most = boxes / s->boxes_per_row + 1;
        json_key(j, s->format->name);
        if (!report_write(&own, &page_encoder, json_raw(j), NULL, err)) return false;
    }
    if (rc->embedded) {
        put_table(j, &gate_report, rc->embedded->verdict);
        put_table(j, &list_report, rc->embedded->listing);
        put_table(j, &trend_report, rc->embedded->courses);
    }
    json_object_end(j);
    return true;
}

/* Leaves first, the front end turns the boxes round; of those that were cut the innermost calls are
 * not known, so that order has boxes of its own. */
static bool put_boxes(struct json *j, const struct report_ctx *rc, uint32_t boxes,
                      struct pp_error *err) {
    bool is_cut;
    json_key(j, "boxes");
    if (!page_boxes(j, rc, (struct flame_cut){.most = boxes}, &is_cut, err)) return false;
    if (!is_cut) return true;
    json_key(j, "boxes_up");
    return page_boxes(j, rc, (struct flame_cut){.most = boxes / 4 + 1, .from_leaf = true}, NULL,
                      err);
}

/* What the views of one question show, with about so many boxes; the object is left open. */
static bool put_answer(struct json *j, const struct report_ctx *rc, uint32_t boxes,
                       struct pp_error *err) {
    page_begin(j, rc);
    json_key(j, "budget");
    json_u64(j, BUDGET);
    json_key(j, "most"); /* values of each label */
    json_u64(j, boxes / BOXES_PER_ROW + 1);
    return put_tables(j, rc, boxes, err) && put_boxes(j, rc, boxes, err);
}

/* Comparisons are in less detail than the whole. */
static bool put_others(struct json *j, const struct report_embedded *e, uint32_t boxes,
                       struct pp_error *err) {
    page_sources(j, e->names, e->n, PP_NONE);
    json_key(j, "others");
    json_array(j);
    for (uint32_t i = 0; i < e->n; i++) {
        if (!put_answer(j, e->others[i], boxes / 2 + 1, err)) return false;
        page_sources(j, e->names, e->n, i);
        json_object_end(j);
    }
    json_array_end(j);
    return true;
}

/* All that the front end shows. */
static bool put_data(struct out *o, const struct report_ctx *rc, uint32_t boxes,
                     struct pp_error *err) {
    struct json j;
    json_begin(&j, o);
    if (!put_answer(&j, rc, boxes, err)) return false;
    if (rc->embedded && rc->embedded->n && !put_others(&j, rc->embedded, boxes, err)) return false;
    json_object_end(&j);
    return true;
}

static void put_head(struct out *o, const struct report_ctx *rc) {
    OUT_LIT(o, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    out_printf(o, "script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'\">\n",
               web_script.hash, web_style.hash);
    OUT_LIT(o, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    html_put(o, page_title(rc));
    out_char(o, ' ');
    html_put(o, rc->type_name);
    OUT_LIT(o, "</title>\n<style>");
    out_str(o, web_text(&web_style));
    OUT_LIT(o, "</style>\n</head>\n<body>\n"
               "<noscript>This page draws a profile with JavaScript, which is off.</noscript>\n"
               "<div id=\"page\"></div>\n");
}

static void put_page(struct out *o, const struct report_ctx *rc, struct pp_str data) {
    put_head(o, rc);
    OUT_LIT(o, "<script type=\"application/json\" id=\"data\">");
    page_put_script(o, data);
    OUT_LIT(o, "</script>\n<script>");
    out_str(o, web_text(&web_script));
    OUT_LIT(o, "</script>\n</body>\n</html>\n");
}

/* With fewer boxes each time, until the whole stays within the budget. */
static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    bool ok = true;
    for (uint32_t boxes = MOST_BOXES; ok; boxes /= 2) {
        struct out data, page;
        out_open_memory(&data);
        out_open_memory(&page);
        ok = put_data(&data, rc, boxes, err);
        if (ok) put_page(&page, rc, out_text(&data));
        bool fits = out_text(&page).len <= BUDGET || boxes <= LEAST_BOXES;
        if (ok && fits) out_str(o, out_text(&page));
        out_close(&data, NULL);
        out_close(&page, NULL);
        if (fits) break;
    }
    return ok;
}

const struct report_format html_report = {
    .name = "html",
    .help = "The page as one file, for a browser without a server",
    .usage = "html [focus_regex]* [-ignore_regex]* >f\n"
             "One file with flame graph, top, peek and, with a base, what changed: to be mailed,\n"
             "kept, or put beside a build. It opens offline.",
    .traits = REPORT_FILE | REPORT_COMPARES | REPORT_EMBEDS,
    .suffix = "html",
    .render = render,
};
