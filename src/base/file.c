#include "base/file.h"

#include "base/clock.h"
#include "base/scope.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

bool file_has_nul(struct pp_str path) {
    return path.len && memchr(path.data, 0, path.len);
}

enum file_kind file_look(struct pp_str path) {
    struct pp_arena scratch = {0};
    struct stat st;
    enum file_kind kind = FILE_NONE;
    if (path.len && !file_has_nul(path) && stat(pp_arena_copy(&scratch, path).data, &st) == 0)
        kind = S_ISDIR(st.st_mode) ? FILE_DIRECTORY : FILE_OTHER;
    pp_arena_done(&scratch);
    return kind;
}

static bool is_of_the_kernel(int fd) {
    static const unsigned long magics[] = {
        PROC_SUPER_MAGIC,   SYSFS_MAGIC,  DEBUGFS_MAGIC,       TRACEFS_MAGIC,      SECURITYFS_MAGIC,
        CGROUP_SUPER_MAGIC, BPF_FS_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, EFIVARFS_MAGIC,
    };
    struct statfs fs;
    if (fstatfs(fd, &fs) != 0) return false;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if ((unsigned long)fs.f_type == magics[i]) return true;
    return false;
}

static bool fail(struct pp_error *err) {
    return pp_fail(err, PP_E_IO, "%s", strerror(errno));
}

static bool check_regular(const struct stat *st, struct pp_error *err) {
    return S_ISREG(st->st_mode) || pp_fail(err, PP_E_UNSUPPORTED, "is not a regular file");
}

static bool check(int fd, uint64_t max, uint64_t *ret_size, struct pp_error *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) return fail(err);
    if (!check_regular(&st, err)) return false;
    if (is_of_the_kernel(fd))
        return pp_fail(err, PP_E_UNSUPPORTED, "lies in a file system of the kernel");
    if ((uint64_t)st.st_size > max)
        return pp_fail(err, PP_E_LIMIT, "has %lld bytes, more than %llu", (long long)st.st_size,
                       (unsigned long long)max);
    *ret_size = (uint64_t)st.st_size;
    return true;
}

static int open_regular(const char *path, int flags, uint64_t max, uint64_t *ret_size,
                        struct pp_error *err) {
    if (!scope_may(SCOPE_FILES)) {
        pp_fail(err, PP_E_DENIED, "files that a profile names may not be opened");
        return -1;
    }
    struct stat st;
    /* Asked first, since opening a device can already do something. */
    if (stat(path, &st) != 0)
        fail(err);
    else if (check_regular(&st, err)) {
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
        if (fd < 0)
            fail(err);
        else if (check(fd, max, ret_size, err))
            return fd;
        else
            close(fd);
    }
    return -1;
}

int file_open(const char *path, uint64_t max, uint64_t *ret_size, struct pp_error *err) {
    return open_regular(path, 0, max, ret_size, err);
}

int file_open_own(const char *path, uint64_t max, uint64_t *ret_size, struct pp_error *err) {
    struct stat st;
    int fd = open_regular(path, O_NOFOLLOW, max, ret_size, err);
    if (fd < 0 || (fstat(fd, &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()))) return fd;
    close(fd);
    pp_fail(err, PP_E_DENIED, "belongs to another user");
    return -1;
}

