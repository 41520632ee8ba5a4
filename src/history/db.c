#include "history/db.h"

bool db_foreign(const char *path, struct pp_error *err) {
    return pp_fail(err, PP_E_FORMAT, "%s: is no history of cpprof", path);
}

bool db_more(struct db_query *q, bool *ok, struct pp_error *err) {
    bool row = false;
    if (*ok) *ok = db_next(q, &row, err);
    return *ok && row;
}

#ifdef CPPROF_HAVE_SQLITE

#include "base/library.h"
#include "base/path.h"

#include <errno.h>
#include <sqlite3.h>
#include <unistd.h>

#define SQLITE_FUNCTIONS(X)                                                                        \
    X(open_v2)                                                                                     \
    X(close)                                                                                       \
    X(busy_timeout)                                                                                \
    X(exec)                                                                                        \
    X(errmsg)                                                                                      \
    X(extended_errcode)                                                                            \
    X(prepare_v2)                                                                                  \
    X(bind_int64)                                                                                  \
    X(bind_text)                                                                                   \
    X(bind_blob)                                                                                   \
    X(step)                                                                                        \
    X(reset)                                                                                       \
    X(finalize)                                                                                    \
    X(column_int64)                                                                                \
    X(column_blob)                                                                                 \
    X(column_bytes)                                                                                \
    X(last_insert_rowid)                                                                           \
    X(changes)

struct sqlite_api {
#define SQLITE_FIELD(name) __typeof__(sqlite3_##name) *name;
    SQLITE_FUNCTIONS(SQLITE_FIELD)
#undef SQLITE_FIELD
};

enum { BUSY_MS = 60000 };

struct db {
    struct sqlite_api api;
    sqlite3 *handle;
    const char *path;
    struct pp_arena arena;
};

struct db_query {
    struct db *db;
    sqlite3_stmt *statement;
};

