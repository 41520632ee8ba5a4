/* The gate's sentences. Numbers are rounded here and nowhere else. */
#include "report/gate_text.h"

#include "gate/gate_math.h"
#include "profile/units.h"

#include <math.h>

const char *gate_state_name(enum gate_state state) {
    static const char *const names[] = {"holds", "unsure", "improved", "broken", "cannot compare"};
    return names[state];
}

/* "main.f", "main.g (was main.f)", "any function". */
static struct pp_str subject_text(const struct gate_finding *f, struct pp_arena *arena) {
    if (!f->subject.len) return PP_STR("any function");
    if (!f->was.len) return f->subject;
    return pp_arena_printf(arena, "%.*s (was %.*s)", PP_STR_ARG(f->subject), PP_STR_ARG(f->was));
}

static struct pp_str percent(double share, struct pp_arena *arena) {
    double p = 100 * share;
    if (!isfinite(p)) return PP_STR("any amount");
    return pp_arena_printf(arena, fabs(p) >= 1000 ? "%.0f%%" : "%.1f%%", p);
}

/* What does not fit an int64_t is cut off: sums of hostile values have no bound as doubles. */
static struct units_text label_of(const struct gate_finding *f, double value) {
    struct units_text text;
    double rounded = fmin(fmax(round(value), -0x1p62), 0x1p62);
    units_label((int64_t)rounded, f->table->unit, PP_STR("auto"), &text);
    return text;
}

struct pp_str gate_value_text(const struct gate_finding *f, double value, struct pp_arena *arena) {
    if (f->rule->measure == GATE_SHARE) return percent(value, arena);
    struct units_text text = label_of(f, value);
    return pp_arena_copy(arena, units_str(&text));
}

static double growth(const struct gate_finding *f) {
    const double *v = f->answer.value;
    return v[GATE_NEW] / v[GATE_OLD] - 1;
}

struct pp_str gate_growth_text(const struct gate_finding *f, struct pp_arena *arena) {
    const double *v = f->answer.value;
    if (!(v[GATE_OLD] > 0)) return v[GATE_NEW] > 0 ? PP_STR("new") : PP_STR("none");
    if (!(v[GATE_NEW] > 0)) return PP_STR("gone");
    double p = 100 * growth(f);
    return pp_arena_printf(arena, fabs(p) >= 1000 ? "%+.0f%%" : "%+.1f%%", p);
}

/* Of which whole a value is. */
static const char *per_what(const struct gate_finding *f) {
    static const char *const of[] = {" a run", "", " of the total"};
    bool has_work = f->rule->measure == GATE_PER_RUN && f->table->input->benches;
    return has_work ? " for the same work" : of[f->rule->measure];
}

/* "1.20s to 1.69s a run" */
static struct pp_str from_to(const struct gate_finding *f, struct pp_arena *arena) {
    struct pp_str old = gate_value_text(f, f->answer.value[GATE_OLD], arena);
    struct pp_str new = gate_value_text(f, f->answer.value[GATE_NEW], arena);
    return pp_arena_printf(arena, "from %.*s to %.*s%s", PP_STR_ARG(old), PP_STR_ARG(new),
                           per_what(f));
}

/* "at least 28.0% with 99% confidence" */
static struct pp_str how_sure(const struct gate_finding *f, struct pp_arena *arena) {
    if (f->rule->exact) return PP_STR("taken as measured");
    double confidence = 100 * f->rule->confidence;
    if (!(f->at_least > 0) || !isfinite(f->at_least))
        return pp_arena_printf(arena, "sure at %.4g%%", confidence);
    struct pp_str least = percent(f->at_least, arena);
    return pp_arena_printf(arena, "at least %.*s at %.4g%% confidence", PP_STR_ARG(least),
                           confidence);
}

static struct pp_str counts_text(const struct gate_finding *f, struct pp_arena *arena) {
    const double *n = f->answer.count;
    if (f->rule->is_budget) return pp_arena_printf(arena, "%.0f samples", n[GATE_NEW]);
    return pp_arena_printf(arena, "%.0f and %.0f samples", n[GATE_OLD], n[GATE_NEW]);
}

struct pp_str gate_who(const struct gate_finding *f, struct pp_arena *arena) {
    static const char *const costs[] = {"self", "flat", "cum"};
    struct pp_str who = subject_text(f, arena);
    if (f->rule->scope == GATE_TOTAL || f->rule->scope == GATE_LABEL) return who;
    return pp_arena_printf(arena, "%.*s %s", PP_STR_ARG(who), costs[f->rule->cost]);
}

