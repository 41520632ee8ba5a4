/* Builds a profile table by table, in any order. Every maker of profiles (the decoders, merge, a
 * transformation that adds frames) goes through here, so limits and interning have one home.
 *
 *     builder_init -> builder_string, builder_stack, builder_label_set, builder_add_* ...
 *                  -> builder_finish (checked; the builder is used up) or builder_done (given up)
 */
#ifndef PROFILE_BUILDER_H
#define PROFILE_BUILDER_H

#include "base/intern.h"
#include "cpprof/error.h"
#include "profile/profile.h"

struct profile_builder {
    struct pp_arena *arena;
    struct interner strings;
    struct pp_profile p; /* as far as it has come; strings are put in by builder_finish */
    size_t cap_types, cap_mappings, cap_functions, cap_locations, cap_lines, cap_places, cap_stacks,
        cap_frames, cap_label_sets, cap_labels, cap_comments, cap_samples, cap_values,
        cap_function_ids, cap_sample_labels, cap_location_ids;
    struct hash_index stacks, label_sets;
    uint32_t n_values;   /* values a sample, as the first one had it */
    bool over_limit;     /* a table would have passed 2^32 entries */
    struct pp_error odd; /* the first sample whose number of values differs */
};

/* Everything that is built lives in `arena`. */
void builder_init(struct profile_builder *b, struct pp_arena *arena);

/* Begins with the tables of a profile, and its samples' arrays without a sample (p.n_samples may be
 * set to how many of them there are). Tables that were the arena's grow where they are. Nothing is
 * in the indexes yet, nor are there strings. */
void builder_adopt(struct profile_builder *b, const struct pp_profile *p, struct pp_arena *arena);

/* Frees what is not in the arena. */
void builder_done(struct profile_builder *b);

uint32_t builder_string(struct profile_builder *b, struct pp_str s);
struct pp_str builder_text(const struct profile_builder *b, uint32_t string);

void builder_add_type(struct profile_builder *b, uint32_t type, uint32_t unit);
void builder_add_comment(struct profile_builder *b, uint32_t text);

/* The string of what follows "[kernel.kallsyms]" in a mapping's file name, or of "". */
uint32_t builder_kernel_symbol(struct profile_builder *b, uint32_t file);

/* These copy the entry and return its position. The ids of functions and locations are 1, 2, 3 and
 * so on if nobody says otherwise. */
uint32_t builder_add_mapping(struct profile_builder *b, const struct pp_mapping *m);
uint32_t builder_add_function(struct profile_builder *b, const struct pp_function *f);

/* `lines` replaces the location's own first_line and n_lines. */
uint32_t builder_add_location(struct profile_builder *b, const struct pp_location *l,
                              const struct pp_line *lines, uint32_t n_lines);

/* Sets the id of the entry that was added last. */
void builder_set_function_id(struct profile_builder *b, uint64_t id);
void builder_set_location_id(struct profile_builder *b, uint64_t id);

/* The stack of these frames (locations, leaf first), an existing one if there is one. */
uint32_t builder_stack(struct profile_builder *b, const uint32_t *frames, uint32_t n);

/* The same with a hash of the caller's own, which must go by what makes the frames. Callers with
 * different hashes don't find each other's stacks, which costs memory only. */
uint32_t builder_hashed_stack(struct profile_builder *b, uint64_t hash, const uint32_t *frames,
                              uint32_t n);

/* A stack of its own, whether or not there is one of the same frames. */
uint32_t builder_add_stack(struct profile_builder *b, const uint32_t *frames, uint32_t n);

/* Room for stacks and frames, up to `most`, that the caller puts behind those that are there; all
 * together there are less than 2^32. */
void builder_reserve_stacks(struct profile_builder *b, uint32_t n_stacks, uint32_t n_frames,
                            uint32_t most);

/* The hash that builder_stack goes by. */
uint64_t builder_stack_hash(const uint32_t *frames, uint32_t n);

/* Searching for a stack waits for memory three times. These have it fetched ahead: after
 * index_prefetch on b->stacks the entry of a stack that has this hash, which is returned if there
 * is one (else PP_NONE), and then its frames. */
uint32_t builder_expect_stack(const struct profile_builder *b, uint64_t hash);
void builder_expect_frames(const struct profile_builder *b, uint32_t stack);

/* Sees to it that any frame may be changed to any position up to `most`. */
void builder_widen_frames(struct profile_builder *b, uint32_t most);

/* The set of these labels: n_text text labels and then n_num numbers, each part in file order; they
 * are sorted by key in place. A number without a unit has PP_NONE; it gets "" when another number
 * of its key has a unit. */
uint32_t builder_label_set(struct profile_builder *b, struct pp_label *labels, uint32_t n_text,
                           uint32_t n_num);

/* Those that the builder began with are found from now on. False: two of them are equal. */
bool builder_adopt_label_sets(struct profile_builder *b);

/* Brings such labels, which stand in a table already, into the order in which a set has them. */
void builder_order_labels(struct profile_builder *b, struct pp_label *labels, uint32_t n_text,
                          uint32_t n_num);

void builder_add_sample(struct profile_builder *b, uint32_t stack, uint32_t label_set,
                        const int64_t *values, uint32_t n_values);

/* Gives back what tables have room for, when hardly any more will come into those that are not
 * empty. */
void builder_trim(struct profile_builder *b);

/* Checks the profile (profile_check) and hands it over. The builder is used up either way. */
bool builder_finish(struct profile_builder *b, struct pp_profile *ret_profile,
                    struct pp_error *err);

#endif
