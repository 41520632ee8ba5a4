/* A table that is read at a glance: what, old, new, growth, how sure; then where each broken rule's
 * growth came from, folded. Verdicts are words, so that nothing depends on a color. */
#include "report/gate_markdown.h"

#include "report/gate_text.h"
#include "report/markdown_text.h"

enum { MAX_NAME = 120, MAX_SENTENCE = 1000, MAX_PATH = 40, MAX_DETAILS = 10 };

static const char *verdict_of(const struct gate_finding *f) {
    static const char *const words[] = {
        [GATE_HOLDS] = "ok",
        [GATE_UNSURE] = "unsure",
        [GATE_IMPROVED] = "better",
        [GATE_BROKEN] = "**BROKEN**",
        [GATE_IMPOSSIBLE] = "**cannot compare**",
    };
    return words[f->state];
}

static uint64_t length(const struct out *o) {
    return o->flushed + o->used;
}

static void put_cell(struct out *o, struct pp_str text) {
    out_char(o, ' ');
    out_str(o, text);
    OUT_LIT(o, " |");
}

/* Numbers and signs of our own need no code span. */
static void put_values(struct out *o, const struct gate_finding *f, struct pp_arena *arena) {
    const double *v = f->answer.value;
    bool grows = !f->rule->is_budget;
    struct pp_str none = PP_STR("");
    put_cell(o, grows ? gate_value_text(f, v[GATE_OLD], arena)
                      : pp_arena_printf(arena, "at most %.*s",
                                        PP_STR_ARG(gate_value_text(f, f->limit, arena))));
    put_cell(o, gate_value_text(f, v[GATE_NEW], arena));
    put_cell(o, grows ? gate_growth_text(f, arena) : none);
}

/* How sure it is, and of what. */
static struct pp_str reason_of(const struct gate_finding *f, struct pp_arena *arena) {
    struct pp_str sure = gate_how_sure(f, arena);
    if (!sure.len || !f->with.len) return sure.len ? sure : f->with;
    return pp_arena_printf(arena, "%.*s; %.*s", PP_STR_ARG(sure), PP_STR_ARG(f->with));
}

static void put_row(struct out *o, const struct gate_finding *f, struct pp_arena *arena) {
    out_printf(o, "| %s | ", verdict_of(f));
    if (!f->table || !f->subject.len) {
        markdown_cell(o, f->rule->text, MAX_NAME);
        OUT_LIT(o, " | | | | ");
        markdown_cell(o, gate_message(f, arena), MAX_SENTENCE);
        OUT_LIT(o, " |\n");
        return;
    }
    markdown_cell(o, gate_who(f, arena), MAX_NAME);
    OUT_LIT(o, " |");
    put_values(o, f, arena);
    out_char(o, ' ');
    struct pp_str reason = reason_of(f, arena);
    if (reason.len) markdown_cell(o, reason, MAX_SENTENCE);
    OUT_LIT(o, " |\n");
}

/* Rows until the comment is nearly full. */
static void put_table(struct out *o, const struct gate_result *r, struct pp_arena *arena) {
    uint32_t i = 0;
    OUT_LIT(o, "| verdict | what | old | new | growth | how sure |\n"
               "|---|---|---:|---:|---:|---|\n");
    for (; i < r->n_findings && length(o) < MARKDOWN_BYTES / 2; i++)
        put_row(o, &r->findings[i], arena);
    if (i < r->n_findings)
        out_printf(o, "\n%u more rows are cut, to fit a comment.\n", r->n_findings - i);
}

static void put_item(struct out *o, const char *what, struct pp_str text) {
    if (!text.len) return;
    out_printf(o, "- %s", what);
    markdown_code(o, text, MAX_SENTENCE);
    out_char(o, '\n');
}

static void put_details(struct out *o, const struct gate_finding *f, struct pp_arena *arena) {
    const struct gate_why_text why = gate_why(f, arena);
    OUT_LIT(o, "\n<details><summary>Where it came from</summary>\n\n");
    markdown_code(o, gate_message(f, arena), MAX_SENTENCE);
    OUT_LIT(o, "\n\n");
    if (why.place.len) {
        OUT_LIT(o, "- at ");
        markdown_path(o, why.place, MAX_PATH);
        out_char(o, '\n');
    }
    gate_why_each(&why, put_item, o);
    OUT_LIT(o, "\n</details>\n");
}

void gate_markdown(struct out *o, const struct gate_result *r, const uint32_t runs[2],
                   struct pp_arena *arena) {
    uint32_t n = 0;
    OUT_LIT(o, "### cpprof gate\n\n");
    markdown_code(o, gate_sentence(r, arena), MAX_SENTENCE);
    out_printf(o, "\n\nRuns compared: %u against %u.\n\n", runs[1], runs[0]);
    put_table(o, r, arena);
    for (uint32_t i = 0; i < r->n_findings && n < MAX_DETAILS; i++) {
        if (r->findings[i].state != GATE_BROKEN || length(o) > MARKDOWN_BYTES * 3 / 4) continue;
        put_details(o, &r->findings[i], arena);
        n++;
    }
}
