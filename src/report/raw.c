/* -raw: every entry of the profile as text. Locations, mappings and samples that nothing uses are
 * shown too; a single source keeps its own ids. */
#include "base/timetext.h"
#include "profile/sample_parts.h"
#include "report/id_texts.h"
#include "report/labels.h"
#include "report/report.h"

static void put_str_line(struct out *o, const char *what, struct pp_str s) {
    out_text0(o, what);
    out_str(o, s);
    out_char(o, '\n');
}

static void put_head(struct out *o, const struct pp_profile *p) {
    for (uint32_t i = 0; i < p->n_comments; i++)
        put_str_line(o, "Comment: ", pp_string(p, p->comments[i]));
    if (p->doc_url) put_str_line(o, "Doc: ", pp_string(p, p->doc_url));
    OUT_LIT(o, "PeriodType: ");
    out_str(o, pp_string(p, p->period_type.type));
    out_char(o, ' ');
    put_str_line(o, "", pp_string(p, p->period_type.unit));
    OUT_LIT(o, "Period: ");
    out_i64(o, p->period);
    out_char(o, '\n');
    if (p->time_nanos) {
        OUT_LIT(o, "Time: ");
        time_long(o, p->time_nanos);
        out_char(o, '\n');
    }
    if (p->duration_nanos) {
        OUT_LIT(o, "Duration: ");
        time_duration(o, p->duration_nanos, 4);
        out_char(o, '\n');
    }
}

/* The blanks that Go's strings.TrimSpace takes away at both ends. */
static struct pp_str trim_space(struct pp_str s) {
    while (s.len && memchr(" \t\n\v\f\r", s.data[0], 6))
        s = pp_str_slice(s, 1, s.len);
    while (s.len && memchr(" \t\n\v\f\r", s.data[s.len - 1], 6))
        s.len--;
    return s;
}

static void put_types(struct out *o, const struct pp_profile *p) {
    struct out line;
    out_open_memory(&line);
    for (uint32_t i = 0; i < p->n_types; i++) {
        struct pp_value_type t = p->sample_types[i];
        out_str(&line, pp_string(p, t.type));
        out_char(&line, '/');
        out_str(&line, pp_string(p, t.unit));
        if (t.type == p->default_sample_type) OUT_LIT(&line, "[dflt]");
        out_char(&line, ' ');
    }
    put_str_line(o, "", trim_space(out_text(&line)));
    out_close(&line, NULL);
}

static void put_i64_right(struct out *o, int64_t v, size_t width) {
    size_t digits = v < 0 ? 2 : 1;
    for (uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v; u >= 10; u /= 10)
        digits++;
    if (digits < width) out_spaces(o, width - digits);
    out_i64(o, v);
}

struct samples {
    const struct pp_profile *p;
    struct id_texts ids;
    struct label_texts labels;
};

static void put_key(struct out *o, struct pp_str key) {
    out_str(o, key);
    OUT_LIT(o, ":[");
}

static void put_label_values(const struct label_texts *t, const struct label_group *g,
                             struct out *o) {
    for (uint32_t i = 0; i < g->n; i++) {
        if (i) out_char(o, ' ');
        if (!g->is_num) {
            out_str(o, pp_string(t->p, g->labels[i].text));
            continue;
        }
        out_i64(o, g->labels[i].num);
        if (!g->has_units) continue;
        out_char(o, ' ');
        out_str(o, pp_string(t->p, g->labels[i].text));
    }
    out_char(o, ']');
}

/* Two indented lines, of texts and of numbers: "key:[v1 v2] ...". */
static void put_labels(const struct samples *s, struct out *o, struct pp_label_set set) {
    for (int numbers = 0; numbers < 2; numbers++) {
        if (!(numbers ? set.n_num : set.n_text)) continue;
        OUT_LIT(o, "                ");
        label_texts_put(&s->labels, set, numbers, o);
        out_char(o, '\n');
    }
}

