#include "driver/views.h"

/* The expressions of all filters; NULL where a setting is empty. */
struct filters {
    struct regex *focus, *ignore, *hide, *show, *show_from, *prune_from, *tagshow, *taghide;
    struct tag_filter tagfocus, tagignore;
    bool has_tagfocus, has_tagignore;
};

static bool compile(const char *name, const char *text, struct regex **ret_rx,
                    struct pp_error *err) {
    if (!*text) return true;
    *ret_rx = regex_compile(pp_str_from(text), err);
    return *ret_rx || pp_wrap(err, "-%s", name);
}

static bool compile_tag(const char *name, const char *text, const struct report_ctx *rc,
                        struct tag_filter *ret_filter, bool *ret_has, struct pp_error *err) {
    if (!*text) return true;
    *ret_has = true;
    return tag_filter_compile(name, pp_str_from(text), ret_filter, rc->arena, rc->diag, err);
}

static bool compile_all(const struct settings *s, const struct report_ctx *rc, struct filters *f,
                        struct pp_error *err) {
    return compile("focus", s->focus, &f->focus, err) &&
           compile("ignore", s->ignore, &f->ignore, err) &&
           compile("hide", s->hide, &f->hide, err) && compile("show", s->show, &f->show, err) &&
           compile("show_from", s->show_from, &f->show_from, err) &&
           compile_tag("tagfocus", s->tagfocus, rc, &f->tagfocus, &f->has_tagfocus, err) &&
           compile_tag("tagignore", s->tagignore, rc, &f->tagignore, &f->has_tagignore, err) &&
           compile("prune_from", s->prune_from, &f->prune_from, err) &&
           compile("tagshow", s->tagshow, &f->tagshow, err) &&
           compile("taghide", s->taghide, &f->taghide, err);
}

static void free_all(struct filters *f) {
    struct regex *all[] = {f->focus,     f->ignore,     f->hide,    f->show,
                           f->show_from, f->prune_from, f->tagshow, f->taghide};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        regex_free(all[i]);
    tag_filter_done(&f->tagfocus);
    tag_filter_done(&f->tagignore);
}

static void warn(const struct report_ctx *rc, bool asked, bool matched, const char *option) {
    if (asked && !matched) pp_say(rc->diag, "%s expression matched no samples", option);
}

static void filter(const struct filters *f, const struct report_ctx *rc, struct pp_profile *view) {
    struct name_filter names = {f->focus, f->ignore, f->hide, f->show};
    struct name_matches matched = {0};
    view_filter_names(view, &names, view, &matched, rc->arena);
    warn(rc, f->focus, matched.focus, "Focus");
    warn(rc, f->ignore, matched.ignore, "Ignore");
    warn(rc, f->hide, matched.hide, "Hide");
    warn(rc, f->show, matched.show, "Show");
    if (f->show_from)
        warn(rc, true, view_show_from(view, f->show_from, view, rc->arena), "ShowFrom");
    if (f->has_tagfocus || f->has_tagignore) {
        struct tag_filter_matches tags = {0};
        view_filter_tags(view, f->has_tagfocus ? &f->tagfocus : NULL,
                         f->has_tagignore ? &f->tagignore : NULL, &rc->label_units, view, &tags,
                         rc->arena);
        warn(rc, f->has_tagfocus, tags.focus, "TagFocus");
        warn(rc, f->has_tagignore, tags.ignore, "TagIgnore");
    }
    if (f->tagshow || f->taghide) {
        struct tag_matches tags = {0};
        view_filter_tag_names(view, f->tagshow, f->taghide, view, &tags, rc->arena);
        warn(rc, f->tagshow, tags.show, "TagShow");
        warn(rc, f->taghide, tags.hide, "TagHide");
    }
    if (f->prune_from) view_prune_from(view, f->prune_from, view, rc->arena);
}

static bool add_tag_frames(const struct settings *s, const struct report_ctx *rc,
                           struct pp_profile *view, struct pp_error *err) {
    if (!*s->tagroot && !*s->tagleaf) return true;
    struct tag_frames frames = {pp_str_from(s->tagroot), pp_str_from(s->tagleaf), rc->unit};
    struct tag_frames_matches matched = {0};
    if (!view_add_tag_frames(view, &frames, view, &matched, rc->arena, err)) return false;
    warn(rc, *s->tagroot, matched.root, "TagRoot");
    warn(rc, *s->tagleaf, matched.leaf, "TagLeaf");
    return true;
}

bool views_apply(const struct settings *s, const struct report_ctx *rc, struct pp_profile *view,
                 int64_t *ret_total, struct pp_error *err) {
    struct filters f = {0};
    bool ok = compile_all(s, rc, &f, err) && add_tag_frames(s, rc, view, err);
    if (ok) {
        if (s->relative_percentages) filter(&f, rc, view);
        *ret_total = report_total(view, rc->type, rc->mean);
        if (!s->relative_percentages) filter(&f, rc, view);
    }
    free_all(&f);
    return ok;
}

bool view_granularity(const struct settings *s, const struct report_ctx *rc,
                      const struct pp_profile *full, struct pp_profile *ret_view,
                      struct pp_error *err) {
    const char *level = rc->format->granularity ? rc->format->granularity : s->granularity;
    unsigned traits = rc->format->traits;
    bool inlines = (traits & REPORT_INLINES) || !(s->noinlines || (traits & REPORT_NO_INLINES));
    return view_aggregate(full, pp_str_from(level), inlines, s->showcolumns, ret_view, rc->arena,
                          err);
}
