#include "driver/overview.h"

#include "base/num.h"
#include "driver/ask.h"
#include "profile/units.h"
#include "report/header.h"

#include <inttypes.h>
#include <stdio.h>

/* Binaries beyond these are counted only. */
enum { MAX_BINARIES = 12 };

struct overview {
    struct out *o;
    const struct command_line *cl;
    const struct pp_profile *p;
    uint32_t shown;   /* the sample type that reports show */
    uint32_t unnamed; /* locations without a name */
};

/* ---- what it is ---- */

static int64_t total_of(const struct pp_profile *p, uint32_t type) {
    int64_t total = 0;
    for (uint32_t i = 0; i < p->n_samples; i++)
        total = num_add(total, pp_value(p, i, type));
    return total;
}

static void put_types(const struct overview *v) {
    OUT_LIT(v->o, "Sample types:\n");
    for (uint32_t t = 0; t < v->p->n_types; t++) {
        struct pp_str unit = pp_string(v->p, v->p->sample_types[t].unit);
        struct units_text text;
        units_label(total_of(v->p, t), unit, PP_STR("auto"), &text);
        OUT_LIT(v->o, "  ");
        out_left(v->o, pp_string(v->p, v->p->sample_types[t].type), 20);
        out_char(v->o, ' ');
        out_left(v->o, unit, 12);
        out_right(v->o, units_str(&text), 12);
        if (t == v->shown) OUT_LIT(v->o, "  (shown by default)");
        out_char(v->o, '\n');
    }
}

static void put_counts(const struct overview *v) {
    out_printf(v->o,
               "Samples: %" PRIu32 " with %" PRIu32 " stacks, %" PRIu32 " locations, %" PRIu32
               " functions, %" PRIu32 " labels\n",
               v->p->n_samples, v->p->n_stacks, v->p->n_locations, v->p->n_functions,
               v->p->n_labels);
}

/* The locations of a binary, and how many of them have no name. */
struct count {
    uint32_t n, unnamed;
};

/* Of the binaries that are shown, and behind them of those without one. */
static void count_locations(struct overview *v, struct count ret_counts[MAX_BINARIES + 1]) {
    for (uint32_t i = 0; i < v->p->n_locations; i++) {
        const struct pp_location *l = &v->p->locations[i];
        uint32_t at = l->mapping == PP_NONE ? MAX_BINARIES : l->mapping;
        v->unnamed += l->n_lines == 0;
        if (l->mapping != PP_NONE && at >= MAX_BINARIES) continue;
        ret_counts[at].n++;
        ret_counts[at].unnamed += l->n_lines == 0;
    }
}

static void put_binary(const struct overview *v, struct pp_str file, struct count c) {
    if (!c.n) return;
    OUT_LIT(v->o, "  ");
    out_left(v->o, file.len ? file : PP_STR("(no name)"), 40);
    if (c.unnamed)
        out_printf(v->o, "  %" PRIu32 " of %" PRIu32 " locations without a name\n", c.unnamed, c.n);
    else
        out_printf(v->o, "  %" PRIu32 " locations, all named\n", c.n);
}

static void put_binaries(struct overview *v) {
    struct count counts[MAX_BINARIES + 1] = {0};
    count_locations(v, counts);
    OUT_LIT(v->o, "Binaries:\n");
    for (uint32_t m = 0; m < v->p->n_mappings && m < MAX_BINARIES; m++)
        put_binary(v, pp_string(v->p, v->p->mappings[m].file), counts[m]);
    if (v->p->n_mappings > MAX_BINARIES)
        out_printf(v->o, "  and %" PRIu32 " more\n", v->p->n_mappings - MAX_BINARIES);
    uint32_t n = counts[MAX_BINARIES].n;
    if (n) out_printf(v->o, "  %" PRIu32 " locations belong to none\n", n);
}

/* ---- what to type ---- */

static void put_command(const struct overview *v, const char *flags, const char *what) {
    enum { FEW = 3 };
    const struct command_line *cl = v->cl;
    out_printf(v->o, "  cpprof %s", flags);
    for (size_t i = 0; i < cl->n_operands && i < FEW; i++)
        out_printf(v->o, " %s", cl->operands[i]);
    out_printf(v->o, "%s\n      %s\n", cl->n_operands > FEW ? " ..." : "", what);
}

static void put_other_type(const struct overview *v) {
    for (uint32_t t = v->p->n_types; t-- > 0;) {
        if (t == v->shown || !total_of(v->p, t)) continue;
        struct pp_str type = pp_string(v->p, v->p->sample_types[t].type);
        char flags[200];
        snprintf(flags, sizeof flags, "-top -sample_index=%.*s", PP_STR_ARG(type));
        put_command(v, flags, "the same by another sample type");
        return;
    }
}

static void put_next(const struct overview *v) {
    OUT_LIT(v->o, "\nNext:\n");
    if (v->unnamed) put_command(v, "-symbols", "why names are missing");
    put_command(v, "-top", "the hot functions");
    put_other_type(v);
    if (v->p->n_labels) put_command(v, "-tags", "the labels and what they cost");
    put_command(v, "-http=:", "all of it in a browser");
    OUT_LIT(v->o, "  cpprof -help\n      every report and flag\n");
}

static void put_overview(struct overview *v, const struct report_ctx *rc) {
    v->shown = rc->type;
    out_make_safe(v->o);
    put_profile_labels(v->o, rc, rc->unit);
    put_types(v);
    put_counts(v);
    put_binaries(v);
    put_next(v);
}

bool overview_show(const struct command_line *cl, const struct fetched *f, struct pp_error *err) {
    struct command_line asks = *cl;
    struct pp_arena arena = {0};
    struct asked a;
    struct out o;
    struct overview v = {.o = &o, .cl = cl, .p = &f->profile};
    asks.report = catalog_report(&cl->catalog, PP_STR("top"));
    bool ok = ask(&asks, f, &a, &arena, err);
    if (ok) {
        out_open_fd(&o, cl->env->out);
        put_overview(&v, &a.query.rc);
        ok = out_close(&o, err);
    }
    asked_done(&a);
    pp_arena_done(&arena);
    return ok;
}
