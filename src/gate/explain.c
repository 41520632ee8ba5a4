#include "gate/explain.h"

#include "base/sort.h"

enum { MAX_PATH = 12, MAX_LINES = 3 };

#define MOST 0.8 /* of the growth: what brought so much explains it */
#define SOME 0.1 /* of a cost: less is left out of account */

/* A stack with the function: rows[low] to rows[high] are its calls nearest to the leaf. */
struct passing {
    uint32_t *rows; /* leaders */
    uint32_t n, low, high;
    int64_t line;
    double value;
    int side;
    bool is_own; /* the sample ends in the function, not in what it calls */
};

struct walk {
    const struct gate_table *t;
    const uint32_t *leader; /* of pairs, by row */
    uint32_t function;      /* a leader */
    enum gate_cost cost;
    struct passing *stacks;
    uint32_t n;
    size_t cap;
    struct pp_arena *scratch, *arena;
};

double gate_part_growth(const struct gate_part *part) {
    return part->value[GATE_NEW] - part->value[GATE_OLD];
}

/* ---- the stacks ---- */

static bool belongs(const struct walk *w, const struct gate_stack *s, size_t at) {
    if (w->cost == GATE_FLAT) return at == 0;
    return w->cost == GATE_CUM || w->leader[s->rows[s->own]] == w->function;
}

/* Recursion is one call, and so are calls between those that are one. */
static void add_stack(void *user, const struct gate_stack *s) {
    struct walk *w = user;
    size_t low = 0;
    while (low < s->n && w->leader[s->rows[low]] != w->function)
        low++;
    if (low == s->n || !belongs(w, s, low)) return;
    size_t high = low;
    while (high + 1 < s->n && w->leader[s->rows[high + 1]] == w->function)
        high++;
    uint32_t *rows = PP_NEW(w->scratch, uint32_t, s->n);
    for (size_t i = 0; i < s->n; i++)
        rows[i] = w->leader[s->rows[i]];
    const struct passing p = {.rows = rows,
                              .n = (uint32_t)s->n,
                              .low = (uint32_t)low,
                              .high = (uint32_t)high,
                              .line = s->rows[low] == w->function ? s->lines[low] : 0,
                              .value = s->value,
                              .side = s->side,
                              .is_own = low == 0};
    PP_PUSH(w->scratch, w->stacks, w->n, w->cap, p);
}

/* ---- neighbours ---- */

static int by_growth(const void *a, const void *b, void *user) {
    const struct gate_table *t = user;
    const struct gate_part *x = a, *y = b;
    double of_x = gate_part_growth(x), of_y = gate_part_growth(y);
    if (of_x != of_y) return of_x > of_y ? -1 : 1;
    return pp_str_cmp(t->functions[x->function].name, t->functions[y->function].name);
}

/* The frame next to the function, or beyond it as far as a path was followed; PP_NONE: the stack
 * ends in what it does itself. */
static uint32_t neighbour(const struct passing *p, bool is_caller) {
    if (is_caller) return p->high + 1 < p->n ? p->rows[p->high + 1] : 0;
    return p->low == 0 ? PP_NONE : p->rows[p->low - 1];
}

static struct gate_part *neighbours(const struct walk *w, bool is_caller, uint32_t *ret_n,
                                    struct pp_arena *arena) {
    uint32_t *slot = PP_NEW(w->scratch, uint32_t, w->t->n_functions), n = 0; /* 1 + place */
    struct gate_part *parts = NULL;
    size_t cap = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        uint32_t row = neighbour(&w->stacks[i], is_caller);
        if (row == PP_NONE) continue;
        if (!slot[row]) {
            PP_PUSH(arena, parts, n, cap, ((struct gate_part){.function = row}));
            slot[row] = n;
        }
        parts[slot[row] - 1].value[w->stacks[i].side] += w->stacks[i].value;
    }
    sort_stable(parts, n, sizeof *parts, by_growth, (void *)(uintptr_t)w->t);
    *ret_n = n;
    return parts;
}

/* ---- the path ---- */

/* One step from the function to who brought most of `growth`, with those stacks alone; 0: nobody
 * did, or it is the root. */
static uint32_t step(struct walk *w, bool to_caller, double growth) {
    uint32_t n, kept = 0;
    const struct gate_part *parts = neighbours(w, to_caller, &n, w->scratch);
    uint32_t to = n && gate_part_growth(&parts[0]) >= MOST * growth ? parts[0].function : 0;
    if (!to) return 0;
    for (uint32_t i = 0; i < w->n; i++) {
        struct passing p = w->stacks[i];
        if (neighbour(&p, to_caller) != to) continue;
        if (to_caller)
            for (p.high++; p.high + 1 < p.n && p.rows[p.high + 1] == to;)
                p.high++;
        else
            for (p.low--; p.low > 0 && p.rows[p.low - 1] == to;)
                p.low--;
        w->stacks[kept++] = p;
    }
    w->n = kept;
    return to;
}

