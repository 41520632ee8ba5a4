/* -gate: do the new runs keep the rules, compared with the base? Sets the exit status: 0 the rules
 * hold, 1 one is broken, 3 the runs can't be compared (2, an error, is the driver's). */
#include "gate/bench.h"
#include "gate/gate_eval.h"
#include "profile/runs.h"
#include "report/gate_markdown.h"
#include "report/gate_text.h"
#include "report/metrics.h"
#include "report/screen.h"

#include <math.h>

struct gate {
    const struct report_ctx *rc;
    struct gate_rules rules;
    struct gate_input input;
    struct gate_result result;
    uint32_t runs[2];
    struct pp_arena *arena;
};

/* ---- the evaluation ---- */

/* Those of -gate=RULES after those of -rules=FILE. */
static bool read_rules(struct gate *g, struct pp_error *err) {
    const struct report_ctx *rc = g->rc;
    struct gate_rules inline_rules = {0};
    if (rc->runs->rules_file.len &&
        !gate_rules_parse(rc->runs->rules, rc->runs->rules_file, &g->rules, g->arena, err))
        return false;
    struct pp_str text = rc->param;
    if (!text.len && !rc->runs->rules_file.len) text = pp_str_from(gate_default_rules);
    if (text.len && !gate_rules_parse(text, PP_STR("-gate"), &inline_rules, g->arena, err))
        return false;
    uint32_t n = g->rules.n + inline_rules.n;
    struct gate_rule *all = PP_NEW(g->arena, struct gate_rule, n);
    if (g->rules.n) memcpy(all, g->rules.rules, g->rules.n * sizeof *all);
    if (inline_rules.n) memcpy(all + g->rules.n, inline_rules.rules, inline_rules.n * sizeof *all);
    g->rules = (struct gate_rules){all, n};
    return true;
}

/* What each run did, where benchmarks were given. */
static bool read_benchmarks(struct gate *g, struct pp_error *err) {
    const struct report_runs *runs = g->rc->runs;
    uint32_t n = runs->n[0] + runs->n[1];
    if (!runs->benchmarks) return true;
    struct gate_benches *benches = PP_NEW(g->arena, struct gate_benches, n);
    for (uint32_t i = 0; i < n; i++)
        if (!gate_bench_parse(runs->benchmarks[i], &benches[i], g->arena, err))
            return pp_wrap(err, "-benchmarks: that of %.*s", PP_STR_ARG(runs->names[i]));
    g->input.benches = benches;
    return true;
}

static void read_input(struct gate *g) {
    const struct report_runs *runs = g->rc->runs;
    uint32_t n = runs->n[0] + runs->n[1];
    uint32_t *merged = PP_NEW(g->arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        merged[i] = profile_runs(runs->profiles[i]);
        g->runs[i >= runs->n[0]] += merged[i];
    }
    g->input = (struct gate_input){.profiles = runs->profiles,
                                   .names = runs->names,
                                   .merged = merged,
                                   .n = {runs->n[0], runs->n[1]},
                                   .exact_names = runs->exact_names,
                                   .paths = &g->rc->graph};
}

static void gate_close(void *found) {
    struct gate *g = found;
    gate_rules_done(&g->rules);
}

/* A history keeps what functions cost by themselves. */
static bool check_rules(const struct gate *g, struct pp_error *err) {
    for (uint32_t i = 0; g->rc->runs->is_history && i < g->rules.n; i++) {
        const struct gate_rule *r = &g->rules.rules[i];
        bool sums = r->scope == GATE_TOTAL || (r->cost == GATE_SELF && r->scope != GATE_LABEL);
        if (!sums && !r->is_budget)
            return pp_fail(err, PP_E_USAGE,
                           "\"%.*s\": a history has no callers and no labels; -base=FILE has",
                           PP_STR_ARG(r->text));
    }
    return true;
}

