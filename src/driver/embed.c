#include "driver/embed.h"

#include "base/regex.h"
#include "base/utf8.h"
#include "driver/history.h"
#include "driver/report.h"
#include "profile/source_mark.h"
#include "report/page_data.h"

enum { MOST_LISTED = 40, LISTING_BYTES = 512 << 10 };

/* ---- source lines of hot functions ---- */

/* Whether an expression can stand for the name. */
static bool is_text(struct pp_str name) {
    for (size_t i = 0, len; i < name.len; i += len) {
        uint32_t c = utf8_decode(pp_str_slice(name, i, name.len), &len);
        if (c < ' ' || c == 0xfffd) return false;
    }
    return name.len > 0;
}

static void put_quoted(struct out *o, struct pp_str name) {
    for (size_t i = 0; i < name.len; i++) {
        if (regex_is_special(name.data[i])) out_char(o, '\\');
        out_char(o, name.data[i]);
    }
}

/* An expression for the n functions that cost most by themselves; "" if there is none. */
static struct pp_str hottest(struct report_ctx *rc, uint32_t n, struct pp_arena *arena) {
    struct graph g;
    struct trim_result trim;
    struct out o;
    rc->trim.node_count = n;
    report_graph(rc, &g, &trim);
    out_open_memory(&o);
    for (uint32_t i = 0; i < g.n_selected; i++) {
        struct pp_str name = graph_name(&g, g.selected[i]);
        if (!is_text(name)) continue;
        out_text0(&o, out_text(&o).len ? "|^" : "^");
        put_quoted(&o, name);
        out_char(&o, '$');
    }
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    graph_done(&g);
    return text;
}

static bool find_hottest(struct embedding *e, uint32_t n, struct pp_str *ret_expression,
                         struct pp_error *err) {
    struct command_line cl = *e->cl;
    struct asked a;
    struct pp_arena own = {0};
    cl.report = &top_report;
    cl.param = NULL;
    bool ok = ask(&cl, e->f, &a, &own, err);
    if (ok) *ret_expression = hottest(&a.query.rc, n, &e->arena);
    asked_done(&a);
    pp_arena_done(&own);
    return ok;
}

static bool write_listing(const struct embedding *e, struct pp_str expression, struct out *o,
                          struct pp_error *err) {
    struct command_line cl = *e->cl;
    struct asked a;
    struct pp_arena own = {0};
    cl.report = &list_report;
    cl.param = expression.data;
    bool ok =
        ask(&cl, e->f, &a, &own, err) && report_write(&a.query.rc, &page_encoder, o, NULL, err);
    asked_done(&a);
    pp_arena_done(&own);
    return ok;
}

/* With fewer functions each time, until it stays within its bytes. */
static bool embed_listing(struct embedding *e, struct pp_error *err) {
    bool ok = true, fits = false;
    for (uint32_t n = MOST_LISTED; ok && n && !fits; n /= 2) {
        struct pp_str expression;
        struct out o;
        if (!find_hottest(e, n, &expression, err)) return false;
        if (!expression.len) return true;
        out_open_memory(&o);
        ok = write_listing(e, expression, &o, err);
        fits = out_text(&o).len <= LISTING_BYTES;
        if (ok && fits) e->embedded.listing = pp_arena_copy(&e->arena, out_text(&o));
        out_close(&o, NULL);
    }
    return ok;
}

/* ---- comparisons ---- */

static bool embed_comparison(struct embedding *e, struct pp_error *err) {
    const struct fetched *f = e->f;
    const struct source_marks *s = &f->sources;
    uint32_t i = e->embedded.n++;
    struct pp_arena *arena = &e->arena;
    struct fetched *own = PP_NEW(arena, struct fetched, 1); /* the question keeps it */
    *own = *f;
    own->is_compared = true;
    source_mark_facts(&f->profile, s, i, own->sides);
    source_mark_compare(&f->profile, s->of_sample, i, &own->profile, arena);
    struct asked *a = &e->asked[i];
    if (!ask(e->cl, own, a, arena, err)) return false;
    a->query.rc.comparison = pp_arena_printf(arena, "with %.*s", PP_STR_ARG(s->names[i]));
    e->embedded.others[i] = &a->query.rc;
    return true;
}

static bool embed_comparisons(struct embedding *e, struct pp_error *err) {
    uint32_t n = e->f->sources.n;
    if (n > MOST_COMPARISONS) return true;
    e->embedded.names = e->f->sources.names;
    e->embedded.others = PP_NEW(&e->arena, const struct report_ctx *, n);
    bool ok = true;
    while (ok && e->embedded.n < n)
        ok = embed_comparison(e, err);
    return ok;
}

/* What the history says of the sample type that is asked about. */
static bool embed_courses(struct embedding *e, struct pp_error *err) {
    const struct settings *s = &e->cl->settings;
    const struct pp_profile *p = &e->f->profile;
    uint32_t type;
    if (!*s->history) return true;
    return query_sample_type(p, s->sample_index, &type, err) &&
           driver_courses(e->cl, pp_string(p, p->sample_types[type].type), &e->embedded.courses,
                          &e->arena, err);
}

bool embed(struct embedding *ret_embedding, const struct command_line *cl, const struct fetched *f,
           struct pp_error *err) {
    struct embedding *e = ret_embedding;
    *e = (struct embedding){.cl = cl, .f = f};
    return driver_verdict(cl, &e->embedded.verdict, &e->arena, err) && embed_courses(e, err) &&
           (!cl->settings.html_source || embed_listing(e, err)) && embed_comparisons(e, err);
}

void embed_done(struct embedding *e) {
    for (uint32_t i = 0; i < e->embedded.n; i++)
        asked_done(&e->asked[i]);
    pp_arena_done(&e->arena);
}
