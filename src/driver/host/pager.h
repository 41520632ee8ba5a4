/* Long texts on a terminal. */
#ifndef DRIVER_PAGER_H
#define DRIVER_PAGER_H

#include "base/world.h"

/* Shows a text by the program that PAGER names, or by less, if it has more lines than the terminal.
 * False where it fits, where there is no terminal or no such program: print it then. */
bool pager_show(struct pp_str text, const struct world *env);

#endif
