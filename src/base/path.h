/* Paths as text, as Go's path/filepath treats them on Unix. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/arena.h"
#include "cpprof/str.h"

/* The shortest path of the same meaning, without looking at any file; "" is ".". */
struct pp_str path_clean(struct pp_str path, struct pp_arena *arena);

/* What follows the last slash, trailing slashes aside; "." of "", "/" of slashes alone. */
struct pp_str path_base(struct pp_str path);

/* The last two names, by which people know a file. */
struct pp_str path_end(struct pp_str path);

/* All before the last slash, cleaned. */
struct pp_str path_dir(struct pp_str path, struct pp_arena *arena);

/* The two joined by a slash and cleaned; an empty one is left out. */
struct pp_str path_join(struct pp_str a, struct pp_str b, struct pp_arena *arena);

/* What follows the directory in the path; false when it is not below it. Both are clean. */
bool path_below(struct pp_str path, struct pp_str dir, struct pp_str *ret_rest);

/* Takes the first part of a list separated by ':'; false at its end, where data is NULL. The colon
 * of a drive ("C:\x", "C:/x") separates nothing. An empty list has one empty part. */
bool path_list_next(struct pp_str *list, struct pp_str *ret_part);

/* A path of a Windows file ("C:\x", "C:/x", "\\host\x", or backslashes where it does not begin
 * with a slash) with slashes; any other as it is. */
struct pp_str path_to_slashes(struct pp_str path, struct pp_arena *arena);

#endif
