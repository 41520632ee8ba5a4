#include "graph/sum_store.h"

#include "graph/weigh.h"

#include <pthread.h>

enum {
    MOST_KEPT = 4,
    MOST_PARTS = 16,
    FRAMES_A_SUM = 16, /* or a byte of a part: so small they are */
};

struct node_sums {
    int64_t flat, cum;
};

/* Of one graph. */
struct kept_sums {
    struct graph_options opt; /* that it was made with */
    bool serves_inlined;      /* magnitudes are there, or are what passed */
    uint32_t n_nodes, n_passed;
    struct node_sums *nodes;        /* NULL: nothing is kept */
    struct graph_divisor *divisors; /* as the graph had them, and what follows */
    int64_t *passed;
    double *magnitude;
    struct pp_arena arena;
};

enum mark { KEPT = 1, SELECTED = 2, EDGES_COUNT = 4 };

struct kept_part {
    struct graph_options opt; /* of its graph, and what follows */
    uint32_t n_nodes;
    const uint8_t *marks; /* by node; NULL: nothing is kept */
    enum sum_part part;
    int64_t number;
    struct pp_str bytes;
    struct pp_arena arena;
};

struct sum_store {
    const struct pp_profile *loaded;
    pthread_mutex_t lock;
    struct kept_sums kept[MOST_KEPT];
    struct kept_part parts[MOST_PARTS];
    unsigned next, next_part; /* those that go */
};

struct sum_store *sum_store_open(const struct pp_profile *loaded) {
    struct sum_store *s = pp_calloc(1, sizeof *s);
    s->loaded = loaded;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void sum_store_close(struct sum_store *s) {
    if (!s) return;
    for (unsigned i = 0; i < MOST_KEPT; i++)
        pp_arena_done(&s->kept[i].arena);
    for (unsigned i = 0; i < MOST_PARTS; i++)
        pp_arena_done(&s->parts[i].arena);
    pthread_mutex_destroy(&s->lock);
    pp_free(s);
}

/* Tables are never changed, so the same ones hold the same. */
static bool same_places(const struct pp_profile *a, const struct pp_profile *b) {
    return a->stacks == b->stacks && a->n_stacks == b->n_stacks &&
           a->frames.narrow == b->frames.narrow && a->frames.middle == b->frames.middle &&
           a->frames.wide == b->frames.wide && a->locations == b->locations &&
           a->n_locations == b->n_locations && a->lines == b->lines &&
           a->functions == b->functions && a->mappings == b->mappings && a->strings == b->strings &&
           a->n_types == b->n_types;
}

const struct pp_profile *sum_store_loaded(const struct sum_store *s, const struct pp_profile *p) {
    return same_places(p, s->loaded) ? s->loaded : NULL;
}

bool sum_store_is_of(const struct sum_store *s, const struct pp_profile *p) {
    return s && same_places(p, s->loaded) && p->sample_stack == s->loaded->sample_stack &&
           p->n_samples == s->loaded->n_samples && p->values == s->loaded->values;
}

static bool same_blanks(const struct view_blanks *a, const struct view_blanks *b) {
    return a->address == b->address && a->function == b->function && a->filename == b->filename &&
           a->line == b->line && a->column == b->column && a->inlines == b->inlines;
}

/* As far as they decide what nodes there are and what they sum up. */
static bool same_options(const struct graph_options *a, const struct graph_options *b) {
    return a->type == b->type && a->mean == b->mean && a->object_names == b->object_names &&
           a->whole_paths == b->whole_paths && same_blanks(&a->blanks, &b->blanks) &&
           pp_str_eq(a->trim_path, b->trim_path) && pp_str_eq(a->source_path, b->source_path);
}

static void copy_sums(struct graph *g, const struct kept_sums *k) {
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        g->nodes[i].flat = k->nodes[i].flat;
        g->nodes[i].cum = k->nodes[i].cum;
    }
    if (k->divisors) memcpy(g->divisors, k->divisors, g->n_nodes * sizeof *g->divisors);
    g->passed = NULL;
    g->magnitude = NULL;
    if (k->passed) {
        g->passed = PP_NEW(g->arena, int64_t, k->n_passed);
        memcpy(g->passed, k->passed, k->n_passed * sizeof *g->passed);
    }
    if (k->magnitude) {
        g->magnitude = PP_NEW(g->arena, double, k->n_passed);
        memcpy(g->magnitude, k->magnitude, k->n_passed * sizeof *g->magnitude);
    }
}

static const struct kept_sums *find(const struct sum_store *s, const struct graph *g) {
    for (unsigned i = 0; i < MOST_KEPT; i++)
        if (s->kept[i].nodes && s->kept[i].n_nodes == g->n_nodes &&
            (s->kept[i].serves_inlined || !g->opt.inlined_edges) &&
            same_options(&s->kept[i].opt, &g->opt))
            return &s->kept[i];
    return NULL;
}

