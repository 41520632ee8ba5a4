/* The labels of a sample of profile.proto, on their way into a set: strings are still positions in
 * string_table. */
#ifndef PROFILE_PROTO_LABELS_H
#define PROFILE_PROTO_LABELS_H

#include "profile/decode/proto_sample.h"
#include "profile/profile.h"

struct proto_labels {
    struct pp_arena *arena;
    struct pp_label *at;
    size_t cap;
    bool units_only; /* of numbers: only which units come with which keys; no texts */
    uint64_t most;   /* of a sample; where there are more, all stay, for who counts them */
    uint32_t largest_given_up; /* string that a label which is not taken refers to */
};

/* Takes them into at[], texts first; returns how many there are. Labels without a value are none.
 */
uint32_t proto_labels_take(struct proto_labels *l, const struct proto_sample *s,
                           uint32_t *ret_n_text);

#endif
