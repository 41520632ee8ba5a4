/* The binaries that a profile's mappings name, with their debug files: where they are found, each
 * opened once, for the symbolizer and for every report. Which path a mapping means was decided
 * before (locate.h). */
#ifndef SYMBOL_BINARIES_H
#define SYMBOL_BINARIES_H

#include "symbol/batch.h"
#include "symbol/index_store.h"
#include "symbol/kernel_names.h"
#include "symbol/symbol_list.h"

#include <pthread.h>

struct binaries_options {
    const struct pp_str *debug_dirs; /* where separate debug files are, besides /usr/lib/debug */
    size_t n_debug_dirs;
    bool debuginfod;             /* ask the servers in DEBUGINFOD_URLS for what is not here */
    unsigned debuginfod_seconds; /* for all that is fetched */
    uint64_t debuginfod_bytes;   /* for each file that is */
    bool owns_process;           /* what is the process's may be changed meanwhile (debuginfod.h) */
    unsigned threads;            /* 0: the machine's processors */
    struct index_store index;    /* where what was learned of binaries is kept */
    const struct kernel_files *kernel_files; /* of the running kernel; NULL: nobody is asked */
};

struct binary {
    struct pp_str file, build_id; /* as they were asked for */
    bool any_build;               /* also a file of another build id was welcome */
    bool is_open;
    struct pp_error error;      /* why it isn't */
    struct object object;       /* its path is where it was found in the end */
    struct debug_search search; /* what else was looked at to find it */
    struct symbol_groups groups;
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

/* Nothing is opened yet. False, with the reason, when no server can be asked that should be; then
 * the rest works without. `opt` points to what lives longer. */
bool binaries_init(struct binaries *b, const struct binaries_options *opt, struct pp_error *err);
void binaries_done(struct binaries *b);

/* Whether the name of a mapping can be a file's, not memory's or the kernel's. */
bool binaries_is_file(struct pp_str file);

/* The binary at `file`; where there is none, or one of another build, what has `build_id`: the
 * program as a server has it, a debug file or program in the directories of debug files, the debug
 * file as a server has it. The same one when it is asked for again. If all fail it may be of
 * another build: who asks compares. `any_build`: that at `file` will do in any case. */
struct binary *binaries_open(struct binaries *b, struct pp_str file, struct pp_str build_id,
                             bool any_build);

/* Answers the lookups of several binaries; see batch.h. */
void binaries_resolve(struct binaries *b, struct batch_object *objects, size_t n,
                      const struct batch_options *opt, struct pp_arena *ret_arenas);

/* Binaries that answered out of so much debug information that an index is worth its making. */
struct wanted_index {
    struct pp_str path;
    uint64_t bytes; /* of debug information */
};

struct wanted_indexes {
    struct wanted_index *at;
    size_t n;
};

/* Those that were asked and had no index; none where none is kept. Copied into `arena`. */
struct wanted_indexes binaries_unindexed(struct binaries *b, struct pp_arena *arena);

/* All symbols by address: the binary's own, or those of its debug file. */
struct symbol_groups binaries_symbols(struct binaries *b, struct binary *binary);

#endif
