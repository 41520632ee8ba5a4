#include "driver/ask.h"

#include "base/pairs.h"
#include "driver/loading.h"
#include "driver/sources.h"

#include <sys/ioctl.h>

struct pp_query ask_question(const struct settings *s) {
    struct pp_query q = PP_QUERY_INIT;
#define ASK(type, name, def) q.name = s->name;
    PP_QUERY(ASK)
#undef ASK
    return q;
}

void ask_by_shorthand(struct settings *s, const struct world *env) {
    for (const struct setting *row = setting_table; row->name; row++) {
        if (!row->chooses || !setting_is_on(s, row)) continue;
        if (*s->sample_index)
            pp_say(&env->diag, "several sample values are asked for; -%s is ignored", row->name);
        else
            s->sample_index = row->chooses;
    }
    s->mean |= s->mean_delay;
}

/* How many runs a side holds; the totals of normalized sides are the same as they are. */
static void count_runs(const struct settings *s, const struct fetched *f, uint32_t runs[2]) {
    runs[0] = f->sides[0].runs;
    runs[1] = s->normalize ? f->sides[0].runs : f->sides[1].runs;
}

static struct pp_str comparison(const struct command_line *cl, const struct fetched *f,
                                struct pp_arena *arena) {
    const struct settings *s = &cl->settings;
    struct base_choice base = base_choose(s);
    if (!base.name) return PP_STR("");
    struct pp_str text =
        pp_arena_printf(arena, "%s=%s", base.is_diff ? "-diff_base" : "-base", base.name);
    bool all = cl->report && (cl->report->traits & REPORT_COMPARES) && !s->mean;
    size_t n = base.is_diff ? s->diff_base.n : s->base.n;
    uint32_t runs[2];
    count_runs(s, f, runs);
    if (all && n > 1) text = pp_arena_printf(arena, "%.*s and %zu more", PP_STR_ARG(text), n - 1);
    if (all && (runs[0] > 1 || runs[1] > 1))
        text = pp_arena_printf(arena, "%.*s, means of %u and %u runs", PP_STR_ARG(text), runs[0],
                               runs[1]);
    return s->normalize ? pp_arena_printf(arena, "%.*s -normalize", PP_STR_ARG(text)) : text;
}

/* What the terminal can show, if the report goes there, or to one that -color=always speaks of. */
static struct report_screen screen(const struct settings *s, const struct world *env) {
    struct report_screen screen = {0};
    struct winsize size;
    bool has_escapes = false;
    if (env->out_is_terminal && !*s->output) {
        struct pp_str term = world_variable(env, "TERM");
        screen.width = ioctl(env->out, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
        has_escapes = term.len && !pp_str_eq(term, PP_STR("dumb"));
        screen.color = has_escapes && !world_variable(env, "NO_COLOR").len;
    }
    if (s->width > 0) screen.width = (unsigned)s->width;
    if (strcmp(s->color, "auto")) screen.color = !strcmp(s->color, "always");
    screen.links = s->hyperlinks && (has_escapes || !strcmp(s->color, "always"));
    return screen;
}

/* NULL where none is looked into. */
static struct pp_objects *open_objects(const struct command_line *cl, const struct fetched *f,
                                       struct pp_arena *arena) {
    if (!(cl->report->traits & REPORT_OBJECTS) || cl->settings.nosource) return NULL;
    const struct objects_options opt = {.tools = *cl->settings.tools
                                                     ? pp_str_from(cl->settings.tools)
                                                     : world_variable(cl->env, "PPROF_TOOLS")};
    return objects_new(f->binaries, &opt, arena);
}

bool ask_host(const struct command_line *cl, const struct fetched *f, struct query_host *ret_host,
              struct pp_arena *arena, struct pp_error *err) {
    const struct settings *s = &cl->settings;
    struct pairs labels;
    if (!loading_labels(s, &labels, arena, err)) return false;
    *ret_host = (struct query_host){
        .comparison = comparison(cl, f, arena),
        .only_source = f->only_source,
        .sides = f->is_compared ? f->sides : NULL,
        .is_scaled = s->normalize,
        .exact_names = s->exact_names,
        .objects = open_objects(cl, f, arena),
        .screen = screen(s, cl->env),
        .symbols = &f->symbols,
        .sums = f->sums,
        .labels = labels.texts,
        .n_labels = labels.n_texts,
        .diag = &cl->env->diag,
    };
    count_runs(s, f, ret_host->runs);
    if (cl->n_operands) ret_host->source = pp_str_from(cl->operands[cl->n_operands - 1]);
    if (cl->report->traits & REPORT_SOURCES) sources_resolve(s, cl->env, &ret_host->sources, arena);
    return true;
}

/* Rows for databases are all of them, unless the user says how many, or their reader is one that
 * can't bear many. */
static void limit_rows(const struct command_line *cl, struct pp_query *q) {
    const struct report_table *t = cl->report->table;
    if (!cl->encoder || !cl->encoder->is_series || !t || !t->is_series) return;
    if (cl->encoder->node_count && q->nodecount == -1)
        q->nodecount = cl->encoder->node_count;
    else if (!cl->encoder->node_count && !cl->trims)
        q->trim = false;
}

static bool check_look(const struct settings *s, struct pp_error *err) {
    if (strcmp(s->color, "auto") && strcmp(s->color, "always") && strcmp(s->color, "never"))
        return pp_fail(err, PP_E_USAGE, "-color=%s: auto, always or never", s->color);
    if (s->width < 0)
        return pp_fail(err, PP_E_USAGE, "-width=%d: columns, or 0 for the terminal's", s->width);
    if (s->depth < 0) return pp_fail(err, PP_E_USAGE, "-depth=%d: levels, or 0 for all", s->depth);
    return true;
}

bool ask(const struct command_line *cl, const struct fetched *f, struct asked *ret_asked,
         struct pp_arena *arena, struct pp_error *err) {
    struct asked *a = ret_asked;
    *a = (struct asked){0};
    struct query_host host;
    if (!check_look(&cl->settings, err) || !ask_host(cl, f, &host, arena, err)) return false;
    struct pp_query question = ask_question(&cl->settings);
    limit_rows(cl, &question);
    const struct query_request request = {&f->profile, cl->report, &question, cl->param, &host};
    return query_open(&a->query, &request, arena, err);
}

void asked_done(struct asked *a) {
    query_done(&a->query);
}
