/* What the files of a history share. */
#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include "history/db.h"
#include "history/history.h"

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

/* Within history_change. */
bool history_add(struct history *h, const struct history_entry *entry, bool *ret_known,
                 struct pp_error *err);

#endif
