/* The tree of one unit, entry by entry, straight from its bytes. libdw walks it, too, but takes a
 * lock and searches a table for each entry, and reads an entry again for each question: of a large
 * program that was most of the time. What an attribute holds is still libdw's to say. */
#ifndef SYMBOL_DWARF_TREE_H
#define SYMBOL_DWARF_TREE_H

#include "symbol/dwarf_unit.h"

struct dwarf_tree {
    struct dwarf_handle *handle;
    Dwarf_CU *cu;
    const unsigned char *start, *end; /* of the unit, with its header */
    const struct dwarf_abbrevs *abbrevs;
};

struct dwarf_entry {
    const unsigned char *at, *attributes;
    const struct dwarf_abbrev
        *abbrev; /* NULL: it is the end of a list, and behind it `attributes` */
};

/* Opens the tree of a unit and reads its root. It is valid until the handle opens another. False
 * where it is broken. */
bool dwarf_tree_open(struct dwarf_tree *ret_tree, struct dwarf_entry *ret_root,
                     const struct dwarf_unit *u);

/* Reads the entry at a place; false where there is none, or when the bound of work is used up. */
bool dwarf_tree_read(const struct dwarf_tree *t, const unsigned char *at,
                     struct dwarf_entry *ret_entry);

unsigned dwarf_tree_tag(const struct dwarf_entry *e);

/* The byte behind the entry itself, or NULL. */
const unsigned char *dwarf_tree_behind(const struct dwarf_tree *t, const struct dwarf_entry *e);

/* The first of its children, or NULL. */
const unsigned char *dwarf_tree_child(const struct dwarf_tree *t, const struct dwarf_entry *e);

/* What comes behind the entry and all below it, in its own list; NULL where that can't be told. */
const unsigned char *dwarf_tree_next(const struct dwarf_tree *t, const struct dwarf_entry *e);

/* The same, if the entry itself says it. */
const unsigned char *dwarf_tree_sibling(const struct dwarf_tree *t, const struct dwarf_entry *e);

void dwarf_tree_attributes(const struct dwarf_tree *t, const struct dwarf_entry *e,
                           struct die_attributes *ret_attributes);

Dwarf_Die dwarf_tree_die(const struct dwarf_tree *t, const struct dwarf_entry *e);

#endif
