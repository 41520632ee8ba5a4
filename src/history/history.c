#include "history/history.h"

#include "base/clock.h"
#include "base/out.h"
#include "history/block.h"
#include "history/pack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* "cpph": what SQLite keeps in a file's header for the program that owns it. */
enum { APPLICATION = 0x63707068 };

static const char schema[] =
    "CREATE TABLE functions(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " file TEXT NOT NULL, line INTEGER NOT NULL);"
    "CREATE TABLE runs(id INTEGER PRIMARY KEY, uid INTEGER NOT NULL UNIQUE, time_ns INTEGER NOT"
    " NULL, duration_ns INTEGER NOT NULL, commit_id TEXT NOT NULL, machine TEXT NOT NULL,"
    " labels TEXT NOT NULL, source TEXT NOT NULL, main_type TEXT NOT NULL);"
    "CREATE INDEX runs_by_time ON runs(time_ns, id);"
    "CREATE TABLE blessed(name TEXT NOT NULL, commit_id TEXT NOT NULL, reason TEXT NOT NULL,"
    " time_ns INTEGER NOT NULL, PRIMARY KEY(name, commit_id));" SCHEMA_OF_SUMS SCHEMA_OF_BLOCKS
        SCHEMA_OF_COLUMNS;

/* ---- opening ---- */

struct header {
    unsigned char bytes[100];
    int64_t size;
    bool is_there;
};

static uint32_t number_at(const struct header *h, size_t at, size_t n) {
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | h->bytes[at + i];
    return v;
}

static bool read_header(const char *path, struct header *ret_header, struct pp_error *err) {
    struct stat st;
    *ret_header = (struct header){.size = 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return true; /* SQLite says why, or makes it */
    bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    ssize_t got = is_file ? read(fd, ret_header->bytes, sizeof ret_header->bytes) : 0;
    close(fd);
    if (!is_file) return pp_fail(err, PP_E_FORMAT, "%s: is no file", path);
    ret_header->size = st.st_size;
    ret_header->is_there = got == (ssize_t)sizeof ret_header->bytes;
    return got <= 0 || ret_header->is_there || db_foreign(path, err);
}

/* As SQLite's file format has it: page size, number of pages. SQLite itself would notice a missing
 * end only when it wants to read it. */
static bool check_header(const char *path, const struct header *h, struct pp_error *err) {
    if (!h->is_there) return true;
    if (memcmp(h->bytes, "SQLite format 3", 16) != 0) return db_foreign(path, err);
    int64_t page = number_at(h, 16, 2);
    if (page == 1) page = 65536;
    bool counted = number_at(h, 24, 4) == number_at(h, 92, 4);
    if (counted && h->size < page * number_at(h, 28, 4))
        return pp_fail(err, PP_E_FORMAT, "%s: is cut short; take a copy from before", path);
    return true;
}

/* Who was interrupted left a journal: then the file is right only after SQLite has undone what was
 * begun. */
static bool look_at_file(const char *path, struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct header header;
    bool interrupted = access(pp_arena_printf(&scratch, "%s-journal", path).data, F_OK) == 0;
    pp_arena_done(&scratch);
    return interrupted || (read_header(path, &header, err) && check_header(path, &header, err));
}

bool history_mark(struct history *h, struct pp_error *err) {
    char sql[80];
    snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION,
             HISTORY_VERSION);
    return db_run(h->db, sql, err);
}

/* Another one may make it at the same time. */
static bool make(void *user, struct pp_error *err) {
    struct history *h = user;
    int64_t version;
    if (!db_number(h->db, "PRAGMA user_version", &version, err)) return false;
    return version == HISTORY_VERSION || (db_run(h->db, schema, err) && history_mark(h, err));
}

static bool upgrade(void *user, struct pp_error *err) {
    return history_upgrade(user, err);
}

