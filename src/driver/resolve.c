#include "driver/resolve.h"

#include "base/text.h"
#include "driver/sources.h"
#include "driver/views.h"

#include <stdlib.h>
#include <sys/ioctl.h>

/* ---- the sample value ---- */

static bool is_whole_number(const char *text) {
    const char *digits = text + (*text == '-' || *text == '+');
    return *digits && strspn(digits, "0123456789") == strlen(digits);
}

static struct pp_str type_names(const struct pp_profile *p, struct pp_arena *arena) {
    struct out o;
    out_open_memory(&o);
    for (uint32_t t = 0; t < p->n_types; t++) {
        if (t) OUT_LIT(&o, ", ");
        out_str(&o, pp_string(p, p->sample_types[t].type));
    }
    struct pp_str names = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return names;
}

static uint32_t type_by_name(const struct pp_profile *p, struct pp_str name) {
    struct pp_str inuse = PP_STR("inuse_"), bare = name;
    if (pp_str_has_prefix(name, inuse)) bare = pp_str_slice(name, inuse.len, name.len);
    for (uint32_t t = 0; t < p->n_types; t++) {
        struct pp_str type = pp_string(p, p->sample_types[t].type);
        if (pp_str_eq(type, name) || pp_str_eq(type, bare)) return t;
    }
    return PP_NONE;
}

bool resolve_sample_index(const struct pp_profile *p, const char *text, uint32_t *ret_type,
                          struct pp_error *err) {
    if (p->n_types == 0) return pp_fail(err, PP_E_FORMAT, "the profile has no samples");
    if (!*text) {
        *ret_type = p->n_types - 1;
        for (uint32_t t = p->n_types; p->default_sample_type && t-- > 0;)
            if (p->sample_types[t].type == p->default_sample_type) *ret_type = t;
        return true;
    }
    if (is_whole_number(text)) {
        long v = strtol(text, NULL, 10);
        if (v < 0 || v >= (long)p->n_types)
            return pp_fail(err, PP_E_USAGE, "-sample_index=%s: from 0 to %u", text, p->n_types - 1);
        *ret_type = (uint32_t)v;
        return true;
    }
    uint32_t type = type_by_name(p, pp_str_from(text));
    if (type == PP_NONE) {
        struct pp_arena scratch = {0};
        struct pp_str names = type_names(p, &scratch);
        pp_fail(err, PP_E_USAGE, "-sample_index=%s: the profile has %.*s", text, PP_STR_ARG(names));
        pp_arena_done(&scratch);
        return false;
    }
    *ret_type = type;
    return true;
}

/* The first one given counts. */
void resolve_shorthands(struct settings *s, const struct driver_env *env) {
    const struct {
        bool on;
        const char *type, *flag;
    } shorthands[] = {
        {s->total_delay, "delay", "total_delay"},
        {s->mean_delay, "delay", "mean_delay"},
        {s->contentions, "contentions", "contentions"},
        {s->inuse_space, "inuse_space", "inuse_space"},
        {s->inuse_objects, "inuse_objects", "inuse_objects"},
        {s->alloc_space, "alloc_space", "alloc_space"},
        {s->alloc_objects, "alloc_objects", "alloc_objects"},
    };
    for (size_t i = 0; i < sizeof shorthands / sizeof *shorthands; i++) {
        if (!shorthands[i].on) continue;
        if (*s->sample_index)
            pp_say(&env->diag, "several sample values are asked for; -%s is ignored",
                   shorthands[i].flag);
        else
            s->sample_index = shorthands[i].type;
    }
    s->mean |= s->mean_delay;
}

static bool resolve_value(struct report_ctx *rc, const struct settings *s,
                          const struct pp_profile *p, struct pp_error *err) {
    if (!resolve_sample_index(p, s->sample_index, &rc->type, err)) return false;
    struct pp_value_type type = p->sample_types[rc->type];
    rc->mean = s->mean;
    rc->type_name = pp_string(p, type.type);
    if (rc->mean)
        rc->type_name = pp_arena_printf(rc->arena, "mean_%.*s", PP_STR_ARG(rc->type_name));
    rc->type_unit = pp_string(p, type.unit);
    rc->unit = pp_str_from(s->unit);
    if (s->divide_by == 0) return pp_fail(err, PP_E_USAGE, "-divide_by=0: not zero");
    rc->ratio = 1 / s->divide_by;
    return true;
}

/* ---- the rest ---- */

