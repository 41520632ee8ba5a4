/* Where functions are, for outputs that name file and line beside a function although the report's
 * granularity does not tell them apart. What is not the same for all of a function's code is
 * unknown. */
#ifndef REPORT_PLACES_H
#define REPORT_PLACES_H

#include "report/report.h"

struct place {
    struct pp_str file, mapping; /* "" when unknown */
    int64_t line;                /* of the node itself, or where its function starts; 0: unknown */
    int64_t first_seen;          /* the first line of it that the profile has; 0: none */
};

struct places {
    const struct report_ctx *rc;
    const struct graph *g;
    struct known_place *by_name; /* by string id of the function's name */
};

/* Lives as long as the graph and rc->arena. */
void places_init(struct places *p, const struct report_ctx *rc, const struct graph *g);

struct place place_of(const struct places *p, uint32_t node);

#endif
