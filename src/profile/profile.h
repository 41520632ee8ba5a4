/* The model: a profile as tables. Everything refers by position: a string id is a position in
 * `strings`, a function id one in `functions`, and so on. The id that stood in the file is kept
 * beside (`id`, or a column of ids), for the reports that show it.
 *
 *   sample --> stack --> frames[] --> location --> lines[] --> function --> strings[]
 *      |                                 `--> mapping
 *      `--> label set --> labels[]
 *
 * A profile is immutable once made. A transformation (src/profile/view/view.h) makes a new one that
 * shares the tables it does not change. All memory belongs to the arena that the maker was given.
 *
 * The schema is profile.proto of github.com/google/pprof. */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include "cpprof/str.h"

#include <stdbool.h>
#include <stdint.h>

#define PP_NONE UINT32_MAX /* "no such entry", wherever a position stands */

struct pp_value_type {
    uint32_t type, unit; /* string ids: "cpu", "nanoseconds" */
};

struct pp_mapping {
    uint64_t id;                   /* as in the file; unique, never 0 */
    uint64_t start, limit, offset; /* addresses [start, limit) hold the file from offset on */
    uint32_t file, build_id;       /* string ids; 0 is "" */
    uint32_t kernel_symbol; /* string id: what follows "[kernel.kallsyms]" in the file's name */
    bool has_functions, has_filenames, has_line_numbers, has_inline_frames;
    bool as_image; /* the file's segments lie from start on as they do in memory, whatever its bytes
                      do: all that formats say that have addresses relative to a library */
};

/* Tables of functions and locations are most of some profiles: no padding. */
#define PP_PACKED __attribute__((packed, aligned(4)))

struct PP_PACKED pp_function {
    uint32_t name, system_name, filename; /* string ids */
    int64_t start_line;
};

struct pp_line {
    uint32_t function; /* position in functions; always there in a checked profile */
    int64_t line, column;
};

/* A line as the table has it (pp_line_at, places.h): nearly all have a number below PP_FAR_PLACE
 * and no column. Their `place` is that number; of others it is PP_FAR_PLACE and more, a position in
 * places. */
struct pp_line_row {
    uint32_t function, place;
};

#define PP_FAR_PLACE (UINT32_C(1) << 31)

/* So many lines as a location's n_lines takes them: there are no more than places. */
#define PP_LINES(n) ((n) & (PP_FAR_PLACE - 1))

struct pp_place {
    int64_t line, column;
};

struct PP_PACKED pp_location {
    uint64_t address;
    uint32_t mapping;      /* position in mappings, or PP_NONE */
    uint32_t first_line;   /* in lines: innermost inlined call first, its caller last */
    uint32_t n_lines : 31; /* PP_LINES */
    uint32_t is_folded : 1;
};

struct pp_stack {
    uint32_t first, len; /* in frames: leaf first, root last */
};

/* A frame of 24 bits, the lowest first. */
struct pp_frame24 {
    uint8_t at[3];
};

/* The frames of all stacks, one after the other: positions in locations. They are most of what a
 * profile takes, so they have 16 or 24 bits where that is enough; one of the arrays is not NULL. */
struct pp_frames {
    uint16_t *narrow;
    struct pp_frame24 *middle;
    uint32_t *wide;
};

#define PP_MOST_MIDDLE ((UINT32_C(1) << 24) - 1)

struct pp_label {
    uint32_t key;  /* string id */
    uint32_t text; /* of a text label: its value. Of a number: its unit, or PP_NONE when no number
                      of this key in this sample has one */
    int64_t num;   /* of a number: its value */
};

/* Text labels first, then numbers; each part sorted by key, several values of a key in file order.
 */
struct pp_label_set {
    uint32_t first; /* in labels */
    uint32_t n_text, n_num;
};