static void resolve_trim(struct report_ctx *rc, const struct settings *s) {
    const struct report_format *f = rc->format;
    int count = s->nodecount == -1 ? f->node_count : s->nodecount;
    bool trim = s->trim && !(f->traits & REPORT_KEEP_ALL);
    rc->trim = (struct trim_options){
        .node_count = trim && count > 0 ? (uint32_t)count : 0,
        .node_fraction = trim ? s->nodefraction : 0,
        .edge_fraction = trim ? s->edgefraction : 0,
        .cum_sort = !strcmp(s->sort, "cum"),
        .picture = (f->traits & REPORT_PICTURE) != 0,
        .call_tree = s->call_tree && (f->traits & REPORT_CALL_TREE),
    };
    rc->graph = (struct graph_options){
        .type = rc->type,
        .mean = rc->mean,
        .object_names = (f->traits & REPORT_OBJECT_NAMES) != 0,
        .drop_negative = s->drop_negative,
        .inlined_edges = (f->traits & REPORT_FEW_EDGES) != 0,
        .trim_path = pp_str_from(s->trim_path),
        .source_path = pp_str_from(s->source_path),
    };
}

static void resolve_filters(struct report_ctx *rc, const struct settings *s) {
    const struct {
        const char *name, *value;
    } filters[] = {
        {"focus", s->focus},         {"ignore", s->ignore},       {"hide", s->hide},
        {"show", s->show},           {"show_from", s->show_from}, {"tagfocus", s->tagfocus},
        {"tagignore", s->tagignore}, {"tagshow", s->tagshow},     {"taghide", s->taghide},
    };
    enum { N = sizeof filters / sizeof *filters };
    struct pp_str *active = PP_NEW(rc->arena, struct pp_str, N);
    for (size_t i = 0; i < N; i++)
        if (*filters[i].value)
            active[rc->n_filters++] =
                pp_arena_printf(rc->arena, "%s=%s", filters[i].name, filters[i].value);
    rc->filters = active;
}

/* The base that counts: of several the last one. */
static void resolve_comparison(struct report_ctx *rc, const struct settings *s) {
    bool diff = s->diff_base.n && *s->diff_base.at[s->diff_base.n - 1];
    const struct text_list *list = diff ? &s->diff_base : &s->base;
    if (!list->n || !*list->at[list->n - 1]) return;
    rc->comparison = pp_arena_printf(rc->arena, "%s=%s%s", diff ? "-diff_base" : "-base",
                                     list->at[list->n - 1], s->normalize ? " -normalize" : "");
}

/* What the terminal can show, if the report goes there. */
static void resolve_terminal(struct report_ctx *rc, const struct settings *s,
                             const struct driver_env *env) {
    if (!env->out_is_terminal || *s->output) return;
    struct winsize size;
    const char *term = env->getenv("TERM"), *no_color = env->getenv("NO_COLOR");
    rc->screen.width = ioctl(env->out, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
    rc->screen.color = term && *term && strcmp(term, "dumb") != 0 && !(no_color && *no_color);
}

bool resolve(const struct command_line *cl, const struct pp_profile *p,
             const struct driver_env *env, struct resolved *ret_resolved, struct pp_arena *arena,
             struct pp_error *err) {
    struct resolved *r = ret_resolved;
    *r = (struct resolved){.full = *p};
    struct report_ctx *rc = &r->rc;
    *rc = (struct report_ctx){.format = cl->report, .arena = arena, .diag = &env->diag};
    rc->full = &r->full;
    rc->profile = &r->view;
    rc->compact_labels = cl->settings.compact_labels;
    if (cl->n_operands) rc->source = pp_str_from(cl->operands[cl->n_operands - 1]);
    if (cl->param) rc->param = pp_str_from(cl->param);
    if (cl->param && !(cl->report->traits & REPORT_FREE_PARAM)) {
        r->param_regex = regex_compile(rc->param, err);
        if (!r->param_regex) return pp_wrap(err, "-%s", cl->report->name);
        rc->param_regex = r->param_regex;
    }
    if (cl->param)
        rc->listing.param_is_address =
            text_u64(pp_str_from(cl->param), 0, &rc->listing.param_address);
    rc->listing.intel_syntax = cl->settings.intel_syntax;
    rc->listing.count_recursion = cl->settings.count_recursion;
    if (cl->report->traits & REPORT_SOURCES)
        sources_resolve(&cl->settings, env, &rc->listing.sources, arena);
    if (!resolve_value(rc, &cl->settings, p, err)) return false;
    resolve_trim(rc, &cl->settings);
    resolve_filters(rc, &cl->settings);
    resolve_comparison(rc, &cl->settings);
    resolve_terminal(rc, &cl->settings, env);
    view_label_units(p, &rc->label_units, arena, &env->diag);
    rc->trim.tag_from = label_units_find(&rc->label_units, PP_STR("bytes"));
    rc->trim.tag_to = rc->unit;
    if (!views_apply(&cl->settings, rc, &r->full, &rc->total, err)) return false;
    return view_granularity(&cl->settings, rc, &r->full, &r->view, err);
}

void resolved_done(struct resolved *r) {
    regex_free(r->param_regex);
}
