/* The command line's door to a loaded profile: settings become a question, and the world around the
 * program what a report may use of it. */
#ifndef DRIVER_ASK_H
#define DRIVER_ASK_H

#include "base/world.h"
#include "driver/flags.h"
#include "load/fetch.h"
#include "query/query.h"

struct asked {
    struct query query;
};

/* What the settings ask. The texts are theirs. */
struct pp_query ask_question(const struct settings *s);

/* What the world has for reports: sources, binaries, the terminal, labels of all rows. Lives in
 * `arena`. */
bool ask_host(const struct command_line *cl, const struct fetched *f, struct query_host *ret_host,
              struct pp_arena *arena, struct pp_error *err);

/* Asks for cl->report over `f`, which is not changed. Everything lives in `arena`, and in `f`;
 * asked_done frees the rest, also after a failure. */
bool ask(const struct command_line *cl, const struct fetched *f, struct asked *ret_asked,
         struct pp_arena *arena, struct pp_error *err);
void asked_done(struct asked *a);

/* Turns the old flags that name a sample value (-inuse_space) into -sample_index and -mean. */
void ask_by_shorthand(struct settings *s, const struct world *env);

#endif
