/* How a table meets a terminal: names that fit into its lines, shares and changes in colours, links
 * to source. Where the output goes elsewhere nothing is changed; see struct report_screen. */
#ifndef REPORT_SCREEN_H
#define REPORT_SCREEN_H

#include "report/places.h"

/* A name in a line of which `used` columns are taken and `behind` follows: where it does not fit,
 * its middle is left out. */
void screen_name(struct out *o, const struct report_ctx *rc, struct pp_str name,
                 struct pp_str behind, size_t used);

/* What follows, up to screen_plain, is brighter the larger its share is. */
void screen_heat(struct out *o, const struct report_ctx *rc, int64_t value, int64_t total);

/* As put_percentage, brighter the larger it is. */
void screen_share(struct out *o, const struct report_ctx *rc, int64_t value, int64_t total);

/* What follows, up to screen_plain, is in the colour of a value that grew (1), shrank (-1) or is as
 * it was. */
void screen_change(struct out *o, const struct report_ctx *rc, int64_t delta);
void screen_plain(struct out *o, const struct report_ctx *rc);

/* What follows, up to screen_link_end, leads to that line of a file; a file without a full path
 * leads nowhere. Returns whether it does. */
bool screen_link(struct out *o, const struct report_ctx *rc, struct pp_str file, int64_t line);
void screen_link_end(struct out *o, bool is_link);

/* The nodes of a graph, whose names lead to their source. Lives as long as the graph. */
struct screen_nodes {
    const struct report_ctx *rc;
    struct graph *g;
    struct places places; /* only where there are links */
};

void screen_nodes_init(struct screen_nodes *n, const struct report_ctx *rc, struct graph *g);

/* As screen_link and screen_name. */
bool screen_node_link(struct out *o, const struct screen_nodes *n, uint32_t node);
void screen_node(struct out *o, const struct screen_nodes *n, uint32_t node, struct pp_str behind,
                 size_t used);

#endif
