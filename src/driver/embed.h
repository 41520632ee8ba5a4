/* What a report with REPORT_EMBEDS holds of others: the gate's verdict (-rules), the courses of a
 * history (-history), source lines of hot functions (-html_source), comparisons with each source as
 * the base. */
#ifndef DRIVER_EMBED_H
#define DRIVER_EMBED_H

#include "driver/ask.h"

enum { MOST_COMPARISONS = 4 };

struct embedding {
    const struct command_line *cl; /* the question that all of it goes with, */
    const struct fetched *f;       /* and what it is asked of */
    struct report_embedded embedded;
    struct asked asked[MOST_COMPARISONS];
    struct pp_arena arena;
};

/* About the same question as cl->report. embed_done also after a failure. */
bool embed(struct embedding *ret_embedding, const struct command_line *cl, const struct fetched *f,
           struct pp_error *err);
void embed_done(struct embedding *e);

#endif
