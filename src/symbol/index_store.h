/* The folder where indexes of binaries are kept (symbol_index.h), a file each: under the binary's
 * build id, or, where it has none, under its size, its times and a hash of its headers.
 *
 * Whose files are read: those of the user, of root and, in a folder that the user named, of the
 * folder's owner; none that others may write to. */
#ifndef SYMBOL_INDEX_STORE_H
#define SYMBOL_INDEX_STORE_H

#include "symbol/symbol_index_make.h"

struct index_store {
    struct pp_str dir;   /* "" : nothing is kept */
    bool is_named;       /* the user named it; else it is the user's cache */
    uint64_t most_bytes; /* of all files; those that were not used for longest go; 0: no bound */
};

/* What was written. */
struct index_made {
    struct pp_arena *arena; /* the caller's, for the path */
    struct pp_str path;
    uint64_t bytes, rows;
};

/* Has the object answered by its index, if there is one that can be trusted. One that can't be is
 * remembered, with the reason, in index_path and index_trouble. Asking again does nothing. */
void index_store_attach(const struct index_store *s, struct object *o);

/* Makes the index of an opened binary and puts it into the folder, whole or not at all. Then
 * removes what is too much. The folder is made if it is missing. */
bool index_store_make(const struct index_store *s, struct object *o,
                      const struct index_options *opt, struct index_made *made,
                      struct pp_error *err);

/* Makes the folder, with those above it. */
bool index_store_make_folder(const struct index_store *s, struct pp_error *err);

#endif
