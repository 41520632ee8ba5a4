/* See dwarf_tree.h. */
#include "symbol/dwarf_tree.h"

#include <dwarf.h>

static struct dwarf_cursor cursor(const struct dwarf_tree *t, const unsigned char *at) {
    return (struct dwarf_cursor){at, t->end, t->handle->file->lines.big_endian, false};
}

bool dwarf_tree_open(struct dwarf_tree *ret_tree, struct dwarf_entry *ret_root,
                     const struct dwarf_unit *u) {
    struct dwarf_handle *h = u->handle;
    Dwarf_Die die = u->die;
    Dwarf_Off root = dwarf_dieoffset(&die), unit = root - dwarf_cuoffset(&die), end, abbrevs;
    size_t header;
    if (dwarf_next_unit(h->dwarf, unit, &end, &header, NULL, &abbrevs, NULL, NULL, NULL, NULL) ||
        end <= root)
        return false;
    const unsigned char *at = die.addr;
    struct dwarf_tree t = {h, die.cu, at - (root - unit), at + (end - root), &h->abbrevs};
    const struct dwarf_sizes sizes = {u->ranges.version, u->ranges.address_size,
                                      u->ranges.offset_size};
    struct dwarf_cursor from = dwarf_cursor(h->file->abbrev, abbrevs, h->file->lines.big_endian);
    if (dwarf_left(&from) > h->work_left) from.end = from.at + h->work_left;
    uint64_t bytes;
    bool found = dwarf_abbrevs_open(&h->abbrevs, from, abbrevs, sizes, &bytes);
    if (!dwarf_handle_work(h, bytes) || !found) return false;
    *ret_tree = t;
    return dwarf_tree_read(&t, at, ret_root) && ret_root->abbrev;
}

bool dwarf_tree_read(const struct dwarf_tree *t, const unsigned char *at,
                     struct dwarf_entry *ret_entry) {
    if (at >= t->end || !dwarf_handle_work(t->handle, 1)) return false;
    struct dwarf_cursor c = cursor(t, at);
    uint64_t code = dwarf_uleb(&c);
    *ret_entry = (struct dwarf_entry){.at = at, .attributes = c.at};
    if (code) ret_entry->abbrev = dwarf_abbrevs_find(t->abbrevs, code);
    return !c.failed && (code == 0 || (ret_entry->abbrev && ret_entry->abbrev->is_known));
}

unsigned dwarf_tree_tag(const struct dwarf_entry *e) {
    return e->abbrev->tag;
}

/* Steps over the first n attributes. */
static bool skip(const struct dwarf_tree *t, const struct dwarf_abbrev *a, uint32_t n,
                 struct dwarf_cursor *c) {
    const struct dwarf_spec *specs = t->abbrevs->specs + a->first_spec;
    for (uint32_t i = 0; i < n; i++)
        if (!dwarf_skip(c, &specs[i], t->abbrevs->sizes)) return false;
    return true;
}

const unsigned char *dwarf_tree_behind(const struct dwarf_tree *t, const struct dwarf_entry *e) {
    const struct dwarf_abbrev *a = e->abbrev;
    struct dwarf_cursor c = cursor(t, e->attributes);
    if (a->size >= 0) return dwarf_bytes(&c, (uint64_t)a->size) ? c.at : NULL;
    return skip(t, a, a->n_specs, &c) ? c.at : NULL;
}

const unsigned char *dwarf_tree_child(const struct dwarf_tree *t, const struct dwarf_entry *e) {
    return e->abbrev->has_children ? dwarf_tree_behind(t, e) : NULL;
}

static uint32_t find_sibling(const struct dwarf_tree *t, const struct dwarf_abbrev *a) {
    const struct dwarf_spec *specs = t->abbrevs->specs + a->first_spec;
    uint32_t i = 0;
    while (i < a->n_specs && specs[i].code != DW_AT_sibling)
        i++;
    return i;
}

/* Offsets from the beginning of the unit, as a rule; a sibling is in the same one. */
static bool read_reference(struct dwarf_cursor *c, const struct dwarf_spec *spec,
                           uint64_t *ret_offset) {
    switch (spec->form) {
    case DW_FORM_ref1:
    case DW_FORM_ref2:
    case DW_FORM_ref4:
    case DW_FORM_ref8:
        *ret_offset = dwarf_uint(c, (uint64_t)spec->size);
        return !c->failed;
    case DW_FORM_ref_udata:
        *ret_offset = dwarf_uleb(c);
        return !c->failed;
    default:
        return false;
    }
}

const unsigned char *dwarf_tree_sibling(const struct dwarf_tree *t, const struct dwarf_entry *e) {
    const struct dwarf_abbrev *a = e->abbrev;
    if (a->sibling == DWARF_UNKNOWN) return NULL;
    struct dwarf_cursor c = cursor(t, e->attributes);
    uint32_t at = find_sibling(t, a);
    uint64_t offset;
    bool found =
        a->sibling >= 0 ? dwarf_bytes(&c, (uint64_t)a->sibling) != NULL : skip(t, a, at, &c);
    if (!found || !read_reference(&c, &t->abbrevs->specs[a->first_spec + at], &offset)) return NULL;
    if (offset >= (uint64_t)(t->end - t->start)) return NULL;
    return t->start + offset > e->at ? t->start + offset : NULL;
}

/* Through all that is below an entry. */
static const unsigned char *walk_over(const struct dwarf_tree *t, const struct dwarf_entry *e) {
    const unsigned char *at = dwarf_tree_behind(t, e);
    struct dwarf_entry below;
    for (size_t depth = 1; depth && at;) {
        if (!dwarf_tree_read(t, at, &below)) return NULL;
        if (!below.abbrev) {
            depth--;
            at = below.attributes;
            continue;
        }
        at = below.abbrev->has_children ? dwarf_tree_sibling(t, &below) : NULL;
        if (at) continue;
        at = dwarf_tree_behind(t, &below);
        depth += below.abbrev->has_children;
    }
    return at;
}

const unsigned char *dwarf_tree_next(const struct dwarf_tree *t, const struct dwarf_entry *e) {
    if (!e->abbrev->has_children) return dwarf_tree_behind(t, e);
    const unsigned char *sibling = dwarf_tree_sibling(t, e);
    return sibling ? sibling : walk_over(t, e);
}

void dwarf_tree_attributes(const struct dwarf_tree *t, const struct dwarf_entry *e,
                           struct die_attributes *ret_attributes) {
    const struct dwarf_spec *spec = t->abbrevs->specs + e->abbrev->first_spec;
    const struct dwarf_spec *end = spec + e->abbrev->n_specs;
    struct dwarf_cursor c = cursor(t, e->attributes);
    ret_attributes->there = 0;
    for (; spec < end; spec++) {
        const unsigned char *value = spec->constant ? spec->constant : c.at;
        if (!dwarf_skip(&c, spec, t->abbrevs->sizes)) return;
        Dwarf_Attribute a = {spec->code, spec->form, (unsigned char *)(uintptr_t)value, t->cu};
        die_add(ret_attributes, &a);
    }
}

Dwarf_Die dwarf_tree_die(const struct dwarf_tree *t, const struct dwarf_entry *e) {
    return (Dwarf_Die){.addr = (void *)(uintptr_t)e->at, .cu = t->cu};
}