bool sum_store_get(struct sum_store *s, struct graph *g) {
    pthread_mutex_lock(&s->lock);
    const struct kept_sums *k = find(s, g);
    if (k) copy_sums(g, k);
    pthread_mutex_unlock(&s->lock);
    return k != NULL;
}

bool sum_store_has(struct sum_store *s, const struct graph *g) {
    pthread_mutex_lock(&s->lock);
    const struct kept_sums *k = find(s, g);
    pthread_mutex_unlock(&s->lock);
    return k != NULL;
}

static struct graph_options copy_options(const struct graph_options *opt, struct pp_arena *arena) {
    struct graph_options copy = *opt;
    copy.trim_path = pp_arena_copy(arena, opt->trim_path);
    copy.source_path = pp_arena_copy(arena, opt->source_path);
    return copy;
}

static void keep(struct kept_sums *k, const struct graph *g) {
    pp_arena_done(&k->arena);
    *k = (struct kept_sums){.n_nodes = g->n_nodes};
    k->serves_inlined = g->opt.inlined_edges || !g->weights->may_cancel;
    k->opt = copy_options(&g->opt, &k->arena);
    k->n_passed = g->n_several;
    k->nodes = PP_NEW(&k->arena, struct node_sums, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *n = &g->nodes[i];
        k->nodes[i] = (struct node_sums){n->flat, n->cum};
    }
    if (g->divisors) {
        k->divisors = PP_NEW(&k->arena, struct graph_divisor, g->n_nodes);
        memcpy(k->divisors, g->divisors, g->n_nodes * sizeof *k->divisors);
    }
    if (g->passed) {
        k->passed = PP_NEW(&k->arena, int64_t, k->n_passed);
        memcpy(k->passed, g->passed, k->n_passed * sizeof *k->passed);
    }
    if (g->magnitude) {
        k->magnitude = PP_NEW(&k->arena, double, k->n_passed);
        memcpy(k->magnitude, g->magnitude, k->n_passed * sizeof *k->magnitude);
    }
}

void sum_store_put(struct sum_store *s, const struct graph *g) {
    uint64_t n = (uint64_t)g->n_nodes + g->n_several;
    if (n > g->p->n_frames / FRAMES_A_SUM) return;
    pthread_mutex_lock(&s->lock);
    if (!find(s, g)) {
        keep(&s->kept[s->next], g);
        s->next = (s->next + 1) % MOST_KEPT;
    }
    pthread_mutex_unlock(&s->lock);
}

/* ---- parts ---- */

static uint8_t *mark_nodes(const struct graph *g, struct pp_arena *arena) {
    uint8_t *marks = PP_NEW(arena, uint8_t, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++)
        marks[i] = (uint8_t)((!g->kept || g->kept[i] ? KEPT : 0) |
                             (!g->edges_of || g->edges_of[i] ? EDGES_COUNT : 0));
    for (uint32_t i = 0; i < g->n_selected; i++)
        marks[g->selected[i]] |= SELECTED;
    return marks;
}

static const struct kept_part *find_part(const struct sum_store *s, const struct graph *g,
                                         enum sum_part part, int64_t number, const uint8_t *marks) {
    for (unsigned i = 0; i < MOST_PARTS; i++) {
        const struct kept_part *k = &s->parts[i];
        if (k->marks && k->part == part && k->number == number && k->n_nodes == g->n_nodes &&
            k->opt.inlined_edges == g->opt.inlined_edges && same_options(&k->opt, &g->opt) &&
            !memcmp(k->marks, marks, g->n_nodes))
            return k;
    }
    return NULL;
}

bool sum_store_get_part(struct sum_store *s, const struct graph *g, enum sum_part part,
                        int64_t number, struct pp_str *ret_bytes) {
    if (!sum_store_is_of(s, g->p)) return false;
    struct pp_arena scratch = {0};
    const uint8_t *marks = mark_nodes(g, &scratch);
    pthread_mutex_lock(&s->lock);
    const struct kept_part *k = find_part(s, g, part, number, marks);
    if (k) *ret_bytes = pp_arena_copy(g->arena, k->bytes);
    pthread_mutex_unlock(&s->lock);
    pp_arena_done(&scratch);
    return k != NULL;
}

void sum_store_put_part(struct sum_store *s, const struct graph *g, enum sum_part part,
                        int64_t number, struct pp_str bytes) {
    if (!sum_store_is_of(s, g->p)) return;
    if (bytes.len + g->n_nodes > g->p->n_frames / FRAMES_A_SUM) return;
    struct kept_part k = {.n_nodes = g->n_nodes, .part = part, .number = number};
    k.opt = copy_options(&g->opt, &k.arena);
    k.marks = mark_nodes(g, &k.arena);
    k.bytes = pp_arena_copy(&k.arena, bytes);
    pthread_mutex_lock(&s->lock);
    struct kept_part *oldest = &s->parts[s->next_part];
    pp_arena_done(&oldest->arena);
    *oldest = k;
    s->next_part = (s->next_part + 1) % MOST_PARTS;
    pthread_mutex_unlock(&s->lock);
}