static struct pp_str budget_message(const struct gate_finding *f, struct pp_str who,
                                    struct pp_arena *arena) {
    struct pp_str is = gate_value_text(f, f->answer.value[GATE_NEW], arena);
    struct pp_str limit = gate_value_text(f, f->limit, arena), sure = how_sure(f, arena);
    struct pp_str counts = counts_text(f, arena);
    const char *measure = per_what(f);
    if (f->state == GATE_BROKEN)
        return pp_arena_printf(arena, "%.*s takes %.*s%s, over its budget of %.*s (%.*s; %.*s)",
                               PP_STR_ARG(who), PP_STR_ARG(is), measure, PP_STR_ARG(limit),
                               PP_STR_ARG(sure), PP_STR_ARG(counts));
    if (f->state == GATE_UNSURE)
        return pp_arena_printf(
            arena,
            "%.*s takes %.*s%s; whether that is over its budget of %.*s can't be "
            "said (%.*s)",
            PP_STR_ARG(who), PP_STR_ARG(is), measure, PP_STR_ARG(limit), PP_STR_ARG(counts));
    return pp_arena_printf(arena, "%.*s takes %.*s%s; its budget is %.*s", PP_STR_ARG(who),
                           PP_STR_ARG(is), measure, PP_STR_ARG(limit));
}

/* How far from the truth the growth may be, up or down, at the rule's confidence. */
static struct pp_str give_or_take(const struct gate_finding *f, double se, struct pp_arena *arena) {
    double t = gate_t_quantile((1 - f->rule->confidence) / 2, f->answer.df);
    return percent(expm1(t * se), arena);
}

/* How many more runs a side would tell, if all stays as it is; 0: not so few that it helps. */
static uint32_t runs_to_tell(const struct gate_finding *f) {
    enum { MOST = 50 };
    double beyond = f->answer.effect - (f->rule->is_budget ? 0 : log1p(f->limit));
    uint32_t n = f->table->n[GATE_NEW];
    double t = gate_t_quantile(1 - f->rule->confidence, f->answer.df);
    double needed = n * pow(t * f->answer.se / beyond, 2) - n;
    if (!(beyond > 0) || !(needed < MOST)) return 0;
    return (uint32_t)fmax(1, ceil(needed));
}

/* Is it that runs differ, more than that samples are few, what makes it unsure? */
static bool is_noise(const struct gate_answer *a) {
    return a->says && isfinite(a->effect) && isfinite(a->se) && a->se >= 1.2 * a->se_counts;
}

/* "runs differ by 30%": beyond what counts alone do; standard deviation. */
static struct pp_str noise_text(const struct gate_finding *f, struct pp_arena *arena) {
    const struct gate_answer *a = &f->answer;
    const uint32_t *n = f->table->n;
    double runs = 1.0 / n[GATE_NEW] + (f->rule->is_budget ? 0 : 1.0 / n[GATE_OLD]);
    double noise = sqrt((a->se * a->se - a->se_counts * a->se_counts) / runs);
    struct pp_str text = percent(noise, arena);
    return pp_arena_printf(
        arena, a->assumed ? "for so few runs noise of %.*s is assumed" : "runs differ by %.*s",
        PP_STR_ARG(text));
}

/* What makes it unsure, what is sure nevertheless, and what would tell. */
static struct pp_str why_unsure(const struct gate_finding *f, struct pp_arena *arena) {
    const struct gate_answer *a = &f->answer;
    struct pp_str why = counts_text(f, arena);
    if (!a->says || !isfinite(a->effect) || !isfinite(a->se)) return why;
    struct pp_str all = give_or_take(f, a->se, arena), few = give_or_take(f, a->se_counts, arena);
    if (is_noise(a))
        why = pp_arena_printf(
            arena, "%.*s, which tells it to \302\261%.*s; %.*s alone to \302\261%.*s",
            PP_STR_ARG(noise_text(f, arena)), PP_STR_ARG(all), PP_STR_ARG(why), PP_STR_ARG(few));
    else
        why = pp_arena_printf(arena, "%.*s tell it to \302\261%.*s", PP_STR_ARG(why),
                              PP_STR_ARG(all));
    if (f->at_least > 0 && f->at_least < f->limit)
        why = pp_arena_printf(arena, "%.*s; at least +%.*s", PP_STR_ARG(why),
                              PP_STR_ARG(percent(f->at_least, arena)));
    if (f->sharper)
        why = pp_arena_printf(arena, "%.*s; by %s it would be sure", PP_STR_ARG(why), f->sharper);
    uint32_t more = runs_to_tell(f);
    if (!more) return why;
    return pp_arena_printf(arena, "%.*s; %u more run%s a side would tell if it stays so",
                           PP_STR_ARG(why), more, more == 1 ? "" : "s");
}

