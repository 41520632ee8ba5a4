/* The streaming reader of Sample messages, nine tenths of a profile's bytes. */
#ifndef PROFILE_PROTO_SAMPLE_H
#define PROFILE_PROTO_SAMPLE_H

#include "base/arena.h"
#include "profile/wire.h"

/* A Label with its strings as they stand on the wire: positions in string_table. */
struct proto_label {
    int64_t num;
    uint32_t key, str, unit;
    uint32_t zero; /* no padding: sets of labels are compared as bytes */
};

/* One sample; the arrays are reused from sample to sample. Location ids that stand in one packed
 * field, as nearly always, are left there. */
struct proto_sample {
    struct pp_arena *arena;
    struct wire packed; /* what proto_sample_locations has not decoded yet */
    uint64_t *locations;
    int64_t *values;
    struct proto_label *labels;
    size_t n_locations, cap_locations, n_values, cap_values, n_labels, cap_labels;
};

/* Replaces the contents of `s` by the message. NULL, or what is wrong with it. */
const char *proto_sample_read(struct proto_sample *s, struct wire message);

/* Decodes what is packed into locations[]. NULL, or what is wrong with it. */
const char *proto_sample_locations(struct proto_sample *s);

#endif
