/* Sets of labels as they came, all of them different, put in order. */
#ifndef PROFILE_LABEL_SETS_H
#define PROFILE_LABEL_SETS_H

#include "profile/builder.h"

/* Puts the labels of all sets in order where they stand. False: some refer to no string below
 * n_strings, or two sets may be equal now; then they are to be looked up again, and that some are
 * in order does no harm. */
bool label_sets_order(struct profile_builder *b, uint32_t n_strings);

#endif
