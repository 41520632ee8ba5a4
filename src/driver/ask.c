#include "driver/ask.h"

#include "driver/sources.h"

#include <sys/ioctl.h>

struct pp_query ask_question(const struct settings *s) {
    struct pp_query q = PP_QUERY_INIT;
#define ASK(type, name, def) q.name = s->name;
    PP_QUERY(ASK)
#undef ASK
    return q;
}

/* The first one given counts. */
void ask_by_shorthand(struct settings *s, const struct driver_env *env) {
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

/* How many runs a side holds; the totals of normalized sides are the same as they are. */
static void count_runs(const struct settings *s, const struct fetched *f, uint32_t runs[2]) {
    runs[0] = f->runs[0];
    runs[1] = s->normalize ? f->runs[0] : f->runs[1];
}

/* The base that counts: of several the last one, or where runs are compared all. */
static struct pp_str comparison(const struct command_line *cl, const struct fetched *f,
                                struct pp_arena *arena) {
    const struct settings *s = &cl->settings;
    bool diff = s->diff_base.n && *s->diff_base.at[s->diff_base.n - 1];
    const struct text_list *list = diff ? &s->diff_base : &s->base;
    uint32_t runs[2];
    count_runs(s, f, runs);
    if (!list->n || !*list->at[list->n - 1]) return PP_STR("");
    struct pp_str text =
        pp_arena_printf(arena, "%s=%s", diff ? "-diff_base" : "-base", list->at[list->n - 1]);
    bool all = cl->report && (cl->report->traits & REPORT_COMPARES) && !s->mean;
    if (all && list->n > 1)
        text = pp_arena_printf(arena, "%.*s and %zu more", PP_STR_ARG(text), list->n - 1);
    if (all && (runs[0] > 1 || runs[1] > 1))
        text = pp_arena_printf(arena, "%.*s, means of %u and %u runs", PP_STR_ARG(text), runs[0],
                               runs[1]);
    return s->normalize ? pp_arena_printf(arena, "%.*s -normalize", PP_STR_ARG(text)) : text;
}

/* What the terminal can show, if the report goes there. */
static struct report_screen screen(const struct settings *s, const struct driver_env *env) {
    struct report_screen screen = {0};
    struct winsize size;
    if (env->out_is_terminal && !*s->output) {
        struct pp_str term = env_variable(env, "TERM");
        screen.width = ioctl(env->out, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
        screen.color =
            term.len && !pp_str_eq(term, PP_STR("dumb")) && !env_variable(env, "NO_COLOR").len;
    }
    if (s->width > 0) screen.width = (unsigned)s->width;
    if (strcmp(s->color, "auto")) screen.color = !strcmp(s->color, "always");
    return screen;
}

/* NULL where none is looked into. */
static struct pp_objects *open_objects(const struct command_line *cl, const struct fetched *f,
                                       const struct driver_env *env, struct pp_arena *arena) {
    if (!(cl->report->traits & REPORT_OBJECTS) || cl->settings.nosource) return NULL;
    const struct objects_options opt = {.tools = *cl->settings.tools
                                                     ? pp_str_from(cl->settings.tools)
                                                     : env_variable(env, "PPROF_TOOLS")};
    return objects_new(f->binaries, &opt, arena);
}

struct query_host ask_host(const struct command_line *cl, const struct fetched *f,
                           const struct driver_env *env, struct pp_arena *arena) {
    const struct settings *s = &cl->settings;
    struct query_host host = {
        .comparison = comparison(cl, f, arena),
        .exact_names = s->exact_names,
        .objects = open_objects(cl, f, env, arena),
        .screen = screen(s, env),
        .symbols = &f->symbols,
        .diag = &env->diag,
    };
    count_runs(s, f, host.runs);
    if (cl->n_operands) host.source = pp_str_from(cl->operands[cl->n_operands - 1]);
    if (cl->report->traits & REPORT_SOURCES) sources_resolve(s, env, &host.sources, arena);
    return host;
}

bool ask(const struct command_line *cl, const struct fetched *f, const struct driver_env *env,
         struct asked *ret_asked, struct pp_arena *arena, struct pp_error *err) {
    struct asked *a = ret_asked;
    const char *color = cl->settings.color;
    *a = (struct asked){0};
    if (strcmp(color, "auto") && strcmp(color, "always") && strcmp(color, "never"))
        return pp_fail(err, PP_E_USAGE, "-color=%s: auto, always or never", color);
    const struct query_host host = ask_host(cl, f, env, arena);
    const struct pp_query question = ask_question(&cl->settings);
    const struct query_request request = {&f->profile, cl->report, &question, cl->param, &host};
    return query_open(&a->query, &request, arena, err);
}

void asked_done(struct asked *a) {
    query_done(&a->query);
}
