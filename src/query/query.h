/* From a question about a loaded profile to what a report needs: filters and expressions are
 * compiled, views are derived, names become positions. Everything that can be wrong in a question
 * is found here. The profile stays as it is, so any number of threads may ask about one. */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include "cpprof/query.h"
#include "query/filters.h"
#include "report/report.h"

/* What a report may need besides the profile and the question; all of it may be 0. */
struct query_host {
    struct pp_str source;              /* the first source's name, as the user gave it */
    struct pp_str only_source;         /* the only source's name; "": there are several */
    const struct profile_facts *sides; /* the base and the new side of a comparison; NULL */
    const struct pp_str *labels;       /* pairs of key and value, of all that is written */
    size_t n_labels;                   /* texts: twice the pairs */
    bool exact_names;                  /* -diff compares whole names, not keys (gate/identity.h) */
    struct pp_str comparison; /* with what, and how: "-diff_base=old.pb.gz"; "": with nothing */
    uint32_t runs[2];         /* that the base and the profile are sums of; 0: as 1 */
    bool is_scaled;           /* to the base's total (-normalize) */
    struct source_options sources;
    const struct pp_objects *objects; /* binaries; NULL: none may be opened */
    uint32_t
        most_listed; /* functions of -weblist and -disasm, rows of each label of -tags; 0: all */
    struct report_screen screen;
    const struct symbol_report *symbols;
    struct sum_store *sums; /* where questions come again and again (graph/sum_store.h); NULL */
    const struct pp_diag *diag;
};

struct query_request {
    const struct pp_profile *profile;
    const struct report_format *format;
    const struct pp_query *question;
    const char *param; /* of a report that takes one: "func_regex"; or NULL */
    const struct query_host *host;
};

struct query {
    struct report_ctx rc;
    struct filters filters;
    struct pp_profile full, view; /* before and after the granularity is applied */
    struct regex *param_regex;
    bool noinlines;
};

/* Whether filters, or the report itself, look at the samples' labels. Where they don't a profile
 * gives the same answer without them, as long as the units of those that are numbers are there
 * (input.units_only). */
bool query_filters_by_labels(const struct pp_query *q);
bool query_asks_for_labels(const struct pp_query *q, const struct report_format *format);

/* Memory: `arena`, and the profile's. query_done frees the rest, also after a failure. */
bool query_open(struct query *ret_query, const struct query_request *request,
                struct pp_arena *arena, struct pp_error *err);
void query_done(struct query *q);

/* What a report that compares runs sees of one, in place: the same filters on all but the one that
 * is asked about (`is_first`), which is a copy of `full`, and inlined calls left out if the
 * question says so. */
bool query_apply(struct query *q, struct pp_profile *profile, bool is_first, struct pp_error *err);

/* The sample type that is meant when none is named; the profile has at least one. */
uint32_t query_default_type(const struct pp_profile *p);

/* The sample type that a name, a number or "" (the default) means. */
bool query_sample_type(const struct pp_profile *p, const char *text, uint32_t *ret_type,
                       struct pp_error *err);

#endif
