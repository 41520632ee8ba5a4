/* The gate's table of both sides says which functions are one. Stacks that lead to another function
 * then get locations of their own: what a location is called may depend on the side. */
#include "report/paired.h"

#include "gate/pairing.h"
#include "profile/base_mark.h"
#include "profile/edit.h"
#include "profile/id_map.h"
#include "profile/view/view.h"

struct pairer {
    const struct report_ctx *rc;
    const struct pp_profile *p;
    const bool *of_base; /* by label set */
    uint64_t *cost[2];   /* by side, by function: of what passes through it, or more */
    uint32_t *named[2];  /* by side, by function: the one whose name it bears */
    struct report_paired *paired;
    struct pp_arena *scratch;
};

/* ---- the sides ---- */

static int side_of(const struct pairer *k, uint32_t sample) {
    return k->of_base[k->p->sample_labels[sample]] ? GATE_OLD : GATE_NEW;
}

static bool has_both_sides(struct pairer *k) {
    bool any[2] = {false, false};
    k->of_base = base_mark_sets(k->p, k->scratch);
    for (uint32_t i = 0; i < k->p->n_samples && !(any[0] && any[1]); i++)
        any[side_of(k, i)] = true;
    return any[0] && any[1];
}

/* What each stack costs on this side, in all. */
static uint64_t sum_stacks(const struct pairer *k, int side, uint64_t *ret_value) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < k->p->n_samples; i++) {
        if (side_of(k, i) != side) continue;
        uint64_t value = (uint64_t)num_abs(pp_value(k->p, i, k->rc->type));
        ret_value[k->p->sample_stack[i]] += value;
        all += value;
    }
    return all;
}

/* At most so much passes through each function of a side; what is not there costs nothing. */
static uint64_t see_side(struct pairer *k, int side) {
    const struct pp_profile *p = k->p;
    uint64_t *of_stack = PP_NEW(k->scratch, uint64_t, p->n_stacks);
    uint64_t *passes = PP_NEW(k->scratch, uint64_t, p->n_locations);
    uint64_t all = sum_stacks(k, side, of_stack);
    for (uint32_t i = 0; i < p->n_stacks; i++)
        for (uint32_t f = 0; of_stack[i] && f < p->stacks[i].len; f++)
            passes[pp_frame(p, p->stacks[i].first + f)] += of_stack[i];
    k->cost[side] = PP_NEW(k->scratch, uint64_t, p->n_functions);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        const struct pp_location *l = &p->locations[i];
        for (uint32_t line = 0; line < l->n_lines; line++)
            k->cost[side][p->lines[l->first_line + line].function] += passes[i];
    }
    return all;
}

static bool is_there(const struct pairer *k, int side, uint32_t function) {
    return k->cost[side][function] > 0;
}

/* Where both sides have the same functions, each is itself; and what would not be shown needs no
 * other name. */
static bool has_lone(struct pairer *k) {
    uint64_t old = see_side(k, GATE_OLD), new = see_side(k, GATE_NEW);
    double least = (double)(old > new ? old : new) * k->rc->trim.node_fraction;
    for (uint32_t i = 0; i < k->p->n_functions; i++) {
        bool before = is_there(k, GATE_OLD, i), now = is_there(k, GATE_NEW, i);
        uint64_t cost = before ? k->cost[GATE_OLD][i] : k->cost[GATE_NEW][i];
        if (before != now && (double)cost >= least) return true;
    }
    return false;
}

/* A side alone; the base's samples are negative. */
static struct pp_profile select_side(const struct pairer *k, int side) {
    struct pp_profile view = base_mark_side(k->p, side == GATE_OLD, k->scratch);
    for (size_t i = 0; side == GATE_OLD && i < (size_t)view.n_samples * view.n_types; i++)
        view.values[i] = num_neg(view.values[i]);
    return view;
}

/* ---- who is who ---- */

