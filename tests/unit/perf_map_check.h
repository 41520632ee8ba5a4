/* Which function a map has at an address. */
#ifndef PERF_MAP_CHECK_H
#define PERF_MAP_CHECK_H

#include "symbol/perf_map.h"
#include "test.h"

/* NULL: none. */
static void check(const struct perf_map *m, uint64_t address, const char *name) {
    const struct perf_map_entry *e = perf_map_find(m, address);
    if (!name) {
        assert_null(e);
        return;
    }
    assert_non_null(e);
    assert_true(pp_str_eq(e->name, pp_str_from(name)));
}

#endif
