#include "driver/host/output.h"

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
            o->is_whole =
                whole_file_open(&o->whole, output_target(name, &o->arena),
                                exists ? st.st_mode & 07777 : whole_file_mode(), &o->arena, err);
            ok = o->is_whole;
            fd = o->whole.fd;
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
    if (o->fd >= 0 && close(o->fd) != 0 && ok) ok = fail(err, "closing the output");
    if (o->is_whole) ok = whole_file_close(&o->whole, ok, &o->arena, err);
    pp_arena_done(&o->arena);
    return ok;
}
