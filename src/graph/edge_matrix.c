#include "graph/edge_matrix.h"

static size_t n_cells(const struct edge_matrix *m) {
    return (size_t)m->width * m->width;
}

void edge_matrix_open(struct edge_matrix *ret_matrix, uint32_t n_nodes) {
    struct edge_matrix m = {.width = n_nodes};
    m.cells = pp_calloc_used(n_cells(&m), sizeof *m.cells);
    *ret_matrix = m;
}

void edge_matrix_merge(struct edge_matrix *m, const struct edge_matrix *more) {
    for (size_t i = 0; i < n_cells(m); i++) {
        const struct matrix_cell *from = &more->cells[i];
        struct matrix_cell *to = &m->cells[i];
        if (!from->stamp) continue;
        if (!to->stamp) {
            *to = *from;
            to->place = (m->n + from->place) & ((1U << 30) - 1);
            continue;
        }
        to->weight = num_add(to->weight, from->weight);
        to->residual |= from->residual;
        to->is_inline &= from->is_inline;
    }
    m->n += more->n;
}

void edge_matrix_put(const struct edge_matrix *m, const uint32_t *nodes, struct graph *g) {
    struct pp_arena scratch = {0};
    uint32_t *order = PP_NEW(&scratch, uint32_t, m->n); /* a cell and one; 0: nobody stands there */
    for (size_t i = 0; i < n_cells(m); i++)
        if (m->cells[i].stamp) order[m->cells[i].place] = (uint32_t)i + 1;
    PP_RESERVE(g->arena, g->edges, g->n_edges, g->cap_edges, m->n);
    for (uint32_t i = 0; i < m->n; i++) {
        if (!order[i]) continue;
        uint32_t at = order[i] - 1;
        g->edges[g->n_edges++] = (struct graph_edge){.src = nodes[at / m->width],
                                                     .dest = nodes[at % m->width],
                                                     .weight = m->cells[at].weight,
                                                     .residual = m->cells[at].residual,
                                                     .is_inline = m->cells[at].is_inline};
    }
    pp_arena_done(&scratch);
}
