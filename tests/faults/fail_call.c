/* For LD_PRELOAD: system calls of cpprof (not of the programs that it starts) go wrong. FAULT is
 * CALL:KIND:N, the Nth call from 1 on:
 *
 *   short    half of what was asked for, once; with N = 0: a byte or two, every time
 *   EINTR    once; with N = 0: every second time
 *   cut      of mmap: the file that was mapped has no bytes any more
 *   NUMBER   this errno, from then on
 *
 * FAULT_COUNT names a file for the numbers of calls, FAULT_OPENED one for the paths that were
 * opened, a line each. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum call {
    READ,
    WRITE,
    OPEN,
    CLOSE,
    MMAP,
    RENAME,
    LINKAT,
    SPAWN,
    PIPE,
    POLL,
    THREAD,
    LIBRARY,
    CALLS
};
static const char *const names[CALLS] = {"read",   "write", "open", "close", "mmap",   "rename",
                                         "linkat", "spawn", "pipe", "poll",  "thread", "library"};
enum kind { NONE, SHORT, INTERRUPTED, CUT, ERROR };

static long counts[CALLS], at;
static int fault_call = -1, fault_errno;
static enum kind fault_kind;
static int opened = -1, counter = -1;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();
    return function;
}

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("FAULT"), *log = getenv("FAULT_OPENED");
    if (strncmp(program_invocation_short_name, "cpprof", 6) != 0) {
        return;
    }
    const char *count = getenv("FAULT_COUNT");
    if (count) counter = REAL(open)(count, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (log) opened = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char call[20], kind[20];
    if (!text || sscanf(text, "%19[^:]:%19[^:]:%ld", call, kind, &at) != 3) return;
    for (int i = 0; i < CALLS; i++)
        if (!strcmp(call, names[i])) fault_call = i;
    fault_errno = atoi(kind);
    fault_kind = !strcmp(kind, "short")   ? SHORT
                 : !strcmp(kind, "EINTR") ? INTERRUPTED
                 : !strcmp(kind, "cut")   ? CUT
                                          : ERROR;
}

__attribute__((destructor)) static void end(void) {
    for (int i = 0; i < CALLS && counter >= 0; i++)
        dprintf(counter, "%s %ld\n", names[i], counts[i]);
}

/* What goes wrong with this call; an error is in errno. */
static enum kind fault(enum call call) {
    long n = __atomic_add_fetch(&counts[call], 1, __ATOMIC_RELAXED);
    if ((int)call != fault_call) return NONE;
    switch (fault_kind) {
    case SHORT:
    case CUT:
        return n == at || at == 0 ? fault_kind : NONE;
    case INTERRUPTED:
        errno = EINTR;
        return n == at || (at == 0 && n % 2) ? ERROR : NONE;
    case ERROR:
        errno = fault_errno;
        return n >= at ? ERROR : NONE;
    default:
        return NONE;
    }
}

static size_t shorter(size_t len) {
    size_t n = at ? len / 2 : 1 + (size_t)counts[fault_call] % 2;
    return n && n < len ? n : len;
}

#define TRANSFER(call, name, ...)                                                                  \
    enum kind kind = fault(call);                                                                  \
    if (kind == ERROR) return -1;                                                                  \
    if (kind == SHORT) len = shorter(len);                                                         \
    return REAL(name)(__VA_ARGS__);

ssize_t read(int fd, void *bytes, size_t len){TRANSFER(READ, read, fd, bytes, len)}

ssize_t pread(int fd, void *bytes, size_t len,
              off_t offset){TRANSFER(READ, pread, fd, bytes, len, offset)}

ssize_t pread64(int fd, void *bytes, size_t len,
                off64_t offset){TRANSFER(READ, pread64, fd, bytes, len, offset)}

ssize_t __read_chk(int fd, void *bytes, size_t len, size_t room) {
    if (len > room) abort();
    return read(fd, bytes, len);
}

