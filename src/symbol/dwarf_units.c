/* See dwarf_units.h. */
#include "symbol/dwarf_units.h"

#include "base/search.h"
#include "symbol/dwarf_tree.h"
#include "symbol/elf_stretches.h"

#include <dwarf.h>
#include <stdlib.h>

enum { MAX_OUTER = 4096, MAX_DEPTH = 64 };

struct collector {
    struct dwarf_handle *handle;
    struct pp_arena *arena;
    struct dwarf_units *units;
    size_t cap_dies, cap_ranges, n_ranges;
    uint32_t unit;
};

static void see_range(void *user, uint64_t start, uint64_t end) {
    struct collector *c = user;
    if (c->n_ranges >= PP_NONE - 1) return;
    struct dwarf_unit_range r = {start, end, c->unit, PP_NONE};
    PP_PUSH(c->arena, c->units->ranges, c->n_ranges, c->cap_ranges, r);
}

/* The functions of a unit without ranges. What comes behind `parent`, or NULL. */
static const unsigned char *collect_functions(struct collector *c, const struct dwarf_unit *u,
                                              const struct dwarf_tree *t,
                                              const struct dwarf_entry *parent, unsigned depth) {
    const unsigned char *at = depth <= MAX_DEPTH ? dwarf_tree_child(t, parent) : NULL;
    struct dwarf_entry e;
    if (!at) return dwarf_tree_next(t, parent);
    while (at && dwarf_tree_read(t, at, &e)) {
        if (!e.abbrev) return e.attributes;
        unsigned tag = dwarf_tree_tag(&e);
        if (tag == DW_TAG_namespace || tag == DW_TAG_module) {
            at = collect_functions(c, u, t, &e, depth + 1);
            continue;
        }
        if (tag == DW_TAG_subprogram) {
            struct die_attributes a;
            dwarf_tree_attributes(t, &e, &a);
            dwarf_unit_ranges(u, &a, see_range, c);
        }
        at = dwarf_tree_next(t, &e);
    }
    return dwarf_tree_sibling(t, parent);
}

static void collect_tree(struct collector *c, const struct dwarf_unit *u) {
    struct dwarf_tree t;
    struct dwarf_entry root;
    if (!dwarf_unit_hold(u)) return;
    if (dwarf_tree_open(&t, &root, u)) collect_functions(c, u, &t, &root, 0);
    dwarf_unit_release(u);
}

/* Where a unit has lines, in ranges that are not empty. */
static void see_sequence(void *user, uint64_t start, uint64_t end) {
    struct collector *c = user;
    if (start < end && dwarf_handle_work(c->handle, 2)) see_range(c, start, end);
}

/* A unit of version 2 can't say that its code is in several places: gcc names that in .text alone,
 * clang none. */
static void collect_lines(struct collector *c, const struct dwarf_unit *u) {
    const struct dwarf_line_sections *in = &c->handle->file->lines;
    struct dwarf_line_table t;
    struct pp_arena scratch = {0};
    if (u->has_lines && dwarf_lines_open(&t, in, u->line_offset, &scratch)) {
        uint64_t cost = (uint64_t)(t.program.end - t.program.at);
        if (cost <= c->handle->line_work_left) {
            c->handle->line_work_left -= cost;
            dwarf_lines_sequences(&t, in, see_sequence, c);
        }
    }
    pp_arena_done(&scratch);
}

/* Whether what names its functions is in the unit, and all that its own entry says in its head. */
static bool is_alone(const struct dwarf_unit *u) {
    struct dwarf_tree t;
    struct dwarf_entry root;
    if (!dwarf_tree_open(&t, &root, u) || t.abbrevs->refers_out) return false;
    const unsigned char *end = dwarf_tree_behind(&t, &root);
    return end && end - t.start <= ELF_UNIT_HEAD;
}

static void collect_unit(struct collector *c, uint64_t die_offset) {
    struct dwarf_unit u;
    struct die_attributes a;
    if (!dwarf_unit_open(&u, c->handle, die_offset)) return;
    c->units->has_split |= u.is_split;
    if (c->handle->file->stretches && !is_alone(&u)) c->units->are_alone = false;
    size_t before = c->n_ranges;
    die_read(&u.die, &a);
    dwarf_unit_ranges(&u, &a, see_range, c);
    if (u.ranges.version == 2 && !die_has(&a, DIE_RANGES)) collect_lines(c, &u);
    if (c->n_ranges == before && !die_has(&a, DIE_RANGES) && !die_has(&a, DIE_HIGH))
        collect_tree(c, &u);
    if (c->n_ranges == before) return;
    size_t n = c->units->n_dies;
    PP_PUSH(c->arena, c->units->dies, n, c->cap_dies, die_offset);
    c->units->n_dies = (uint32_t)n;
    c->unit++;
}

/* Of equal starts the first unit comes last, since the last one at or before an address is asked
 * first. */
static int by_start(const void *a, const void *b) {
    const struct dwarf_unit_range *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->unit != y->unit) return x->unit > y->unit ? -1 : 1;
    return (x->end < y->end) - (x->end > y->end);
}

static void link_outer(struct dwarf_unit_range *r, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        uint32_t outer = i - 1;
        while (outer != PP_NONE && r[outer].end <= r[i].end)
            outer = r[outer].outer;
        r[i].outer = outer;
    }
}

void dwarf_units_build(struct dwarf_units *ret_units, struct dwarf_handle *h,
                       struct pp_arena *arena) {
    *ret_units = (struct dwarf_units){.are_alone = true};
    struct collector c = {.handle = h, .arena = arena, .units = ret_units};
    Dwarf_CU *cu = NULL;
    Dwarf_Die die;
    while (dwarf_get_units(h->dwarf, cu, &cu, NULL, NULL, &die, NULL) == 0) {
        if (!dwarf_handle_work(h, 1) || !ret_units->are_alone) break;
        int tag = dwarf_tag(&die);
        if (tag == DW_TAG_compile_unit || tag == DW_TAG_skeleton_unit)
            collect_unit(&c, dwarf_dieoffset(&die));
    }
    ret_units->n_ranges = (uint32_t)c.n_ranges;
    if (c.n_ranges) qsort(ret_units->ranges, c.n_ranges, sizeof *ret_units->ranges, by_start);
    link_outer(ret_units->ranges, ret_units->n_ranges);
}

uint32_t dwarf_units_find(const struct dwarf_units *units, uint64_t address) {
    size_t n = SEARCH_UP_TO(units->ranges, units->n_ranges, start, address);
    uint32_t at = n ? (uint32_t)n - 1 : PP_NONE;
    for (unsigned steps = 0; at != PP_NONE && steps < MAX_OUTER; steps++) {
        if (address < units->ranges[at].end) return units->ranges[at].unit;
        at = units->ranges[at].outer;
    }
    return PP_NONE;
}
