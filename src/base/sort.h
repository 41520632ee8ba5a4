/* Sorting that keeps the order of equals and takes n log n steps on any input. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

typedef int sort_compare(const void *a, const void *b, void *user);

void sort_stable(void *base, size_t n, size_t size, sort_compare *compare, void *user);

#endif
