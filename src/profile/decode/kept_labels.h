/* Labels that nobody has asked for yet. A decoder that may (input.labels_later) leaves them out of
 * the profile and keeps them in a fourth of the room, in an order that only samples know; who asks
 * gets the profile that would have come of decoding them at once. */
#ifndef PROFILE_KEPT_LABELS_H
#define PROFILE_KEPT_LABELS_H

#include "profile/decode/proto_labels.h"
#include "profile/known.h"

/* Lives in `arena`, with all that it keeps. */
struct kept_labels *kept_labels_new(struct pp_arena *arena);

/* Those of the next sample. */
void kept_labels_add(struct kept_labels *k, const struct proto_sample *s);
uint32_t kept_labels_count(const struct kept_labels *k);

/* All are there; `strings` are copied. `all`: the profile has of no sample more than of others. */
void kept_labels_end(struct kept_labels *k, bool all, struct proto_strings strings);

/* The profile with its labels: `p` as it was decoded, or a view of it with the same samples in the
 * same order, and the same strings before any others. What is not shared lives in `arena`. Any
 * number of threads may do this at once, each with an arena of its own. */
struct pp_profile kept_labels_restore(const struct kept_labels *k, const struct pp_profile *p,
                                      struct pp_arena *arena);

/* By sample of such a profile, sums that are those of another sample, also of another profile,
 * where both have the same labels; of a sample without labels they are 0. For who only asks whether
 * they are the same: no set of them is made. Not of a file that has a string twice, or a key
 * behind very many strings. */
bool kept_labels_have_sums(const struct kept_labels *k);
struct known_sums *kept_labels_sums(const struct kept_labels *k, const struct pp_profile *p,
                                    struct pp_arena *arena);

#endif
