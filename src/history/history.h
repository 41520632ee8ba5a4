/* A history: what runs cost, function by function, in one SQLite file. A run is written in one
 * transaction: whoever is killed meanwhile leaves all of it or nothing; several may write. What is
 * kept are sums, not profiles.
 *
 *     functions   each name once
 *     runs        when, which commit, on which machine, with which labels
 *     sums        a run's values of a sample type, total and a packed list of functions, until
 *                 they move into a block
 *     blocks      many runs of a type and machine: what is asked of each, and what functions they
 *                 have (block.h)
 *     columns     a function's values in the runs of a block
 *     blessed     changes that were made on purpose */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include "base/arena.h"
#include "base/pairs.h"
#include "cpprof/error.h"

struct history;

struct history_sum {
    struct pp_str key, name, file; /* key: what it is known by (gate/identity.h) */
    int64_t line;
    int64_t self, cum; /* in the type's unit */
    int64_t count;     /* of what stands behind `self` */
    uint32_t caller;   /* 1 + the sum of who calls it most; 0: nobody */
};

/* A sample type of a run. */
struct history_sums {
    struct pp_str type, unit;
    bool is_default;
    int64_t total, count;
    struct history_sum *at;
    uint32_t n;
};

struct history_run {
    int64_t time_ns, duration_ns; /* when the profile was taken */
    struct pp_str commit, machine, source;
    struct pp_str labels; /* "key=value", each between newlines */
};

struct history_entry {
    struct history_run run;
    struct history_sums *types;
    uint32_t n_types;
};

/* `create`: makes the file where there is none. One that is no history, cut short, damaged or of a
 * newer version: one line that says so. */
bool history_open(const char *path, bool create, struct history **ret_history,
                  struct pp_error *err);
void history_close(struct history *h); /* NULL is fine */

/* Adds a run. ret_known: the same one is there already, and was not added. */
bool history_record(struct history *h, const struct history_entry *entry, bool *ret_known,
                    struct pp_error *err);

/* Labels as runs keep them. */
struct pp_str history_labels(const struct pairs *labels, struct pp_arena *arena);

/* ---- reading ---- */

struct history_question {
    struct pp_str type;         /* "": the default of the newest run */
    struct pp_str machine;      /* "": that of the newest run */
    const struct pairs *labels; /* only runs that have all these; NULL: any */
    uint32_t n_runs;            /* at most so many, the newest; 0: all */
};

enum history_cost { HISTORY_SELF, HISTORY_CUM, HISTORY_COSTS };

struct history_function {
    struct pp_str key, name, file;
    int64_t line;
    int64_t id;
    double most[HISTORY_COSTS][2]; /* what all runs of a half of the window, the older and the newer
                                      one, cost together is not more than this */
    uint32_t caller;               /* 1 + the function that calls it most; 0: nobody */
};

struct history_blessing {
    struct pp_str name, commit, reason;
};

/* Runs from the oldest to the newest; what functions cost in them is asked for by history_values.
 */
struct history_window {
    struct pp_str type, unit, machine;
    struct history_run *runs;
    uint32_t n_runs, n_elsewhere; /* elsewhere: of other machines, left out */
    double *total, *count;        /* by run */
    struct history_function *functions;
    uint32_t n_functions;
    struct history_blessing *blessed;
    uint32_t n_blessed;
    struct history_source *source; /* where values come from */
};

/* Lives in `arena`, and no longer than the history is open. What is read from here on is of one
 * moment: nobody writes until history_release, or until the history is closed. */
bool history_load(struct history *h, const struct history_question *q,
                  struct history_window *ret_window, struct pp_arena *arena, struct pp_error *err);

struct history_pick {
    const uint32_t *functions; /* n of the window's, each once */
    uint32_t n;
    uint32_t from, to; /* runs */
    enum history_cost cost;
    bool with_counts, with_occurs;
};

/* By function of the pick, and by run from `from` on; 0 where it did not occur. */
struct history_values {
    double **cost, **count;
    bool *occurs; /* in one of these runs, with callees */
};

bool history_values(const struct history_window *w, const struct history_pick *pick,
                    struct history_values *ret_values, struct pp_arena *arena,
                    struct pp_error *err);

/* All that is wanted has been read: others, who waited, may write. */
void history_release(const struct history_window *w);

/* ---- changing ---- */

/* Keeps the newest runs; ret_gone: how many went. */
bool history_prune(struct history *h, uint32_t keep, uint32_t *ret_gone, struct pp_error *err);

/* Adds what the other one has; ret_added: runs that were not there. */
bool history_merge(struct history *h, struct history *other, uint32_t *ret_added,
                   struct pp_error *err);

/* The change that begins with this commit is meant: of "total", or a function. */
bool history_bless(struct history *h, const struct history_blessing *b, struct pp_error *err);

/* Whether it has a function, and a run, that the blessing is of: they may come with a merge. */
bool history_knows(struct history *h, const struct history_blessing *b, bool *ret_name,
                   bool *ret_commit, struct pp_error *err);

#endif
