#include "graph/graph.h"

#include "base/hash.h"
#include "graph/name.h"

/* ---- nodes ---- */

static uint64_t info_hash(const struct graph_info *i) {
    uint64_t h = hash_word(hash_seed(), (uint64_t)i->name << 32 | i->file);
    h = hash_word(h, i->address);
    h = hash_word(h, (uint64_t)i->line);
    return hash_word(h, (uint64_t)i->column ^ (uint64_t)i->start_line << 20 ^
                            (uint64_t)i->objfile << 32);
}

static bool same_info(const struct graph_info *a, const struct graph_info *b) {
    return a->name == b->name && a->file == b->file && a->objfile == b->objfile &&
           a->address == b->address && a->start_line == b->start_line && a->line == b->line &&
           a->column == b->column;
}

struct node_maker {
    struct graph *g;
    struct hash_index index;
    size_t cap_nodes, cap_spots, cap_several, cap_first_several;
    uint32_t n_nodes_of_several, n_first_several;
    uint32_t *function_files; /* by function: its file, one more; 0 is not known yet */
    uint32_t *function_nodes; /* by function: its last node, in the same way */
    bool by_function;         /* all places of a function that has a name are one node */
};

static bool is_node(const struct graph *g, uint32_t node, const struct graph_info *info) {
    struct graph_info have = graph_info_of(g, node);
    return same_info(&have, info);
}

static uint32_t add_spot(struct node_maker *m, const struct graph_info *info) {
    struct graph *g = m->g;
    struct graph_spot spot = {info->address, info->start_line, info->line, info->column};
    if (g->n_spots && !spot.address && !spot.start_line && !spot.line && !spot.column) return 0;
    PP_PUSH(g->arena, g->spots, g->n_spots, m->cap_spots, spot);
    return g->n_spots - 1;
}

static uint32_t add_node(struct node_maker *m, const struct graph_info *info) {
    struct graph *g = m->g;
    uint64_t hash = info_hash(info);
    for (struct index_probe i = index_probe(&m->index, hash); index_next(&m->index, &i);)
        if (is_node(g, i.position, info)) return i.position;
    index_add(&m->index, hash, g->n_nodes);
    struct graph_node node = {info->name, info->file, info->objfile, add_spot(m, info), 0, 0};
    PP_PUSH(g->arena, g->nodes, g->n_nodes, m->cap_nodes, node);
    return g->n_nodes - 1;
}

static uint32_t file_of(struct node_maker *m, uint32_t function) {
    if (m->g->opt.blanks.filename) return 0;
    if (!m->function_files[function]) {
        struct pp_str path = pp_string(m->g->p, m->g->p->functions[function].filename);
        struct pp_str file = name_file(path, &m->g->opt, m->g->arena);
        m->function_files[function] = intern_static(&m->g->files, file) + 1;
    }
    return m->function_files[function] - 1;
}

static struct graph_info place(struct node_maker *m, const struct pp_location *l,
                               const struct pp_line *line) {
    const struct pp_profile *p = m->g->p;
    const struct view_blanks *blanks = &m->g->opt.blanks;
    uint64_t address = blanks->address ? 0 : l->address;
    uint32_t objfile = l->mapping == PP_NONE ? 0 : p->mappings[l->mapping].file;
    if (!line) return (struct graph_info){.address = address, .objfile = objfile};
    const struct pp_function *f = &p->functions[line->function];
    struct graph_info info = {
        .name = blanks->function ? 0 : f->name,
        .file = file_of(m, line->function),
        .address = address,
        .line = blanks->line ? 0 : line->line,
        .column = blanks->column ? 0 : line->column,
    };
    if (m->g->opt.object_names || !info.name) {
        info.objfile = objfile;
        info.start_line = f->start_line;
    }
    return info;
}

static bool is_by_function(const struct graph_options *opt) {
    const struct view_blanks *b = &opt->blanks;
    return b->address && b->line && b->column && !b->function && !opt->object_names;
}

/* The places of a function are mostly one node, or come one after the other. */
static uint32_t line_node(struct node_maker *m, const struct pp_location *l, uint32_t at) {
    uint32_t *last = &m->function_nodes[m->g->p->lines[at].function];
    if (*last && m->by_function) return *last - 1;
    struct pp_line line = pp_line_at(m->g->p, at);
    struct graph_info info = place(m, l, &line);
    if (*last && is_node(m->g, *last - 1, &info)) return *last - 1;
    uint32_t node = add_node(m, &info);
    if (info.name || !m->by_function) *last = node + 1;
    return node;
}

/* How many lines of a location there are nodes for, up to the outermost; of one without lines there
 * is a node, too. */
static uint32_t lines_that_count(const struct graph *g, const struct pp_location *l) {
    return g->opt.blanks.inlines && l->n_lines ? 1 : l->n_lines;
}

/* Which locations stacks pass through, where most may have none; else NULL. Those that have none
 * share the node of the first one, which counts as used. */
