/* The same numbers are the same functions, else a swap would be hidden, unless a family has members
 * on one side only, and what the others cost says that they moved up or down in their order. */
#include "gate/numbering.h"

#include "base/intern.h"
#include "base/sort.h"
#include "base/text.h"
#include "gate/identity.h"

#include <math.h>

enum { MAX_CELLS = 1 << 20 }; /* of the table that aligns a family */

#define EXPLAINS                                                                                   \
    0.5 /* of what would have changed by equal numbers: more than this is explained                \
         */

struct member {
    uint32_t family, row;
    struct pp_str key;
    bool is_numbered; /* the first one of some languages is not */
    double cost[2];
};

/* A side's members that cost enough to tell, in their order. */
struct sequence {
    const struct member **at;
    uint32_t n;
};

static int compare_numbers(struct pp_str a, size_t *i, struct pp_str b, size_t *j) {
    uint64_t x = 0, y = 0;
    for (; *i < a.len && text_is_digit(a.data[*i]); ++*i)
        x = x * 10 + (uint64_t)(a.data[*i] - '0');
    for (; *j < b.len && text_is_digit(b.data[*j]); ++*j)
        y = y * 10 + (uint64_t)(b.data[*j] - '0');
    return (x > y) - (x < y);
}

/* As numbers where both have one; what has none is before what has one ("lambda", "lambda0"). */
static int by_order(struct pp_str a, struct pp_str b) {
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        bool is_number = text_is_digit(a.data[i]), is_too = text_is_digit(b.data[j]);
        if (is_number != is_too) return is_number ? 1 : -1;
        int c = is_number ? compare_numbers(a, &i, b, &j)
                          : (unsigned char)a.data[i++] - (unsigned char)b.data[j++];
        if (c) return c;
    }
    return (i < a.len) - (j < b.len);
}

static int by_family(const void *a, const void *b, void *user) {
    (void)user;
    const struct member *x = a, *y = b;
    if (x->family != y->family) return x->family < y->family ? -1 : 1;
    int c = by_order(x->key, y->key);
    return c ? c : (x->row > y->row) - (x->row < y->row);
}

static struct member *list_members(const struct gate_table *t, uint32_t *ret_n,
                                   struct pp_arena *scratch) {
    struct member *all = PP_NEW(scratch, struct member, t->n_functions);
    struct interner keys;
    uint32_t n = 0;
    interner_init(&keys, scratch);
    for (uint32_t row = 1; row < t->n_functions; row++) {
        const struct gate_series *s = &t->by[GATE_CUM][row];
        struct member m = {.row = row, .key = t->functions[row].key};
        struct pp_str family = identity_key(m.key, IDENTITY_FAMILY, scratch);
        m.family = intern_static(&keys, family);
        m.is_numbered = !pp_str_eq(m.key, family);
        for (int side = GATE_OLD; side <= GATE_NEW; side++)
            m.cost[side] = gate_table_mean(t, s, side);
        all[n++] = m;
    }
    interner_done(&keys);
    sort_stable(all, n, sizeof *all, by_family, NULL);
    *ret_n = n;
    return all;
}

static struct sequence sequence_of(const struct gate_table *t, const struct member *family,
                                   uint32_t n, int side, struct pp_arena *scratch) {
    struct sequence s = {PP_NEW(scratch, const struct member *, n), 0};
    for (uint32_t i = 0; i < n; i++) {
        double unit = t->by[GATE_CUM][family[i].row].unit;
        if (family[i].cost[side] * t->n[side] / unit >= GATE_MIN_COUNT) s.at[s.n++] = &family[i];
    }
    return s;
}

/* What changed if the same number is the same function. */
static double change_by_number(const struct member *family, uint32_t n) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += fabs(family[i].cost[GATE_NEW] - family[i].cost[GATE_OLD]);
    return sum;
}

/* Of all ways to find each of the shorter side in the longer one, in order, that with the least
 * change. Cells: by how many of each side were placed. */
struct alignment {
    struct sequence few, many;
    int side; /* of the few */
    double *least;
};

static double *cell(const struct alignment *a, uint32_t i, uint32_t j) {
    return &a->least[(size_t)i * (a->many.n + 1) + j];
}

static double if_paired(const struct alignment *a, uint32_t i, uint32_t j) {
    const struct member *x = a->few.at[i - 1], *y = a->many.at[j - 1];
    return *cell(a, i - 1, j - 1) + fabs(x->cost[a->side] - y->cost[!a->side]);
}

static double if_left(const struct alignment *a, uint32_t i, uint32_t j) {
    return j > i ? *cell(a, i, j - 1) + a->many.at[j - 1]->cost[!a->side] : INFINITY;
}

static void align(struct alignment *a) {
    for (uint32_t i = 0; i <= a->few.n; i++)
        for (uint32_t j = i; j <= a->many.n; j++)
            if (i + j) *cell(a, i, j) = fmin(i ? if_paired(a, i, j) : INFINITY, if_left(a, i, j));
}