/* By leader: the function of the new side that the pair is called by. */
static uint32_t *find_heads(const struct pairer *k, const struct gate_table *t,
                            const struct gate_pairs *pairs) {
    uint32_t *head = PP_NEW(k->scratch, uint32_t, t->n_functions);
    for (uint32_t row = 0; row < t->n_functions; row++)
        head[row] = PP_NONE;
    for (uint32_t i = k->p->n_functions; i-- > 0;) {
        uint32_t row = t->rows[GATE_NEW][i];
        if (is_there(k, GATE_NEW, i) && pairs->leader[row] == row) head[row] = i;
    }
    return head;
}

/* What moved to a caller or from it has changed. */
static bool is_one(const struct pairer *k, enum gate_pair_kind kind) {
    bool is_group = kind == GATE_ALIKE || kind == GATE_NUMBERED;
    bool groups = k->rc->format->traits & REPORT_PAIR_GROUPS;
    return is_group ? groups : kind != GATE_MOVED;
}

/* What both sides have under the same name stays itself, unless it is a part of a group. */
static bool stays(const struct pairer *k, const struct gate_table *t, enum gate_pair_kind kind,
                  uint32_t function) {
    bool same = t->rows[GATE_OLD][function] == t->rows[GATE_NEW][function];
    bool both = is_there(k, GATE_OLD, function) && is_there(k, GATE_NEW, function);
    return kind == GATE_ALONE && same && both;
}

static bool name_functions(struct pairer *k, const struct gate_table *t) {
    const struct gate_pairs pairs = gate_pair(t, GATE_CUM, k->scratch);
    const uint32_t *head = find_heads(k, t, &pairs);
    bool any = false;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        k->named[side] = PP_NEW(k->scratch, uint32_t, k->p->n_functions);
        for (uint32_t i = 0; i < k->p->n_functions; i++) {
            uint32_t leader = pairs.leader[t->rows[side][i]], to = head[leader];
            enum gate_pair_kind kind = pairs.kind[leader];
            bool moves = to != PP_NONE && to != i && is_there(k, side, i) && is_one(k, kind) &&
                         !stays(k, t, kind, i);
            k->named[side][i] = moves ? to : i;
            any |= moves;
        }
    }
    return any;
}

static bool bears_other_name(const struct pairer *k, int side, uint32_t function) {
    const struct pp_function *all = k->p->functions;
    return all[function].name != all[k->named[side][function]].name;
}

static void note_names(struct pairer *k) {
    struct paired_names *of = PP_NEW(k->rc->arena, struct paired_names, k->p->n_functions);
    for (uint32_t i = 0; i < k->p->n_functions; i++) {
        struct paired_names *was = &of[k->named[GATE_OLD][i]], *with = &of[k->named[GATE_NEW][i]];
        if (bears_other_name(k, GATE_OLD, i) && !was->n_was++) was->was = i;
        if (bears_other_name(k, GATE_NEW, i) && !with->n_with++) with->with = i;
    }
    k->paired = PP_NEW(k->rc->arena, struct report_paired, 1);
    k->paired->of = of;
}

/* ---- the view ---- */

/* Tables that grow, and what stands for a location and a stack of each side; PP_NONE: not yet. */
struct maker {
    struct pairer *k;
    struct pp_profile *view;
    uint32_t *locations[2], *stacks[2];
    uint32_t *frames;
    size_t cap_locations, cap_location_ids, cap_lines, cap_stacks, cap_frames;
    uint64_t next_location;
    struct pp_arena *arena;
};

static uint32_t *unknown(uint32_t n, struct pp_arena *arena) {
    uint32_t *all = PP_NEW(arena, uint32_t, n);
    memset(all, 0xff, n * sizeof *all);
    return all;
}

static bool is_named(const struct maker *m, int side, const struct pp_location *l) {
    for (uint32_t i = 0; i < l->n_lines; i++) {
        uint32_t function = m->view->lines[l->first_line + i].function;
        if (m->k->named[side][function] != function) return true;
    }
    return false;
}