static void put_sample(void *samples, unsigned worker, uint32_t sample, struct out *o) {
    (void)worker;
    struct samples *s = samples;
    const struct pp_profile *p = s->p;
    labels_expect(p, sample);
    for (uint32_t t = 0; t < p->n_types; t++) {
        out_char(o, ' ');
        put_i64_right(o, pp_value(p, sample, t), 10);
    }
    OUT_LIT(o, ": ");
    struct pp_stack stack = p->stacks[p->sample_stack[sample]];
    id_texts_put(&s->ids, o, stack);
    if (stack.len) out_char(o, ' ');
    out_char(o, '\n');
    put_labels(s, o, p->label_sets[p->sample_labels[sample]]);
}

static void put_samples(struct out *o, const struct pp_profile *p) {
    struct pp_arena scratch = {0};
    struct samples s = {
        .p = p,
        .labels = {.p = p, .put_values = put_label_values, .between = PP_STR(" ")},
    };
    id_texts_init(&s.ids, p, ' ', &scratch);
    label_heads_init(&s.labels.heads, p, put_key, &scratch);
    sample_parts_put(p, o, put_sample, &s);
    pp_arena_done(&scratch);
}

static void put_line(struct out *o, const struct pp_profile *p, uint32_t at) {
    const struct pp_line line = pp_line_at(p, at);
    const struct pp_function *f = &p->functions[line.function];
    out_str(o, pp_string(p, f->name));
    out_char(o, ' ');
    out_str(o, pp_string(p, f->filename));
    out_char(o, ':');
    out_i64(o, line.line);
    out_char(o, ':');
    out_i64(o, line.column);
    OUT_LIT(o, " s=");
    out_i64(o, f->start_line);
    if (f->name == f->system_name) return;
    out_char(o, '(');
    out_str(o, pp_string(p, f->system_name));
    out_char(o, ')');
}

static void put_location(struct out *o, const struct pp_profile *p, uint32_t at) {
    const struct pp_location *l = &p->locations[at];
    out_printf(o, "%6llu: ", (unsigned long long)pp_id(p->location_ids, at));
    out_hex(o, l->address);
    out_char(o, ' ');
    if (l->mapping != PP_NONE)
        out_printf(o, "M=%llu ", (unsigned long long)p->mappings[l->mapping].id);
    if (l->is_folded) OUT_LIT(o, "[F] ");
    if (l->n_lines == 0) out_char(o, '\n');
    for (uint32_t i = 0; i < l->n_lines; i++) {
        if (i) OUT_LIT(o, "             ");
        put_line(o, p, l->first_line + i);
        out_char(o, '\n');
    }
}

static void put_mapping(struct out *o, const struct pp_profile *p, const struct pp_mapping *m) {
    out_u64(o, m->id);
    OUT_LIT(o, ": ");
    out_hex(o, m->start);
    out_char(o, '/');
    out_hex(o, m->limit);
    out_char(o, '/');
    out_hex(o, m->offset);
    out_char(o, ' ');
    out_str(o, pp_string(p, m->file));
    out_char(o, ' ');
    out_str(o, pp_string(p, m->build_id));
    out_char(o, ' ');
    if (m->has_functions) OUT_LIT(o, "[FN]");
    if (m->has_filenames) OUT_LIT(o, "[FL]");
    if (m->has_line_numbers) OUT_LIT(o, "[LN]");
    if (m->has_inline_frames) OUT_LIT(o, "[IN]");
    out_char(o, '\n');
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    const struct pp_profile *p = rc->profile;
    put_head(o, p);
    OUT_LIT(o, "Samples:\n");
    put_types(o, p);
    put_samples(o, p);
    OUT_LIT(o, "Locations\n");
    for (uint32_t i = 0; i < p->n_locations; i++)
        put_location(o, p, i);
    OUT_LIT(o, "Mappings\n");
    for (uint32_t i = 0; i < p->n_mappings; i++)
        put_mapping(o, p, &p->mappings[i]);
    return true;
}

const struct report_format raw_report = {
    .name = "raw",
    .help = "Everything in the profile, as text",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_OBJECT_NAMES,
    .render = render,
};
