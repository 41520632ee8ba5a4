/* The bounds of one call into the library: what it may do, and what becomes of everything that it
 * allocated or opened when memory is exhausted.
 *
 * Inside a scope exhausted memory ends the call: what was allocated with pp_malloc and its kin (all
 * arenas are), and what was deferred, is given back, and scope_run returns false. Threads that are
 * started inside (parallel.h) belong to the scope. Outside of any scope all is allowed, and the
 * hook of pp_set_oom_hook decides: that is how the program runs. */
#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

enum scope_permission {
    SCOPE_THREADS = 1 << 0,   /* start threads */
    SCOPE_FILES = 1 << 1,     /* open files that a profile names */
    SCOPE_PROGRAMS = 1 << 2,  /* start programs */
    SCOPE_LIBRARIES = 1 << 3, /* load shared libraries */
    SCOPE_NETWORK = 1 << 4,   /* ask servers */
};

/* Calls run(user). False: memory was exhausted, and nothing is left of the call. */
bool scope_run(unsigned allowed, void (*run)(void *user), void *user);

/* The same, but nothing is given back: for a call that adds to what outlives it. */
bool scope_run_keeping(unsigned allowed, void (*run)(void *user), void *user);

bool scope_may(enum scope_permission what);

/* Whether this is a library call, which must not trust that files keep their length. */
bool scope_is_set(void);

/* ---- what is not memory ---- */

struct scope_undo {
    struct scope_undo *next, *prev;
    void (*undo)(void *user);
    void *user;
};

/* Has undo(user) called if the call ends for want of memory before scope_settle. The node lives in
 * memory of its own, not on the stack. */
void scope_defer(struct scope_undo *node, void (*undo)(void *user), void *user);
void scope_settle(struct scope_undo *node); /* one that was never deferred is fine */

/* The same for what has no memory of its own: the mark is allocated. scope_drop(NULL) is fine. */
struct scope_mark;
struct scope_mark *scope_hold(void (*undo)(void *user), void *user); /* NULL outside of a scope */
void scope_drop(struct scope_mark *mark);

/* ---- for those that start threads ---- */

struct scope;
struct scope *scope_current(void); /* NULL: none */

/* In a new thread: run(user) as a part of `s`. False: memory was exhausted; the thread that started
 * this one says so (pp_out_of_memory) when all have ended. */
bool scope_run_thread(struct scope *s, void (*run)(void *user), void *user);

/* ---- for the allocator (arena.c) ---- */

struct scope_block {
    struct scope_block *next, *prev;
    size_t mapped; /* bytes of its own pages; 0: it is malloc's */
};

void scope_add_block(struct scope_block *b, size_t mapped);
void scope_free_block(struct scope_block *b);
void scope_take_block(struct scope_block *b); /* it is about to be freed, or moved */

/* Ends the call, if there is one; else returns. */
void scope_out_of_memory(void);

#endif
