/* Many addresses of many objects at once: each object's addresses are sorted and put to their
 * units, and the units of all objects are resolved by several threads. */
#ifndef SYMBOL_BATCH_H
#define SYMBOL_BATCH_H

#include "symbol/object.h"

struct batch_object {
    struct object *object;  /* opened; batch_run loads what it needs of it */
    struct lookup *lookups; /* by address, each once; batch_run answers them in place */
    size_t n;
    uint32_t n_split_missing; /* units whose .dwo file was not found */
};

struct index_store;

struct batch_options {
    struct debug_dirs dirs;
    const struct index_store *index; /* where indexes are kept; NULL: none is read */
    struct name_budget *names;       /* what texts may take in `ret_arenas`; NULL: NAME_BYTES */
    bool fast;                       /* names from symbol tables only */
    unsigned threads;                /* 0: the machine's cores */
    void (*progress)(void *user, size_t done, size_t total); /* from any thread, or NULL */
    void *user;
};

/* What the answers need lives in `ret_arenas` (PARALLEL_MAX + 1 of them, zeroed by the caller,
 * who frees them) and in the objects. */
void batch_run(struct batch_object *objects, size_t n, const struct batch_options *opt,
               struct pp_arena *ret_arenas);

#endif
