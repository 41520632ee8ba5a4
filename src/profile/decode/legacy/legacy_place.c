/* Which mapping an address belongs to: the first in the list that covers it. A handler that lost
 * the first part of a split mapping is known by the file offset: the first mapping that would cover
 * the address if it began where its file begins is moved there. Two segment trees over the
 * mappings' bounds keep this quick for any number of mappings. */
#include "base/search.h"
#include "base/text.h"
#include "profile/decode/legacy/legacy_maps.h"
#include "profile/profile.h"

#include <stdlib.h>

struct shifted {
    uint32_t mapping, next; /* next in its node's list, or PP_NONE */
};

struct place {
    struct legacy_mapping *maps;
    uint64_t *bounds; /* sorted, distinct */
    uint32_t n_bounds;
    size_t n_leaves;         /* a power of two */
    uint32_t *covering;      /* a node: the first mapping that covers all of it, or PP_NONE */
    uint32_t *first_shifted; /* a node: the first of its list in shifted[], or PP_NONE */
    struct shifted *shifted;
    uint32_t n_shifted;
    size_t cap_shifted;
    struct pp_arena arena;
};

static int compare_u64(const void *a, const void *b) {
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* How many bounds are <= address. */
static size_t rank(const struct place *p, uint64_t address) {
    return search_up_to(p->bounds, sizeof *p->bounds, p->n_bounds, address);
}

/* [from, to) are bounds. Each leaf is the run of addresses from one bound to the next. */
static void cover(struct place *p, uint64_t from, uint64_t to, uint32_t mapping) {
    if (from >= to) return;
    size_t low = rank(p, from) - 1 + p->n_leaves, high = rank(p, to) - 1 + p->n_leaves;
    for (; low < high; low /= 2, high /= 2) {
        if (low & 1) {
            if (mapping < p->covering[low]) p->covering[low] = mapping;
            low++;
        }
        if (high & 1) {
            high--;
            if (mapping < p->covering[high]) p->covering[high] = mapping;
        }
    }
}

static void push_shifted(struct place *p, size_t node, uint32_t mapping) {
    struct shifted s = {mapping, p->first_shifted[node]};
    p->first_shifted[node] = p->n_shifted;
    PP_PUSH(&p->arena, p->shifted, p->n_shifted, p->cap_shifted, s);
}

/* Mappings come last first, so that the first stands at the head of each list. */
static void cover_shifted(struct place *p, uint64_t from, uint64_t to, uint32_t mapping) {
    size_t low = rank(p, from) - 1 + p->n_leaves, high = rank(p, to) - 1 + p->n_leaves;
    for (; low < high; low /= 2, high /= 2) {
        if (low & 1) push_shifted(p, low++, mapping);
        if (high & 1) push_shifted(p, --high, mapping);
    }
}

static bool is_shifted(const struct legacy_mapping *m) {
    return m->offset != 0 && m->offset <= m->start;
}

static void collect_bounds(struct place *p, uint32_t n) {
    uint64_t *b = PP_NEW(&p->arena, uint64_t, 3 * (size_t)n + 1);
    size_t n_bounds = 0;
    b[n_bounds++] = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct legacy_mapping *m = &p->maps[i];
        b[n_bounds++] = m->start;
        b[n_bounds++] = m->limit;
        if (is_shifted(m)) b[n_bounds++] = m->start - m->offset;
    }
    qsort(b, n_bounds, sizeof *b, compare_u64);
    for (size_t i = 0; i < n_bounds; i++)
        if (i == 0 || b[i] != b[i - 1]) b[p->n_bounds++] = b[i];
    p->bounds = b;
}

static void prepare(struct place *p, struct legacy_maps *maps) {
    *p = (struct place){.maps = maps->at, .n_leaves = 1};
    collect_bounds(p, maps->n);
    while (p->n_leaves < p->n_bounds)
        p->n_leaves *= 2;
    p->covering = PP_NEW(&p->arena, uint32_t, 2 * p->n_leaves);
    p->first_shifted = PP_NEW(&p->arena, uint32_t, 2 * p->n_leaves);
    memset(p->covering, 0xff, 2 * p->n_leaves * sizeof *p->covering);
    memset(p->first_shifted, 0xff, 2 * p->n_leaves * sizeof *p->first_shifted);
    for (uint32_t i = maps->n; i-- > 0;) {
        const struct legacy_mapping *m = &p->maps[i];
        cover(p, m->start, m->limit, i);
        if (is_shifted(m)) cover_shifted(p, m->start - m->offset, m->start, i);
    }
}

static uint32_t find_covering(const struct place *p, uint64_t address) {
    uint32_t best = PP_NONE;
    for (size_t node = rank(p, address) - 1 + p->n_leaves; node; node /= 2)
        if (p->covering[node] < best) best = p->covering[node];
    return best;
}

/* The mapping that begins too late for this address; it is moved. */
static uint32_t move_shifted(struct place *p, uint64_t address) {
    uint32_t best = PP_NONE;
    for (size_t node = rank(p, address) - 1 + p->n_leaves; node; node /= 2) {
        uint32_t *head = &p->first_shifted[node];
        while (*head != PP_NONE && p->maps[p->shifted[*head].mapping].offset == 0)
            *head = p->shifted[*head].next;
        if (*head != PP_NONE && p->shifted[*head].mapping < best) best = p->shifted[*head].mapping;
    }
    if (best == PP_NONE) return PP_NONE;
    struct legacy_mapping *m = &p->maps[best];
    m->start -= m->offset;
    m->offset = 0;
    cover(p, m->start, m->limit, best);
    return best;
}

static void correct_first(struct legacy_maps *maps) {
    const uint64_t usual_start = 0x400000;
    if (maps->n > 1 && pp_str_has_prefix(maps->at[0].file, PP_STR("/anon_hugepage")) &&
        maps->at[0].limit == maps->at[1].start) {
        maps->at++;
        maps->n--;
        maps->cap--;
    }
    if (maps->n && maps->at[0].start - maps->at[0].offset == usual_start) {
        maps->at[0].start = usual_start;
        maps->at[0].offset = 0;
    }
}

void legacy_maps_place(struct legacy_maps *maps, const uint64_t *addresses, uint32_t n,
                       uint32_t *ret_mappings) {
    struct place p;
    correct_first(maps);
    prepare(&p, maps);
    bool everything = false; /* the mapping that covers everything, at maps->n, is needed */
    for (uint32_t i = 0; i < n; i++) {
        uint64_t address = addresses[i];
        ret_mappings[i] = PP_NONE;
        if (address == 0) continue;
        uint32_t found = find_covering(&p, address);
        if (found == PP_NONE && (!everything || address == UINT64_MAX))
            found = move_shifted(&p, address);
        if (found == PP_NONE) {
            found = maps->n;
            everything = true;
        }
        ret_mappings[i] = found;
    }
    pp_arena_done(&p.arena);
    if (everything) {
        struct legacy_mapping all = {.limit = UINT64_MAX};
        struct legacy_mapping *at = PP_NEW(maps->arena, struct legacy_mapping, maps->n + 1);
        if (maps->n) memcpy(at, maps->at, maps->n * sizeof *at);
        at[maps->n++] = all;
        maps->at = at;
        maps->cap = maps->n;
    }
}
