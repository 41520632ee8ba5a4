/* An arena: memory with one lifetime. Allocation returns zeroed memory or does not return (the hook
 * for exhausted memory decides how); nothing is freed alone, all of it by pp_arena_done. An arena
 * belongs to one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "cpprof/str.h"

#include <stddef.h>

struct pp_arena_block;

struct pp_arena {
    struct pp_arena_block *small; /* the block that is being filled, linked to the full ones */
    struct pp_arena_block *large; /* one block an allocation; these can grow in place */
};

/* An arena may also be declared as `struct pp_arena a = {0}`. */
void pp_arena_init(struct pp_arena *arena);

/* Frees everything; the arena may be used again. */
void pp_arena_done(struct pp_arena *arena);

/* `count` zeroed elements of `size` bytes; never NULL. */
void *pp_arena_alloc(struct pp_arena *arena, size_t size, size_t align, size_t count)
    __attribute__((returns_nonnull));

/* Grows an array that this arena gave (or NULL) to `new_size` bytes, keeping the first `old_size`;
 * what follows them is not zeroed. The old pointer is dead afterwards. */
void *pp_arena_grow(struct pp_arena *arena, void *old, size_t old_size, size_t new_size)
    __attribute__((returns_nonnull));

/* Gives back what an array that this arena gave has behind its first `size` bytes, where it is
 * large: its last huge page may be all there, and empty. The old pointer is dead afterwards. */
void *pp_arena_trim(struct pp_arena *arena, void *array, size_t size);

#define PP_NEW(arena, T, n) ((T *)pp_arena_alloc((arena), sizeof(T), _Alignof(T), (n)))

/* Makes room for `extra` more elements in the array `at` that holds `n` and has room for `cap`. */
#define PP_RESERVE(arena, at, n, cap, extra)                                                       \
    do {                                                                                           \
        size_t pp_want_ = (size_t)(n) + (size_t)(extra);                                           \
        if (pp_want_ > (cap)) {                                                                    \
            size_t pp_cap_ = pp_arena_next_capacity((cap), pp_want_);                              \
            (at) =                                                                                 \
                pp_arena_grow((arena), (at), (size_t)(n) * sizeof *(at), pp_cap_ * sizeof *(at));  \
            (cap) = pp_cap_;                                                                       \
        }                                                                                          \
    } while (0)

/* Appends `value` to the array `at` of `n` elements (cap: a size_t). */
#define PP_PUSH(arena, at, n, cap, value)                                                          \
    do {                                                                                           \
        PP_RESERVE((arena), (at), (n), (cap), 1);                                                  \
        (at)[(n)++] = (value);                                                                     \
    } while (0)

size_t pp_arena_next_capacity(size_t have, size_t want);

/* A copy of the bytes, terminated by a NUL that is not counted. */
struct pp_str pp_arena_copy(struct pp_arena *arena, struct pp_str s);

/* "a" + between + "b", terminated likewise; either may be empty or hold NUL bytes. */
struct pp_str pp_arena_join(struct pp_arena *arena, struct pp_str a, char between, struct pp_str b);

/* Formatted text that lives in the arena, terminated by a NUL that is not counted. */
struct pp_str pp_arena_printf(struct pp_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What happens when memory is exhausted outside of a call of the library (scope.h), whose error it
 * is. The hook must not return. The default writes nothing and aborts; a program prints a line and
 * exits, a test jumps. */
void pp_set_oom_hook(void (*hook)(size_t wanted));

/* Calls the hook: for a library that tells of exhausted memory in its own way. */
void pp_out_of_memory(size_t wanted) __attribute__((noreturn));

/* malloc, calloc and realloc that never return NULL, for what cannot live in an arena. Only pp_free
 * frees what they give. */
void *pp_malloc(size_t size) __attribute__((returns_nonnull));
void *pp_calloc(size_t count, size_t size) __attribute__((returns_nonnull));
/* The same for a table all over which there will be something soon: its pages are found at once. */
void *pp_calloc_used(size_t count, size_t size) __attribute__((returns_nonnull));
void *pp_realloc(void *old, size_t size) __attribute__((returns_nonnull));
void pp_free(void *memory); /* NULL is allowed */

/* For a program that frees much and soon wants as much again: the allocator keeps it, up to some
 * megabytes, where it is one that can be told so. */
void pp_keep_freed_memory(void);

#endif