/* By row of the base: the row that it is now. */
struct placing {
    uint32_t *now;
    bool *is_placed, *is_taken; /* a row of the base; one of now */
};

static void follow(const struct alignment *a, struct placing *p) {
    for (uint32_t i = a->few.n, j = a->many.n; i > 0; j--) {
        if (if_left(a, i, j) < if_paired(a, i, j)) continue;
        uint32_t x = a->few.at[--i]->row, y = a->many.at[j - 1]->row;
        uint32_t old = a->side == GATE_OLD ? x : y, new = a->side == GATE_OLD ? y : x;
        p->now[old] = new;
        p->is_placed[old] = p->is_taken[new] = true;
    }
}

/* Whatever else the family has keeps its row, or where that is another's now takes one that is
 * nobody's: `now` moves the family's rows among themselves. */
static void place_rest(const struct member *family, uint32_t n, struct placing *p) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = family[i].row;
        if (p->is_placed[row] || p->is_taken[row]) continue;
        p->is_placed[row] = p->is_taken[row] = true;
    }
    for (uint32_t i = 0, free = 0; i < n; i++) {
        uint32_t row = family[i].row;
        if (p->is_placed[row]) continue;
        while (p->is_taken[family[free].row])
            free++;
        p->now[row] = family[free++].row;
    }
}

static bool may_have_shifted(const struct member *family, uint32_t n) {
    bool is_numbered = false, has_lone = false;
    for (uint32_t i = 0; i < n; i++) {
        is_numbered |= family[i].is_numbered;
        has_lone |= (family[i].cost[GATE_OLD] > 0) != (family[i].cost[GATE_NEW] > 0);
    }
    return is_numbered && has_lone;
}

static bool shift(const struct gate_table *t, const struct member *family, uint32_t n,
                  struct placing *p) {
    struct pp_arena scratch = {0};
    struct sequence old = sequence_of(t, family, n, GATE_OLD, &scratch);
    struct sequence new = sequence_of(t, family, n, GATE_NEW, &scratch);
    struct alignment a = {old, new, GATE_OLD, NULL};
    if (old.n > new.n) a = (struct alignment){new, old, GATE_NEW, NULL};
    bool is_it = false;
    if (a.few.n > 0 && (size_t)(a.few.n + 1) * (a.many.n + 1) <= MAX_CELLS) {
        a.least = PP_NEW(&scratch, double, (size_t)(a.few.n + 1) * (a.many.n + 1));
        align(&a);
        is_it = *cell(&a, a.few.n, a.many.n) < EXPLAINS * change_by_number(family, n);
    }
    if (is_it) {
        follow(&a, p);
        place_rest(family, n, p);
    }
    pp_arena_done(&scratch);
    return is_it;
}

static bool find_shifts(const struct gate_table *t, struct placing *p) {
    struct pp_arena scratch = {0};
    bool any = false;
    uint32_t n, end;
    const struct member *all = list_members(t, &n, &scratch);
    for (uint32_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && all[end].family == all[i].family;)
            end++;
        if (may_have_shifted(all + i, end - i)) any |= shift(t, all + i, end - i, p);
    }
    pp_arena_done(&scratch);
    return any;
}

/* ---- the table ---- */

/* What the base alone has is as the base writes it. */
static void move_functions(struct gate_table *t, const uint32_t *now, struct pp_arena *scratch) {
    struct gate_function *was = PP_NEW(scratch, struct gate_function, t->n_functions);
    memcpy(was, t->functions, t->n_functions * sizeof *was);
    for (uint32_t row = 1; row < t->n_functions; row++) {
        struct gate_function *f = &t->functions[now[row]];
        if (now[row] == row) continue;
        f->was = was[row].was;
        f->is_renumbered = f->was.len > 0;
        if (f->named_by > t->input->n[GATE_OLD]) continue;
        f->name = was[row].was;
        f->key = was[row].key;
        f->file = was[row].file;
        f->start_line = was[row].start_line;
    }
}

bool gate_renumber(struct gate_table *t) {
    struct pp_arena scratch = {0};
    struct placing p = {PP_NEW(&scratch, uint32_t, t->n_functions),
                        PP_NEW(&scratch, bool, t->n_functions),
                        PP_NEW(&scratch, bool, t->n_functions)};
    for (uint32_t row = 0; row < t->n_functions; row++)
        p.now[row] = row;
    bool any = t->n[GATE_OLD] && t->n[GATE_NEW] && find_shifts(t, &p);
    if (any) move_functions(t, p.now, &scratch);
    for (uint32_t at = 0; any && at < t->input->n[GATE_OLD]; at++)
        for (uint32_t i = 0; i < t->input->profiles[at]->n_functions; i++)
            t->rows[at][i] = p.now[t->rows[at][i]];
    pp_arena_done(&scratch);
    return any;
}
