/* Which profiles the operands mean: a name is one, a directory is all files in it, and @FILE a list
 * of names, one a line (@- reads it from standard input). */
#ifndef LOAD_OPERANDS_H
#define LOAD_OPERANDS_H

#include "base/arena.h"
#include "cpprof/error.h"

struct source_names {
    const char **at; /* in the order of the operands; a directory's sorted by name */
    size_t n, cap;
    struct pp_arena *arena; /* where they live */
};

/* Adds to `names`. Nothing of what is named is opened but directories and lists. A list may name
 * directories, but no further lists. Files whose name begins with a dot, and what is known not to
 * be a regular file, are not taken from a directory; one without any file, or that can't be read,
 * is a source itself, which fails when it is read. The names of a list end with a newline, a
 * carriage return and a newline, or, when there is any (find -print0), NUL. A list without any name
 * is an error. */
bool operands_expand(const char *const *operands, size_t n, int standard_input,
                     struct source_names *names, struct pp_error *err);

#endif
