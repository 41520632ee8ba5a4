/* See image.h. A file that is cut short while it is mapped raises SIGBUS, which the program turns
 * into one line and exit status 2. A copy in memory does not have that, but costs as much as the
 * file is long, and of a large binary only a small part is ever looked at; so only a library makes
 * one, which may not ask for signals. */
#include "symbol/image.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/scope.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t max_image_bytes = UINT64_C(32) << 30;

/* Skips what a path may repeat without a meaning: "//" and "/./". */
static size_t skip_empty_parts(struct pp_str path, size_t at) {
    for (;;) {
        if (at < path.len && path.data[at] == '/')
            at++;
        else if (at + 1 < path.len && path.data[at] == '.' && path.data[at + 1] == '/')
            at += 2;
        else
            return at;
    }
}

/* As far as its text tells: not empty, no NUL, not below /proc or /sys. */
static bool may_be_opened(struct pp_str path) {
    if (path.len == 0 || path.len >= 4096 || memchr(path.data, 0, path.len)) return false;
    if (path.data[0] != '/') return true;
    struct pp_str rest = pp_str_slice(path, skip_empty_parts(path, 0), path.len);
    return !pp_str_has_prefix(rest, PP_STR("proc/")) && !pp_str_has_prefix(rest, PP_STR("sys/"));
}

/* With a page of zeros behind the end: whoever reads a number or a string that the end cuts off,
 * be it in a library, finds an end there. */
static size_t mapped_size(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page + page;
}

static void *reserve(size_t size) {
    return mmap(NULL, mapped_size(size), PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static bool copy_file(char *room, int fd, size_t size, struct pp_error *err) {
    for (size_t at = 0; at < size;) {
        ssize_t n = pread(fd, room + at, size - at, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            const char *why = n ? strerror(errno) : "became shorter while it was read";
            munmap(room, mapped_size(size));
            return pp_fail(err, PP_E_IO, "%s", why);
        }
        at += (size_t)n;
    }
    return true;
}

struct image_room {
    void *bytes;
    size_t size;
    bool is_file; /* mapped, not copied */
    struct scope_undo undo;
};

static void unmap(void *room) {
    struct image_room *r = room;
    munmap(r->bytes, mapped_size(r->size));
}

/* The record lives as long as the mapping. */
static struct image held(void *bytes, size_t size) {
    struct image_room *room = pp_malloc(sizeof *room);
    *room = (struct image_room){.bytes = bytes, .size = size};
    scope_defer(&room->undo, unmap, room);
    return (struct image){.bytes = bytes, .size = size, .room = room};
}

static bool map_file(struct image *ret_image, int fd, size_t size, struct pp_error *err) {
    if (size == 0) return pp_fail(err, PP_E_FORMAT, "the file is empty");
    void *room = reserve(size);
    if (room == MAP_FAILED) return pp_fail(err, PP_E_IO, "%s", strerror(errno));
    if (scope_is_set()) {
        if (!copy_file(room, fd, size, err)) return false;
    } else if (mmap(room, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
        pp_fail(err, PP_E_IO, "%s", strerror(errno));
        munmap(room, mapped_size(size));
        return false;
    }
    *ret_image = held(room, size);
    return true;
}

typedef int open_file(const char *path, uint64_t max, uint64_t *ret_size, struct pp_error *err);

static bool open_by(open_file *open, struct image *ret_image, const char *path,
                    struct pp_error *err) {
    if (!may_be_opened(pp_str_from(path)))
        return pp_fail(err, PP_E_UNSUPPORTED, "is not a path that a binary is read from");
    uint64_t size;
    int fd = open(path, max_image_bytes, &size, err);
    if (fd < 0) return false;
    bool ok = map_file(ret_image, fd, size, err);
    if (ok) ret_image->room->is_file = !scope_is_set();
    struct stat s;
    if (ok && fstat(fd, &s) == 0) {
        ret_image->changed = clock_ns(s.st_mtim);
        ret_image->renewed = clock_ns(s.st_ctim);
    }
    close(fd);
    return ok;
}

bool image_open(struct image *ret_image, const char *path, struct pp_error *err) {
    return open_by(file_open, ret_image, path, err);
}

bool image_open_own(struct image *ret_image, const char *path, struct pp_error *err) {
    return open_by(file_open_own, ret_image, path, err);
}

bool image_reserve(struct image *ret_image, uint64_t size, struct pp_error *err) {
    if (size == 0 || size > max_image_bytes)
        return pp_fail(err, PP_E_LIMIT, "%llu bytes are too many to unpack",
                       (unsigned long long)size);
    void *bytes = reserve(size);
    if (bytes == MAP_FAILED) return pp_fail(err, PP_E_LIMIT, "%s", strerror(errno));
    *ret_image = held(bytes, size);
    return true;
}

void image_drop(struct pp_str part) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)part.data;
    from = (from + page - 1) / page * page;
    uintptr_t to = ((uintptr_t)part.data + part.len) / page * page;
    if (to > from) madvise((void *)from, to - from, MADV_DONTNEED);
}

void image_forget(const struct image *image, struct pp_str part) {
    if (image->room && image->room->is_file) image_drop(part);
}

void image_close(struct image *image) {
    if (image->room) {
        scope_settle(&image->room->undo);
        unmap(image->room);
        pp_free(image->room);
    }
    *image = (struct image){0};
}
