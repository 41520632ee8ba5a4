/* A profile that is another one with a few tables changed: the one place where tables are copied to
 * be changed, and where functions, lines and texts are added to them. Everything that does not
 * change is shared, so the result lives no longer than what it came from, nor than `arena`. */
#ifndef PROFILE_EDIT_H
#define PROFILE_EDIT_H

#include "base/arena.h"
#include "base/intern.h"
#include "profile/profile.h"

/* ---- one table at a time: `p` gets a copy of its own, to be changed ---- */

struct pp_str *profile_own_strings(struct pp_profile *p, size_t room_for_more,
                                   struct pp_arena *arena);
struct pp_mapping *profile_own_mappings(struct pp_profile *p, struct pp_arena *arena);
struct pp_function *profile_own_functions(struct pp_profile *p, struct pp_arena *arena);
void profile_own_function_ids(struct pp_profile *p, struct pp_arena *arena);
void profile_own_location_ids(struct pp_profile *p, struct pp_arena *arena);
struct pp_line_row *profile_own_lines(struct pp_profile *p, struct pp_arena *arena);
struct pp_location *profile_own_locations(struct pp_profile *p, struct pp_arena *arena);
struct pp_stack *profile_own_stacks(struct pp_profile *p, struct pp_arena *arena);

/* All tables and texts: the profile no longer leans on what it came from. */
void profile_own_all(struct pp_profile *p, struct pp_arena *arena);

/* The id of a text, which is copied when it is new. Linear in the strings. */
uint32_t profile_string(struct pp_profile *p, struct pp_str text, struct pp_arena *arena);

/* The first of ids for more entries behind n that have these (pp_id): on from the largest, but for
 * ids so large that counting on would come to 0. */
uint64_t profile_next_id(const uint64_t *ids, uint32_t n);

/* Adds a comment at the end. */
void profile_add_comment(struct pp_profile *p, struct pp_str text, struct pp_arena *arena);

/* ---- many functions and lines ---- */

struct profile_edit {
    struct pp_profile p; /* its mappings, locations, functions and lines are its own */
    struct pp_arena *arena;
    struct interner strings;
    struct hash_index functions; /* those that profile_edit_function added */
    size_t cap_functions, cap_function_ids, cap_lines, cap_places;
    uint32_t n_old_functions;
    uint64_t next_id;
};

/* Begins a copy of `p` in `arena`; profile_edit_finish ends it. */
void profile_edit_begin(struct profile_edit *e, const struct pp_profile *p, struct pp_arena *arena);
struct pp_profile profile_edit_finish(struct profile_edit *e);

uint32_t profile_edit_string(struct profile_edit *e, struct pp_str s);

/* The position of such a function among those that were added, an existing one if there is one. Its
 * id is chosen: never 0, never another's. */
uint32_t profile_edit_function(struct profile_edit *e, struct pp_function f);

/* The same, always a new one. */
uint32_t profile_edit_add_function(struct profile_edit *e, struct pp_function f);

/* Gives the location these lines instead of its own. */
void profile_edit_lines(struct profile_edit *e, uint32_t location, const struct pp_line *lines,
                        uint32_t n);

/* ---- where there may be nothing to change ---- */

/* An edit that begins with its first change; no table is copied before. */
struct late_edit {
    const struct pp_profile *p;
    struct pp_arena *arena;
    struct profile_edit edit;
    bool has_begun;
};

/* The edit, which begins now if it has not. */
struct profile_edit *late_edit_begin(struct late_edit *l);

/* The profile itself where nothing was changed. */
struct pp_profile late_edit_finish(struct late_edit *l);

/* As they are so far. */
struct pp_function late_edit_function(const struct late_edit *l, uint32_t function);
struct pp_str late_edit_text(const struct late_edit *l, uint32_t string);

#endif
