#include "base/sort.h"

#include "base/arena.h"

#include <stdlib.h>

struct sorting {
    size_t size; /* of an element */
    sort_compare *compare;
    void *user;
};

struct sorted_run {
    const char *at;
    size_t n;
};

static void merge_runs(const struct sorting *s, char *to, struct sorted_run a,
                       struct sorted_run b) {
    for (; a.n && b.n; to += s->size) {
        struct sorted_run *from = s->compare(a.at, b.at, s->user) <= 0 ? &a : &b;
        memcpy(to, from->at, s->size);
        from->at += s->size;
        from->n--;
    }
    if (a.n) memcpy(to, a.at, a.n * s->size);
    if (b.n) memcpy(to, b.at, b.n * s->size);
}

/* Bottom up, between the array and a copy of it. */
void sort_stable(void *base, size_t n, size_t size, sort_compare *compare, void *user) {
    if (n < 2) return;
    const struct sorting s = {size, compare, user};
    char *other = pp_malloc(n * size), *from = base, *to = other;
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t na = n - i < run ? n - i : run;
            size_t nb = n - i - na < run ? n - i - na : run;
            merge_runs(&s, to + i * size, (struct sorted_run){from + i * size, na},
                       (struct sorted_run){from + (i + na) * size, nb});
        }
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != base) memcpy(base, from, n * size);
    pp_free(other);
}