struct pp_str gate_how_sure(const struct gate_finding *f, struct pp_arena *arena) {
    if (f->state == GATE_BROKEN) return how_sure(f, arena);
    if (f->state != GATE_UNSURE) return (struct pp_str){0};
    return f->rule->is_budget ? counts_text(f, arena) : why_unsure(f, arena);
}

static struct pp_str growth_message(const struct gate_finding *f, struct pp_str who,
                                    struct pp_arena *arena) {
    struct pp_str grew = gate_growth_text(f, arena), values = from_to(f, arena);
    struct pp_str limit = percent(f->limit, arena), sure = how_sure(f, arena);
    struct pp_str counts = counts_text(f, arena), why = why_unsure(f, arena);
    if (f->state == GATE_BROKEN)
        return pp_arena_printf(arena, "%.*s: %.*s, %.*s; limit +%.*s (%.*s; %.*s)", PP_STR_ARG(who),
                               PP_STR_ARG(grew), PP_STR_ARG(values), PP_STR_ARG(limit),
                               PP_STR_ARG(sure), PP_STR_ARG(counts));
    if (f->state == GATE_UNSURE)
        return pp_arena_printf(arena, "%.*s: %.*s, %.*s; that may be %s (%.*s)", PP_STR_ARG(who),
                               PP_STR_ARG(grew), PP_STR_ARG(values),
                               is_noise(&f->answer) ? "noise between runs" : "chance",
                               PP_STR_ARG(why));
    return pp_arena_printf(arena, "%.*s: %.*s, %.*s", PP_STR_ARG(who), PP_STR_ARG(grew),
                           PP_STR_ARG(values));
}

struct pp_str gate_message(const struct gate_finding *f, struct pp_arena *arena) {
    if (f->state == GATE_IMPOSSIBLE) return f->problem;
    if (!f->subject.len)
        return pp_arena_printf(arena, "%u function%s tested, none broke the rule%s", f->n_tested,
                               f->n_tested == 1 ? "" : "s",
                               f->n_unsure ? "; some grew, but not surely" : "");
    struct pp_str who = gate_who(f, arena);
    struct pp_str text =
        f->rule->is_budget ? budget_message(f, who, arena) : growth_message(f, who, arena);
    if (!f->with.len) return text;
    return pp_arena_printf(arena, "%.*s; %.*s", PP_STR_ARG(text), PP_STR_ARG(f->with));
}

struct pp_str gate_sentence(const struct gate_result *r, struct pp_arena *arena) {
    const char *rules = r->n_rules == 1 ? "rule" : "rules";
    for (uint32_t i = 0; r->n_broken && i < r->n_findings; i++) {
        const struct gate_finding *f = &r->findings[i];
        /* A function says more than the total. */
        bool last = true;
        for (uint32_t j = i + 1; f->rule->scope == GATE_TOTAL && j < r->n_findings; j++)
            if (r->findings[j].state == GATE_BROKEN) last = false;
        if (f->state != GATE_BROKEN || !last) continue;
        struct pp_str message = gate_message(f, arena);
        return pp_arena_printf(arena, "gate broken: %u of %u %s: %.*s", r->n_broken, r->n_rules,
                               rules, PP_STR_ARG(message));
    }
    for (uint32_t i = 0; r->n_impossible && i < r->n_findings; i++)
        if (r->findings[i].state == GATE_IMPOSSIBLE)
            return pp_arena_printf(arena, "gate cannot compare: %.*s",
                                   PP_STR_ARG(r->findings[i].problem));
    return pp_arena_printf(arena, "gate holds: %u %s, none broken", r->n_rules, rules);
}

/* ---- where it came from ---- */

static struct pp_str name_of(const struct gate_finding *f, uint32_t function) {
    return function ? f->table->functions[function].name : PP_STR("(no caller)");
}