static bool *find_used(const struct pp_profile *p, struct pp_arena *scratch) {
    if (p->n_frames / 2 >= p->n_locations || !p->n_locations) return NULL;
    bool *used = PP_NEW(scratch, bool, p->n_locations);
    used[0] = true;
    for (uint32_t i = 0; i < p->n_stacks; i++)
        for (uint32_t j = 0; j < p->stacks[i].len; j++)
            used[pp_frame(p, p->stacks[i].first + j)] = true;
    return used;
}

static void end_several(struct node_maker *m) {
    struct graph *g = m->g;
    PP_PUSH(g->arena, g->first_several, m->n_first_several, m->cap_first_several,
            m->n_nodes_of_several);
    g->n_several = m->n_first_several - 1;
}

/* Until it is known how many nodes there are. (So many fit into no memory.) */
static const uint32_t SEVERAL = UINT32_C(1) << 31;

/* What node_of has for a location. */
static uint32_t add_location(struct node_maker *m, const struct pp_location *l) {
    struct graph *g = m->g;
    uint32_t n = lines_that_count(g, l), first = l->first_line + l->n_lines - n;
    if (!n) {
        struct graph_info info = place(m, l, NULL);
        return add_node(m, &info);
    }
    if (n == 1) return line_node(m, l, first);
    for (uint32_t i = 0; i < n; i++)
        PP_PUSH(g->arena, g->several, m->n_nodes_of_several, m->cap_several,
                line_node(m, l, first + i));
    end_several(m);
    return SEVERAL | (g->n_several - 1);
}

void graph_init(struct graph *g, const struct pp_profile *p, const struct graph_options *opt,
                struct pp_arena *arena) {
    *g = (struct graph){.p = p, .opt = *opt, .arena = arena};
    interner_init(&g->files, arena);
    struct pp_arena scratch = {0};
    struct node_maker m = {.g = g, .by_function = is_by_function(opt)};
    m.function_files = PP_NEW(&scratch, uint32_t, p->n_functions);
    m.function_nodes = PP_NEW(&scratch, uint32_t, p->n_functions);
    add_spot(&m, &(struct graph_info){0});
    const bool *used = find_used(p, &scratch);
    g->node_of = PP_NEW(arena, uint32_t, p->n_locations);
    PP_PUSH(arena, g->first_several, m.n_first_several, m.cap_first_several, 0);
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (!used || used[i]) g->node_of[i] = add_location(&m, &p->locations[i]);
    g->n_places = g->n_nodes;
    for (uint32_t i = 0; g->n_several && i < p->n_locations; i++)
        if (g->node_of[i] & SEVERAL) g->node_of[i] = g->n_places + (g->node_of[i] & ~SEVERAL);
    index_done(&m.index);
    pp_arena_done(&scratch);
}

void graph_done(struct graph *g) {
    interner_done(&g->files);
}

/* ---- after the sums ---- */

const bool *graph_locations_of(const struct graph *g, const bool *nodes, struct pp_arena *arena) {
    bool *has = PP_NEW(arena, bool, g->p->n_locations);
    for (uint32_t i = 0; i < g->p->n_locations; i++) {
        struct graph_nodes of = graph_nodes_of(g, i);
        for (uint32_t j = 0; j < of.n; j++)
            has[i] |= nodes[of.at[j]];
    }
    return has;
}

static bool is_selected(const struct graph *g, const struct graph_node *n) {
    if (n->cum == 0 && n->flat == 0) return false;
    return !(g->opt.drop_negative && (n->flat < 0 || (n->flat == 0 && n->cum < 0)));
}

void graph_select(struct graph *g) {
    if (!g->selected) g->selected = PP_NEW(g->arena, uint32_t, g->n_nodes);
    g->n_selected = 0;
    for (uint32_t i = 0; i < g->n_nodes; i++)
        if (is_selected(g, &g->nodes[i])) g->selected[g->n_selected++] = i;
}

static void link_side(struct graph *g, bool by_src, uint32_t **ret_edges, uint32_t **ret_first) {
    uint32_t *first = PP_NEW(g->arena, uint32_t, (size_t)g->n_nodes + 1);
    uint32_t *edges = PP_NEW(g->arena, uint32_t, g->n_edges);
    for (uint32_t i = 0; i < g->n_edges; i++)
        first[(by_src ? g->edges[i].src : g->edges[i].dest) + 1]++;
    for (uint32_t i = 0; i < g->n_nodes; i++)
        first[i + 1] += first[i];
    for (uint32_t i = g->n_edges; i-- > 0;) {
        uint32_t node = by_src ? g->edges[i].src : g->edges[i].dest;
        edges[--first[node + 1]] = i;
    }
    /* Each first[n + 1] has gone down to where n begins: shift by one. */
    for (uint32_t i = 0; i < g->n_nodes; i++)
        first[i] = first[i + 1];
    first[g->n_nodes] = g->n_edges;
    *ret_edges = edges;
    *ret_first = first;
}

void graph_link(struct graph *g) {
    if (g->in_edges) return;
    link_side(g, false, &g->in_edges, &g->first_in);
    link_side(g, true, &g->out_edges, &g->first_out);
}
