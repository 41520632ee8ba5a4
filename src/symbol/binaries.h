/* The binaries that a profile's mappings name, with their debug files: where they are found, each
 * opened once, for the symbolizer and for every report. Which path a mapping means was decided
 * before (locate.h). */
#ifndef SYMBOL_BINARIES_H
#define SYMBOL_BINARIES_H

#include "cpprof/diag.h"
#include "symbol/batch.h"

#include <pthread.h>

struct binaries_options {
    const struct pp_str *debug_dirs; /* where separate debug files are, besides /usr/lib/debug */
    size_t n_debug_dirs;
    bool debuginfod;             /* ask the servers in DEBUGINFOD_URLS for what is not here */
    unsigned debuginfod_seconds; /* for all that is fetched */
    unsigned threads;            /* 0: the machine's processors */
};

struct binary {
    struct pp_str file, build_id; /* as they were asked for */
    bool any_build;               /* also a file of another build id was welcome */
    bool is_open;
    struct pp_error error;      /* why it isn't */
    struct object object;       /* its path is where it was found in the end */
    struct debug_search search; /* what else was looked at to find it */
    struct symbol_group *groups;
    size_t n_groups;
    bool has_groups;
    struct binary *next;
};

/* Several threads may ask at once: each function takes the lock. */
struct binaries {
    struct binaries_options opt;
    struct pp_arena arena;
    struct debug_dirs dirs;
    struct debuginfod servers;
    struct binary *first;
    pthread_mutex_t lock;
};

/* Nothing is opened yet. That no server can be asked is said. `opt` points to what lives longer. */
void binaries_init(struct binaries *b, const struct binaries_options *opt,
                   const struct pp_diag *diag);
void binaries_done(struct binaries *b);

/* The binary at `file`, or of `build_id` where there is none or that is another build: from the
 * servers. The same one when it is asked for again. It may still be of another build: who asks
 * compares. */
struct binary *binaries_open(struct binaries *b, struct pp_str file, struct pp_str build_id,
                             bool any_build);

/* Answers the lookups of several binaries; see batch.h. */
void binaries_resolve(struct binaries *b, struct batch_object *objects, size_t n,
                      const struct batch_options *opt, struct pp_arena *ret_arenas);

/* All symbols by address: the binary's own, or those of its debug file. */
void binaries_symbols(struct binaries *b, struct binary *binary, struct symbol_group **ret_groups,
                      size_t *ret_n);

#endif
