/* Functions of one name: `static` ones of several files in C, methods of several modules. pprof's
 * reports add them up; -diff must not, since one of them could hide what the other one grew by. */
#ifndef REPORT_HOMONYMS_H
#define REPORT_HOMONYMS_H

#include "report/report.h"

/* A view in which functions have their file only where a side has their name in several files, and
 * how to make a graph of it. Files are believed where the profile knows in which line a function
 * begins: else they may be those of inlined code. Nothing changes for other granularities than
 * functions. Lives in rc->arena. */
void homonyms_tell_apart(const struct report_ctx *rc, struct pp_profile *ret_view,
                         struct graph_options *ret_options);

#endif