struct pp_profile {
    struct pp_str *strings; /* distinct; strings[0] is "" */
    struct pp_value_type *sample_types;
    struct pp_mapping *mappings;
    struct pp_function *functions;
    struct pp_location *locations;
    uint64_t *function_ids, *location_ids; /* by position, as in the file: unique, never 0; NULL
                                              where they are 1, 2, 3 and so on (pp_id) */
    struct pp_line_row *lines;
    struct pp_place *places; /* of lines that need more than a number */
    struct pp_stack *stacks; /* equal stacks are one as far as the decoder saw; views may repeat */
    struct pp_frames frames;
    struct pp_label_set *label_sets; /* label_sets[0] is empty */
    struct pp_label *labels;
    uint32_t *sample_stack;  /* a column: a stack a sample */
    uint32_t *sample_labels; /* a column: a label set a sample (pp_labels_of); NULL: no labels */
    int64_t *values;         /* n_types values a sample, sample by sample */
    uint32_t *comments;      /* string ids */

    uint32_t n_strings, n_types, n_mappings, n_functions, n_locations, n_lines;
    uint32_t n_stacks, n_frames, n_label_sets, n_labels, n_samples, n_comments, n_places;

    uint32_t default_sample_type, doc_url, drop_frames, keep_frames; /* string ids */
    struct pp_value_type period_type;
    int64_t period;
    int64_t time_nanos;     /* since 1970, UTC; 0 is unknown */
    int64_t duration_nanos; /* 0 is unknown */
};

static inline struct pp_str pp_string(const struct pp_profile *p, uint32_t id) {
    return p->strings[id];
}

/* The id of the entry at a position; `ids`: function_ids or location_ids. */
static inline uint64_t pp_id(const uint64_t *ids, uint32_t at) {
    return ids ? ids[at] : (uint64_t)at + 1;
}

static inline struct pp_line pp_line_at(const struct pp_profile *p, uint32_t at) {
    struct pp_line_row row = p->lines[at];
    if (row.place < PP_FAR_PLACE) return (struct pp_line){row.function, row.place, 0};
    const struct pp_place *place = &p->places[row.place - PP_FAR_PLACE];
    return (struct pp_line){row.function, place->line, place->column};
}

/* The location of a frame; `at` counts over all stacks, from a stack's `first` on. */
static inline uint32_t pp_frame_in(struct pp_frames f, uint32_t at) {
    if (f.narrow) return f.narrow[at];
    if (f.wide) return f.wide[at];
    const uint8_t *b = f.middle[at].at;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16;
}

/* Runs the statement with `frames`: those of `all` from `first` on, of a width that the compiler
 * knows, so that a loop over them is made for each width. */
#define PP_WITH_FRAMES(all, first, frames, statement)                                              \
    do {                                                                                           \
        if ((all).narrow) {                                                                        \
            const struct pp_frames frames = {.narrow = (all).narrow + (first)};                    \
            statement;                                                                             \
        } else if ((all).middle) {                                                                 \
            const struct pp_frames frames = {.middle = (all).middle + (first)};                    \
            statement;                                                                             \
        } else {                                                                                   \
            const struct pp_frames frames = {.wide = (all).wide + (first)};                        \
            statement;                                                                             \
        }                                                                                          \
    } while (0)

/* Puts a location that has room in such a frame. */
static inline void pp_frame_put(struct pp_frames f, uint32_t at, uint32_t location) {
    if (f.narrow)
        f.narrow[at] = (uint16_t)location;
    else if (f.wide)
        f.wide[at] = location;
    else
        f.middle[at] = (struct pp_frame24){
            {(uint8_t)location, (uint8_t)(location >> 8), (uint8_t)(location >> 16)}};
}

/* Where it stands, for who has it fetched from memory. */
static inline const void *pp_frame_address(const struct pp_frames *f, size_t at) {
    if (f->narrow) return f->narrow + at;
    return f->wide ? (const void *)(f->wide + at) : f->middle + at;
}

static inline uint32_t pp_frame(const struct pp_profile *p, uint32_t at) {
    return pp_frame_in(p->frames, at);
}

static inline uint32_t pp_labels_of(const struct pp_profile *p, uint32_t sample) {
    return p->sample_labels ? p->sample_labels[sample] : 0;
}

static inline int64_t pp_value(const struct pp_profile *p, uint32_t sample, uint32_t type) {
    return p->values[(size_t)sample * p->n_types + type];
}

#endif
