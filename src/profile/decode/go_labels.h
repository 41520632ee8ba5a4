/* Labels as Go's runtime writes them into texts: {"key":"value", "other":"value"}, each part quoted
 * as by strconv.Quote. */
#ifndef PROFILE_GO_LABELS_H
#define PROFILE_GO_LABELS_H

#include "profile/builder.h"

enum { GO_LABELS_MAX = 256 }; /* of one sample; what is over that is left out */

/* Reads the labels that `s` begins with; false, and nothing is added, when it is no such list.
 * `ret_labels` has room for GO_LABELS_MAX. */
bool go_labels_read(struct profile_builder *b, struct pp_str s, struct pp_arena *scratch,
                    struct pp_label *ret_labels, uint32_t *ret_n);

#endif
