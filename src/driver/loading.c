#include "driver/loading.h"

#include "driver/ask.h"
#include "driver/indexing.h"
#include "driver/number.h"

static const char *last_of(const struct text_list *list) {
    const char *last = list->n ? list->at[list->n - 1] : "";
    return *last ? last : NULL;
}

struct base_choice base_choose(const struct settings *s) {
    const char *diff = last_of(&s->diff_base), *base = last_of(&s->base);
    return (struct base_choice){diff ? diff : base, diff != NULL};
}

static void say_repeated(const struct text_list *list, const char *flag,
                         const struct pp_diag *diag) {
    for (size_t i = 1; i < list->n; i++)
        if (*list->at[i - 1] && *list->at[i])
            pp_say(diag, "-%s is given more than once; only the last counts", flag);
}

static bool check_base(const struct settings *s, struct pp_error *err) {
    if (last_of(&s->base) && last_of(&s->diff_base))
        return pp_fail(err, PP_E_USAGE, "-base and -diff_base: one of them");
    if (s->normalize && !base_choose(s).name)
        return pp_fail(err, PP_E_USAGE, "-normalize needs -base or -diff_base");
    return true;
}

/* Both flags' bases of runs, without the empty ones. */
static struct text_list all_bases(const struct settings *s, struct pp_arena *arena) {
    const struct text_list *lists[] = {&s->base, &s->diff_base};
    struct text_list all = {.at = PP_NEW(arena, const char *, s->base.n + s->diff_base.n)};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->n; i++)
            if (*lists[k]->at[i]) all.at[all.n++] = lists[k]->at[i];
    return all;
}

bool loading_size(const char *flag, const char *value, uint64_t *ret_bytes, struct pp_error *err) {
    return !*value || number_size(value, ret_bytes) ||
           pp_fail(err, PP_E_USAGE, "-%s=%s: a number or a size, as in 512mb", flag, value);
}

static bool read_limits(const struct settings *s, struct pp_limits *ret_limits,
                        struct pp_error *err) {
#define READ(name, value)                                                                          \
    if (!loading_size(#name, s->name, &ret_limits->name, err)) return false;
    PP_LIMITS(READ)
#undef READ
    return true;
}

bool loading_labels(const struct settings *s, struct pairs *ret_labels, struct pp_arena *arena,
                    struct pp_error *err) {
    return pairs_parse(s->label.at, s->label.n, ret_labels, arena, err) || pp_wrap(err, "-label");
}

bool loading_options(const struct command_line *cl, struct load_options *ret_options,
                     struct pp_arena *arena, struct pp_error *err) {
    const struct settings *s = &cl->settings;
    unsigned traits = cl->report ? cl->report->traits : REPORT_OBJECTS;
    const struct pp_query q = ask_question(s);
    struct load_options o = {
        .sources = (const char *const *)cl->operands,
        .n_sources = cl->n_operands,
        .compares = traits & REPORT_COMPARES,
        .no_labels = cl->report && !s->timestamps && !query_asks_for_labels(&q, cl->report),
        .sums_only = traits & REPORT_FEW_EDGES,
        .plain_names = traits & REPORT_PLAIN_NAMES,
        .keeps_binaries = traits & REPORT_OBJECTS,
        .tells_sources = (traits & REPORT_EMBEDS) && !base_choose(s).name,
        .decoders = cl->catalog.decoders,
        .n_decoders = cl->catalog.n_decoders,
    };
#define TAKE(type, name) o.name = s->name;
    PP_LOAD(TAKE)
#undef TAKE
    if (traits & (REPORT_RUNS | REPORT_COMPARES)) {
        o.bases = all_bases(s, arena);
    } else {
        say_repeated(&s->base, "base", &cl->env->diag);
        say_repeated(&s->diff_base, "diff_base", &cl->env->diag);
    }
    if (!(traits & REPORT_RUNS) && !check_base(s, err)) return false;
    struct base_choice base = base_choose(s);
    o.base = base.name;
    o.base_marked = base.is_diff || o.compares;
    o.labels_later =
        o.sums_only && base.name && (base.is_diff || !s->normalize) && !query_filters_by_labels(&q);
    if (!loading_labels(s, &o.labels, arena, err)) return false;
    *ret_options = o;
    return read_limits(s, &ret_options->limits, err) &&
           indexing_store(s, cl->env, &ret_options->index, arena, err);
}
