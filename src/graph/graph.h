/* The call graph of a profile: a node for each distinct place (as far as the view's granularity
 * keeps places apart), its flat and cum sums, and weighted edges from callers to callees.
 *
 *   graph_init          places become nodes
 *   graph_sum           samples are walked; nodes get their weights
 *   graph_sum_edges     the same for edges
 *   graph_trim (trim.h) all of it, with what is insignificant left out and the rest in order
 *
 * Semantics: internal/graph of the reference. Sums wrap. Nothing here prints. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "base/arena.h"
#include "base/intern.h"
#include "base/num.h"
#include "profile/profile.h"
#include "profile/view/blanks.h"

struct graph_options {
    uint32_t type;             /* which value of a sample is summed */
    bool mean;                 /* divide by the samples' first value */
    bool object_names;         /* functions of different binaries stay apart */
    bool drop_negative;        /* leave out nodes whose own value is below zero */
    bool inlined_edges;        /* only edges into shown nodes that inlined calls enter count */
    unsigned threads;          /* to sum with; 0: as many as are worth it */
    bool whole_paths;          /* file names are not trimmed, only cleaned */
    struct sum_store *sums;    /* of earlier graphs (sum_store.h); NULL: there is none */
    struct view_blanks blanks; /* what does not tell places apart */
    struct pp_str trim_path, source_path; /* lists, separated by ':' */
};

/* What tells a node from others. */
struct graph_info {
    uint32_t name;    /* string id of the profile; 0 when the function is unknown */
    uint32_t file;    /* string id of the graph (graph_file): trimmed and cleaned */
    uint32_t objfile; /* string id of the profile */
    uint64_t address;
    int64_t start_line, line, column;
};

/* How nodes are sorted (order.h). */
enum graph_order {
    GRAPH_BY_FLAT,    /* |flat|, then name, then |cum| */
    GRAPH_BY_CUM,     /* |cum|, then name, then |flat| */
    GRAPH_BY_ENTROPY, /* how much a node tells in a picture; needs graph_link */
    GRAPH_BY_ADDRESS, /* ascending */
};

/* What most graphs do not tell apart has a table of its own: graph_info_of has all of it. */
struct graph_node {
    uint32_t name, file, objfile; /* as in graph_info */
    uint32_t spot;                /* position in spots; of the first one all is 0 */
    int64_t flat;                 /* samples whose leaf it is */
    int64_t cum;                  /* samples that pass through it, each counted once */
};

struct graph_spot {
    uint64_t address;
    int64_t start_line, line, column;
};

/* Of -mean: what sums are divided by, sums of first values. */
struct graph_divisor {
    int64_t flat, cum;
};

struct graph_edge {
    uint32_t src, dest; /* nodes: caller and callee */
    int64_t weight, weight_div;
    bool residual; /* frames that were left out lie between */
    bool is_inline;
    bool dropped; /* by trimming */
};

struct graph {
    const struct pp_profile *p;
    struct graph_options opt;
    struct pp_arena *arena;
    struct interner files;
    struct graph_node *nodes; /* all that stacks pass through, and perhaps others */
    struct graph_spot *spots;
    struct graph_divisor *divisors; /* by node; NULL without -mean */
    uint32_t n_nodes, n_places, n_spots;
    uint32_t *node_of; /* by location (graph_nodes_of): its node, perhaps one of another
                        * location where no stack passes; or n_places and which ... */
    uint32_t *several; /* ... of those that have several, where inlined calls are: these ... */
    uint32_t *first_several; /* ... start here; n_several + 1 entries */
    uint32_t n_several;
    const bool *edges_of; /* by node: only edges from or into these count; NULL: all do */
    const bool *kept;     /* of the last graph_sum: a node that is not kept has no frames */
    uint32_t *stack_leaf; /* of a call tree (tree.h): a node a stack, or PP_NONE; else NULL */
    const struct weights *weights;   /* of stacks (weigh.h); made when asked for */
    const struct tag_sets *tag_sets; /* of samples (tag_sets.h); made when asked for */
    int64_t *passed;    /* by location with several nodes: what passed through it, by stacks, each
                         * once; NULL: few nodes */
    double *magnitude;  /* of inlined_edges, beside it: the same without signs; NULL: it is the
                         * same */
    uint32_t *selected; /* the nodes that count, in the order of the report */
    uint32_t n_selected;
    struct graph_edge *edges;
    uint32_t n_edges;
    size_t cap_edges;
    bool is_summed;                  /* the nodes are */
    uint32_t *in_edges, *first_in;   /* edges by callee, first_in: n_nodes + 1 entries */
    uint32_t *out_edges, *first_out; /* edges by caller */
    uint32_t *place;                 /* of a call tree: by node, what nodes of one info share, */
    uint32_t *caller;                /* and the node above, or PP_NONE; else NULL */
    struct pp_str *printable;        /* by node or, if there are, by place; made when asked for */
};

