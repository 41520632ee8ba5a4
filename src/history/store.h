/* What the files of a history share. */
#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include "history/db.h"
#include "history/history.h"

struct history {
    struct db *db;
    const char *path;
    struct pp_arena arena;
};

/* Calls `visit` between BEGIN and COMMIT; what it did is undone when it fails. */
bool history_change(struct history *h, bool (*visit)(void *user, struct pp_error *err), void *user,
                    struct pp_error *err);

/* Within history_change. */
bool history_add(struct history *h, const struct history_entry *entry, bool *ret_known,
                 struct pp_error *err);

#endif