/* An empty file, or one that nothing was written to. */
static bool begin_new(struct history *h, bool create, struct pp_error *err) {
    int64_t n_tables;
    if (!db_number(h->db, "SELECT count(*) FROM sqlite_schema", &n_tables, err)) return false;
    if (n_tables) return db_foreign(h->path, err);
    if (create) return history_change(h, make, h, err);
    return pp_fail(err, PP_E_FORMAT, "%s: holds no run yet; -record adds one", h->path);
}

static bool prepare(struct history *h, bool create, struct pp_error *err) {
    int64_t owner, version;
    if (!db_run(h->db,
                "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA synchronous=FULL;",
                err) ||
        !db_number(h->db, "PRAGMA application_id", &owner, err) ||
        !db_number(h->db, "PRAGMA user_version", &version, err))
        return false;
    if (owner != APPLICATION) return begin_new(h, create, err);
    if (version == HISTORY_VERSION) return true;
    if (version > 0 && version < HISTORY_VERSION) return history_change(h, upgrade, h, err);
    return pp_fail(err, PP_E_FORMAT,
                   "%s: is of version %d, this cpprof reads version %d: a newer one wrote it",
                   h->path, (int)version, HISTORY_VERSION);
}

bool history_open(const char *path, bool create, struct history **ret_history,
                  struct pp_error *err) {
    struct db *db;
    if (!create && access(path, F_OK) != 0)
        return pp_fail(err, PP_E_NOT_FOUND, "%s: there is no such history; -record makes one",
                       path);
    if (!look_at_file(path, err) || !db_open(path, create, &db, err)) return false;
    struct history *h = pp_malloc(sizeof *h);
    *h = (struct history){.db = db};
    h->path = pp_arena_copy(&h->arena, pp_str_from(path)).data;
    if (!prepare(h, create, err)) {
        history_close(h);
        return false;
    }
    *ret_history = h;
    return true;
}

void history_close(struct history *h) {
    if (!h) return;
    db_close(h->db);
    pp_arena_done(&h->arena);
    pp_free(h);
}

bool history_begin(struct history *h, struct pp_error *err) {
    if (!h->is_reading) h->is_reading = db_run(h->db, "BEGIN", err);
    return h->is_reading;
}

bool history_max_function(struct history *h, int64_t *ret_id, struct pp_error *err) {
    int64_t n;
    if (!db_number(h->db, "SELECT coalesce(max(id), 0) FROM functions", ret_id, err) ||
        !db_number(h->db, "SELECT count(*) FROM functions", &n, err))
        return false;
    return (*ret_id <= n && n <= INT32_MAX) ||
           pp_fail(err, PP_E_FORMAT, "%s: its functions can't be read", h->path);
}

bool history_change(struct history *h, bool (*visit)(void *user, struct pp_error *err), void *user,
                    struct pp_error *err) {
    struct pp_error ignored;
    if (!db_run(h->db, "BEGIN IMMEDIATE", err)) return false;
    if (visit(user, err) && db_run(h->db, "COMMIT", err)) return true;
    db_run(h->db, "ROLLBACK", &ignored);
    return false;
}

/* ---- recording ---- */

struct adding {
    struct history *h;
    const struct history_entry *entry;
    struct db_query *find, *add; /* of functions */
    bool known;
};

/* FNV-1a: the same run has the same number in every history. */
static uint64_t mix(uint64_t h, const void *bytes, size_t n) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ at[i]) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t mix_text(uint64_t h, struct pp_str s) {
    return mix(mix(h, &s.len, sizeof s.len), s.data ? s.data : "", s.len);
}

#define MIX_START UINT64_C(0xcbf29ce484222325)

/* Sums, since neither types nor functions have an order. */
static uint64_t mix_sums(const struct history_sums *t) {
    uint64_t h = mix_text(mix_text(MIX_START, t->type), t->unit);
    h = mix(h, &t->total, sizeof t->total);
    uint64_t all = h;
    for (uint32_t i = 0; i < t->n; i++) {
        const int64_t numbers[] = {t->at[i].self, t->at[i].cum, t->at[i].count};
        all += mix(mix_text(h, t->at[i].key), numbers, sizeof numbers);
    }
    return all;
}

