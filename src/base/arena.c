/* Arenas: small allocations share blocks, large ones have a block each so that they can grow by
 * realloc (which moves pages instead of copying them). */
#include "base/arena.h"

#include "base/pages.h"
#include "base/scope.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 1 << 20, LARGE = 64 << 10 };

struct pp_arena_block {
    struct pp_arena_block *next, *prev; /* prev is kept for large blocks only */
    size_t size, used;
    _Alignas(max_align_t) char bytes[];
};

static void (*oom_hook)(size_t wanted);

void pp_set_oom_hook(void (*hook)(size_t wanted)) {
    oom_hook = hook;
}

void pp_out_of_memory(size_t wanted) {
    scope_out_of_memory();
    if (oom_hook) oom_hook(wanted);
    abort();
}

/* ---- single blocks: what malloc or the system gives, behind the scope's mark ---- */

struct mark {
    _Alignas(max_align_t) struct scope_block block;
};

static size_t with_mark(size_t size) {
    if (size > SIZE_MAX / 2) pp_out_of_memory(size);
    return size + sizeof(struct mark);
}

/* A page that is read before it is written is found twice: first one page of zeros that all share,
 * then, behind a message to the other processors, one of its own. */
static void find_pages(void *memory, size_t size) {
    if (size < LARGE) return;
    uintptr_t from = ((uintptr_t)memory + PAGES_SMALL - 1) & ~(uintptr_t)(PAGES_SMALL - 1);
    uintptr_t end = ((uintptr_t)memory + size) & ~(uintptr_t)(PAGES_SMALL - 1);
#ifdef MADV_POPULATE_WRITE
    if (madvise((void *)from, end - from, MADV_POPULATE_WRITE) == 0) return;
#endif
    for (uintptr_t at = from; at < end; at += PAGES_SMALL)
        *(volatile char *)at = 0;
}

static void *marked(struct mark *m, size_t mapped, size_t wanted) {
    if (!m) pp_out_of_memory(wanted);
    scope_add_block(&m->block, mapped);
    return m + 1;
}

static size_t whole_pages(size_t total) {
    return (total + PAGES_SMALL - 1) & ~(size_t)(PAGES_SMALL - 1);
}

/* Large tables have pages of their own: finding and clearing small ones takes a tenth of the time
 * that it takes to decode a profile into them. The mapping's length; 0: of malloc's memory, which
 * sanitizers watch over. */
static size_t own_pages(size_t total) {
#ifdef CPPROF_SANITIZED
    (void)total;
    return 0;
#else
    return total < PAGES_HUGE ? 0 : whole_pages(total);
#endif
}

static void *map_block(size_t mapped, size_t wanted) {
    struct mark *m = pages_map(mapped, false);
    if (m) pages_want_huge(m, mapped);
    return marked(m, mapped, wanted);
}

void *pp_malloc(size_t size) {
    size_t total = with_mark(size), mapped = own_pages(total);
    return mapped ? map_block(mapped, size) : marked(malloc(total), 0, size);
}

void *pp_calloc(size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) pp_out_of_memory(SIZE_MAX);
    size_t total = with_mark(count * size), mapped = own_pages(total);
    return mapped ? map_block(mapped, count * size) : marked(calloc(1, total), 0, count * size);
}

void *pp_calloc_used(size_t count, size_t size) {
    void *memory = pp_calloc(count, size);
    find_pages(memory, count * size);
    return memory;
}

/* A block of malloc's that becomes one of the system's. */
static void *move_to_pages(struct mark *m, size_t mapped, size_t wanted) {
    size_t len = malloc_usable_size(m) - sizeof *m;
    void *moved = map_block(mapped, wanted);
    memcpy(moved, m + 1, len < wanted ? len : wanted);
    pp_free(m + 1);
    return moved;
}

void *pp_realloc(void *old, size_t size) {
    if (!old) return pp_malloc(size);
    struct mark *m = (struct mark *)old - 1;
    size_t total = with_mark(size), had = m->block.mapped;
    size_t mapped = had ? whole_pages(total) : own_pages(total);
    if (mapped && !had) return move_to_pages(m, mapped, size);
    scope_take_block(&m->block);
    struct mark *moved = mapped ? pages_resize(m, had, mapped) : realloc(m, total);
    if (!moved) scope_add_block(&m->block, had);
    return marked(moved, mapped, size);
}

void pp_free(void *memory) {
    if (!memory) return;
    struct mark *m = (struct mark *)memory - 1;
    scope_take_block(&m->block);
    scope_free_block(&m->block);
}

void pp_keep_freed_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 2 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
#endif
}

/* ---- arenas ---- */

void pp_arena_init(struct pp_arena *arena) {
    *arena = (struct pp_arena){0};
}

static void free_chain(struct pp_arena_block *block) {
    while (block) {
        struct pp_arena_block *next = block->next;
        pp_free(block);
        block = next;
    }
}

