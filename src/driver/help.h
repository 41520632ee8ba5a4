/* Help and completion, from the tables. */
#ifndef DRIVER_HELP_H
#define DRIVER_HELP_H

#include "base/out.h"
#include "query/catalog.h"

/* The whole help of the command line. */
void help_put(struct out *o, const struct catalog *catalog);

/* The same in roff, for man. */
void help_put_manual(struct out *o, const struct catalog *catalog);

/* The commands and settings of the prompt. */
void help_put_commands(struct out *o, const struct catalog *catalog);

/* What one command or setting does; false when there is none of that name. */
bool help_put_topic(struct out *o, const struct catalog *catalog, struct pp_str name);

/* A completion script for "bash" or "zsh". */
bool help_completion(struct out *o, const struct catalog *catalog, const char *shell,
                     struct pp_error *err);

#endif
