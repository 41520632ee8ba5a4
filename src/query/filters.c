#include "query/filters.h"

/* The views, in the order in which they are applied: that of the reference. */
enum step { STEP_NAMES, STEP_SHOW_FROM, STEP_TAGS, STEP_TAG_NAMES, STEP_PRUNE_FROM, N_STEPS };

enum filter_kind { REGEX, TAG };

static const struct row {
    const char *name;
    size_t field; /* in struct pp_query */
    enum filter_kind kind;
    enum step step;
    const char *warning;
} rows[N_FILTERS] = {
#define FILTER(name, kind, step, warning)                                                          \
    {#name, offsetof(struct pp_query, name), kind, step, warning},
#include "query/filters.def"
#undef FILTER
};

/* ---- compiling ---- */

static bool compile(const struct row *row, struct filter *f, struct filters *all,
                    struct pp_error *err) {
    if (row->kind == TAG) {
        bool ok = tag_filter_compile(row->name, f->text, &f->tag, all->arena, err);
        if (ok && f->tag.is_range)
            pp_say(all->diag, "%s:Interpreted '%.*s' as range, not regexp", row->name,
                   PP_STR_ARG(f->tag.value));
        return ok;
    }
    f->rx = regex_compile(f->text, err);
    return f->rx != NULL;
}

bool filters_compile(const struct pp_query *q, struct filters *ret_filters, struct pp_arena *arena,
                     const struct pp_diag *diag, struct pp_error *err) {
    *ret_filters = (struct filters){.arena = arena, .diag = diag};
    for (size_t i = 0; i < N_FILTERS; i++) {
        struct filter *f = &ret_filters->at[i];
        const char *text;
        memcpy(&text, (const char *)q + rows[i].field, sizeof text);
        f->text = pp_str_from(text);
        if (f->text.len && !compile(&rows[i], f, ret_filters, err))
            return pp_about(err, rows[i].name);
    }
    ret_filters->frames =
        (struct tag_frames){pp_str_from(q->tagroot), pp_str_from(q->tagleaf), pp_str_from(q->unit)};
    return true;
}

void filters_done(struct filters *f) {
    for (size_t i = 0; i < N_FILTERS; i++) {
        regex_free(f->at[i].rx);
        tag_filter_done(&f->at[i].tag);
    }
}

/* ---- applying ---- */

static void by_names(struct filters *f, struct pp_profile *view) {
    struct filter *at = f->at;
    const struct name_filter names = {at[FILTER_focus].rx, at[FILTER_ignore].rx, at[FILTER_hide].rx,
                                      at[FILTER_show].rx};
    struct name_matches matched = {0};
    view_filter_names(view, &names, view, &matched, f->arena);
    at[FILTER_focus].matched = matched.focus;
    at[FILTER_ignore].matched = matched.ignore;
    at[FILTER_hide].matched = matched.hide;
    at[FILTER_show].matched = matched.show;
}

static void from_shown(struct filters *f, struct pp_profile *view) {
    struct filter *from = &f->at[FILTER_show_from];
    if (from->rx) from->matched = view_show_from(view, from->rx, view, f->arena);
}

static const struct tag_filter *tag_or_none(const struct filter *f) {
    return f->text.len ? &f->tag : NULL;
}

static void by_tags(struct filters *f, struct pp_profile *view) {
    struct filter *focus = &f->at[FILTER_tagfocus], *ignore = &f->at[FILTER_tagignore];
    struct tag_filter_matches matched = {0};
    if (!focus->text.len && !ignore->text.len) return;
    const struct tag_filters filters = {tag_or_none(focus), tag_or_none(ignore), &f->units};
    view_filter_tags(view, &filters, view, &matched, f->arena);
    focus->matched = matched.focus;
    ignore->matched = matched.ignore;
}

static void by_tag_names(struct filters *f, struct pp_profile *view) {
    struct filter *show = &f->at[FILTER_tagshow], *hide = &f->at[FILTER_taghide];
    const struct tag_name_filter names = {show->rx, hide->rx};
    struct tag_name_matches matched = {0};
    if (!show->rx && !hide->rx) return;
    view_filter_tag_names(view, &names, view, &matched, f->arena);
    show->matched = matched.show;
    hide->matched = matched.hide;
}

static void prune_from(struct filters *f, struct pp_profile *view) {
    const struct regex *rx = f->at[FILTER_prune_from].rx;
    if (rx) view_prune_from(view, rx, view, f->arena);
}

static void (*const steps[N_STEPS])(struct filters *f, struct pp_profile *view) = {
    [STEP_NAMES] = by_names,         [STEP_SHOW_FROM] = from_shown,  [STEP_TAGS] = by_tags,
    [STEP_TAG_NAMES] = by_tag_names, [STEP_PRUNE_FROM] = prune_from,
};

static void warn(const struct filters *f, const char *what) {
    pp_say(f->diag, "%s expression matched no samples", what);
}

bool filters_add_frames(const struct filters *f, struct pp_profile *view, struct pp_error *err) {
    struct tag_frames_matches matched = {0};
    if (!f->frames.root.len && !f->frames.leaf.len) return true;
    if (!view_add_tag_frames(view, &f->frames, view, &matched, f->arena))
        return pp_fail(err, PP_E_LIMIT, "too many stacks with tagroot and tagleaf");
    if (f->frames.root.len && !matched.root) warn(f, "TagRoot");
    if (f->frames.leaf.len && !matched.leaf) warn(f, "TagLeaf");
    return true;
}

void filters_apply(struct filters *f, struct pp_profile *view) {
    for (size_t i = 0; i < N_STEPS; i++) {
        steps[i](f, view);
        for (size_t k = 0; k < N_FILTERS; k++)
            if (rows[k].step == i && f->at[k].text.len && *rows[k].warning && !f->at[k].matched)
                warn(f, rows[k].warning);
    }
}

size_t filters_texts(const struct filters *f, struct pp_str **ret_texts) {
    size_t n = 0;
    struct pp_str *texts = PP_NEW(f->arena, struct pp_str, N_FILTERS);
    for (size_t i = 0; i < N_FILTERS; i++)
        if (f->at[i].text.len && *rows[i].warning)
            texts[n++] = pp_arena_printf(f->arena, "%s=%s", rows[i].name, f->at[i].text.data);
    *ret_texts = texts;
    return n;
}
