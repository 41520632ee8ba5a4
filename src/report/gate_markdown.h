/* The gate's report for a comment on a pull request. */
#ifndef REPORT_GATE_MARKDOWN_H
#define REPORT_GATE_MARKDOWN_H

#include "base/out.h"
#include "gate/gate_eval.h"

/* `runs`: of the base and of the new side. */
void gate_markdown(struct out *o, const struct gate_result *r, const uint32_t runs[2],
                   struct pp_arena *arena);

#endif