static bool evaluate(struct gate *g, struct pp_error *err) {
    const struct report_ctx *rc = g->rc;
    const struct pp_profile *p = rc->full;
    struct report_look *look = rc->runs->look;
    const struct gate_request request = {
        .input = &g->input,
        .rules = &g->rules,
        .type = pp_string(p, p->sample_types[rc->type].type),
        .in_turns = rc->runs->in_turns,
        .share = look ? look->share : 1,
    };
    if (!read_rules(g, err) || !check_rules(g, err)) return false;
    read_input(g);
    if (!read_benchmarks(g, err)) return false;
    if (!gate_eval(&request, &g->result, g->arena, err)) return false;
    if (look) look->is_settled = g->result.is_settled;
    return true;
}

static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    struct gate *g = PP_NEW(rc->arena, struct gate, 1);
    g->rc = rc;
    g->arena = rc->arena;
    *ret_found = g;
    if (!rc->runs)
        return pp_fail(err, PP_E_USAGE, "the gate compares files: cpprof -gate -base=OLD NEW");
    bool ok = evaluate(g, err);
    if (!ok) gate_close(g);
    return ok;
}

static enum gate_state verdict(const struct gate *g) {
    if (g->result.n_broken) return GATE_BROKEN;
    return g->result.n_impossible ? GATE_IMPOSSIBLE : GATE_HOLDS;
}

static int status(const void *found) {
    enum gate_state state = verdict(found);
    return state == GATE_BROKEN ? STATUS_BROKEN : state == GATE_IMPOSSIBLE ? STATUS_IMPOSSIBLE : 0;
}

/* ---- as text ---- */

static const char *mark(enum gate_state state) {
    static const char *const marks[] = {"ok", "~", "better", "BROKEN", "??"};
    return marks[state];
}

/* In which color: red, green, or none. */
static int64_t alarm(enum gate_state state) {
    return state == GATE_IMPROVED ? -1 : state == GATE_BROKEN || state == GATE_IMPOSSIBLE;
}

static void put_colored(struct out *o, const struct report_ctx *rc, struct pp_str text,
                        int64_t alarm) {
    if (alarm) screen_change(o, rc, alarm);
    out_str(o, text);
    if (alarm) screen_plain(o, rc);
}

static void put_reason(struct out *o, const char *what, struct pp_str text) {
    if (!text.len) return;
    out_printf(o, "          %s", what);
    out_str(o, text);
    out_char(o, '\n');
}

static void put_why(struct out *o, const struct gate_finding *f, struct pp_arena *arena) {
    const struct gate_why_text why = gate_why(f, arena);
    put_reason(o, "at ", why.place);
    gate_why_each(&why, put_reason, o);
}

static void put_finding(struct out *o, const struct gate *g, const struct gate_finding *f) {
    struct pp_arena *arena = g->arena;
    OUT_LIT(o, "  ");
    put_colored(o, g->rc, pp_arena_printf(arena, "%-7s", mark(f->state)), alarm(f->state));
    out_char(o, ' ');
    bool is_link = screen_link(o, g->rc, f->file, f->line);
    out_str(o, gate_message(f, arena));
    screen_link_end(o, is_link);
    if (f->answer.rank_p >= 0 && f->subject.len)
        out_printf(o, "; rank test p=%.2g", f->answer.rank_p);
    out_char(o, '\n');
    if (f->state != GATE_BROKEN) return;
    put_why(o, f, arena);
}

static void put_runs(struct out *o, const struct gate *g) {
    static const char *const form[] = {"%u run", "%u runs"};
    out_text0(o, "gate: ");
    out_printf(o, g->runs[1] == 1 ? form[0] : form[1], g->runs[1]);
    OUT_LIT(o, " against ");
    out_printf(o, g->runs[0] == 1 ? form[0] : form[1], g->runs[0]);
    for (uint32_t i = 0; i < g->result.n_findings; i++) {
        const struct gate_table *t = g->result.findings[i].table;
        if (!t) continue;
        out_printf(o, "; %.*s/%.*s, counted by ", PP_STR_ARG(t->type), PP_STR_ARG(t->unit));
        out_text0(o, gate_counting_name(&t->counting[0]));
        break;
    }
    out_char(o, '\n');
}