static bool load(struct sqlite_api *ret_api, struct pp_error *err) {
    void *library = library_open(LIBRARY_SQLITE);
    if (!library)
        return pp_fail(err, PP_E_UNSUPPORTED,
                       "a history needs " LIBRARY_SQLITE " (Debian: apt-get install libsqlite3-0)");
#define FIND(name)                                                                                 \
    if (!library_find(library, "sqlite3_" #name, &ret_api->name))                                  \
        return pp_fail(err, PP_E_UNSUPPORTED, LIBRARY_SQLITE " lacks sqlite3_%s", #name);
    SQLITE_FUNCTIONS(FIND)
#undef FIND
    return true;
}

/* SQLite, which makes its journal beside the file, says no more than that it can't. */
static const char *why_not_open(const struct db *db) {
    struct pp_arena scratch = {0};
    struct pp_str dir = path_dir(pp_str_from(db->path), &scratch);
    bool may = access(pp_arena_copy(&scratch, dir).data, R_OK | W_OK | X_OK) == 0;
    const char *why = may ? db->api.errmsg(db->handle) : strerror(errno);
    pp_arena_done(&scratch);
    return why;
}

static bool failed(const struct db *db, struct pp_error *err) {
    int extended = db->api.extended_errcode(db->handle), code = extended & 0xff;
    if (extended == SQLITE_READONLY_ROLLBACK)
        return pp_fail(err, PP_E_IO,
                       "%s: who wrote it last was interrupted; it is readable again once somebody "
                       "who may write to it has opened it",
                       db->path);
    if (code == SQLITE_NOTADB) return db_foreign(db->path, err);
    if (code == SQLITE_CORRUPT)
        return pp_fail(err, PP_E_FORMAT, "%s: is damaged; take a copy from before", db->path);
    if (code == SQLITE_BUSY)
        return pp_fail(err, PP_E_IO, "%s: somebody else has been writing for a minute", db->path);
    return pp_fail(err, PP_E_IO, "%s: %s", db->path,
                   code == SQLITE_CANTOPEN ? why_not_open(db) : db->api.errmsg(db->handle));
}

/* For writing always: a journal that was left behind has to be undone. A connection belongs to one
 * thread at a time. */
bool db_open(const char *path, bool create, struct db **ret_db, struct pp_error *err) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOMUTEX;
    struct sqlite_api api;
    if (!load(&api, err)) return false;
    struct db *db = pp_malloc(sizeof *db);
    *db = (struct db){.api = api};
    db->path = pp_arena_copy(&db->arena, pp_str_from(path)).data;
    if (create) flags |= SQLITE_OPEN_CREATE;
    if (api.open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
        failed(db, err);
        db_close(db);
        return false;
    }
    api.busy_timeout(db->handle, BUSY_MS);
    *ret_db = db;
    return true;
}

void db_close(struct db *db) {
    if (!db) return;
    db->api.close(db->handle);
    pp_arena_done(&db->arena);
    pp_free(db);
}

bool db_run(struct db *db, const char *sql, struct pp_error *err) {
    return db->api.exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || failed(db, err);
}

bool db_number(struct db *db, const char *sql, int64_t *ret_number, struct pp_error *err) {
    struct db_query *q;
    bool row;
    if (!db_ask(db, sql, &q, err)) return false;
    bool ok = db_next(q, &row, err);
    if (ok) *ret_number = row ? db_int(q, 0) : 0;
    db_done(q);
    return ok;
}

bool db_ask(struct db *db, const char *sql, struct db_query **ret_query, struct pp_error *err) {
    sqlite3_stmt *statement;
    *ret_query = NULL;
    if (db->api.prepare_v2(db->handle, sql, -1, &statement, NULL) != SQLITE_OK)
        return failed(db, err);
    struct db_query *q = pp_malloc(sizeof *q);
    *q = (struct db_query){db, statement};
    *ret_query = q;
    return true;
}

void db_set_int(struct db_query *q, int at, int64_t value) {
    q->db->api.bind_int64(q->statement, at, value);
}

/* What is bound lives until the statement was run: nothing is copied. */
void db_set_text(struct db_query *q, int at, struct pp_str value) {
    q->db->api.bind_text(q->statement, at, value.data ? value.data : "", (int)value.len,
                         SQLITE_STATIC);
}

void db_set_blob(struct db_query *q, int at, struct pp_str value) {
    q->db->api.bind_blob(q->statement, at, value.data ? value.data : "", (int)value.len,
                         SQLITE_STATIC);
}

bool db_next(struct db_query *q, bool *ret_row, struct pp_error *err) {
    int code = q->db->api.step(q->statement);
    *ret_row = code == SQLITE_ROW;
    if (code == SQLITE_ROW) return true;
    bool ok = code == SQLITE_DONE || failed(q->db, err);
    q->db->api.reset(q->statement);
    return ok;
}

bool db_do(struct db_query *q, struct pp_error *err) {
    bool row;
    bool ok = db_next(q, &row, err);
    if (ok && row) db_again(q);
    return ok;
}

int64_t db_int(struct db_query *q, int at) {
    return q->db->api.column_int64(q->statement, at);
}

struct pp_str db_text(struct db_query *q, int at) {
    const char *data = q->db->api.column_blob(q->statement, at);
    int len = q->db->api.column_bytes(q->statement, at);
    return data && len > 0 ? (struct pp_str){data, (size_t)len} : PP_STR("");
}

void db_again(struct db_query *q) {
    q->db->api.reset(q->statement);
}

void db_done(struct db_query *q) {
    if (!q) return;
    q->db->api.finalize(q->statement);
    pp_free(q);
}

int64_t db_last_id(struct db *db) {
    return db->api.last_insert_rowid(db->handle);
}

int64_t db_changes(struct db *db) {
    return db->api.changes(db->handle);
}

#else

bool db_open(const char *path, bool create, struct db **ret_db, struct pp_error *err) {
    (void)path, (void)create, (void)ret_db;
    return pp_fail(err, PP_E_UNSUPPORTED, "this cpprof was built without SQLite: no history");
}

void db_close(struct db *db) {
    (void)db;
}

static bool unreachable(struct pp_error *err) {
    return pp_fail(err, PP_E_UNSUPPORTED, "no SQLite");
}

bool db_run(struct db *db, const char *sql, struct pp_error *err) {
    (void)db, (void)sql;
    return unreachable(err);
}

bool db_number(struct db *db, const char *sql, int64_t *ret_number, struct pp_error *err) {
    (void)db, (void)sql, (void)ret_number;
    return unreachable(err);
}

bool db_ask(struct db *db, const char *sql, struct db_query **ret_query, struct pp_error *err) {
    (void)db, (void)sql, (void)ret_query;
    return unreachable(err);
}

void db_set_int(struct db_query *q, int at, int64_t value) {
    (void)q, (void)at, (void)value;
}

void db_set_text(struct db_query *q, int at, struct pp_str value) {
    (void)q, (void)at, (void)value;
}

void db_set_blob(struct db_query *q, int at, struct pp_str value) {
    (void)q, (void)at, (void)value;
}

bool db_next(struct db_query *q, bool *ret_row, struct pp_error *err) {
    (void)q, (void)ret_row;
    return unreachable(err);
}

bool db_do(struct db_query *q, struct pp_error *err) {
    (void)q;
    return unreachable(err);
}

int64_t db_int(struct db_query *q, int at) {
    (void)q;
    return at;
}

struct pp_str db_text(struct db_query *q, int at) {
    (void)q, (void)at;
    return PP_STR("");
}

void db_again(struct db_query *q) {
    (void)q;
}

void db_done(struct db_query *q) {
    (void)q;
}

int64_t db_last_id(struct db *db) {
    (void)db;
    return 0;
}

int64_t db_changes(struct db *db) {
    (void)db;
    return 0;
}

#endif
