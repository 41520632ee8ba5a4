#include "report/chance.h"
#include "report/diff.h"
#include "report/header.h"
#include "report/markdown_text.h"
#include "report/places.h"

#include <inttypes.h>
#include <math.h>

enum { MARKDOWN_NAME = 70, MARKDOWN_PATH = 40, MARKDOWN_ROWS = 20 };

static bool is_sure(const struct diff *d, struct change c, double count, double all) {
    const uint32_t *runs = d->rc->means_of;
    const struct chance part = {c.base * runs[0], c.now * runs[1], count};
    const struct chance total = {d->total.base * runs[0], d->total.now * runs[1], all};
    return chance_is_ruled_out(d->rc, &part, &total);
}

static void put_words(struct out *o, const char *words, double count) {
    out_printf(o, " %s (%.0f sample%s)", words, count, round(count) == 1 ? "" : "s");
}

/* Of what changed by itself, else of what it calls. */
static void put_sureness(struct out *o, const struct diff *d, const struct changed *c,
                         const struct chance_counts *s) {
    double flat = s->flat[c->node], cum = s->cum[c->node];
    if (is_sure(d, c->flat, flat, s->all))
        put_words(o, "sure", flat);
    else if (is_sure(d, c->cum, cum, s->all))
        put_words(o, "sure with callees", cum);
    else
        put_words(o, "may be chance", diff_delta(c->flat) ? flat : cum);
}

/* "30ms | 60ms | +30ms (+100.0%)"; words where there is no share, so that no color is needed. */
static void put_markdown_change(struct out *o, const struct diff *d, struct change c) {
    struct units_text base, now, growth;
    int64_t v = diff_delta(c);
    report_value(d->rc, d->unit, c.base, &base);
    report_value(d->rc, d->unit, c.now, &now);
    report_value(d->rc, d->unit, v, &growth);
    out_printf(o, " %.*s | %.*s | ", PP_STR_ARG(units_str(&base)), PP_STR_ARG(units_str(&now)));
    if (!v)
        OUT_LIT(o, "0");
    else
        out_printf(o, "%s%.*s", v > 0 ? "+" : "", PP_STR_ARG(units_str(&growth)));
    if (diff_mark(c))
        out_printf(o, " (%s)", diff_mark(c));
    else if (v && c.base > 0)
        out_printf(o, " (%+.1f%%)", 100 * ((double)c.now / (double)c.base - 1));
    OUT_LIT(o, " |");
}

struct markdown {
    struct diff *d;
    struct places places;
    struct chance_counts counts;
};

static void put_markdown_others(struct out *o, const struct diff *d, const char *what,
                                uint32_t function, uint32_t n) {
    if (!n) return;
    out_printf(o, " (%s ", what);
    markdown_code(o, diff_name_of(d, function), MARKDOWN_NAME);
    if (n > 1) out_printf(o, " and %" PRIu32 " more", n - 1);
    out_char(o, ')');
}

static void put_markdown_row(struct out *o, struct markdown *m, const struct changed *c) {
    struct diff *d = m->d;
    struct place place = place_of(&m->places, c->node);
    OUT_LIT(o, "| ");
    markdown_code(o,
                  graph_name(&d->now, c->node).len && d->rc->graph.blanks.filename
                      ? graph_name(&d->now, c->node)
                      : graph_printable_name(&d->now, c->node),
                  MARKDOWN_NAME);
    put_markdown_others(o, d, "with", c->also.with, c->also.n_with);
    put_markdown_others(o, d, "was", c->also.was, c->also.n_was);
    OUT_LIT(o, " | ");
    if (place.file.len) markdown_path(o, place.file, MARKDOWN_PATH);
    OUT_LIT(o, " |");
    put_markdown_change(o, d, c->flat);
    put_markdown_change(o, d, c->cum);
    if (m->counts.flat) put_sureness(o, d, c, &m->counts);
    OUT_LIT(o, " |\n");
}

static void put_markdown_head(struct out *o) {
    OUT_LIT(
        o,
        "| function | file | old | new | growth | old, with callees | new | growth | how sure |\n"
        "|---|---|---:|---:|---:|---:|---:|---:|---|\n");
}

static uint32_t count_changed(const struct diff *d) {
    uint32_t n = d->n;
    while (n > 0 && !diff_delta(d->rows[n - 1].flat) && !diff_delta(d->rows[n - 1].cum))
        n--;
    return n;
}

static void put_folded(struct out *o, struct markdown *m, uint32_t i) {
    const struct diff *d = m->d;
    uint32_t n = count_changed(d);
    if (i == n) return;
    out_printf(o, "\n<details><summary>%" PRIu32 " smaller changes</summary>\n\n", n - i);
    put_markdown_head(o);
    for (; i < n && o->flushed + o->used < MARKDOWN_BYTES; i++)
        put_markdown_row(o, m, &d->rows[i]);
    if (i < n) out_printf(o, "\n%" PRIu32 " more rows are cut, to fit a comment.\n", n - i);
    OUT_LIT(o, "\n</details>\n");
}

/* What changed most, and the rest folded, until a comment is nearly full. */
bool diff_markdown(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct diff *d = rc->found;
    struct markdown m = {.d = d};
    uint32_t i = 0;
    (void)err;
    places_init(&m.places, rc, &d->now);
    if (chance_can_be_told(rc) && !rc->mean) chance_count(rc, &d->named, &d->nodes, &m.counts);
    OUT_LIT(o, "### cpprof diff\n\n");
    markdown_code(o, rc->type_name, MARKDOWN_NAME);
    OUT_LIT(o, " compared with ");
    markdown_code(o, rc->comparison, 2 * MARKDOWN_NAME);
    OUT_LIT(o, "\n\n");
    put_markdown_head(o);
    OUT_LIT(o, "| **total** | |");
    put_markdown_change(o, d, d->total);
    OUT_LIT(o, " | | |");
    if (m.counts.flat)
        put_words(o, is_sure(d, d->total, m.counts.all, m.counts.all) ? "sure" : "may be chance",
                  m.counts.all);
    OUT_LIT(o, " |\n");
    for (uint32_t n = count_changed(d); i < n && i < MARKDOWN_ROWS; i++)
        put_markdown_row(o, &m, &d->rows[i]);
    put_folded(o, &m, i);
    return true;
}
