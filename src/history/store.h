/* What the files of a history share. */
#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include "history/db.h"
#include "history/history.h"

enum { HISTORY_VERSION = 3 };

/* Sums that have not moved into a block. */
#define SCHEMA_OF_SUMS                                                                             \
    "CREATE TABLE sums(run INTEGER NOT NULL, type TEXT NOT NULL, unit TEXT NOT NULL,"              \
    " total INTEGER NOT NULL, count INTEGER NOT NULL, functions BLOB NOT NULL,"                    \
    " PRIMARY KEY(run, type)) WITHOUT ROWID;"                                                      \
    "CREATE INDEX sums_by_type ON sums(type, run);"
#define SCHEMA_OF_BLOCKS                                                                           \
    "CREATE TABLE blocks(id INTEGER PRIMARY KEY, type TEXT NOT NULL, machine TEXT NOT NULL,"       \
    " n INTEGER NOT NULL, runs BLOB NOT NULL, functions BLOB NOT NULL);"
#define SCHEMA_OF_COLUMNS                                                                          \
    "CREATE TABLE columns(block INTEGER NOT NULL, function INTEGER NOT NULL, cells BLOB NOT NULL," \
    " PRIMARY KEY(block, function)) WITHOUT ROWID;"

struct history {
    struct db *db;
    const char *path;
    bool is_reading;
    struct pp_arena arena;
};

/* From here on all that is read is of one moment. */
bool history_begin(struct history *h, struct pp_error *err);

/* The largest id of a function; they are the numbers from 1 on. */
bool history_max_function(struct history *h, int64_t *ret_id, struct pp_error *err);

/* Calls `visit` between BEGIN and COMMIT; what it did is undone when it fails. */
bool history_change(struct history *h, bool (*visit)(void *user, struct pp_error *err), void *user,
                    struct pp_error *err);

/* Writes into the file that it is of this version. */
bool history_mark(struct history *h, struct pp_error *err);

/* From an older version to this one. Within history_change. */
bool history_upgrade(struct history *h, struct pp_error *err);

/* Within history_change. */
bool history_add(struct history *h, const struct history_entry *entry, bool *ret_known,
                 struct pp_error *err);

#endif