ssize_t __pread_chk(int fd, void *bytes, size_t len, off_t offset, size_t room) {
    if (len > room) abort();
    return pread(fd, bytes, len, offset);
}

ssize_t __pread64_chk(int fd, void *bytes, size_t len, off64_t offset, size_t room) {
    if (len > room) abort();
    return pread(fd, bytes, len, offset);
}

ssize_t write(int fd, const void *bytes, size_t len) {
    if (fd == STDERR_FILENO) return REAL(write)(fd, bytes, len);
    TRANSFER(WRITE, write, fd, bytes, len)
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset) {
    TRANSFER(WRITE, pwrite, fd, bytes, len, offset)
}

static void note(const char *path) {
    if (opened < 0) return;
    struct iovec line[] = {{(void *)path, strlen(path)}, {"\n", 1}};
    if (writev(opened, line, 2) < 0) abort();
}

static mode_t mode_of(int flags, va_list args) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

#define OPENER(name, parameters, ...)                                                              \
    int name parameters {                                                                          \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = mode_of(flags, args);                                                        \
        va_end(args);                                                                              \
        note(path);                                                                                \
        return fault(OPEN) == ERROR ? -1 : REAL(name)(__VA_ARGS__, flags, mode);                   \
    }

OPENER(open, (const char *path, int flags, ...), path)
OPENER(open64, (const char *path, int flags, ...), path)
OPENER(openat, (int dir, const char *path, int flags, ...), dir, path)
OPENER(openat64, (int dir, const char *path, int flags, ...), dir, path)

/* Of the calls without a function of their own only openat2 is of interest. */
long syscall(long number, ...) {
    long arg[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        arg[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_openat2) {
        note((const char *)arg[1]);
        if (fault(OPEN) == ERROR) return -1;
    }
    return REAL(syscall)(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

int __open_2(const char *path, int flags) {
    return open(path, flags);
}

int __open64_2(const char *path, int flags) {
    return open(path, flags);
}

FILE *fopen(const char *path, const char *mode) {
    note(path);
    return REAL(fopen)(path, mode);
}

int close(int fd) {
    int status = REAL(close)(fd);
    return fault(CLOSE) == ERROR ? -1 : status;
}

static void cut(int fd) {
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int file = REAL(open)(path, O_WRONLY | O_TRUNC);
    if (file < 0) abort();
    REAL(close)(file);
}

void *mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset) {
    enum kind kind = fd >= 0 ? fault(MMAP) : NONE;
    if (kind == ERROR) return MAP_FAILED;
    void *memory = REAL(mmap)(place, len, protection, flags, fd, offset);
    if (kind == CUT && memory != MAP_FAILED) cut(fd);
    return memory;
}

int rename(const char *from, const char *to) {
    return fault(RENAME) == ERROR ? -1 : REAL(rename)(from, to);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    return fault(LINKAT) == ERROR ? -1 : REAL(linkat)(from_dir, from, to_dir, to, flags);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
    if (fault(SPAWN) == ERROR) return errno;
    return REAL(posix_spawn)(pid, path, actions, attributes, argv, envp);
}

void *dlopen(const char *file, int mode) {
    return fault(LIBRARY) == ERROR ? NULL : REAL(dlopen)(file, mode);
}

int pipe2(int fds[2], int flags) {
    return fault(PIPE) == ERROR ? -1 : REAL(pipe2)(fds, flags);
}

int memfd_create(const char *name, unsigned flags) {
    return fault(PIPE) == ERROR ? -1 : REAL(memfd_create)(name, flags);
}

int poll(struct pollfd *fds, nfds_t n, int timeout) {
    return fault(POLL) == ERROR ? -1 : REAL(poll)(fds, n, timeout);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *arg) {
    if (fault(THREAD) == ERROR) return errno;
    return REAL(pthread_create)(thread, attributes, run, arg);
}