void pp_arena_done(struct pp_arena *arena) {
    free_chain(arena->small);
    free_chain(arena->large);
    *arena = (struct pp_arena){0};
}

static size_t with_block(size_t size) {
    if (size > SIZE_MAX - sizeof(struct pp_arena_block)) pp_out_of_memory(size);
    return sizeof(struct pp_arena_block) + size;
}

/* A block for `size` bytes; returns those. */
static void *add_large(struct pp_arena *arena, struct pp_arena_block *block, size_t size) {
    *block = (struct pp_arena_block){.next = arena->large, .size = size, .used = size};
    if (block->next) block->next->prev = block;
    arena->large = block;
    return block->bytes;
}

static size_t aligned(const struct pp_arena_block *block, size_t align) {
    size_t at = (size_t)((uintptr_t)(block->bytes + block->used) & (align - 1));
    return block->used + (at ? align - at : 0);
}

/* Not zeroed. */
static void *take(struct pp_arena *arena, size_t total, size_t align) {
    struct pp_arena_block *block = arena->small;
    size_t at = block ? aligned(block, align) : 0;
    if (!block || at + total > block->size) {
        size_t room = block ? block->size * 2 : FIRST_BLOCK;
        if (room > LARGEST_BLOCK) room = LARGEST_BLOCK;
        if (room < total) room = total;
        struct pp_arena_block *fresh = pp_malloc(sizeof *fresh + room);
        *fresh = (struct pp_arena_block){.next = block, .size = room};
        arena->small = block = fresh;
        at = 0;
    }
    block->used = at + total;
    return block->bytes + at;
}

static void *take_any(struct pp_arena *arena, size_t total, size_t align) {
    if (total < LARGE) return take(arena, total, align);
    return add_large(arena, pp_malloc(with_block(total)), total);
}

void *pp_arena_alloc(struct pp_arena *arena, size_t size, size_t align, size_t count) {
    if (size && count > SIZE_MAX / size) pp_out_of_memory(SIZE_MAX);
    size_t total = size * count;
    if (total >= LARGE) return add_large(arena, pp_calloc_used(1, with_block(total)), total);
    return memset(take(arena, total, align), 0, total);
}

static void *resize_large(struct pp_arena *arena, struct pp_arena_block *block, size_t new_size) {
    block = pp_realloc(block, with_block(new_size));
    block->size = block->used = new_size;
    if (block->next) block->next->prev = block;
    if (block->prev)
        block->prev->next = block;
    else
        arena->large = block;
    return block->bytes;
}

/* The block of an array that has one of its own, or NULL. */
static struct pp_arena_block *large_block(const struct pp_arena *arena, const void *array) {
    struct pp_arena_block *b = arena->large;
    while (b && (const void *)b->bytes != array)
        b = b->next;
    return b;
}

void *pp_arena_trim(struct pp_arena *arena, void *array, size_t size) {
    struct pp_arena_block *block = large_block(arena, array);
    return block && size && size < block->size ? resize_large(arena, block, size) : array;
}

void *pp_arena_grow(struct pp_arena *arena, void *old, size_t old_size, size_t new_size) {
    struct pp_arena_block *block = arena->small, *large;
    if (block && (char *)old >= block->bytes && (char *)old < block->bytes + block->size) {
        size_t at = (size_t)((char *)old - block->bytes);
        if (at + old_size == block->used && at + new_size <= block->size && new_size < LARGE) {
            block->used = at + new_size;
            return old;
        }
    } else if ((large = large_block(arena, old))) {
        return resize_large(arena, large, new_size);
    }
    void *fresh = take_any(arena, new_size, _Alignof(max_align_t));
    return old ? memcpy(fresh, old, old_size) : fresh;
}

/* Pages that stay untouched cost nothing, moving an array does: small ones grow faster. */
size_t pp_arena_next_capacity(size_t have, size_t want) {
    enum { SMALL = 16 << 10 };
    size_t more = have < 8 ? 8 : have * (have <= SMALL ? 4 : 2);
    return more > want ? more : want;
}

struct pp_str pp_arena_copy(struct pp_arena *arena, struct pp_str s) {
    char *copy = take_any(arena, s.len + 1, 1);
    if (s.len) memcpy(copy, s.data, s.len);
    copy[s.len] = '\0';
    return (struct pp_str){copy, s.len};
}

struct pp_str pp_arena_join(struct pp_arena *arena, struct pp_str a, char between,
                            struct pp_str b) {
    char *text = pp_arena_alloc(arena, 1, 1, a.len + 1 + b.len + 1);
    if (a.len) memcpy(text, a.data, a.len);
    text[a.len] = between;
    if (b.len) memcpy(text + a.len + 1, b.data, b.len);
    return (struct pp_str){text, a.len + 1 + b.len};
}

struct pp_str pp_arena_printf(struct pp_arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) len = 0;
    char *text = pp_arena_alloc(arena, 1, 1, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct pp_str){text, (size_t)len};
}
