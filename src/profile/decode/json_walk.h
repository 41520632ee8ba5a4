/* Reading objects of JSON by the members that are wanted: a member has a function and a place, and
 * what is not wanted, or null, is skipped. */
#ifndef PROFILE_JSON_WALK_H
#define PROFILE_JSON_WALK_H

#include "base/json_read.h"
#include "cpprof/error.h"

#include <stdint.h>

struct json_walk {
    struct json_read j;
    struct pp_arena *arena; /* of strings with escapes */
    const char *why;        /* what was expected */
};

typedef bool (*walk_value)(struct json_walk *w, void *to);

struct walk_member {
    const char *key;
    walk_value read;
    size_t place; /* in the struct that is filled */
};

/* Each member into its place in `to`; a key that comes again overwrites. */
bool walk_object(struct json_walk *w, const struct walk_member *members, size_t n, void *to);
#define WALK_OBJECT(w, members, to)                                                                \
    walk_object((w), (members), sizeof(members) / sizeof *(members), (to))

/* Each element, with the same `to`. */
bool walk_array(struct json_walk *w, walk_value read, void *to);

/* Each member of an object whose keys are names of the file's own. */
typedef bool (*walk_named)(struct json_walk *w, struct pp_str key, void *to);
bool walk_members(struct json_walk *w, walk_named read, void *to);

/* Numbers are never NaN; an int64_t is the nearest. A boolean is a number, too. */
bool walk_double(struct json_walk *w, void *to_double);
bool walk_number(struct json_walk *w, void *to_double); /* or a text that is one */
bool walk_i64(struct json_walk *w, void *to_i64);
bool walk_text(struct json_walk *w, void *to_str);

/* A text, or a number as it stands. */
bool walk_id(struct json_walk *w, void *to_str);

/* Where the value stands, to read it later; it is skipped. 0 is nowhere: no member stands there. */
bool walk_place(struct json_walk *w, void *to_size);

/* Reads what stands at a place that walk_place found, and comes back. */
bool walk_there(struct json_walk *w, size_t place, walk_value read, void *to);

/* An array of numbers, null for NAN: struct walk_doubles. */
struct walk_doubles {
    double *at;
    size_t n, cap;
};
bool walk_doubles(struct json_walk *w, void *to_doubles);
bool walk_more_doubles(struct json_walk *w, void *to_doubles); /* keeps those that are there */

/* The nearest whole number; a large one is cut to what fits. */
int64_t walk_round(double d);

/* Any value; nothing is kept of it. */
bool walk_skip(struct json_walk *w);

bool walk_wrong(struct json_walk *w, const char *why);

/* "speedscope: expected a number at byte 7" */
bool walk_fail(const struct json_walk *w, const char *format, struct pp_error *err);

#endif