/* As much as there is of `size` bytes: the file may have become shorter. */
static bool read_bytes(int fd, uint64_t size, struct pp_str *ret_bytes, struct pp_arena *arena,
                       struct pp_error *err) {
    char *bytes = PP_NEW(arena, char, size);
    size_t at = 0;
    while (at < size) {
        ssize_t n = read(fd, bytes + at, size - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(err);
        if (n == 0) break;
        at += (size_t)n;
    }
    *ret_bytes = (struct pp_str){bytes, at};
    return true;
}

bool file_read_fd(int fd, uint64_t max, struct pp_str *ret_bytes, struct pp_arena *arena,
                  struct pp_error *err) {
    uint64_t size;
    return check(fd, max, &size, err) && read_bytes(fd, size, ret_bytes, arena, err);
}

void file_reword(struct pp_error *err) {
    if (!err || err->code != PP_E_IO) return;
    err->code = PP_E_NOT_FOUND;
    *err->text = (char)tolower((unsigned char)*err->text);
}

bool file_read(struct pp_str path, uint64_t max, struct pp_str *ret_bytes, struct pp_arena *arena,
               struct pp_error *err) {
    if (file_has_nul(path)) return pp_fail(err, PP_E_NOT_FOUND, "invalid argument");
    if (file_look(path) == FILE_DIRECTORY) {
        *ret_bytes = (struct pp_str){0};
        return true;
    }
    struct pp_arena scratch = {0};
    uint64_t size;
    int fd = file_open(pp_arena_copy(&scratch, path).data, max, &size, err);
    pp_arena_done(&scratch);
    bool ok = fd >= 0 && read_bytes(fd, size, ret_bytes, arena, err);
    if (fd >= 0) close(fd);
    if (!ok) file_reword(err);
    return ok;
}

/* ---- pipes ---- */

/* Waits for bytes, or the end. A FIFO that nobody has opened for writing yet would read as empty,
 * so it is asked first. */
static bool wait_for_bytes(int fd, int64_t until, struct pp_error *err) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    for (;;) {
        int64_t left = until - clock_ms();
        int n = left > 0 ? poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX) : 0;
        if (n > 0) return true;
        if (n == 0) return pp_fail(err, PP_E_LIMIT, "its end does not come");
        if (errno != EINTR) return fail(err);
    }
}

static bool read_within(int fd, const struct file_patience *patience, struct pp_str *ret_bytes,
                        struct pp_arena *arena, struct pp_error *err) {
    enum { PIECE = 1 << 16 };
    int64_t until = clock_ms() + patience->ms;
    size_t room = patience->max_bytes + 1, at = 0, cap = 0;
    char *bytes = NULL;
    while (at < room) {
        if (!wait_for_bytes(fd, until, err)) return false;
        PP_RESERVE(arena, bytes, at, cap, PIECE);
        ssize_t n = read(fd, bytes + at, PIECE < room - at ? PIECE : room - at);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) return fail(err);
        if (n == 0) break;
        at += (size_t)n;
    }
    *ret_bytes = (struct pp_str){bytes, at};
    return at < room || pp_fail(err, PP_E_LIMIT, "has more than %llu bytes",
                                (unsigned long long)patience->max_bytes);
}

bool file_read_within(const char *path, const struct file_patience *patience,
                      struct pp_str *ret_bytes, struct pp_arena *arena, struct pp_error *err) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return fail(err);
    bool ok = read_within(fd, patience, ret_bytes, arena, err);
    close(fd);
    return ok;
}

/* ---- files without a name ---- */

/* Through /proc, since the call that takes a descriptor alone needs a privilege. */
static void own_path(int fd, char ret_path[40]) {
    snprintf(ret_path, 40, "/proc/self/fd/%d", fd);
}

static bool make_folder(const char *path, unsigned mode) {
    struct stat st;
    if (mkdir(path, mode) == 0) return true;
    int code = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return true;
    errno = code == EEXIST ? ENOTDIR : code;
    return false;
}

bool file_make_folders(struct pp_str path, unsigned mode) {
    struct pp_arena scratch = {0};
    char *text = (char *)(uintptr_t)pp_arena_copy(&scratch, path).data;
    bool ok = true;
    for (size_t i = 1; ok && i < path.len; i++) {
        if (text[i] != '/') continue;
        text[i] = 0;
        ok = make_folder(text, mode);
        text[i] = '/';
    }
    ok = ok && make_folder(text, mode);
    int code = errno;
    pp_arena_done(&scratch);
    errno = code;
    return ok;
}

int file_open_folder(const char *path) {
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int file_open_unnamed(int folder, unsigned mode) {
    char self[40];
    int fd = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (fd < 0) return -1;
    own_path(fd, self);
    if (access(self, F_OK) == 0) return fd;
    close(fd);
    return -1;
}

bool file_name_unnamed(int fd, int folder, const char *name) {
    char self[40];
    own_path(fd, self);
    return linkat(AT_FDCWD, self, folder, name, AT_SYMLINK_FOLLOW) == 0;
}
