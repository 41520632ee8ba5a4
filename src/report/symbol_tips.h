/* What -symbols advises, in words. */
#ifndef REPORT_SYMBOL_TIPS_H
#define REPORT_SYMBOL_TIPS_H

#include "symbol/symbolize.h"

/* One sentence or two. */
struct pp_str symbol_tip_text(const struct symbol_tip *tip, struct pp_arena *arena);

#endif
