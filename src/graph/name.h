/* Names and places of nodes. */
#ifndef GRAPH_NAME_H
#define GRAPH_NAME_H

#include "base/out.h"
#include "graph/graph.h"

/* A source path without the prefix that the user, or a build system, wants gone. `trim` and
 * `source` are lists separated by ':'; without `trim`, a directory named like the last part of one
 * in `source` is cut off together with all before it. */
struct pp_str name_trim_path(struct pp_str path, struct pp_str trim, struct pp_str source,
                             struct pp_arena *arena);

/* Writes the printable name of a place that is given by its parts. */
void name_put_printable(const struct pp_profile *p, const struct graph_info *info,
                        struct pp_str file, struct out *o);

/* The file of a function as graphs show it: trimmed and cleaned; "" stays "". */
struct pp_str name_file(struct pp_str path, const struct graph_options *opt,
                        struct pp_arena *arena);

#endif
