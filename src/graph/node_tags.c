#include "graph/node_tags.h"

#include "base/hash.h"
#include "base/sort.h"
#include "profile/marked_frames.h"

/* ---- which samples with something to show pass a node ---- */

static void list_samples(struct tag_reader *t) {
    const struct pp_profile *p = t->g->p;
    uint32_t *first = PP_NEW(&t->scratch, uint32_t, (size_t)p->n_stacks + 2);
    t->samples = PP_NEW(&t->scratch, uint32_t, p->n_samples);
    for (uint32_t i = 0; i < p->n_samples; i++)
        first[p->sample_stack[i] + 2] += t->sets->tells[pp_labels_of(p, i)];
    for (uint32_t i = 2; i <= p->n_stacks; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < p->n_samples; i++)
        if (t->sets->tells[pp_labels_of(p, i)]) t->samples[first[p->sample_stack[i] + 1]++] = i;
    t->first_sample = first;
}

struct visitor {
    struct tag_reader *t;
    uint32_t *stamp; /* by node: one more than the last stack that passed it */
};

static void visit(struct visitor *v, uint32_t node, uint32_t stack, bool is_leaf) {
    uint32_t slot = v->t->slot[node];
    if (!slot) return;
    struct tag_visits *visits = &v->t->visits[slot - 1];
    if (v->stamp[node] != stack + 1) {
        v->stamp[node] = stack + 1;
        PP_PUSH(&v->t->scratch, visits->at, visits->n, visits->cap, stack << 1);
    }
    if (is_leaf) visits->at[visits->n - 1] |= 1;
}

static bool tells(const struct tag_reader *t, uint32_t stack) {
    return t->first_sample[stack] < t->first_sample[stack + 1];
}

static void visit_tree(struct visitor *v) {
    const struct graph *g = v->t->g;
    for (uint32_t i = 0; i < g->p->n_stacks; i++) {
        if (!tells(v->t, i)) continue;
        uint32_t leaf = g->stack_leaf[i];
        for (uint32_t node = leaf; node != PP_NONE; node = g->caller[node])
            visit(v, node, i, node == leaf);
    }
}

static void visit_stack(void *user, uint32_t stack, const uint32_t *at, uint32_t n) {
    struct visitor *v = user;
    const struct graph *g = v->t->g;
    const uint32_t first = g->p->stacks[stack].first;
    if (!tells(v->t, stack)) return;
    for (uint32_t i = 0; i < n; i++) {
        struct graph_nodes nodes = graph_nodes_of(g, pp_frame(g->p, first + at[i]));
        for (uint32_t j = 0; j < nodes.n; j++)
            visit(v, nodes.at[j], stack, false);
    }
    if (at[0] == 0) visit(v, *graph_nodes_of(g, pp_frame(g->p, first)).at, stack, true);
}

static const bool *find_passes(struct tag_reader *t) {
    bool *nodes = PP_NEW(&t->scratch, bool, t->g->n_nodes);
    for (uint32_t i = 0; i < t->g->n_nodes; i++)
        nodes[i] = t->slot[i] != 0;
    return graph_locations_of(t->g, nodes, &t->scratch);
}

static void visit_graph(struct visitor *v) {
    const struct pp_profile *p = v->t->g->p;
    const struct marked_frames frames = {p, find_passes(v->t), 0, p->n_stacks};
    marked_frames_walk(&frames, visit_stack, v);
}

void tags_open(struct tag_reader *t, struct graph *g, const uint32_t *nodes, uint32_t n_nodes,
               const struct tag_options *opt) {
    *t = (struct tag_reader){.g = g, .sets = tag_sets_of(g, opt)};
    t->visits = PP_NEW(&t->scratch, struct tag_visits, n_nodes);
    if (!t->sets->any) return;
    list_samples(t);
    t->slot = PP_NEW(&t->scratch, uint32_t, g->n_nodes);
    for (uint32_t i = 0; i < n_nodes; i++)
        if (g->stack_leaf || !g->kept || g->kept[nodes[i]]) t->slot[nodes[i]] = i + 1;
    struct visitor v = {.t = t, .stamp = PP_NEW(&t->scratch, uint32_t, g->n_nodes)};
    if (g->stack_leaf)
        visit_tree(&v);
    else
        visit_graph(&v);
}

void tags_close(struct tag_reader *t) {
    pp_arena_done(&t->scratch);
}

/* ---- one node ---- */

struct tag_sums {
    const struct tag_reader *t;
    struct pp_arena *arena;
    struct hash_index texts, numbers;
    struct node_tags tags;
    uint32_t *number_first; /* the sample that the value is of */
    uint32_t *number_name;
    size_t cap_texts, cap_numbers, cap_number_first, cap_name;
};

static void add_weight(struct graph_tag *tag, int64_t weight, int64_t divisor, bool is_leaf) {
    tag->cum = num_add(tag->cum, weight);
    tag->cum_div = num_add(tag->cum_div, divisor);
    if (!is_leaf) return;
    tag->flat = num_add(tag->flat, weight);
    tag->flat_div = num_add(tag->flat_div, divisor);
}