/* What would help most where hardly anything was sampled, and something can't be told. */
static void put_advice(struct out *o, const struct gate *g) {
    enum { FEW = 100 };
    for (uint32_t i = 0; i < g->result.n_findings; i++) {
        const struct gate_finding *f = &g->result.findings[i];
        if (f->state != GATE_UNSURE) continue;
        const struct gate_series *s = &f->table->total;
        double samples = gate_table_mean(f->table, s, GATE_NEW) / s->unit;
        if (samples >= FEW) continue;
        out_printf(
            o,
            "a run has %.0f samples: longer runs, or a profiler that samples more often, tell "
            "more\n",
            samples);
        return;
    }
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    const struct gate *g = rc->found;
    put_runs(o, g);
    const struct gate_rule *last = NULL;
    for (uint32_t i = 0; i < g->result.n_findings; i++) {
        const struct gate_finding *f = &g->result.findings[i];
        if (f->rule != last) {
            out_printf(o, "rule %u: ", f->rule_number);
            out_str(o, f->rule->text);
            out_char(o, '\n');
        }
        last = f->rule;
        put_finding(o, g, f);
    }
    put_advice(o, g);
    enum gate_state state = verdict(g);
    put_colored(o, rc, gate_sentence(&g->result, g->arena),
                state == GATE_HOLDS ? -1 : alarm(state));
    out_char(o, '\n');
    return true;
}

static bool render_markdown(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    const struct gate *g = rc->found;
    gate_markdown(o, &g->result, g->runs, g->arena);
    return true;
}

/* ---- as rows ---- */