static struct pp_str part_text(const struct gate_finding *f, const struct gate_part *part,
                               struct pp_str name, struct pp_arena *arena) {
    struct units_text text = label_of(f, gate_part_growth(part));
    return pp_arena_printf(arena, "%.*s +%.*s", PP_STR_ARG(name), PP_STR_ARG(units_str(&text)));
}

/* Those that brought a tenth of the growth or more, a few of them; they come by growth. */
static uint32_t name_parts(const struct gate_finding *f, const struct gate_part *parts, uint32_t n,
                           struct pp_str **ret_texts, struct pp_arena *arena) {
    enum { MOST = 3 };
    double least = fmax(0, gate_part_growth(&f->why->all)) / 10;
    uint32_t n_named = 0;
    *ret_texts = PP_NEW(arena, struct pp_str, MOST);
    while (n_named < MOST && n_named < n && gate_part_growth(&parts[n_named]) > least) {
        const struct gate_part *p = &parts[n_named];
        (*ret_texts)[n_named++] = part_text(f, p, name_of(f, p->function), arena);
    }
    return n_named;
}

static struct pp_str place_text(const struct gate_finding *f, struct pp_arena *arena) {
    struct pp_str text = f->file;
    if (!text.len) return text;
    const struct gate_explanation *why = f->why;
    if ((!why || !why->n_lines) && f->line > 0)
        return pp_arena_printf(arena, "%.*s:%lld", PP_STR_ARG(text), (long long)f->line);
    for (uint32_t i = 0; why && i < why->n_lines; i++)
        text = pp_arena_printf(arena, "%.*s%s:%lld (%.0f%%)", PP_STR_ARG(text), i ? ", " : "",
                               (long long)why->lines[i].line, 100 * why->lines[i].share);
    return text;
}

/* The end of it: what starts a program is the same for all of it. */
static struct pp_str path_text(const struct gate_finding *f, struct pp_arena *arena) {
    enum { MOST = 6 };
    const uint32_t n = f->why->n_path, first = n > MOST ? n - MOST : 0;
    struct pp_str text = first ? PP_STR("...") : PP_STR("");
    if (n < 2) return text;
    for (uint32_t i = first; i < n; i++)
        text = pp_arena_printf(arena, "%.*s%s%.*s", PP_STR_ARG(text), i ? " > " : "",
                               PP_STR_ARG(name_of(f, f->why->path[i])));
    return text;
}

static struct pp_str cause_text(const struct gate_finding *f, struct pp_arena *arena) {
    const struct gate_explanation *why = f->why;
    struct pp_str first = why->n_callers ? name_of(f, why->callers[0].function) : PP_STR("");
    switch (why->cause) {
    case GATE_CAUSE_ITSELF:
        return PP_STR("it costs more whoever calls it");
    case GATE_CAUSE_CALLER:
        return pp_arena_printf(arena, "called more, or with more to do, by %.*s alone",
                               PP_STR_ARG(first));
    case GATE_CAUSE_NEW_CALL:
        return pp_arena_printf(arena, "%.*s did not call it before", PP_STR_ARG(first));
    case GATE_CAUSE_UNKNOWN:
        break;
    }
    return (struct pp_str){0};
}

struct gate_why_text gate_why(const struct gate_finding *f, struct pp_arena *arena) {
    struct gate_why_text t = {.place = place_text(f, arena)};
    const struct gate_explanation *why = f->why;
    if (!why) return t;
    t.path = path_text(f, arena);
    t.cause = cause_text(f, arena);
    bool is_root = why->n_callers == 1 && !why->callers[0].function; /* nobody calls it */
    if (!is_root) t.n_callers = name_parts(f, why->callers, why->n_callers, &t.callers, arena);
    t.n_callees = name_parts(f, why->callees, why->n_callees, &t.callees, arena);
    bool has_part = t.n_callees && gate_part_growth(&why->itself) > 0;
    if (has_part) t.itself = part_text(f, &why->itself, PP_STR("itself"), arena);
    return t;
}

void gate_why_each(const struct gate_why_text *why,
                   void (*put)(struct out *o, const char *what, struct pp_str text),
                   struct out *o) {
    for (uint32_t i = 0; i < why->n_callers; i++)
        put(o, "called by ", why->callers[i]);
    for (uint32_t i = 0; i < why->n_callees; i++)
        put(o, "calls ", why->callees[i]);
    put(o, "", why->itself);
    put(o, "path: ", why->path);
    put(o, "", why->cause);
}
