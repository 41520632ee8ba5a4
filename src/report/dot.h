/* The call graph as a drawing for graphviz. */
#ifndef REPORT_DOT_H
#define REPORT_DOT_H

#include "report/report.h"

bool dot_render(const struct report_ctx *rc, struct out *o, struct pp_error *err);

#endif
