#include "base/whole_file.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const struct whole_file *f, struct pp_error *err) {
    return pp_fail(err, PP_E_IO, "%s: %s", f->target.data, strerror(errno));
}

static struct pp_str directory_of(struct pp_str path, struct pp_arena *arena) {
    const char *slash = memrchr(path.data, '/', path.len);
    return slash ? pp_arena_copy(arena, pp_str_slice(path, 0, (size_t)(slash - path.data) + 1))
                 : PP_STR(".");
}

bool whole_file_open(struct whole_file *ret_file, struct pp_str target, unsigned mode,
                     struct pp_arena *arena, struct pp_error *err) {
    struct whole_file f = {.target = pp_arena_copy(arena, target)};
    f.temporary = pp_arena_printf(arena, "%s.XXXXXX", f.target.data);
    f.fd = file_open_unnamed(directory_of(f.target, arena).data, 0600);
    f.unnamed = f.fd >= 0;
    if (f.fd < 0) f.fd = mkostemp((char *)(uintptr_t)f.temporary.data, O_CLOEXEC);
    if (f.fd < 0) return fail(&f, err);
    if (fchmod(f.fd, mode) != 0) {
        fail(&f, err);
        close(f.fd);
        if (!f.unnamed) unlink(f.temporary.data);
        return false;
    }
    *ret_file = f;
    return true;
}

/* Links the file without a name to a name that nobody has. */
static bool name_temporary(struct whole_file *f, struct pp_arena *arena, struct pp_error *err) {
    for (unsigned i = 0; i < 100; i++) {
        f->temporary = pp_arena_printf(arena, "%s.%d-%u", f->target.data, (int)getpid(), i);
        if (file_name_unnamed(f->fd, f->temporary.data)) {
            f->unnamed = false;
            return true;
        }
        if (errno != EEXIST) break;
    }
    return fail(f, err);
}

bool whole_file_close(struct whole_file *f, bool ok, struct pp_arena *arena, struct pp_error *err) {
    if (ok && f->unnamed) ok = name_temporary(f, arena, err);
    if (close(f->fd) != 0 && ok) ok = fail(f, err);
    if (f->unnamed) return ok;
    if (ok && rename(f->temporary.data, f->target.data) != 0) ok = fail(f, err);
    if (!ok) unlink(f->temporary.data);
    return ok;
}

unsigned whole_file_mode(void) {
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}