static void find_path(struct walk *w, struct gate_explanation *x) {
    uint32_t up[MAX_PATH] = {0}, down[MAX_PATH] = {0}, n_up = 0, n_down = 0, row;
    double growth = gate_part_growth(&x->all);
    while (n_up < MAX_PATH && (row = step(w, true, growth)))
        up[n_up++] = row;
    while (n_down < MAX_PATH && (row = step(w, false, growth)))
        down[n_down++] = row;
    x->path = PP_NEW(w->arena, uint32_t, (size_t)n_up + 1 + n_down);
    while (n_up)
        x->path[x->n_path++] = up[--n_up];
    x->path[x->n_path++] = w->function;
    for (uint32_t i = 0; i < n_down; i++)
        x->path[x->n_path++] = down[i];
}

/* ---- the cause ---- */

/* What the callers tell: whether all of them, or one of several, brought the growth. */
static enum gate_cause find_cause(const struct gate_explanation *x) {
    double was = x->all.value[GATE_OLD], growth = gate_part_growth(&x->all);
    uint32_t n = 0, n_alike = 0;
    for (uint32_t i = 0; i < x->n_callers; i++) {
        const struct gate_part *c = &x->callers[i];
        if (c->value[GATE_OLD] < SOME * was) continue;
        n++;
        n_alike += gate_part_growth(c) / c->value[GATE_OLD] >= growth / was / 2;
    }
    if (!(was > 0) || !(growth > 0) || !x->n_callers) return GATE_CAUSE_UNKNOWN;
    const struct gate_part *first = &x->callers[0];
    if (gate_part_growth(first) >= MOST * growth && first->function) {
        if (!(first->value[GATE_OLD] > 0)) return GATE_CAUSE_NEW_CALL;
        if (n > 1 && first->value[GATE_OLD] < MOST * was) return GATE_CAUSE_CALLER;
    }
    return n > 1 && n == n_alike ? GATE_CAUSE_ITSELF : GATE_CAUSE_UNKNOWN;
}

/* ---- lines ---- */

static int by_line(const void *a, const void *b, void *user) {
    (void)user;
    const struct gate_line *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

static int by_share(const void *a, const void *b, void *user) {
    const struct gate_line *x = a, *y = b;
    if (x->share != y->share) return x->share > y->share ? -1 : 1;
    return by_line(a, b, user);
}

/* The few that take most, as long as each takes some. */
static void find_lines(struct walk *w, struct gate_explanation *x) {
    uint32_t n = 0, n_lines = 0;
    struct gate_line *all = PP_NEW(w->arena, struct gate_line, w->n);
    for (uint32_t i = 0; i < w->n; i++)
        if (w->stacks[i].side == GATE_NEW && w->stacks[i].line > 0)
            all[n++] = (struct gate_line){w->stacks[i].line, w->stacks[i].value};
    sort_stable(all, n, sizeof *all, by_line, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (n_lines && all[n_lines - 1].line == all[i].line)
            all[n_lines - 1].share += all[i].share;
        else
            all[n_lines++] = all[i];
    }
    sort_stable(all, n_lines, sizeof *all, by_share, NULL);
    for (uint32_t i = 0; i < n_lines; i++)
        all[i].share /= x->all.value[GATE_NEW];
    while (x->n_lines < n_lines && x->n_lines < MAX_LINES && all[x->n_lines].share >= SOME)
        x->n_lines++;
    if (n_lines && !x->n_lines) x->n_lines = 1;
    x->lines = all;
}

/* By row: who it is here. */
static uint32_t *leaders_of(const struct gate_table *t, uint32_t function,
                            const struct gate_pairs *own, const struct gate_pairs *around,
                            struct pp_arena *scratch) {
    uint32_t *leader = PP_NEW(scratch, uint32_t, t->n_functions);
    for (uint32_t row = 0; row < t->n_functions; row++) {
        uint32_t other = around->leader[row];
        bool is_other = other != function && around->kind[other] == GATE_RENAMED;
        leader[row] = is_other ? other : row;
        if (own->leader[row] == function) leader[row] = function;
    }
    return leader;
}

struct gate_explanation gate_explain(const struct gate_table *t,
                                     const struct gate_pairs pairs[GATE_COSTS], uint32_t function,
                                     enum gate_cost cost, struct pp_arena *arena) {
    const struct gate_pairs *own = &pairs[cost], *around = &pairs[GATE_CUM];
    struct pp_arena scratch = {0};
    function = own->leader[function];
    struct gate_explanation x = {.all.function = function, .itself.function = function};
    struct walk w = {.t = t,
                     .leader = leaders_of(t, function, own, around, &scratch),
                     .function = function,
                     .cost = cost,
                     .scratch = &scratch,
                     .arena = arena};
    gate_table_each_stack(t, add_stack, &w);
    for (uint32_t i = 0; i < w.n; i++) {
        x.all.value[w.stacks[i].side] += w.stacks[i].value;
        if (w.stacks[i].is_own) x.itself.value[w.stacks[i].side] += w.stacks[i].value;
    }
    x.callers = neighbours(&w, true, &x.n_callers, arena);
    x.callees = neighbours(&w, false, &x.n_callees, arena);
    x.cause = find_cause(&x);
    find_lines(&w, &x);
    find_path(&w, &x);
    pp_arena_done(&scratch);
    return x;
}
