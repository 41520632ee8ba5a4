/* See dwarf_scopes.h. Where ranges overlap, the deeper entry answers, and of siblings the later
 * one. */
#include "symbol/dwarf_scopes.h"

#include "base/search.h"
#include "symbol/dwarf_tree.h"

#include <dwarf.h>

enum { MAX_DEPTH = 256, WORK_PER_LOOKUP = 64 };

struct walk {
    const struct dwarf_unit *unit;
    struct dwarf_tree tree;
    const struct lookup *lookups;
    size_t n;
    struct dwarf_scopes *out;
    struct pp_arena *arena;
    size_t n_scopes, cap_scopes;
    bool everywhere; /* also into types and functions that no address is in */
    uint32_t mark;   /* the scope that ranges are being marked with; PP_NONE: only count */
    size_t hits;
    void (*see)(void *user, uint64_t start, uint64_t end); /* instead of lookups; or NULL */
    void *user;
};

static void see_range(void *user, uint64_t start, uint64_t end) {
    struct walk *w = user;
    size_t i = SEARCH_BELOW(w->lookups, w->n, address, start);
    for (; i < w->n && w->lookups[i].address < end; i++) {
        w->hits++;
        if (w->mark == PP_NONE) return;
        if (!dwarf_handle_work(w->unit->handle, 1)) return;
        w->out->innermost[i] = w->mark;
    }
}

/* How many lookups are in the entry; they are marked with `mark`. */
static size_t mark_ranges(struct walk *w, struct die_attributes *a, uint32_t mark) {
    w->mark = mark;
    w->hits = 0;
    if (w->see)
        dwarf_unit_ranges(w->unit, a, w->see, w->user);
    else
        dwarf_unit_ranges(w->unit, a, see_range, w);
    return w->hits;
}

/* Each gives what comes behind the entry, NULL where that can't be told. */
static const unsigned char *walk_children(struct walk *w, const struct dwarf_entry *parent,
                                          uint32_t scope, unsigned depth);

static void see_any(void *user, uint64_t start, uint64_t end) {
    (void)start, (void)end;
    *(bool *)user = true;
}

/* Version 2 has no ranges: what is in several places is given an empty one, or none. */
static bool is_scattered(const struct walk *w, struct die_attributes *a) {
    bool has_range = false;
    if (w->unit->ranges.version > 2) return false;
    dwarf_unit_ranges(w->unit, a, see_any, &has_range);
    return !has_range;
}

/* A function or inlined call: a new scope, if any address is in it. */
static const unsigned char *walk_function(struct walk *w, const struct dwarf_entry *e,
                                          uint32_t caller, unsigned depth) {
    struct die_attributes a;
    dwarf_tree_attributes(&w->tree, e, &a);
    uint32_t scope = (uint32_t)w->n_scopes;
    bool is_inlined = caller != PP_NONE;
    if (mark_ranges(w, &a, scope) == 0 && !(is_inlined && is_scattered(w, &a)))
        return w->everywhere ? walk_children(w, e, PP_NONE, depth) : dwarf_tree_next(&w->tree, e);
    struct dwarf_scope s = {.die = dwarf_tree_die(&w->tree, e),
                            .caller = caller,
                            .call_file = die_number(&a, DIE_CALL_FILE),
                            .call_line = die_number(&a, DIE_CALL_LINE),
                            .call_column = die_number(&a, DIE_CALL_COLUMN)};
    PP_PUSH(w->arena, w->out->scopes, w->n_scopes, w->cap_scopes, s);
    return walk_children(w, e, scope, depth);
}

static const unsigned char *walk_block(struct walk *w, const struct dwarf_entry *e, uint32_t scope,
                                       unsigned depth) {
    struct die_attributes a;
    dwarf_tree_attributes(&w->tree, e, &a);
    bool placed = die_has(&a, DIE_RANGES) || die_has(&a, DIE_HIGH);
    if (!placed || w->everywhere || mark_ranges(w, &a, PP_NONE) > 0 || is_scattered(w, &a))
        return walk_children(w, e, scope, depth);
    return dwarf_tree_next(&w->tree, e);
}

static const unsigned char *walk_entry(struct walk *w, const struct dwarf_entry *e, uint32_t scope,
                                       unsigned depth) {
    switch (dwarf_tree_tag(e)) {
    case DW_TAG_subprogram:
        return walk_function(w, e, PP_NONE, depth);
    case DW_TAG_inlined_subroutine:
        return walk_function(w, e, scope, depth);
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
    case DW_TAG_with_stmt:
        return walk_block(w, e, scope, depth);
    case DW_TAG_namespace:
    case DW_TAG_module:
        return walk_children(w, e, scope, depth);
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
    case DW_TAG_interface_type:
    case DW_TAG_common_block:
        if (w->everywhere && !w->unit->is_c) return walk_children(w, e, scope, depth);
        return dwarf_tree_next(&w->tree, e);
    default:
        return dwarf_tree_next(&w->tree, e);
    }
}

static const unsigned char *walk_children(struct walk *w, const struct dwarf_entry *parent,
                                          uint32_t scope, unsigned depth) {
    const unsigned char *at = depth < MAX_DEPTH ? dwarf_tree_child(&w->tree, parent) : NULL;
    struct dwarf_entry child;
    if (!at) return dwarf_tree_next(&w->tree, parent);
    while (at && dwarf_tree_read(&w->tree, at, &child)) {
        if (!child.abbrev) return child.attributes;
        at = walk_entry(w, &child, scope, depth + 1);
    }
    return dwarf_tree_sibling(&w->tree, parent);
}

static void walk_tree(struct walk *w) {
    struct dwarf_entry root;
    if (dwarf_tree_open(&w->tree, &root, w->unit)) walk_children(w, &root, PP_NONE, 0);
}

static void walk_unit(struct walk *w) {
    w->out->innermost = PP_NEW(w->arena, uint32_t, w->n);
    for (size_t i = 0; i < w->n; i++)
        w->out->innermost[i] = PP_NONE;
    walk_tree(w);
}

/* Those that nothing was found for. */
static const struct lookup *missing(const struct walk *w, size_t *ret_n) {
    struct lookup *list = PP_NEW(w->arena, struct lookup, w->n);
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->out->innermost[i] == PP_NONE) list[n++] = w->lookups[i];
    *ret_n = n;
    return list;
}

/* Functions inside types (Rust) and inside other functions (GNU C, Ada), for what is missing. */
static void walk_everywhere(struct walk *w) {
    struct walk again = *w;
    again.everywhere = true;
    again.lookups = missing(w, &again.n);
    if (!again.n) return;
    uint32_t *found = w->out->innermost;
    walk_unit(&again);
    for (size_t i = 0, k = 0; i < w->n; i++)
        if (found[i] == PP_NONE) found[i] = w->out->innermost[k++];
    w->out->innermost = found;
}

void dwarf_scopes_find(struct dwarf_scopes *ret_scopes, const struct dwarf_unit *u,
                       const struct lookup *lookups, size_t n, struct pp_arena *scratch) {
    *ret_scopes = (struct dwarf_scopes){0};
    struct walk w = {.unit = u, .lookups = lookups, .n = n, .out = ret_scopes, .arena = scratch};
    u->handle->work_left += WORK_PER_LOOKUP * n;
    walk_unit(&w);
    walk_everywhere(&w);
}

void dwarf_scopes_each(const struct dwarf_unit *u,
                       void (*see)(void *user, uint64_t start, uint64_t end), void *user) {
    struct walk w = {.unit = u, .everywhere = true, .see = see, .user = user};
    walk_tree(&w);
}
