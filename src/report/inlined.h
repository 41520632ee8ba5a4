/* Functions that have no code of their own in a profile, since each call of them is inlined. */
#ifndef REPORT_INLINED_H
#define REPORT_INLINED_H

#include "report/report.h"

/* The functions with code into which those that match rx are inlined, by the weight of the samples
 * there, the heaviest first: "work, main and 3 more". "" where nothing that matches is inlined. */
struct pp_str inlined_into(const struct report_ctx *rc, const struct regex *rx);

#endif
