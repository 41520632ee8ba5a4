/* Labels that nobody has asked for yet. A decoder that may (input.labels_later) leaves them out of
 * the profile and keeps them in a fourth of the room, in an order that only samples know; who asks
 * gets the profile that would have come of decoding them at once. */
#ifndef PROFILE_KEPT_LABELS_H
#define PROFILE_KEPT_LABELS_H

#include "profile/decode/proto_labels.h"

/* Lives in `arena`, with all that it keeps. */
struct kept_labels *kept_labels_new(struct pp_arena *arena);

/* Those of the next sample. */
void kept_labels_add(struct kept_labels *k, const struct proto_sample *s);
uint32_t kept_labels_count(const struct kept_labels *k);

/* All are there; `strings` are copied. */
void kept_labels_end(struct kept_labels *k, struct proto_strings strings);

/* The profile with its labels: `p` as it was decoded, or a view of it with the same samples in the
 * same order, and the same strings before any others. What is not shared lives in `arena`. Any
 * number of threads may do this at once, each with an arena of its own. */
struct pp_profile kept_labels_restore(const struct kept_labels *k, const struct pp_profile *p,
                                      struct pp_arena *arena);

#endif
