/* Functions that feel the same thing of a machine, its memory for one: from run to run they go
 * together. What changes in several of these at once is that thing, and no commit of one of them.
 * docs/history.md says how it is told. Numbers in, numbers out. */
#ifndef HISTORY_KIN_H
#define HISTORY_KIN_H

#include "history/change.h"

#include <stdbool.h>

/* Whether one of the n series `of`, all as long as this one, goes together with it elsewhere,
 * and changed at the same run in the same direction, by enough to explain it. NULL values are
 * passed over. */
bool kin_shares(const struct change_series *of, uint32_t n, const struct change_series *s,
                const struct change_point *c);

#endif
