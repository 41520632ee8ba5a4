#include "driver/host/output.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct pp_error *err, const char *name) {
    return pp_fail(err, PP_E_IO, "%s: %s", name, strerror(errno));
}

/* Where a link that leads to nothing yet points to; the name itself when it is no link. */
static struct pp_str follow_dangling(struct pp_str name, struct pp_arena *arena) {
    enum { LONGEST_CHAIN = 40 };
    for (int i = 0; i < LONGEST_CHAIN; i++) {
        char to[PATH_MAX];
        ssize_t n = readlink(name.data, to, sizeof to);
        if (n <= 0 || n == sizeof to) break;
        size_t dir = name.len;
        while (to[0] != '/' && dir > 0 && name.data[dir - 1] != '/')
            dir--;
        if (to[0] == '/') dir = 0;
        name = pp_arena_printf(arena, "%.*s%.*s", (int)dir, name.data, (int)n, to);
    }
    return name;
}

struct pp_str output_target(const char *name, struct pp_arena *arena) {
    char *real = realpath(name, NULL);
    struct pp_str target = pp_arena_copy(arena, pp_str_from(real ? real : name));
    bool exists = real != NULL;
    free(real);
    return exists ? target : follow_dangling(target, arena);
}

static struct pp_str directory_of(struct pp_str path, struct pp_arena *arena) {
    const char *slash = memrchr(path.data, '/', path.len);
    return slash ? pp_arena_copy(arena, pp_str_slice(path, 0, (size_t)(slash - path.data) + 1))
                 : PP_STR(".");
}

/* Without a name, where that can be; it gets one in name_temporary. */
static bool open_temporary(struct output *o, mode_t mode, struct pp_error *err) {
    struct pp_str dir = directory_of(o->target, &o->arena);
    o->temporary = pp_arena_printf(&o->arena, "%s.XXXXXX", o->target.data);
    o->fd = file_open_unnamed(dir.data, 0600);
    o->unnamed = o->fd >= 0;
    if (o->fd < 0) o->fd = mkostemp((char *)(uintptr_t)o->temporary.data, O_CLOEXEC);
    if (o->fd < 0) return fail(err, o->target.data);
    if (fchmod(o->fd, mode) == 0) return true;
    fail(err, o->target.data);
    close(o->fd);
    if (!o->unnamed) unlink(o->temporary.data);
    return false;
}

/* Links the file without a name to a name that nobody has. */
static bool name_temporary(struct output *o, struct pp_error *err) {
    for (unsigned i = 0; i < 100; i++) {
        o->temporary = pp_arena_printf(&o->arena, "%s.%d-%u", o->target.data, (int)getpid(), i);
        if (file_name_unnamed(o->fd, o->temporary.data)) {
            o->unnamed = false;
            return true;
        }
        if (errno != EEXIST) break;
    }
    return fail(err, o->target.data);
}

static mode_t new_file_mode(void) {
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

bool output_open(struct output *o, const char *name, int fd, struct pp_error *err) {
    *o = (struct output){.fd = -1};
    bool ok = true;
    if (*name) {
        struct stat st;
        bool exists = stat(name, &st) == 0;
        if (!exists && errno != ENOENT) { /* links in a circle, say: no place for a file */
            ok = fail(err, name);
        } else if (exists && !S_ISREG(st.st_mode)) {
            fd = o->fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
            if (fd < 0) ok = fail(err, name);
        } else {
            o->target = output_target(name, &o->arena);
            ok = open_temporary(o, exists ? st.st_mode & 07777 : new_file_mode(), err);
            fd = o->fd;
        }
    }
    if (!ok) {
        pp_arena_done(&o->arena);
        return false;
    }
    out_open_fd(&o->out, fd);
    if (isatty(fd)) out_make_safe(&o->out);
    return true;
}

bool output_close(struct output *o, bool ok, struct pp_error *err) {
    struct pp_error failure;
    if (!out_close(&o->out, &failure)) {
        /* What failed first is what the user should read. */
        if (ok) pp_pass(err, &failure);
        ok = false;
    }
    if (ok && o->unnamed) ok = name_temporary(o, err);
    if (o->fd >= 0 && close(o->fd) != 0 && ok) ok = fail(err, "closing the output");
    if (o->target.len && !o->unnamed) {
        if (ok && rename(o->temporary.data, o->target.data) != 0) ok = fail(err, o->target.data);
        if (!ok) unlink(o->temporary.data);
    }
    pp_arena_done(&o->arena);
    return ok;
}