static const char *const columns[] = {
    "rule", "verdict", "function",   "was",        "file",    "line",    "message",  "sample_type",
    "unit", "measure", "old",        "new",        "growth",  "limit",   "at_least", "confidence",
    "p",    "rank_p",  "old_counts", "new_counts", "callers", "callees", "path",     "cause",
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static const char *const shown[] = {"verdict", "rule",    "message", "file",
                                    "line",    "callers", "callees", "cause"};

static struct pp_cell number(double v) {
    return isfinite(v) ? cell_double(v) : (struct pp_cell){.kind = PP_CELL_NULL};
}

static struct pp_cell cell_texts(const struct pp_str *texts, uint32_t n) {
    return (struct pp_cell){.kind = PP_CELL_TEXTS, .texts = texts, .n_texts = n};
}

/* The names of a path, one by one. */
static struct pp_cell path_cell(const struct gate_finding *f, struct pp_arena *arena) {
    uint32_t n = f->why ? f->why->n_path : 0;
    struct pp_str *names = PP_NEW(arena, struct pp_str, n);
    for (uint32_t i = 0; i < n; i++)
        names[i] = f->table->functions[f->why->path[i]].name;
    return cell_texts(names, n);
}

/* Sums of hostile values have no bound as doubles; what does not fit is cut off. */
static struct pp_cell count_cell(double v) {
    return cell_int((int64_t)round(fmin(fmax(v, -0x1p62), 0x1p62)));
}

static struct pp_cell value_cell(const struct gate_finding *f, double v) {
    if (f->rule->measure == GATE_SHARE) return number(v);
    return count_cell(v);
}

static void add_row(struct row_sink *sink, const struct gate_finding *f, struct pp_arena *arena) {
    static const char *const measures[] = {"per run", "absolute", "share"};
    const struct gate_answer *a = &f->answer;
    const struct pp_cell none = {.kind = PP_CELL_NULL};
    bool has = f->table && f->subject.len;
    bool has_work = f->table && f->table->input->benches && f->rule->measure == GATE_PER_RUN;
    double growth = a->value[GATE_NEW] / a->value[GATE_OLD] - 1;
    bool has_old = has && !f->rule->is_budget;
    const struct gate_why_text why = gate_why(f, arena);
    struct pp_cell cells[N_COLUMNS] = {
        cell_text(f->rule->text),
        cell_text(pp_str_from(gate_state_name(f->state))),
        cell_known(f->subject),
        cell_known(f->was),
        cell_known(f->file),
        f->line > 0 && f->file.len ? cell_int(f->line) : none,
        cell_text(gate_message(f, arena)),
        f->table ? cell_text(f->table->type) : none,
        f->table ? cell_text(f->table->unit) : none,
        cell_text(pp_str_from(has_work ? "same work" : measures[f->rule->measure])),
        has_old ? value_cell(f, a->value[GATE_OLD]) : none,
        has ? value_cell(f, a->value[GATE_NEW]) : none,
        has_old ? number(growth) : none,
        f->table ? number(f->limit) : none,
        has && a->says ? number(f->at_least) : none,
        number(f->rule->confidence),
        has ? number(f->p) : none,
        has && a->rank_p >= 0 ? number(a->rank_p) : none,
        has_old ? count_cell(a->count[GATE_OLD]) : none,
        has ? count_cell(a->count[GATE_NEW]) : none,
        cell_texts(why.callers, why.n_callers),
        cell_texts(why.callees, why.n_callees),
        path_cell(f, arena),
        cell_known(why.cause),
    };
    rows_add(sink, cells);
}

static void fields(const struct report_ctx *rc, struct report_fields *ret_fields) {
    const struct gate *g = rc->found;
    const struct gate_result *r = &g->result;
    fields_add(ret_fields, NULL, "verdict", cell_text(pp_str_from(gate_state_name(verdict(g)))));
    fields_add(ret_fields, NULL, "message", cell_text(gate_sentence(r, g->arena)));
    fields_add(ret_fields, NULL, "rules", cell_int(r->n_rules));
    fields_add(ret_fields, NULL, "broken", cell_int(r->n_broken));
    fields_add(ret_fields, NULL, "not_comparable", cell_int(r->n_impossible));
    fields_add(ret_fields, NULL, "old_runs", cell_int(g->runs[0]));
    fields_add(ret_fields, NULL, "new_runs", cell_int(g->runs[1]));
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    const struct gate *g = rc->found;
    for (uint32_t i = 0; i < g->result.n_findings; i++)
        add_row(sink, &g->result.findings[i], g->arena);
    return true;
}

static const struct metric metrics_of_head[] = {
    {.name = "gate_verdict",
     .help = "What the gate says: holds, broken, cannot compare",
     .column = "verdict",
     .kind = METRIC_TEXT},
    {.name = "gate_rules", .help = "Rules of the gate", .column = "rules", .kind = METRIC_NUMBER},
    {.name = "gate_rules_broken",
     .help = "Rules that are broken",
     .column = "broken",
     .kind = METRIC_NUMBER},
    {.name = "gate_rules_not_comparable",
     .help = "Rules about what can't be compared",
     .column = "not_comparable",
     .kind = METRIC_NUMBER},
    {.name = NULL},
};
static const struct metric metrics_of_rows[] = {
    {.name = "gate_broken",
     .help = "Whether this breaks the rule",
     .column = "verdict",
     .kind = METRIC_IS,
     .text = "broken",
     .adds = true},
    {.name = "gate_growth_ratio",
     .help = "Growth from the old runs to the new ones",
     .column = "growth",
     .kind = METRIC_NUMBER},
    {.name = NULL},
};
static const struct metric_label labels_of_rows[] = {{"rule", "rule"},
                                                     {"function", "function"},
                                                     {"file", "file"},
                                                     {"type", "sample_type"},
                                                     {NULL, NULL}};
static const struct report_metrics metrics = {
    .of_head = metrics_of_head, .of_rows = metrics_of_rows, .labels = labels_of_rows};

static const struct report_table table = {
    .version = 2,
    .columns = columns,
    .n_columns = N_COLUMNS,
    .shown = shown,
    .n_shown = sizeof shown / sizeof *shown,
    .metrics = &metrics,
    .fields = fields,
};

const struct report_format gate_report = {
    .name = "gate",
    .help = "Did the program get worse? Exit status 1 if a rule is broken",
    .usage = "On the command line: cpprof -gate[=RULES] [-rules=FILE] -base=OLD ... NEW ...\n"
             "A rule: total grows at most 5%; any function self grows at most 10% floor 1%;\n"
             "runtime.mallocgc cum at most 20%; total inuse_space at most 64MB (docs/gate.md).\n"
             "Exit status: 0 the rules hold, 1 one is broken, 2 an error, 3 nothing to compare.",
    .param = "<rules>",
    .traits = REPORT_KEEP_ALL | REPORT_RUNS | REPORT_FREE_PARAM | REPORT_SAFE,
    .collect = collect,
    .close = gate_close,
    .render = render,
    .markdown = render_markdown,
    .rows = rows,
    .table = &table,
    .status = status,
};
