/* What the decoders of JSON with a tree of calls share: the text that is walked, what is built, and
 * how both end. */
#ifndef PROFILE_JSON_PROFILE_H
#define PROFILE_JSON_PROFILE_H

#include "profile/decode/call_tree.h"
#include "profile/decode/json_walk.h"

struct json_profile {
    struct input *in;
    struct profile_builder b;
    struct call_tree tree;
    struct pp_arena scratch;
    struct json_walk w;
    struct pp_error why; /* set: says more than the place where the walk ended */
};

/* In place: it must not move afterwards. */
void json_profile_open(struct json_profile *p, struct input *in, struct pp_arena *arena,
                       uint32_t n_columns);

/* Hands the profile over if all went well, and notes it when there is nothing in it; else says why,
 * in the name of `format`. Frees the rest either way. */
bool json_profile_close(struct json_profile *p, bool ok, const char *format,
                        struct pp_profile *ret_profile, struct pp_error *err);

/* The columns "samples" and, in nanoseconds, `time`. */
void json_profile_time_types(struct json_profile *p, const char *time);

/* Adds a label to the `n` that are there, unless its text is empty. */
void json_profile_label(struct json_profile *p, struct pp_label *labels, uint32_t *n,
                        const char *key, struct pp_str text);

#endif
