/* For LD_PRELOAD, in cpprof itself but no program that it starts: the allocation number FAIL_MALLOC
 * (from 1) finds no memory, and so do all after it where FAIL_MALLOC_ON is set. Allocations before
 * main are counted too. At the end the number of allocations is written to the file
 * FAIL_MALLOC_COUNT. It stands behind the program's own malloc, which asks the C library's by these
 * names. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static long count, fail_at;
static int fail_on, ready, counter = -1;

static int fails(void) {
    if (!ready) return 0;
    long n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
    if (!fail_at || n < fail_at || (n > fail_at && !fail_on)) return 0;
    errno = ENOMEM;
    return 1;
}

__attribute__((constructor)) static void begin(void) {
    if (strncmp(program_invocation_short_name, "cpprof", 6) != 0) return;
    const char *at = getenv("FAIL_MALLOC");
    fail_at = at ? atol(at) : 0;
    fail_on = getenv("FAIL_MALLOC_ON") != NULL;
    const char *path = getenv("FAIL_MALLOC_COUNT");
    if (path) counter = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ready = 1;
}

__attribute__((destructor)) static void end(void) {
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", count);
    if (counter >= 0 && write(counter, text, (size_t)len) != len) abort();
}

/* The C library's own; also needed before the constructor has run. */
static void *next(const char *name, void **kept) {
    if (!*kept) *kept = dlsym(RTLD_NEXT, name);
    return *kept;
}

void *__libc_malloc(size_t size) {
    static void *real;
    return fails() ? NULL : ((void *(*)(size_t))next("__libc_malloc", &real))(size);
}

void *__libc_calloc(size_t n, size_t size) {
    static void *real;
    return fails() ? NULL : ((void *(*)(size_t, size_t))next("__libc_calloc", &real))(n, size);
}

void *__libc_realloc(void *old, size_t size) {
    static void *real;
    return fails() ? NULL : ((void *(*)(void *, size_t))next("__libc_realloc", &real))(old, size);
}
