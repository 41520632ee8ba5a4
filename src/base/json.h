/* Writing JSON as it comes, without building it: the writer keeps only the nesting. Invalid UTF-8
 * in a string becomes U+FFFD; integers are written whole. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/out.h"

#include <stdint.h>

struct json {
    struct out *out;
    unsigned depth;   /* how many objects and arrays are open; 63 at most */
    uint64_t started; /* a bit a level: something stands there already, so a comma is due */
    bool after_key;
};

void json_begin(struct json *j, struct out *out);

void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);
void json_key_str(struct json *j, struct pp_str key);

void json_str(struct json *j, struct pp_str s);
void json_i64(struct json *j, int64_t v);
void json_u64(struct json *j, uint64_t v);
void json_hex(struct json *j, uint64_t v); /* "0x1f": an address does not fit a double */
void json_bool(struct json *j, bool v);
void json_null(struct json *j);
void json_double(struct json *j, double v); /* shortest text that reads back equal; NaN is null */

/* A line break before the next element: for readers, and for diffs by line. */
void json_line(struct json *j);

/* A line break before the bracket that closes. */
void json_newline(struct json *j);

/* What stands between the last value and the next one. */
static inline void json_separate(struct json *j) {
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    uint64_t bit = UINT64_C(1) << (j->depth & 63);
    if (j->started & bit) out_char(j->out, ',');
    j->started |= bit;
}

/* A writer of one element of the array that `j` has begun, to another output: before it stands what
 * stands between elements, unless it is the first. */
static inline struct json json_element(const struct json *j, struct out *o, bool is_first) {
    struct json element = *j;
    element.out = o;
    if (!is_first) element.started |= UINT64_C(1) << (j->depth & 63);
    return element;
}

/* A key that needs no escapes; one known to the compiler is copied without a call. */
static inline void json_key(struct json *j, const char *key) {
    json_separate(j);
    out_char(j->out, '"');
    out_bytes(j->out, key, strlen(key));
    OUT_LIT(j->out, "\":");
    j->after_key = true;
}

/* For a value that the caller writes himself, since it is written so often that the writer's calls
 * would show. */
static inline struct out *json_raw(struct json *j) {
    json_separate(j);
    return j->out;
}

/* The string as a JSON literal with its quotes, outside any writer. */
void json_literal(struct out *out, struct pp_str s);

#endif
