/* The parameters of an address: what a browser asks, in pprof's words. */
#ifndef PAGE_PARAMS_H
#define PAGE_PARAMS_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "cpprof/query.h"

enum param_kind { PARAM_TEXT, PARAM_BOOL, PARAM_INT, PARAM_REAL };

struct param_row {
    const char *field; /* of struct pp_query */
    const char *saved; /* its name in settings.json; "": it is not saved */
    const char *word;  /* in an address */
    enum param_kind kind;
    size_t offset;
};

extern const struct param_row param_table[]; /* ends with a NULL field */

enum { MAX_PARAMS = 64 };

/* name=value pairs, decoded and terminated. */
struct params {
    struct pp_str names[MAX_PARAMS], values[MAX_PARAMS];
    size_t n;
};

/* Reads what stands behind the '?'; more than MAX_PARAMS, or NUL in one, is an error. */
bool params_parse(struct pp_str query, struct params *ret_params, struct pp_arena *arena,
                  struct pp_error *err);

/* The first of this name; "" if there is none. */
struct pp_str params_get(const struct params *p, const char *name);

/* Sets what the address says; what it leaves out, or gives as "", stays. */
bool params_apply(const struct params *p, struct pp_query *q, struct pp_error *err);

/* Sets one field from its text. The text is kept. */
bool param_set(const struct param_row *row, struct pp_query *q, struct pp_str text,
               struct pp_error *err);

/* The value as an address has it: booleans are t and f. */
struct pp_str param_text(const struct param_row *row, const struct pp_query *q,
                         struct pp_arena *arena);

#endif
