/* See pages.h. */
#include "base/pages.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* There is a place of that length that begins where a huge page does in every one that is longer by
 * a huge page. */
void *pages_map(size_t len, bool spare) {
    if (len > SIZE_MAX - PAGES_HUGE) return NULL;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (spare ? MAP_NORESERVE : 0);
    char *at = mmap(NULL, len + PAGES_HUGE, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (at == MAP_FAILED) return NULL;
    size_t before = -(uintptr_t)at & (PAGES_HUGE - 1);
    if (before) munmap(at, before);
    munmap(at + before + len, PAGES_HUGE - before);
    return at + before;
}

void pages_want_huge(void *memory, size_t len) {
    madvise(memory, len, MADV_HUGEPAGE);
}

/* What follows the last huge page is copied: moved small pages would stay, and stand where there
 * could be another huge one. */
void *pages_resize(void *memory, size_t len, size_t new_len) {
    char *from = memory, *place = pages_map(new_len, false);
    if (!place) return NULL;
    size_t kept = len < new_len ? len : new_len, moved = kept & ~(size_t)(PAGES_HUGE - 1);
    if (!moved ||
        mremap(from, moved, new_len, MREMAP_MAYMOVE | MREMAP_FIXED, place) == MAP_FAILED) {
        pages_want_huge(place, new_len); /* there are none, or an emulator moves none */
        moved = 0;
    }
    memcpy(place + moved, from + moved, kept - moved);
    munmap(from + moved, len - moved);
    return place;
}

void pages_unmap(void *memory, size_t len) {
    munmap(memory, len);
}
