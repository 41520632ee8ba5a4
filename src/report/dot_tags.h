/* The boxes beside a node of a drawing: what labels its samples have. */
#ifndef REPORT_DOT_TAGS_H
#define REPORT_DOT_TAGS_H

#include "graph/node_tags.h"
#include "report/report.h"

struct dot_tags {
    const struct report_ctx *rc;
    struct pp_str unit;      /* for weights */
    struct pp_str from_unit; /* of numbers */
    struct out *out;
};

/* Writes the boxes of node N<id>; whether there are any. `is_inner`: it has callees, whose weight
 * does not count. */
bool put_dot_tags(const struct dot_tags *d, struct node_tags *tags, uint32_t id, bool is_inner);

#endif
