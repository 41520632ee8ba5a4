/* What a profile has more than its base. */
#ifndef LOAD_COMPARE_H
#define LOAD_COMPARE_H

#include "load/gather.h"

/* Subtracts `base`, which is used up, from `p`, as the options say; says so when sample types were
 * lost. `p` is used up, too, when it fails. */
bool compare_sides(const struct load_options *o, const struct pp_diag *diag, struct held *p,
                   struct held *base, struct pp_error *err);

#endif
