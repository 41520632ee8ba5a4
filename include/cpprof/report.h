/* Reports: by name, as text or in the form of an encoder, to a sink; or as typed cells, by
 * callback. The profile stays as it is: any number of threads may ask about one at once. */
#ifndef CPPROF_REPORT_H
#define CPPROF_REPORT_H

#include "profile.h"
#include "query.h"
#include "rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- which there are: positions from 0; false past the last ---- */

struct pp_report_info {
    size_t size;             /* sizeof(struct pp_report_info), set by the caller */
    const char *name, *help; /* "top" and one line */
    const char *alias;       /* a second name; NULL: none */
    const char *param;       /* what it takes, "<func_regex>"; NULL: nothing */
    unsigned version;        /* of the shape of its rows; 0: it has none */
    const char *const *columns;
    size_t n_columns;
};
PP_API bool pp_report_info(const struct pp_context *ctx, size_t at,
                           struct pp_report_info *ret_info);

struct pp_encoder_info {
    size_t size; /* sizeof(struct pp_encoder_info), set by the caller */
    const char *name, *help;
};
PP_API bool pp_encoder_info(const struct pp_context *ctx, size_t at,
                            struct pp_encoder_info *ret_info);

/* ---- asking ---- */

struct pp_request {
    size_t size;                  /* sizeof(struct pp_request) */
    const char *report;           /* its name or alias */
    const char *param;            /* of a report that takes one; NULL */
    const char *encoder;          /* "json", ...; NULL: the report's own text */
    const struct pp_query *query; /* NULL: PP_QUERY_INIT */
    /* Of a report that compares runs ("gate"): the bases, and the new runs beside the profile. */
    const struct pp_profile *const *bases, *const *more;
    size_t n_bases, n_more;
    const char *rules; /* the gate's, a line each; NULL: its default */
};

#define PP_REQUEST_INIT                                                                            \
    { sizeof(struct pp_request), 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* Takes bytes; false: no more are wanted, which ends the call with PP_E_IO. */
struct pp_sink {
    bool (*write)(void *user, const void *bytes, size_t n);
    void *user;
};

/* Writes a report. ret_status (may be NULL): the exit status that it asks for, as "gate" does: 0
 * holds, 1 broken, 3 not comparable. */
PP_API bool pp_render(struct pp_context *ctx, const struct pp_profile *p,
                      const struct pp_request *request, const struct pp_sink *sink, int *ret_status,
                      struct pp_error *err);

/* Takes a table. What it is given lives until it returns; false from a callback ends the call with
 * PP_E_IO. */
struct pp_row_visitor {
    bool (*begin)(void *user, const struct pp_table *table); /* may be NULL */
    bool (*row)(void *user, const struct pp_cell *cells, size_t n_cells);
    void *user;
};

/* The rows of a report; request->encoder does not matter. */
PP_API bool pp_rows(struct pp_context *ctx, const struct pp_profile *p,
                    const struct pp_request *request, const struct pp_row_visitor *visitor,
                    int *ret_status, struct pp_error *err);

#ifdef __cplusplus
}
#endif

#endif
