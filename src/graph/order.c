#include "graph/order.h"

#include "base/out.h"
#include "base/sort.h"
#include "graph/entropy.h"

#include <inttypes.h>

bool graph_order_find(struct pp_str name, enum graph_order *ret_order) {
    static const struct {
        const char *name;
        enum graph_order order;
    } orders[] = {
#define ORDER(name, order) {#name, order},
#include "graph/orders.def"
#undef ORDER
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (pp_str_eq(name, pp_str_from(orders[i].name))) {
            *ret_order = orders[i].order;
            return true;
        }
    return false;
}

struct sort_context {
    struct graph *g;
    enum graph_order order;
    int64_t *score; /* by node, for the orders by cum and by entropy */
};

/* Larger magnitudes first. */
static int by_magnitude(int64_t a, int64_t b) {
    a = num_abs(a);
    b = num_abs(b);
    return (a < b) - (a > b);
}

/* The reference's last resort: Go's default text of the node's identity. */
static struct pp_str info_text(struct graph *g, uint32_t node, struct pp_arena *arena) {
    const struct graph_info i = graph_info_of(g, node);
    struct out o;
    out_open_memory(&o);
    out_char(&o, '{');
    out_str(&o, graph_name(g, node));
    out_printf(&o, "  %" PRIu64 " ", i.address);
    out_str(&o, graph_file(g, node));
    out_printf(&o, " %" PRId64 " %" PRId64 " %" PRId64 " ", i.start_line, i.line, i.column);
    out_str(&o, graph_objfile(g, node));
    out_char(&o, '}');
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return text;
}

static int by_info(struct graph *g, uint32_t a, uint32_t b) {
    struct pp_arena scratch = {0};
    int c = pp_str_cmp(info_text(g, a, &scratch), info_text(g, b, &scratch));
    pp_arena_done(&scratch);
    return c ? c : (a > b) - (a < b);
}

static uint64_t address_of(const struct graph *g, uint32_t node) {
    return g->spots[g->nodes[node].spot].address;
}

static int by_printable_name(struct graph *g, uint32_t a, uint32_t b) {
    uint64_t x = address_of(g, a), y = address_of(g, b);
    if (x && y && x != y) return x < y ? -1 : 1;
    return pp_str_cmp(graph_printable_name(g, a), graph_printable_name(g, b));
}

static int compare_nodes(const void *left, const void *right, void *user) {
    struct sort_context *s = user;
    struct graph *g = s->g;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    const struct graph_node *na = &g->nodes[a], *nb = &g->nodes[b];
    int c;
    switch (s->order) {
    case GRAPH_BY_ADDRESS:
        c = (address_of(g, a) > address_of(g, b)) - (address_of(g, a) < address_of(g, b));
        break;
    case GRAPH_BY_FLAT:
        if ((c = by_magnitude(na->flat, nb->flat)) || (c = by_printable_name(g, a, b))) return c;
        c = by_magnitude(na->cum, nb->cum);
        break;
    default:
        if ((c = by_magnitude(s->score[a], s->score[b])) || (c = by_printable_name(g, a, b)))
            return c;
        c = by_magnitude(na->flat, nb->flat);
        break;
    }
    return c ? c : by_info(g, a, b);
}

void graph_sort(struct graph *g, enum graph_order order) {
    struct pp_arena scratch = {0};
    struct sort_context s = {.g = g, .order = order};
    if (order == GRAPH_BY_CUM || order == GRAPH_BY_ENTROPY) {
        s.score = PP_NEW(&scratch, int64_t, g->n_nodes);
        for (uint32_t i = 0; i < g->n_selected; i++) {
            uint32_t node = g->selected[i];
            s.score[node] = order == GRAPH_BY_CUM ? g->nodes[node].cum : entropy_score(g, node);
        }
    }
    sort_stable(g->selected, g->n_selected, sizeof *g->selected, compare_nodes, &s);
    pp_arena_done(&scratch);
}

static int compare_edges(const void *left, const void *right, void *user) {
    struct graph *g = user;
    const struct graph_edge *a = *(struct graph_edge *const *)left;
    const struct graph_edge *b = *(struct graph_edge *const *)right;
    int c = by_magnitude(a->weight, b->weight);
    if (!c && a->src != b->src)
        c = pp_str_cmp(graph_printable_name(g, a->src), graph_printable_name(g, b->src));
    if (!c && a->dest != b->dest)
        c = pp_str_cmp(graph_printable_name(g, a->dest), graph_printable_name(g, b->dest));
    if (!c) c = (a->weight < b->weight) - (a->weight > b->weight);
    if (!c && a->src != b->src) c = by_info(g, a->src, b->src);
    return c ? c : by_info(g, a->dest, b->dest);
}

void graph_sort_edges(struct graph *g, struct graph_edge **edges, uint32_t n) {
    sort_stable(edges, n, sizeof *edges, compare_edges, g);
}

static struct graph_edge **sorted(struct graph *g, const uint32_t *edges, uint32_t n,
                                  uint32_t *ret_n) {
    struct graph_edge **list = PP_NEW(g->arena, struct graph_edge *, n);
    *ret_n = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!g->edges[edges[i]].dropped) list[(*ret_n)++] = &g->edges[edges[i]];
    graph_sort_edges(g, list, *ret_n);
    return list;
}

struct graph_edge **graph_edges_in(struct graph *g, uint32_t node, uint32_t *ret_n) {
    uint32_t first = g->first_in[node];
    return sorted(g, g->in_edges + first, g->first_in[node + 1] - first, ret_n);
}

struct graph_edge **graph_edges_out(struct graph *g, uint32_t node, uint32_t *ret_n) {
    uint32_t first = g->first_out[node];
    return sorted(g, g->out_edges + first, g->first_out[node + 1] - first, ret_n);
}
