/* The fixtures of fixtures/binaries, opened and asked. */
#ifndef BINARY_H
#define BINARY_H

#include "base/parallel.h"
#include "symbol/batch.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct object object;
    struct pp_arena arena, answers[PARALLEL_MAX + 1];
    struct debug_dirs dirs;
    struct pp_str dir;
};

static inline bool binary_open_path(struct fixture *b, const char *path) {
    struct pp_error err;
    *b = (struct fixture){.dir = PP_STR(BINARIES "/tree")};
    b->dirs = (struct debug_dirs){.at = &b->dir, .n = 1};
    if (!object_open(&b->object, pp_str_from(path), &err)) return false;
    object_load_tables(&b->object, false);
    object_load_debug(&b->object, &b->dirs, false);
    return true;
}

static inline void binary_open(struct fixture *b, const char *name) {
    char path[500];
    snprintf(path, sizeof path, "%s/%s", BINARIES, name);
    if (!binary_open_path(b, path)) fail_msg("%s cannot be opened", path);
}

/* A copy of the fixture's bytes, for pp_free(). */
static inline unsigned char *binary_bytes(const char *name, size_t *ret_n) {
    char from[600];
    struct image image;
    snprintf(from, sizeof from, "%s/%s", BINARIES, name);
    assert_true(image_open(&image, from, NULL));
    unsigned char *bytes = pp_malloc(image.size);
    memcpy(bytes, image.bytes, image.size);
    *ret_n = image.size;
    image_close(&image);
    return bytes;
}

static inline void binary_write(const char *path, const void *bytes, size_t n) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    fclose(out);
}

static inline void binary_close(struct fixture *b) {
    for (size_t i = 0; i <= PARALLEL_MAX; i++)
        pp_arena_done(&b->answers[i]);
    pp_arena_done(&b->arena);
    object_close(&b->object);
}

/* The answers for sorted addresses; two threads, so that a race has a chance. */
static inline struct lookup *binary_ask(struct fixture *b, const uint64_t *addresses, size_t n) {
    struct batch_object o = {.object = &b->object, .n = n};
    const struct batch_options opt = {.dirs = b->dirs, .threads = 2};
    o.lookups = PP_NEW(&b->arena, struct lookup, n);
    for (size_t i = 0; i < n; i++)
        o.lookups[i].address = addresses[i];
    batch_run(&o, 1, &opt, b->answers);
    return o.lookups;
}

/* The start and size of a function, by its symbol in the most complete table; fails when there is
 * none. */
static inline uint64_t binary_symbol(const struct fixture *b, const char *name,
                                     uint64_t *ret_size) {
    const struct symtab *tables[] = {&b->object.debug_symbols, &b->object.symbols};
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < tables[t]->n; i++)
            if (pp_str_eq(tables[t]->entries[i].name, pp_str_from(name))) {
                *ret_size = tables[t]->entries[i].end - tables[t]->entries[i].start;
                return tables[t]->entries[i].start;
            }
    fail_msg("no symbol %s", name);
    return 0;
}

#endif
