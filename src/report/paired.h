/* A comparison in which functions of the base bear the names that they have now: what builds put
 * into names, numbers that shifted and renames are no change (gate/identity.h, numbering.h,
 * pairing.h). */
#ifndef REPORT_PAIRED_H
#define REPORT_PAIRED_H

#include "report/report.h"

/* By function of the view: which others bear its name there. */
struct report_paired {
    struct paired_names {
        uint32_t was, n_was;   /* of the base: one, and how many */
        uint32_t with, n_with; /* of the new side: pairs that are not sure are one row */
    } * of;
};

/* Makes the comparison's view such a one. NULL where nothing is paired: there is no base, or it is
 * about other things than functions. Lives in rc->arena. */
const struct report_paired *paired_view(const struct report_ctx *rc, struct pp_profile *view);

#endif
