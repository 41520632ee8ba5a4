/* Paths as text, as Go's path/filepath treats them on Unix. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/arena.h"
#include "cpprof/str.h"

/* The shortest path of the same meaning, without looking at any file; "" is ".". */
struct pp_str path_clean(struct pp_str path, struct pp_arena *arena);

/* What follows the last slash, trailing slashes aside; "." of "", "/" of slashes alone. */
struct pp_str path_base(struct pp_str path);

/* All before the last slash, cleaned. */
struct pp_str path_dir(struct pp_str path, struct pp_arena *arena);

/* The two joined by a slash and cleaned; an empty one is left out. */
struct pp_str path_join(struct pp_str a, struct pp_str b, struct pp_arena *arena);

#endif
