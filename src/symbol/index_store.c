/* See index_store.h. */
#include "symbol/index_store.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/whole_file.h"
#include "symbol/elf_notes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char suffix[] = ".index";

enum { LONGEST_ID = 128, HOUR = 3600 };

/* ---- names ---- */

/* Files that are equal in all this are taken for the same binary. */
static uint64_t hash_headers(const struct elf_file *f, uint64_t seed) {
    uint64_t h = hash_word(seed, f->image.size);
    h = hash_word(h, (uint64_t)f->image.changed);
    h = hash_word(h, (uint64_t)f->image.renewed);
    h = hash_bytes(h, f->image.bytes, f->image.size < 4096 ? f->image.size : 4096);
    for (uint32_t i = 0; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        const uint64_t words[] = {s->type, s->flags, s->addr, s->size, s->bytes.len};
        h = hash_bytes(h, s->name.data, s->name.len);
        h = hash_bytes(h, words, sizeof words);
    }
    return h;
}

static struct pp_str key_of(const struct elf_file *f, struct pp_arena *arena) {
    if (elf_notes_is_id(f->build_id) && f->build_id.len <= LONGEST_ID) return f->build_id;
    return pp_arena_printf(arena, "file-%016" PRIx64 "%016" PRIx64, hash_headers(f, 1),
                           hash_headers(f, 2));
}

static struct pp_str path_of(const struct index_store *s, struct pp_str key,
                             struct pp_arena *arena) {
    return pp_arena_printf(arena, "%.*s/%.*s-%d%s", PP_STR_ARG(s->dir), PP_STR_ARG(key),
                           SYMBOL_INDEX_VERSION, suffix);
}

/* ---- reading ---- */

static bool is_trusted(const struct index_store *s, const struct stat *st, struct pp_error *err) {
    struct stat dir;
    bool known = st->st_uid == geteuid() || st->st_uid == 0;
    if (!known && s->is_named) known = stat(s->dir.data, &dir) == 0 && dir.st_uid == st->st_uid;
    if (!known)
        return pp_fail(err, PP_E_DENIED,
                       "belongs to user %u, not to you, root or the folder's owner",
                       (unsigned)st->st_uid);
    return !(st->st_mode & (S_IWGRP | S_IWOTH)) ||
           pp_fail(err, PP_E_DENIED, "others may write to it");
}

/* -1 when there is none (no error), or none that can be trusted. */
static int open_trusted(const struct index_store *s, const char *path, struct pp_error *err) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR) pp_fail(err, PP_E_IO, "%s", strerror(errno));
    if (fd < 0) return -1;
    if (fstat(fd, &st) != 0)
        pp_fail(err, PP_E_IO, "%s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        pp_fail(err, PP_E_UNSUPPORTED, "is not a regular file");
    else if (is_trusted(s, &st, err)) {
        const struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
        if (clock_seconds() - st.st_mtime > HOUR) futimens(fd, now); /* it was used */
        return fd;
    }
    close(fd);
    return -1;
}

void index_store_attach(const struct index_store *s, struct object *o) {
    struct pp_error err = {0};
    if (o->index_asked || !s->dir.len) return;
    o->index_asked = true;
    struct pp_str key = key_of(&o->main, &o->arena);
    o->index_path = path_of(s, key, &o->arena);
    int fd = open_trusted(s, o->index_path.data, &err);
    if (fd >= 0) o->is_indexed = symbol_index_open(&o->index, fd, key, &o->arena, &err);
    if (err.code != PP_E_NONE) o->index_trouble = pp_arena_printf(&o->arena, "%s", err.text);
}

/* ---- room ---- */

struct kept {
    struct pp_str name;
    int64_t used;
    uint64_t bytes;
};

struct folder {
    struct kept *at;
    size_t n, cap;
    uint64_t bytes;
    struct pp_arena arena;
};

static int by_use(const void *a, const void *b) {
    const struct kept *x = a, *y = b;
    if (x->used != y->used) return x->used < y->used ? -1 : 1;
    return pp_str_cmp(x->name, y->name);
}

/* What was left behind when a writer was killed has more after the suffix. */
static void see_file(struct folder *f, int dir, const char *name) {
    struct pp_str text = pp_str_from(name);
    struct stat st;
    if (*name == '.' || !strstr(name, suffix) ||
        fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
        return;
    if (!pp_str_has_suffix(text, pp_str_from(suffix))) {
        if (clock_seconds() - st.st_mtime > HOUR) unlinkat(dir, name, 0);
        return;
    }
    struct kept k = {pp_arena_copy(&f->arena, text), clock_ns(st.st_mtim), (uint64_t)st.st_size};
    f->bytes += k.bytes;
    PP_PUSH(&f->arena, f->at, f->n, f->cap, k);
}

/* Removes what was not used for longest, until the rest is small enough; never `newest`. */
static void make_room(const struct index_store *s, int folder, struct pp_str newest) {
    struct folder f = {0};
    int fd = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir && fd >= 0) close(fd);
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));)
        see_file(&f, dirfd(dir), e->d_name);
    if (f.n) qsort(f.at, f.n, sizeof *f.at, by_use);
    for (size_t i = 0; i < f.n && s->most_bytes && f.bytes > s->most_bytes; i++) {
        if (pp_str_eq(f.at[i].name, newest)) continue;
        if (unlinkat(dirfd(dir), f.at[i].name.data, 0) == 0) f.bytes -= f.at[i].bytes;
    }
    closedir(dir);
    pp_arena_done(&f.arena);
}

/* ---- writing ---- */

bool index_store_make_folder(const struct index_store *s, struct pp_error *err) {
    return file_make_folders(s->dir, s->is_named ? 0777 : 0700) ||
           pp_fail(err, PP_E_IO, "%.*s: %s", PP_STR_ARG(s->dir), strerror(errno));
}

static bool put(const struct index_store *s, struct index_writer *w, struct object *o,
                struct index_made *made, struct pp_error *err) {
    struct whole_file file;
    struct out out;
    struct pp_str key = key_of(&o->main, &w->arena);
    const struct object_facts facts = object_facts(o);
    made->path = path_of(s, key, made->arena);
    if (!whole_file_open(&file, made->path, whole_file_mode() & 0644, &w->arena, err)) return false;
    int folder = openat(file.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    out_open_fd(&out, file.fd);
    bool ok = symbol_index_write(w, key, &facts, &out, err);
    out_flush(&out);
    made->bytes = out.flushed;
    made->rows = w->n_rows;
    struct pp_error why;
    if (!out_close(&out, &why) && ok)
        ok = pp_fail(err, why.code, "%s: %s", made->path.data, why.text);
    ok = whole_file_close(&file, ok, &w->arena, err) && ok;
    if (folder >= 0 && ok) make_room(s, folder, path_base(made->path));
    if (folder >= 0) close(folder);
    return ok;
}

bool index_store_make(const struct index_store *s, struct object *o,
                      const struct index_options *opt, struct index_made *made,
                      struct pp_error *err) {
    struct index_writer w;
    if (!index_store_make_folder(s, err)) return false;
    index_writer_init(&w);
    bool ok = symbol_index_make(o, opt, &w, err) && put(s, &w, o, made, err);
    index_writer_done(&w);
    return ok;
}