static int64_t identity(const struct history_entry *e) {
    uint64_t h = MIX_START;
    const int64_t times[] = {e->run.time_ns, e->run.duration_ns};
    h = mix(h, times, sizeof times);
    h = mix_text(mix_text(mix_text(h, e->run.commit), e->run.machine), e->run.labels);
    for (uint32_t i = 0; i < e->n_types; i++)
        h += mix_sums(&e->types[i]);
    return (int64_t)h;
}

static bool function_id(struct adding *a, const struct history_sum *s, int64_t *ret_id,
                        struct pp_error *err) {
    bool found;
    db_set_text(a->find, 1, s->key);
    if (!db_next(a->find, &found, err)) return false;
    if (found) {
        *ret_id = db_int(a->find, 0);
        db_again(a->find);
        return true;
    }
    db_set_text(a->add, 1, s->key);
    db_set_text(a->add, 2, s->name);
    db_set_text(a->add, 3, s->file);
    db_set_int(a->add, 4, s->line);
    if (!db_do(a->add, err)) return false;
    *ret_id = db_last_id(a->h->db);
    return true;
}

static int64_t id_of_caller(const struct packed_sum *sums, const struct history_sum *s) {
    return s->caller ? sums[s->caller - 1].id : 0;
}

static int by_id(const void *a, const void *b) {
    const struct packed_sum *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static bool pack(struct adding *a, const struct history_sums *t, struct pp_str *ret_bytes,
                 struct pp_arena *arena, struct pp_error *err) {
    struct packed_sum *sums = PP_NEW(arena, struct packed_sum, t->n);
    for (uint32_t i = 0; i < t->n; i++) {
        sums[i] = (struct packed_sum){0, t->at[i].self, t->at[i].cum, t->at[i].count, 0};
        if (!function_id(a, &t->at[i], &sums[i].id, err)) return false;
    }
    for (uint32_t i = 0; i < t->n; i++)
        sums[i].caller = id_of_caller(sums, &t->at[i]);
    if (t->n) qsort(sums, t->n, sizeof *sums, by_id);
    return pack_sums(sums, pack_join(sums, t->n), ret_bytes, arena, err);
}

static bool add_sums(struct adding *a, int64_t run, const struct history_sums *t,
                     struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct pp_str bytes;
    struct db_query *q = NULL;
    bool ok = pack(a, t, &bytes, &scratch, err) &&
              db_ask(a->h->db, "INSERT INTO sums VALUES(?,?,?,?,?,?)", &q, err);
    if (ok) {
        db_set_int(q, 1, run);
        db_set_text(q, 2, t->type);
        db_set_text(q, 3, t->unit);
        db_set_int(q, 4, t->total);
        db_set_int(q, 5, t->count);
        db_set_blob(q, 6, bytes);
        ok = db_do(q, err);
    }
    db_done(q);
    pp_arena_done(&scratch);
    return ok;
}

static struct pp_str main_type(const struct history_entry *e) {
    for (uint32_t i = 0; i < e->n_types; i++)
        if (e->types[i].is_default) return e->types[i].type;
    return PP_STR("");
}

static bool add_run(struct adding *a, int64_t *ret_id, struct pp_error *err) {
    const struct history_run *r = &a->entry->run;
    struct db_query *q;
    if (!db_ask(a->h->db, "INSERT OR IGNORE INTO runs VALUES(NULL,?,?,?,?,?,?,?,?)", &q, err))
        return false;
    db_set_int(q, 1, identity(a->entry));
    db_set_int(q, 2, r->time_ns);
    db_set_int(q, 3, r->duration_ns);
    db_set_text(q, 4, r->commit);
    db_set_text(q, 5, r->machine);
    db_set_text(q, 6, r->labels);
    db_set_text(q, 7, r->source);
    db_set_text(q, 8, main_type(a->entry));
    bool ok = db_do(q, err);
    a->known = ok && db_changes(a->h->db) == 0;
    *ret_id = db_last_id(a->h->db);
    db_done(q);
    return ok;
}

static bool add_all(struct adding *a, struct pp_error *err) {
    int64_t run;
    if (!add_run(a, &run, err)) return false;
    for (uint32_t i = 0; i < a->entry->n_types && !a->known; i++) {
        const struct history_sums *t = &a->entry->types[i];
        if (!add_sums(a, run, t, err) || !block_compact(a->h, t->type, a->entry->run.machine, err))
            return false;
    }
    return true;
}

bool history_add(struct history *h, const struct history_entry *entry, bool *ret_known,
                 struct pp_error *err) {
    struct adding a = {.h = h, .entry = entry};
    bool ok = db_ask(h->db, "SELECT id FROM functions WHERE key=?", &a.find, err) &&
              db_ask(h->db, "INSERT INTO functions VALUES(NULL,?,?,?,?)", &a.add, err) &&
              add_all(&a, err);
    db_done(a.find);
    db_done(a.add);
    if (ok) *ret_known = a.known;
    return ok;
}

struct recording {
    struct history *h;
    const struct history_entry *entry;
    bool *known;
};

static bool record(void *user, struct pp_error *err) {
    struct recording *r = user;
    return history_add(r->h, r->entry, r->known, err);
}

bool history_record(struct history *h, const struct history_entry *entry, bool *ret_known,
                    struct pp_error *err) {
    struct recording r = {h, entry, ret_known};
    return history_change(h, record, &r, err);
}

struct pp_str history_labels(const struct pairs *labels, struct pp_arena *arena) {
    struct out o;
    if (!labels->n_texts) return PP_STR("");
    out_open_memory(&o);
    out_char(&o, '\n');
    for (size_t i = 0; i < labels->n_texts; i += 2) {
        out_str(&o, labels->texts[i]);
        out_char(&o, '=');
        out_str(&o, labels->texts[i + 1]);
        out_char(&o, '\n');
    }
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return text;
}

/* ---- accepting a change ---- */

struct blessing {
    struct history *h;
    const struct history_blessing *b;
};

static bool bless(void *user, struct pp_error *err) {
    struct blessing *b = user;
    struct db_query *q;
    if (!db_ask(b->h->db, "INSERT OR REPLACE INTO blessed VALUES(?,?,?,?)", &q, err)) return false;
    db_set_text(q, 1, b->b->name);
    db_set_text(q, 2, b->b->commit);
    db_set_text(q, 3, b->b->reason);
    db_set_int(q, 4, clock_seconds() * 1000000000);
    bool ok = db_do(q, err);
    db_done(q);
    return ok;
}

bool history_bless(struct history *h, const struct history_blessing *b, struct pp_error *err) {
    struct blessing blessing = {h, b};
    return history_change(h, bless, &blessing, err);
}

static bool has_row(struct history *h, const char *sql, struct pp_str text, bool *ret_has,
                    struct pp_error *err) {
    struct db_query *q;
    if (!db_ask(h->db, sql, &q, err)) return false;
    db_set_text(q, 1, text);
    bool ok = db_next(q, ret_has, err);
    db_done(q);
    return ok;
}

bool history_knows(struct history *h, const struct history_blessing *b, bool *ret_name,
                   bool *ret_commit, struct pp_error *err) {
    bool ok =
        has_row(h, "SELECT 1 FROM functions WHERE name = ?1 OR key = ?1", b->name, ret_name, err) &&
        has_row(h, "SELECT 1 FROM runs WHERE commit_id = ?1", b->commit, ret_commit, err);
    if (ok && pp_str_eq(b->name, PP_STR("total"))) *ret_name = true;
    return ok;
}
