#include "base/sort.h"

#include "base/arena.h"

#include <stdlib.h>

static void merge_runs(char *to, const char *a, size_t na, const char *b, size_t nb, size_t size,
                       sort_compare *compare, void *user) {
    while (na && nb) {
        bool take_a = compare(a, b, user) <= 0;
        memcpy(to, take_a ? a : b, size);
        to += size;
        if (take_a) {
            a += size;
            na--;
        } else {
            b += size;
            nb--;
        }
    }
    if (na) memcpy(to, a, na * size);
    if (nb) memcpy(to, b, nb * size);
}

/* Bottom up, between the array and a copy of it. */
void sort_stable(void *base, size_t n, size_t size, sort_compare *compare, void *user) {
    if (n < 2) return;
    char *other = pp_malloc(n * size), *from = base, *to = other;
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t na = n - i < run ? n - i : run;
            size_t nb = n - i - na < run ? n - i - na : run;
            merge_runs(to + i * size, from + i * size, na, from + (i + na) * size, nb, size,
                       compare, user);
        }
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != base) memcpy(base, from, n * size);
    pp_free(other);
}