static uint32_t location_of(struct maker *m, int side, uint32_t at) {
    uint32_t *to = &m->locations[side][at];
    struct pp_profile *v = m->view;
    if (*to != PP_NONE) return *to;
    if (!is_named(m, side, &v->locations[at])) return *to = at;
    struct pp_location l = v->locations[at];
    uint32_t first = v->n_lines;
    for (uint32_t i = 0; i < l.n_lines; i++) {
        struct pp_line_row line = v->lines[l.first_line + i];
        line.function = m->k->named[side][line.function];
        PP_PUSH(m->arena, v->lines, v->n_lines, m->cap_lines, line);
    }
    l.first_line = first;
    id_map_set(&v->location_ids, &m->cap_location_ids, v->n_locations, m->next_location++,
               m->arena);
    PP_PUSH(m->arena, v->locations, v->n_locations, m->cap_locations, l);
    return *to = v->n_locations - 1;
}

static uint32_t stack_of(struct maker *m, int side, uint32_t at) {
    uint32_t *to = &m->stacks[side][at];
    struct pp_profile *v = m->view;
    if (*to != PP_NONE) return *to;
    struct pp_stack s = v->stacks[at];
    uint32_t first = v->n_frames;
    bool any = false;
    for (uint32_t i = 0; i < s.len; i++) {
        uint32_t location = m->frames[s.first + i], named = location_of(m, side, location);
        any |= named != location;
        PP_PUSH(m->arena, m->frames, v->n_frames, m->cap_frames, named);
    }
    if (!any) {
        v->n_frames = first;
        return *to = at;
    }
    s.first = first;
    PP_PUSH(m->arena, v->stacks, v->n_stacks, m->cap_stacks, s);
    return *to = v->n_stacks - 1;
}

static void make_view(struct pairer *k, struct pp_profile *view) {
    struct pp_arena *arena = k->rc->arena;
    struct maker m = {.k = k, .view = view, .arena = arena};
    const struct pp_profile *p = k->p;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        m.locations[side] = unknown(p->n_locations, k->scratch);
        m.stacks[side] = unknown(p->n_stacks, k->scratch);
    }
    profile_own_locations(view, arena);
    profile_own_location_ids(view, arena);
    m.next_location = profile_next_id(view->location_ids, p->n_locations);
    profile_own_lines(view, arena);
    profile_own_stacks(view, arena);
    m.cap_locations = m.cap_location_ids = p->n_locations;
    m.cap_lines = p->n_lines;
    m.cap_stacks = p->n_stacks;
    m.frames = PP_NEW(arena, uint32_t, p->n_frames);
    m.cap_frames = p->n_frames;
    for (uint32_t i = 0; i < p->n_frames; i++)
        m.frames[i] = pp_frame(p, i);
    view->sample_stack = PP_NEW(arena, uint32_t, p->n_samples);
    for (uint32_t i = 0; i < p->n_samples; i++)
        view->sample_stack[i] = stack_of(&m, side_of(k, i), p->sample_stack[i]);
    view->frames = (struct pp_frames){.wide = m.frames};
}

/* ---- the whole ---- */

static bool may_pair(const struct report_ctx *rc) {
    const struct view_blanks *b = &rc->graph.blanks;
    return !rc->mean && !rc->exact_names && b->address && b->line && !b->function;
}

static bool find_pairs(struct pairer *k) {
    struct pp_profile sides[2] = {select_side(k, GATE_OLD), select_side(k, GATE_NEW)};
    const struct pp_profile *both[2] = {&sides[0], &sides[1]};
    const struct pp_str names[2] = {PP_STR("the base"), PP_STR("the profile")};
    const uint32_t merged[2] = {1, 1};
    const struct gate_input input = {
        .profiles = both, .names = names, .merged = merged, .n = {1, 1}, .paths = &k->rc->graph};
    struct pp_str type = pp_string(k->p, k->p->sample_types[k->rc->type].type);
    struct gate_table t;
    struct pp_error err = {0};
    /* What the gate can't compare is shown as it is. */
    return gate_table_build(&t, &input, type, k->scratch, &err) && name_functions(k, &t);
}

const struct report_paired *paired_view(const struct report_ctx *rc, struct pp_profile *view) {
    struct pp_arena scratch = {0};
    const struct pp_profile all = *view;
    struct pairer k = {.rc = rc, .p = &all, .scratch = &scratch};
    if (may_pair(rc) && has_both_sides(&k) && has_lone(&k) && find_pairs(&k)) {
        note_names(&k);
        make_view(&k, view);
    }
    pp_arena_done(&scratch);
    return k.paired;
}