/* Makes the nodes. Everything lives in `arena`; graph_done frees the rest. */
void graph_init(struct graph *g, const struct pp_profile *p, const struct graph_options *opt,
                struct pp_arena *arena);
void graph_done(struct graph *g);

/* Sums all samples over the nodes that `kept` marks (NULL: all), and selects those with a value.
 * May be called again with fewer nodes. There are no edges afterwards. */
void graph_sum(struct graph *g, const bool *kept);

/* The same for who looks at few nodes: those that are not marked may have no sums. */
void graph_sum_some(struct graph *g, const bool *nodes);

/* Sums the edges between the nodes that graph_sum kept. Of inlined_edges, lighter ones than
 * min_weight may be missing, of those into one node that are not inlined all but one, and of others
 * the weight may be another, but none that is lighter. */
void graph_sum_edges(struct graph *g, int64_t min_weight);

/* Selects, of all nodes, those with a value. */
void graph_select(struct graph *g);

/* Makes in_edges and out_edges from edges[]. */
void graph_link(struct graph *g);

/* The nodes of a location's lines, innermost first; of one without lines there is a node, too. */
struct graph_nodes {
    const uint32_t *at;
    uint32_t n;
};

static inline struct graph_nodes graph_nodes_of(const struct graph *g, uint32_t location) {
    const uint32_t *node = &g->node_of[location];
    if (*node < g->n_places) return (struct graph_nodes){node, 1};
    const uint32_t *first = &g->first_several[*node - g->n_places];
    return (struct graph_nodes){g->several + first[0], first[1] - first[0]};
}

/* By location: whether it has any of the nodes. */
const bool *graph_locations_of(const struct graph *g, const bool *nodes, struct pp_arena *arena);

static inline struct graph_info graph_info_of(const struct graph *g, uint32_t node) {
    const struct graph_node *n = &g->nodes[node];
    const struct graph_spot *spot = &g->spots[n->spot];
    return (struct graph_info){n->name,          n->file,    n->objfile,  spot->address,
                               spot->start_line, spot->line, spot->column};
}

/* ---- names ---- */

static inline struct pp_str graph_name(const struct graph *g, uint32_t node) {
    return pp_string(g->p, g->nodes[node].name);
}

static inline struct pp_str graph_file(const struct graph *g, uint32_t node) {
    return g->files.strings[g->nodes[node].file];
}

static inline struct pp_str graph_objfile(const struct graph *g, uint32_t node) {
    return pp_string(g->p, g->nodes[node].objfile);
}

/* The place of a node: nodes of one info have the same. */
static inline uint32_t graph_place(const struct graph *g, uint32_t node) {
    return g->place ? g->place[node] : node;
}

/* Address, function and place, as far as they are known: "0000000000001139 main.f /src/a.go:7". */
struct pp_str graph_printable_name(struct graph *g, uint32_t node);

/* ---- values ---- */

static inline int64_t graph_mean(int64_t sum, int64_t divisor) {
    return divisor ? num_div(sum, divisor) : sum;
}

static inline int64_t graph_flat(const struct graph *g, uint32_t node) {
    int64_t flat = g->nodes[node].flat;
    return g->divisors ? graph_mean(flat, g->divisors[node].flat) : flat;
}

static inline int64_t graph_cum(const struct graph *g, uint32_t node) {
    int64_t cum = g->nodes[node].cum;
    return g->divisors ? graph_mean(cum, g->divisors[node].cum) : cum;
}

#endif
