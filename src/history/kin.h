/* Functions that feel the same thing of a machine, its memory for one: from run to run they go
 * together. What changes in several of these at once is that thing, and no commit of one of them.
 * docs/history.md says how it is told. Numbers in, numbers out. */
#ifndef HISTORY_KIN_H
#define HISTORY_KIN_H

#include "history/change.h"

#include <stdbool.h>

/* What others did where a function changed. */
struct kin {
    uint32_t n_along; /* so many changed there in the same direction, by no less than a third */
    bool shares;      /* one that goes together with it elsewhere did, by enough to explain it */
};

/* Of the n series `of`, all as long as this one. NULL values are passed over. */
struct kin kin_of(const struct change_series *of, uint32_t n, const struct change_series *s,
                  const struct change_point *c);

#endif
