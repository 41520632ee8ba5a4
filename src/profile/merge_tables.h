/* The tables of a merged profile, and what the entries of its sources become in them: each mapping,
 * function and location once, by what it is and not by its number. */
#ifndef PROFILE_MERGE_TABLES_H
#define PROFILE_MERGE_TABLES_H

#include "base/index.h"
#include "profile/builder.h"

struct merge_tables {
    struct profile_builder *b; /* has the tables */
    struct hash_index mappings, functions, locations;
    /* Of the source at hand: what became of its entries; one more than the position, 0 is unknown.
     */
    const struct pp_profile *src;
    uint32_t *strings, *source_mappings, *source_functions, *source_locations, *label_sets;
    struct pp_arena *scratch; /* lives as long as one source */
    struct pp_label *labels;
    size_t cap_labels;
    struct pp_line *lines; /* of some locations */
    size_t cap_lines;
};

/* For about as many entries as the first source has. */
void merge_tables_reserve(struct merge_tables *t, const struct pp_profile *first);

/* The builder was begun with the tables of `p` (builder_adopt): they become the merged ones, as
 * they stand. Strings that none of them has are kept, but not found. Strings and the other tables
 * may come in two threads. False: two entries are equal. */
bool merge_strings_adopt(struct merge_tables *t, const struct pp_profile *p);
bool merge_tables_adopt(struct merge_tables *t);

/* The next source is at hand; both it and `scratch` live until the one after it is. */
void merge_tables_begin(struct merge_tables *t, const struct pp_profile *src,
                        struct pp_arena *scratch);
void merge_tables_done(struct merge_tables *t);

enum { MERGE_LOCATIONS = 128 };

/* Sets source_locations for n of them that are not known yet, n <= MERGE_LOCATIONS. */
void merge_locations(struct merge_tables *t, const uint32_t *at, size_t n);

/* Of all; and only what functions are called, which needs no tables but the strings. */
void merge_all_locations(struct merge_tables *t);
void merge_function_names(struct merge_tables *t);

/* The merged set of one of the source's. */
uint32_t merge_label_set(struct merge_tables *t, uint32_t at);

#endif
