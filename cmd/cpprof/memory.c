/* The allocator of the whole program: it finds memory or ends the program. libdw, libelf, RE2
 * and others do not check each of their allocations; here none of them can see one fail. Sanitizers
 * bring an allocator of their own, and only glibc has the names of the one behind ours. */
#include "end.h"

#include <stdlib.h>

#if defined(__GLIBC__) && !defined(CPPROF_OTHER_ALLOCATOR)

#define EXPORTED __attribute__((visibility("default"), used))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

EXPORTED void *malloc(size_t size) {
    void *memory = __libc_malloc(size);
    if (__builtin_expect(!memory, 0)) end_out_of_memory(size);
    return memory;
}

EXPORTED void *calloc(size_t count, size_t size) {
    void *memory = __libc_calloc(count, size);
    if (__builtin_expect(!memory, 0)) end_out_of_memory(count * size);
    return memory;
}

/* No bytes: that frees, and gives NULL. */
EXPORTED void *realloc(void *old, size_t size) {
    void *memory = __libc_realloc(old, size);
    if (__builtin_expect(!memory && size, 0)) end_out_of_memory(size);
    return memory;
}

#endif
