/* Help, from the tables. */
#ifndef DRIVER_HELP_H
#define DRIVER_HELP_H

#include "base/out.h"
#include "query/catalog.h"

/* -help=NAME: what one report or flag does, with examples; "": the whole help of the command line.
 */
bool help_show(struct out *o, const struct catalog *catalog, const char *name,
               struct pp_error *err);

/* The same in roff, for man. */
void help_put_manual(struct out *o, const struct catalog *catalog);

/* The commands and settings of the prompt. */
void help_put_commands(struct out *o, const struct catalog *catalog);

/* What one command or setting does; false when there is none of that name. */
bool help_put_topic(struct out *o, const struct catalog *catalog, struct pp_str name);

#endif
