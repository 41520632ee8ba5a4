#include "base/whole_file.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const struct whole_file *f, struct pp_error *err) {
    return pp_fail(err, PP_E_IO, "%s: %s", f->target.data, strerror(errno));
}

/* What follows the last slash; nothing of "folder/". */
static struct pp_str name_in(struct pp_str path) {
    const char *slash = memrchr(path.data, '/', path.len);
    return pp_str_slice(path, slash ? (size_t)(slash - path.data) + 1 : 0, path.len);
}

static int open_folder(const struct whole_file *f, struct pp_arena *arena) {
    struct pp_str folder = pp_str_slice(f->target, 0, f->target.len - f->name.len);
    return file_open_folder(folder.len ? pp_arena_copy(arena, folder).data : ".");
}

/* Tries names that nobody may have until `take` says that it took one, or why not; -1 and errno. */
static int take_temporary(struct whole_file *f, int (*take)(const struct whole_file *f),
                          struct pp_arena *arena) {
    for (unsigned i = 0; i < 100; i++) {
        f->temporary = pp_arena_printf(arena, "%s.%d-%u", f->name.data, (int)getpid(), i);
        int got = take(f);
        if (got >= 0 || errno != EEXIST) return got;
    }
    return -1;
}

static int create(const struct whole_file *f) {
    return openat(f->folder, f->temporary.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int give_name(const struct whole_file *f) {
    return file_name_unnamed(f->fd, f->folder, f->temporary.data) ? 0 : -1;
}

bool whole_file_open(struct whole_file *ret_file, struct pp_str target, unsigned mode,
                     struct pp_arena *arena, struct pp_error *err) {
    struct whole_file f = {.target = pp_arena_copy(arena, target)};
    f.name = name_in(f.target);
    f.folder = open_folder(&f, arena);
    if (f.folder < 0) return fail(&f, err);
    f.fd = file_open_unnamed(f.folder, 0600);
    f.unnamed = f.fd >= 0;
    if (f.fd < 0) f.fd = take_temporary(&f, create, arena);
    if (f.fd >= 0 && fchmod(f.fd, mode) == 0) {
        *ret_file = f;
        return true;
    }
    fail(&f, err);
    if (f.fd >= 0) close(f.fd);
    if (f.fd >= 0 && !f.unnamed) unlinkat(f.folder, f.temporary.data, 0);
    close(f.folder);
    return false;
}

/* Puts it in place, or leaves no trace. */
static bool settle(struct whole_file *f, bool ok, struct pp_error *err) {
    if (f->unnamed) return ok;
    if (ok && renameat(f->folder, f->temporary.data, f->folder, f->name.data) != 0)
        ok = fail(f, err);
    if (!ok) unlinkat(f->folder, f->temporary.data, 0);
    return ok;
}

bool whole_file_close(struct whole_file *f, bool ok, struct pp_arena *arena, struct pp_error *err) {
    if (ok && f->unnamed) {
        ok = take_temporary(f, give_name, arena) >= 0 || fail(f, err);
        f->unnamed = !ok;
    }
    if (close(f->fd) != 0 && ok) ok = fail(f, err);
    ok = settle(f, ok, err);
    close(f->folder);
    return ok;
}

unsigned whole_file_mode(void) {
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}
