/* Arenas: small allocations share blocks, large ones have a block each so that they can grow by
 * realloc (which moves pages instead of copying them). */
#include "base/arena.h"

#include "base/scope.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, LARGE = 64 << 10, PAGE = 4096 };

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

/* ---- single blocks: what malloc gives, behind the scope's mark ---- */

struct mark {
    _Alignas(max_align_t) struct scope_block block;
};

static size_t with_mark(size_t size) {
    if (size > SIZE_MAX - sizeof(struct mark)) pp_out_of_memory(size);
    return size + sizeof(struct mark);
}

/* Large tables in huge pages: finding and clearing small ones takes a tenth of the time that it
 * takes to decode a profile into them. Whole mappings: parts of one could not grow in place. */
static void ask_for_huge_pages(void *memory, size_t size) {
    enum { WORTH_IT = 1 << 20 };
    if (size < WORTH_IT) return;
    uintptr_t from = (uintptr_t)memory & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)memory + size + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    madvise((void *)from, end - from, MADV_HUGEPAGE);
}

/* A page that is read before it is written is found twice: first one page of zeros that all share,
 * then, behind a message to the other processors, one of its own. */
static void find_pages(void *memory, size_t size) {
    if (size < LARGE) return;
    uintptr_t from = ((uintptr_t)memory + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)memory + size) & ~(uintptr_t)(PAGE - 1);
#ifdef MADV_POPULATE_WRITE
    if (madvise((void *)from, end - from, MADV_POPULATE_WRITE) == 0) return;
#endif
    for (uintptr_t at = from; at < end; at += PAGE)
        *(volatile char *)at = 0;
}

static void *marked(struct mark *m, size_t wanted) {
    if (!m) pp_out_of_memory(wanted);
    scope_add_block(&m->block);
    ask_for_huge_pages(m + 1, wanted);
    return m + 1;
}

void *pp_malloc(size_t size) {
    return marked(malloc(with_mark(size)), size);
}

void *pp_calloc(size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) pp_out_of_memory(SIZE_MAX);
    return marked(calloc(1, with_mark(count * size)), count * size);
}

void *pp_calloc_used(size_t count, size_t size) {
    void *memory = pp_calloc(count, size);
    find_pages(memory, count * size);
    return memory;
}

void *pp_realloc(void *old, size_t size) {
    if (!old) return pp_malloc(size);
    struct mark *m = (struct mark *)old - 1;
    size_t total = with_mark(size);
    scope_take_block(&m->block);
    struct mark *moved = realloc(m, total);
    if (!moved) scope_add_block(&m->block);
    return marked(moved, size);
}

void pp_free(void *memory) {
    if (!memory) return;
    struct mark *m = (struct mark *)memory - 1;
    scope_take_block(&m->block);
    free(m);
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

void *pp_arena_alloc(struct pp_arena *arena, size_t size, size_t align, size_t count) {
    if (size && count > SIZE_MAX / size) pp_out_of_memory(SIZE_MAX);
    size_t total = size * count;
    if (total >= LARGE) return add_large(arena, pp_calloc_used(1, with_block(total)), total);
    return memset(take(arena, total, align), 0, total);
}

/* Or shrinks it. */
static void *grow_large(struct pp_arena *arena, void *old, size_t new_size) {
    struct pp_arena_block *block =
        (struct pp_arena_block *)(void *)((char *)old - offsetof(struct pp_arena_block, bytes));
    block = pp_realloc(block, with_block(new_size));
    block->size = block->used = new_size;
    if (block->next) block->next->prev = block;
    if (block->prev)
        block->prev->next = block;
    else
        arena->large = block;
    return block->bytes;
}

static bool is_large(const struct pp_arena *arena, const void *array) {
    for (const struct pp_arena_block *b = arena->large; b; b = b->next)
        if ((const void *)b->bytes == array) return true;
    return false;
}

void *pp_arena_trim(struct pp_arena *arena, void *array, size_t size) {
    return size && is_large(arena, array) ? grow_large(arena, array, size) : array;
}

void *pp_arena_grow(struct pp_arena *arena, void *old, size_t old_size, size_t new_size) {
    struct pp_arena_block *block = arena->small;
    if (block && (char *)old >= block->bytes && (char *)old < block->bytes + block->size) {
        size_t at = (size_t)((char *)old - block->bytes);
        if (at + old_size == block->used && at + new_size <= block->size && new_size < LARGE) {
            block->used = at + new_size;
            return old;
        }
    } else if (is_large(arena, old)) {
        return grow_large(arena, old, new_size);
    }
    void *fresh = new_size >= LARGE ? add_large(arena, pp_malloc(with_block(new_size)), new_size)
                                    : take(arena, new_size, _Alignof(max_align_t));
    return old ? memcpy(fresh, old, old_size) : fresh;
}

/* Pages that stay untouched cost nothing, moving an array does: small ones grow faster. */
size_t pp_arena_next_capacity(size_t have, size_t want) {
    enum { SMALL = 16 << 10 };
    size_t more = have < 8 ? 8 : have * (have <= SMALL ? 4 : 2);
    return more > want ? more : want;
}

struct pp_str pp_arena_copy(struct pp_arena *arena, struct pp_str s) {
    char *copy = pp_arena_alloc(arena, 1, 1, s.len + 1);
    if (s.len) memcpy(copy, s.data, s.len);
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
