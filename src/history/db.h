/* SQLite, as far as a history needs it. The library is loaded when a history is asked for. A text
 * of an error names the file. */
#ifndef HISTORY_DB_H
#define HISTORY_DB_H

#include "base/arena.h"
#include "cpprof/error.h"

struct db;
struct db_query;

/* Waits up to a minute for others that write. `create`: makes the file where there is none. */
bool db_open(const char *path, bool create, struct db **ret_db, struct pp_error *err);
void db_close(struct db *db); /* NULL is fine; what was begun and not committed is undone */

/* The file is one of something else. */
bool db_foreign(const char *path, struct pp_error *err);

/* Several statements without parameters. */
bool db_run(struct db *db, const char *sql, struct pp_error *err);

/* A number that a statement gives, as "PRAGMA user_version". */
bool db_number(struct db *db, const char *sql, int64_t *ret_number, struct pp_error *err);

/* One statement; db_done frees. Parameters count from 1, columns from 0. */
bool db_ask(struct db *db, const char *sql, struct db_query **ret_query, struct pp_error *err);
void db_set_int(struct db_query *q, int at, int64_t value);
void db_set_text(struct db_query *q, int at, struct pp_str value);
void db_set_blob(struct db_query *q, int at, struct pp_str value);

/* The next row; ret_row false: there is none, and the query may be set and asked again. */
bool db_next(struct db_query *q, bool *ret_row, struct pp_error *err);
/* For a loop over rows: while (db_more(q, &ok, err)) ok = ...; which ends where `ok` is false. */
bool db_more(struct db_query *q, bool *ok, struct pp_error *err);
/* The same for a statement that gives no rows. */
bool db_do(struct db_query *q, struct pp_error *err);
int64_t db_int(struct db_query *q, int at);
struct pp_str db_text(struct db_query *q, int at); /* until the next step */
void db_again(struct db_query *q);
void db_done(struct db_query *q); /* NULL is fine */

int64_t db_last_id(struct db *db);
int64_t db_changes(struct db *db);

#endif
