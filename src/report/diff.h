/* What -diff found, for its encodings. */
#ifndef REPORT_DIFF_H
#define REPORT_DIFF_H

#include "base/num.h"
#include "report/paired.h"

struct change {
    int64_t base, now;
};

struct changed {
    uint32_t node;
    struct paired_names also; /* functions under other names that are a part of it */
    struct change flat, cum;
};

struct diff {
    const struct report_ctx *rc;
    struct pp_profile named; /* with files where names alone do not tell functions apart */
    struct graph_options nodes;
    struct graph base, now; /* the same nodes in both */
    struct change total;
    struct changed *rows;
    uint32_t n, n_all;   /* n_all: before the number was limited */
    uint32_t n_compared; /* before small changes were left out */
    struct pp_str unit;
};

static inline int64_t diff_delta(struct change c) {
    return num_add(c.now, num_neg(c.base));
}

/* "new", "gone", or NULL: it is on both sides, or on none. */
static inline const char *diff_mark(struct change c) {
    if (c.base == 0) return c.now == 0 ? NULL : "new";
    return c.now == 0 ? "gone" : NULL;
}

struct pp_str diff_name_of(const struct diff *d, uint32_t function);

/* For people: a table of what changed most and how sure that is, the rest folded. */
bool diff_markdown(const struct report_ctx *rc, struct out *o, struct pp_error *err);

#endif
