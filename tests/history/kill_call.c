/* Preloaded: ends the program, as a power cut would, at the call number KILL_AT of those that
 * change a file; KILL_COUNT=FILE writes how many there were. Half of what is to be written is
 * written before. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static long n_calls;

/* Whether this is the call. */
static int is_last(void) {
    const char *at = getenv("KILL_AT");
    return ++n_calls == (at ? atol(at) : 0);
}

__attribute__((destructor)) static void report(void) {
    const char *path = getenv("KILL_COUNT");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (!f) return;
    fprintf(f, "%ld\n", n_calls);
    fclose(f);
}

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static ssize_t write_at(__typeof__(pwrite64) *real, int fd, const void *bytes, size_t n, off_t at) {
    if (!is_last()) return real(fd, bytes, n, at);
    real(fd, bytes, n / 2, at);
    _exit(99);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    return write_at(REAL(pwrite64), fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
    return write_at(REAL(pwrite64), fd, bytes, n, at);
}

#define DIES(name, parameters, arguments)                                                          \
    int name parameters {                                                                          \
        if (is_last()) _exit(99);                                                                  \
        return REAL(name) arguments;                                                               \
    }

DIES(fsync, (int fd), (fd))
DIES(fdatasync, (int fd), (fd))
DIES(ftruncate, (int fd, off_t size), (fd, size))
DIES(ftruncate64, (int fd, off64_t size), (fd, size))
DIES(unlink, (const char *path), (path))
