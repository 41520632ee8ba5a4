/* The filters of a question: compiled once, applied to any number of profiles. */
#ifndef QUERY_FILTERS_H
#define QUERY_FILTERS_H

#include "cpprof/query.h"
#include "profile/view/view.h"
#include "report/report.h"

enum filter_id {
#define FILTER(name, kind, step, warning) FILTER_##name,
#include "query/filters.def"
#undef FILTER
    N_FILTERS
};

struct filter {
    struct pp_str text; /* as the user gave it; "": nothing is filtered */
    struct regex *rx;   /* of a regular expression */
    struct tag_filter tag;
    bool matched; /* something, in the last profile */
};

struct filters {
    struct filter at[N_FILTERS];
    struct tag_frames frames; /* labels that become frames first */
    struct label_units units; /* in which labels that are numbers are compared */
    struct pp_arena *arena;
    const struct pp_diag *diag;
};

/* Texts, tables and views live in `arena`; what a range means is said to `diag`. filters_done frees
 * the rest, also after a failure. f->units is the caller's to set. */
bool filters_compile(const struct pp_query *q, struct filters *ret_filters, struct pp_arena *arena,
                     const struct pp_diag *diag, struct pp_error *err);
void filters_done(struct filters *f);

/* Labels become frames. Says which were not there. */
bool filters_add_frames(const struct filters *f, struct pp_profile *view, struct pp_error *err);

/* Derives `view` from itself. Says which filters matched nothing. */
void filters_apply(struct filters *f, struct pp_profile *view);

/* "focus=main", for the header of a report: those that are set. Returns their number. */
size_t filters_texts(const struct filters *f, struct pp_str **ret_texts);

#endif
