/* Searching in arrays that are sorted by a number. */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* How many of the n elements have a number of at most `most`: the last of them, if any, is the last
 * one at or before it. `number` is the first element's, the next one's is `stride` bytes on. */
static inline size_t search_up_to(const uint64_t *number, size_t stride, size_t n, uint64_t most) {
    const char *at = (const char *)number;
    for (size_t half; n > 1; n -= half) { /* without a branch that a processor could guess wrong */
        half = n / 2;
        uint64_t last = *(const uint64_t *)(const void *)(at + (half - 1) * stride);
        at += last <= most ? half * stride : 0;
    }
    size_t below = (size_t)(at - (const char *)number) / stride;
    return below + (n && *(const uint64_t *)(const void *)at <= most);
}

/* The same of an array of structs, by a field of type uint64_t. */
#define SEARCH_UP_TO(at, n, field, most)                                                           \
    ((n) ? search_up_to(&(at)->field, sizeof *(at), (n), (most)) : 0)

/* How many have a number below `least`: the place of the first one at or after it. */
#define SEARCH_BELOW(at, n, field, least) ((least) ? SEARCH_UP_TO((at), (n), field, (least)-1) : 0)

#endif
