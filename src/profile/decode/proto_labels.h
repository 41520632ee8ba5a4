/* The labels of samples of profile.proto, on their way into sets. Strings are positions in
 * string_table until all of it is there. */
#ifndef PROFILE_PROTO_LABELS_H
#define PROFILE_PROTO_LABELS_H

#include "profile/builder.h"
#include "profile/decode/proto_sample.h"
#include "profile/decode/proto_strings.h"

struct kept_labels;

enum { PROTO_MOST_KEYS = 1 << 20 };

struct proto_labels {
    struct profile_builder *b; /* whose sets they become */
    struct pp_arena *scratch;
    struct pp_label *at; /* of the sample at hand */
    size_t cap;
    struct hash_index index; /* of the sets so far */
    bool units_only;         /* of numbers: only which units come with which keys; of texts: those
                                that are their key's first, which that of a comparison's base is */
    uint32_t *first_texts;   /* by key, then; 0: it had none so far */
    uint32_t n_keys;
    size_t cap_keys;
    struct kept_labels *kept; /* gets those that are not taken for that reason; or NULL */
    uint64_t most;            /* of a sample; where there are more, all stay, for who counts them */
    uint32_t largest_given_up; /* string that a label which is not taken refers to */
};

/* Whether so many more can be. */
bool proto_labels_fit(const struct proto_labels *l, size_t n);

/* The set of the sample's labels among those so far, which stand where the resolved ones will. */
uint32_t proto_labels_add(struct proto_labels *l, const struct proto_sample *s);

/* Sets before and after are told apart from here on, which costs memory only. */
void proto_labels_forget(struct proto_labels *l);

/* Brings all sets, and what samples have, to the builder's strings. False: a string is used that
 * does not exist. */
bool proto_labels_resolve(struct proto_labels *l, struct proto_strings strings);

#endif