static struct graph_tag *text_tag(struct tag_sums *y, uint32_t group) {
    uint64_t hash = hash_word(hash_seed(), group);
    for (struct index_probe i = index_probe(&y->texts, hash); index_next(&y->texts, &i);)
        if (y->tags.texts[i.position].group == group) return &y->tags.texts[i.position];
    index_add(&y->texts, hash, y->tags.n_texts);
    struct graph_tag tag = {.name = y->t->sets->texts.strings[group], .group = group};
    PP_PUSH(y->arena, y->tags.texts, y->tags.n_texts, y->cap_texts, tag);
    return &y->tags.texts[y->tags.n_texts - 1];
}

/* Of a label with the number. */
static struct graph_tag *number_tag(struct tag_sums *y, uint32_t group, uint32_t label,
                                    uint32_t sample) {
    uint32_t name = y->t->sets->name[label];
    int64_t value = y->t->g->p->labels[label].num;
    uint64_t hash = hash_word(hash_seed(), (uint64_t)group << 32 | name);
    for (struct index_probe i = index_probe(&y->numbers, hash); index_next(&y->numbers, &i);) {
        struct graph_tag *tag = &y->tags.numbers[i.position];
        if (tag->group != group || y->number_name[i.position] != name) continue;
        if (sample < y->number_first[i.position]) {
            y->number_first[i.position] = sample;
            tag->value = value;
        }
        return tag;
    }
    uint32_t n = y->tags.n_numbers, same_n = n;
    index_add(&y->numbers, hash, n);
    struct graph_tag tag = {
        .name = y->t->sets->names.strings[name], .group = group, .value = value};
    PP_PUSH(y->arena, y->number_first, n, y->cap_number_first, sample);
    PP_PUSH(y->arena, y->number_name, same_n, y->cap_name, name);
    PP_PUSH(y->arena, y->tags.numbers, y->tags.n_numbers, y->cap_numbers, tag);
    return &y->tags.numbers[y->tags.n_numbers - 1];
}

static void add_sample(struct tag_sums *y, uint32_t sample, bool is_leaf) {
    const struct graph *g = y->t->g;
    const struct pp_profile *p = g->p;
    int64_t weight = pp_value(p, sample, g->opt.type);
    int64_t divisor = g->opt.mean ? pp_value(p, sample, 0) : 0;
    if (!weight && !divisor) return;
    uint32_t set_id = pp_labels_of(p, sample), group = y->t->sets->group[set_id];
    struct pp_label_set set = p->label_sets[set_id];
    if (group) add_weight(text_tag(y, group), weight, divisor, is_leaf);
    for (uint32_t i = 0; i < set.n_num; i++) {
        uint32_t label = set.first + set.n_text + i;
        if (y->t->sets->name[label])
            add_weight(number_tag(y, group, label, sample), weight, divisor, is_leaf);
    }
}

static uint32_t drop_light(struct graph_tag *tags, uint32_t n, int64_t min_weight) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (num_abs(tags[i].flat) >= min_weight || num_abs(tags[i].cum) >= min_weight)
            tags[kept++] = tags[i];
    return kept;
}

static int by_group(const void *a, const void *b, void *user) {
    (void)user;
    const struct graph_tag *x = a, *y = b;
    return (x->group > y->group) - (x->group < y->group);
}

void tags_read(const struct tag_reader *t, uint32_t i, struct node_tags *ret_tags,
               struct pp_arena *arena) {
    struct tag_sums y = {.t = t, .arena = arena};
    struct tag_visits visits = t->visits[i];
    for (uint32_t j = 0; j < visits.n; j++) {
        uint32_t stack = visits.at[j] >> 1;
        for (uint32_t k = t->first_sample[stack]; k < t->first_sample[stack + 1]; k++)
            add_sample(&y, t->samples[k], visits.at[j] & 1);
    }
    y.tags.n_texts = drop_light(y.tags.texts, y.tags.n_texts, t->sets->opt.min_weight);
    y.tags.n_numbers = drop_light(y.tags.numbers, y.tags.n_numbers, t->sets->opt.min_weight);
    sort_stable(y.tags.numbers, y.tags.n_numbers, sizeof *y.tags.numbers, by_group, NULL);
    index_done(&y.texts);
    index_done(&y.numbers);
    *ret_tags = y.tags;
}

static int by_weight(const void *a, const void *b, void *user) {
    const struct graph_tag *x = a, *y = b;
    bool by_flat = *(bool *)user;
    int64_t xc = num_abs(x->cum), yc = num_abs(y->cum);
    int64_t xf = num_abs(x->flat), yf = num_abs(y->flat);
    if (!by_flat && xc != yc) return xc > yc ? -1 : 1;
    if (xf != yf) return xf > yf ? -1 : 1;
    int c = pp_str_cmp(x->name, y->name);
    return c ? c : (x->group > y->group) - (x->group < y->group);
}

void tags_sort(struct graph_tag *tags, uint32_t n, bool by_flat) {
    sort_stable(tags, n, sizeof *tags, by_weight, &by_flat);
}
