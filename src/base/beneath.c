#include "base/beneath.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_LINKS = 40, MOST_PARTS = 256 };

/* ---- by hand ---- */

struct walk {
    int root, at; /* directories: where it began, where it is */
    char parts[PATH_MAX];
    size_t ends[MOST_PARTS]; /* of the names that led here, in `parts` */
    size_t n;
    unsigned links;
};

static int fail_with(int code) {
    errno = code;
    return -1;
}

/* A directory's own descriptor; a link is not followed. */
static int step(int from, const char *name) {
    return openat(from, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
}

static bool move_to(struct walk *w, int fd) {
    if (fd < 0) return false;
    if (w->at != w->root) close(w->at);
    w->at = fd;
    return true;
}

static bool enter(struct walk *w, const char *name, size_t len) {
    size_t from = w->n ? w->ends[w->n - 1] : 0;
    if (w->n == MOST_PARTS || from + len + 1 > sizeof w->parts) return fail_with(ENAMETOOLONG) == 0;
    if (!move_to(w, step(w->at, name))) return false;
    memcpy(w->parts + from, name, len + 1);
    w->ends[w->n++] = from + len + 1;
    return true;
}

/* Back to the directory above, by the names that led to it: ".." could have been moved. */
static bool leave(struct walk *w) {
    if (w->n == 0) return fail_with(EXDEV) == 0;
    size_t n = --w->n;
    if (!move_to(w, dup(w->root))) return false;
    for (size_t i = 0; i < n; i++)
        if (!move_to(w, step(w->at, w->parts + (i ? w->ends[i - 1] : 0)))) return false;
    return true;
}

/* The way that is left, with a link's text in place of its name. */
static bool follow(struct walk *w, const char *name, char *rest, size_t size, bool *ret_link) {
    char to[PATH_MAX], all[PATH_MAX];
    ssize_t len = readlinkat(w->at, name, to, sizeof to - 1);
    *ret_link = len >= 0;
    if (len < 0) return errno == EINVAL || fail_with(errno) == 0;
    to[len] = 0;
    if (++w->links > MOST_LINKS) return fail_with(ELOOP) == 0;
    if (*to == '/') return fail_with(EXDEV) == 0;
    int n = snprintf(all, sizeof all, "%s/%s", to, rest);
    if (n < 0 || (size_t)n >= sizeof all || (size_t)n >= size) return fail_with(ENAMETOOLONG) == 0;
    memcpy(rest, all, (size_t)n + 1);
    return true;
}

static int walk(struct walk *w, char *rest, size_t size, int flags) {
    for (;;) {
        char name[NAME_MAX + 1];
        size_t blank = strspn(rest, "/"), len = strcspn(rest + blank, "/");
        if (len > NAME_MAX) return fail_with(ENAMETOOLONG);
        memcpy(name, rest + blank, len);
        name[len] = 0;
        memmove(rest, rest + blank + len, strlen(rest + blank + len) + 1);
        bool is_last = rest[strspn(rest, "/")] == 0, is_link = false;
        if (len == 0 || !strcmp(name, ".")) {
            if (is_last) return openat(w->at, ".", flags);
        } else if (!strcmp(name, "..")) {
            if (!leave(w)) return -1;
            if (is_last) return openat(w->at, ".", flags);
        } else {
            if (!follow(w, name, rest, size, &is_link)) return -1;
            if (is_link) continue;
            if (is_last) return openat(w->at, name, flags | O_NOFOLLOW);
            if (!enter(w, name, len)) return -1;
        }
    }
}

int beneath_by_hand(int dir, const char *path, int flags) {
    char rest[PATH_MAX];
    struct walk w = {.root = dir, .at = dir};
    if (*path == '/') return fail_with(EXDEV);
    if (strlen(path) >= sizeof rest) return fail_with(ENAMETOOLONG);
    memcpy(rest, path, strlen(path) + 1);
    int fd = walk(&w, rest, sizeof rest, flags), code = errno;
    if (w.at != w.root) close(w.at);
    errno = code;
    return fd;
}

/* ---- by the kernel ---- */

static int open_beneath(int dir, const char *path, int flags) {
    struct open_how how = {.flags = (unsigned)flags,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long fd = syscall(SYS_openat2, dir, path, &how, sizeof how);
    bool has_none = fd < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL);
    return has_none ? beneath_by_hand(dir, path, flags) : (int)fd;
}

/* An absolute link inside the directory may lead to another place inside: that is asked for by its
 * own name, beneath again. */
static int open_inside(int dir, struct pp_str dir_name, const char *path, int flags,
                       struct pp_arena *scratch) {
    int fd = open_beneath(dir, path, flags);
    if (fd >= 0 || errno != EXDEV) return fd;
    struct pp_str whole = path_join(dir_name, pp_str_from(path), scratch);
    char *to = realpath(pp_arena_copy(scratch, whole).data, NULL);
    char *root = realpath(pp_arena_copy(scratch, dir_name).data, NULL);
    size_t n = root && strcmp(root, "/") ? strlen(root) : 0;
    bool inside = to && root && strlen(to) > n && !strncmp(to, root, n) && to[n] == '/';
    fd = inside ? open_beneath(dir, to + n + 1, flags) : fail_with(EXDEV);
    int code = errno;
    free(to);
    free(root);
    errno = code;
    return fd;
}

static bool fail(struct pp_error *err, struct pp_str dir) {
    if (errno == EXDEV) return pp_fail(err, PP_E_UNSUPPORTED, "leads out of %.*s", PP_STR_ARG(dir));
    return pp_fail(err, PP_E_IO, "%s", strerror(errno));
}

bool file_read_beneath(struct file_place place, uint64_t max, struct pp_str *ret_bytes,
                       struct pp_arena *arena, struct pp_error *err) {
    struct pp_str dir = place.dir;
    if (file_has_nul(dir) || file_has_nul(place.file))
        return pp_fail(err, PP_E_NOT_FOUND, "invalid argument");
    struct pp_arena scratch = {0};
    const char *name = pp_arena_copy(&scratch, place.file).data;
    int at = open(pp_arena_copy(&scratch, dir).data, O_PATH | O_DIRECTORY | O_CLOEXEC);
    /* Looked at first, since opening a device can already do something. */
    int look = at < 0 ? -1 : open_inside(at, dir, name, O_PATH | O_CLOEXEC, &scratch);
    struct stat st = {0};
    bool ok = look >= 0 && fstat(look, &st) == 0;
    if (!ok) {
        fail(err, dir);
    } else if (S_ISDIR(st.st_mode)) {
        *ret_bytes = (struct pp_str){0};
    } else if (!S_ISREG(st.st_mode)) {
        ok = pp_fail(err, PP_E_UNSUPPORTED, "is not a regular file");
    } else {
        int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        int fd = open_inside(at, dir, name, flags, &scratch);
        ok = fd >= 0 ? file_read_fd(fd, max, ret_bytes, arena, err) : fail(err, dir);
        if (fd >= 0) close(fd);
    }
    if (look >= 0) close(look);
    if (at >= 0) close(at);
    pp_arena_done(&scratch);
    if (!ok) file_reword(err);
    return ok;
}
