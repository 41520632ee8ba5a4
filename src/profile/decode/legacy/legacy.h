/* What the legacy formats of gperftools, Go and Java share: samples are lists of addresses, a
 * memory map follows, locations are numbered in the order in which the samples use them.
 *
 *     legacy_init -> legacy_type, legacy_frame ..., legacy_sample ... -> legacy_finish
 *
 * Each decoder names what its format is known from; where that leaves a choice, it reads what
 * github.com/google/pprof reads. */
#ifndef PROFILE_LEGACY_H
#define PROFILE_LEGACY_H

#include "profile/builder.h"
#include "profile/decode/legacy/legacy_maps.h"

enum { LEGACY_MAX_VALUES = 4 };

struct legacy_sample {
    uint32_t first, len; /* in frames */
    uint32_t label_set;
    int64_t values[LEGACY_MAX_VALUES];
};

/* What a Java profile says about a location itself. */
struct legacy_line {
    uint32_t function; /* position in functions, or PP_NONE */
    int64_t line;
};

struct legacy_function {
    struct pp_str name, file;
    uint32_t position; /* in the profile, or PP_NONE */
};

/* What comments say about a location: lines first to first + n of name_lines, innermost first. */
struct legacy_names {
    uint32_t first, n;
    uint32_t sample, frame; /* where they stood */
};

struct legacy {
    struct profile_builder b;
    struct pp_arena scratch;
    uint64_t *addresses; /* of each location, in the order of arrival */
    uint32_t n_locations;
    size_t cap_addresses;
    struct hash_index by_address;
    uint32_t *frames;
    uint32_t n_frames, n_ended; /* those past n_ended belong to the sample at hand */
    size_t cap_frames;
    struct legacy_sample *samples;
    uint32_t n_samples;
    size_t cap_samples;
    struct legacy_maps maps;
    struct legacy_line *lines; /* a location each, or NULL */
    struct legacy_function *functions;
    uint32_t n_functions;
    size_t cap_functions;
    struct legacy_names *names; /* of locations; those past n_names have none */
    size_t n_names;
    struct pp_line *name_lines;
    size_t n_name_lines, cap_name_lines;
    struct hash_index by_name;      /* functions of the profile that comments name */
    uint32_t noted_sample, n_noted; /* the sample that comments are about; frames passed in it */
    const char *more_drop;          /* for legacy_set_frame_rules */
    bool no_addresses;              /* show none: they are not addresses of machine code */
    bool drop_double_leaf;          /* a second frame that is the leaf, less 1, goes */
    bool over_limit;
};

void legacy_init(struct legacy *l, struct pp_arena *arena);

/* Frees what is not in the arena; legacy_finish does it too. */
void legacy_done(struct legacy *l);

void legacy_type(struct legacy *l, struct pp_str type, struct pp_str unit);
void legacy_period(struct legacy *l, struct pp_str type, struct pp_str unit, int64_t period);

/* The types and the period of heap profiles: allocations stand before what is still in use. */
void legacy_heap_types(struct legacy *l, int64_t rate, bool has_alloc);

/* The location of this address; legacy_find_location gives PP_NONE when there is none. */
uint32_t legacy_location(struct legacy *l, uint64_t address);
uint32_t legacy_find_location(const struct legacy *l, uint64_t address);

/* Another frame of the sample at hand, leaf first. */
void legacy_frame(struct legacy *l, uint64_t address);

/* The frames of all "0x..." in the text, each moved by `adjust`; false when one has over 64 bits.
 */
bool legacy_frames(struct legacy *l, struct pp_str text, int64_t adjust);

/* Of those from `at` to the first character that no list of addresses has. */
bool legacy_frames_at(struct legacy *l, struct pp_str line, size_t at, int64_t adjust);

/* How many frames the sample at hand has. */
static inline uint32_t legacy_depth(const struct legacy *l) {
    return l->n_frames - l->n_ended;
}

/* The set of one number label, "bytes". */
uint32_t legacy_bytes_label(struct legacy *l, int64_t bytes);

/* Ends the sample; it has one value a type. */
void legacy_sample(struct legacy *l, const int64_t *values, uint32_t label_set);

/* Another sample with the frames of the one that ended last. */
void legacy_repeat_sample(struct legacy *l, const int64_t *values, uint32_t label_set);

/* A sampled count and its size, scaled by the chance 1 - exp(-size / rate) that an allocation is
 * seen at all; a rate of at most 1 means that all were. */
void legacy_unsample(int64_t rate, int64_t *count, int64_t *size);

/* Blank, or a comment. */
bool legacy_is_skipped(struct pp_str line);

/* Whether the line is a comment; what it says about the sample before, by Go's customs, is kept
 * unless only numbers are wanted. */
bool legacy_note(struct legacy *l, const struct lines *lines);

/* After the last sample: completes what the comments said. */
void legacy_notes_end(struct legacy *l);

/* The head of a format may stand anywhere in its line: leaves what comes before it. */
void legacy_leave_before(const struct lines *lines, struct pp_str head);

/* False, with an error, when another profile begins at the line at hand. */
bool legacy_no_other(const struct lines *lines, struct pp_error *err);

/* The line that a memory map follows. */
bool legacy_is_map_start(struct pp_str line);

/* Skips to the memory map, if any (the line at hand may be its head), and reads it. */
bool legacy_sections(struct legacy *l, struct lines *lines, struct pp_error *err);

/* Numbers the locations, places them in the mappings and makes the profile. */
bool legacy_finish(struct legacy *l, struct pp_profile *ret_profile, struct pp_error *err);

/* The expressions for frames of the profilers themselves, chosen by the sample types; `more_drop`
 * is one to be dropped besides, or NULL. */
void legacy_set_frame_rules(struct profile_builder *b, const char *more_drop);

#endif
