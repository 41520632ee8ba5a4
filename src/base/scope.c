#include "base/scope.h"

#include "base/arena.h"
#include "base/pages.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>

struct scope {
    unsigned allowed;
    pthread_mutex_t lock;      /* of the two lists */
    struct scope_block blocks; /* rings: what this call allocated, */
    struct scope_undo undos;   /* and what it must undo */
    struct scope *outer;
};

/* What a thread is in. */
struct place {
    struct scope *scope;
    jmp_buf out;
};

static _Thread_local struct place *here;

bool scope_may(enum scope_permission what) {
    return !here || (here->scope->allowed & (unsigned)what) != 0;
}

bool scope_is_set(void) {
    return here != NULL;
}

struct scope *scope_current(void) {
    return here ? here->scope : NULL;
}

void scope_out_of_memory(void) {
    if (here) longjmp(here->out, 1);
}

/* ---- rings: a node outside of any has no neighbours ---- */

#define RING_ADD(head, node)                                                                       \
    do {                                                                                           \
        (node)->next = (head)->next;                                                               \
        (node)->prev = (head);                                                                     \
        (head)->next->prev = (node);                                                               \
        (head)->next = (node);                                                                     \
    } while (0)

#define RING_TAKE(node)                                                                            \
    do {                                                                                           \
        (node)->next->prev = (node)->prev;                                                         \
        (node)->prev->next = (node)->next;                                                         \
        (node)->next = (node)->prev = NULL;                                                        \
    } while (0)

void scope_add_block(struct scope_block *b, size_t mapped) {
    *b = (struct scope_block){NULL, NULL, mapped};
    if (!here) return;
    struct scope *s = here->scope;
    pthread_mutex_lock(&s->lock);
    RING_ADD(&s->blocks, b);
    pthread_mutex_unlock(&s->lock);
}

/* Outside of a scope a node is in a ring only while that call is undone, by one thread. */
void scope_take_block(struct scope_block *b) {
    struct scope *s = scope_current();
    if (!b->next) return;
    if (s) pthread_mutex_lock(&s->lock);
    RING_TAKE(b);
    if (s) pthread_mutex_unlock(&s->lock);
}

void scope_free_block(struct scope_block *b) {
    if (b->mapped)
        pages_unmap(b, b->mapped);
    else
        free(b);
}

void scope_defer(struct scope_undo *node, void (*undo)(void *user), void *user) {
    *node = (struct scope_undo){NULL, NULL, undo, user};
    if (!here) return;
    struct scope *s = here->scope;
    pthread_mutex_lock(&s->lock);
    RING_ADD(&s->undos, node);
    pthread_mutex_unlock(&s->lock);
}

void scope_settle(struct scope_undo *node) {
    struct scope *s = scope_current();
    if (!node->next) return;
    if (s) pthread_mutex_lock(&s->lock);
    RING_TAKE(node);
    if (s) pthread_mutex_unlock(&s->lock);
}

struct scope_mark {
    struct scope_undo node;
};

struct scope_mark *scope_hold(void (*undo)(void *user), void *user) {
    if (!here) return NULL;
    struct scope_mark *mark = pp_malloc(sizeof *mark);
    scope_defer(&mark->node, undo, user);
    return mark;
}

void scope_drop(struct scope_mark *mark) {
    if (!mark) return;
    scope_settle(&mark->node);
    pp_free(mark);
}

/* ---- a call ---- */

/* What outlives the call belongs to its result from now on. */
static void let_go(struct scope *s) {
    while (s->undos.next != &s->undos) {
        struct scope_undo *node = s->undos.next;
        RING_TAKE(node);
    }
    while (s->blocks.next != &s->blocks) {
        struct scope_block *b = s->blocks.next;
        RING_TAKE(b);
    }
}

/* The last first; what is undone may free blocks. */
static void undo_all(struct scope *s) {
    while (s->undos.next != &s->undos) {
        struct scope_undo *node = s->undos.next;
        RING_TAKE(node);
        node->undo(node->user);
    }
    while (s->blocks.next != &s->blocks) {
        struct scope_block *b = s->blocks.next;
        RING_TAKE(b);
        scope_free_block(b);
    }
}

static bool run_in(struct scope *s, void (*run)(void *user), void *user) {
    struct place place = {.scope = s}, *volatile before = here;
    volatile bool ok = false;
    here = &place;
    if (setjmp(place.out) == 0) {
        run(user);
        ok = true;
    }
    here = before;
    return ok;
}

bool scope_run_thread(struct scope *s, void (*run)(void *user), void *user) {
    if (s) return run_in(s, run, user);
    run(user);
    return true;
}

static bool run_call(unsigned allowed, bool keeps, void (*run)(void *user), void *user) {
    struct scope s = {.allowed = allowed, .outer = scope_current()};
    if (s.outer) s.allowed &= s.outer->allowed;
    s.blocks.next = s.blocks.prev = &s.blocks;
    s.undos.next = s.undos.prev = &s.undos;
    pthread_mutex_init(&s.lock, NULL);
    bool ok = run_in(&s, run, user);
    if (ok || keeps)
        let_go(&s);
    else
        undo_all(&s);
    pthread_mutex_destroy(&s.lock);
    return ok;
}

bool scope_run(unsigned allowed, void (*run)(void *user), void *user) {
    return run_call(allowed, false, run, user);
}

bool scope_run_keeping(unsigned allowed, void (*run)(void *user), void *user) {
    return run_call(allowed, true, run, user);
}
