/* Lines typed at a terminal, edited by libedit: history, search with ^R, completion with Tab, and
 * what ~/.editrc says. All of it shows on env->terminal: standard output is for reports. */
#ifndef DRIVER_EDITOR_H
#define DRIVER_EDITOR_H

#include "base/world.h"
#include "profile/profile.h"
#include "query/catalog.h"

struct editor;

/* `p`: whose functions and sample types complete words; it outlives the editor. NULL where libedit
 * is not installed, or has no use for this terminal. */
struct editor *editor_open(const struct pp_profile *p, const struct catalog *catalog,
                           const struct world *env);

/* The next line; false at the end. It lives until the next call. */
bool editor_line(struct editor *e, struct pp_str *ret_line);

void editor_close(struct editor *e);

#endif
