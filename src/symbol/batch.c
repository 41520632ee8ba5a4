/* See batch.h. */
#include "symbol/batch.h"

#include "base/parallel.h"
#include "symbol/dwarf_resolve.h"
#include "symbol/index_store.h"

#include <stdatomic.h>
#include <stdlib.h>

struct task {
    uint32_t object;
    struct dwarf_job job;
};

/* An object's lookups in the order of their units; `place` leads back. */
struct ordered {
    struct lookup lookup;
    uint32_t unit;
    uint32_t place;
};

struct plan {
    struct ordered *at;
    struct lookup *lookups; /* the same, contiguous */
    size_t n;               /* those that are in a unit */
    bool has_places;
    bool is_answered; /* by an index */
};

struct worker {
    struct pp_arena *arena;
    struct dwarf_handle *handles; /* one an object, opened when it is needed */
    bool *opened;
};

struct batch {
    struct batch_object *objects;
    size_t n;
    const struct batch_options *opt;
    struct plan *plans;
    struct task *tasks;
    size_t n_tasks, cap_tasks;
    struct worker workers[PARALLEL_MAX];
    struct name_budget own_names, *names;
    atomic_size_t done;
    struct pp_arena scratch;
};

/* Has the index answer, if there is one. Where it turns out to be damaged, nothing of it counts. */
static bool ask_index(const struct batch *b, struct batch_object *o, struct pp_arena *arena) {
    struct object *object = o->object;
    if (!b->opt->index || b->opt->fast) return false;
    index_store_attach(b->opt->index, object);
    for (size_t i = 0; i < o->n && object->is_indexed; i++)
        if (!symbol_index_find(&object->index, &o->lookups[i], arena)) object_leave_index(object);
    for (size_t i = 0; i < o->n && !object->is_indexed; i++)
        o->lookups[i] = (struct lookup){.address = o->lookups[i].address};
    return object->is_indexed;
}

static void load_one(void *user, unsigned worker, size_t task) {
    struct batch *b = user;
    (void)worker;
    struct batch_object *o = &b->objects[task];
    bool debug_wanted = false;
    if (b->plans[task].is_answered) return;
    o->object->threads = b->opt->threads;
    object_load_tables(o->object, b->opt->fast);
    for (size_t i = 0; i < o->n && !debug_wanted; i++)
        debug_wanted = !object_prefers_go(o->object, o->lookups[i].address);
    if (debug_wanted) object_load_debug(o->object, &b->opt->dirs, b->opt->fast);
}

static int by_unit(const void *a, const void *b) {
    const struct ordered *x = a, *y = b;
    if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static void plan_object(struct batch *b, uint32_t index) {
    struct batch_object *o = &b->objects[index];
    struct plan *plan = &b->plans[index];
    if (plan->is_answered || !o->object->has_dwarf) return;
    plan->at = PP_NEW(&b->scratch, struct ordered, o->n);
    for (size_t i = 0; i < o->n; i++) {
        uint64_t address = o->lookups[i].address;
        if (object_prefers_go(o->object, address)) continue;
        uint32_t unit = dwarf_units_find(&o->object->units, address);
        if (unit == PP_NONE) continue;
        plan->at[plan->n++] = (struct ordered){o->lookups[i], unit, (uint32_t)i};
    }
    if (plan->n) qsort(plan->at, plan->n, sizeof *plan->at, by_unit);
    plan->lookups = PP_NEW(&b->scratch, struct lookup, plan->n);
    for (size_t i = 0, from = 0; i < plan->n; i++) {
        plan->lookups[i] = plan->at[i].lookup;
        if (i + 1 < plan->n && plan->at[i + 1].unit == plan->at[i].unit) continue;
        struct task t = {index,
                         {.die = o->object->units.dies[plan->at[i].unit],
                          .lookups = plan->lookups + from,
                          .n = i + 1 - from}};
        PP_PUSH(&b->scratch, b->tasks, b->n_tasks, b->cap_tasks, t);
        from = i + 1;
    }
}

static struct dwarf_handle *handle_of(struct batch *b, unsigned worker, uint32_t object) {
    struct worker *w = &b->workers[worker];
    if (!w->opened[object]) {
        w->opened[object] = true;
        const struct dwarf_file *file = &b->objects[object].object->dwarf;
        if (!dwarf_handle_open(&w->handles[object], file, b->names, w->arena))
            w->handles[object].dwarf = NULL;
    }
    return w->handles[object].dwarf ? &w->handles[object] : NULL;
}

static void tell(struct batch *b) {
    size_t done = atomic_fetch_add(&b->done, 1) + 1;
    if (b->opt->progress) b->opt->progress(b->opt->user, done, 2 * b->n_tasks);
}

static void resolve_calls(void *user, unsigned worker, size_t task) {
    struct batch *b = user;
    struct task *t = &b->tasks[task];
    struct dwarf_handle *h = handle_of(b, worker, t->object);
    if (h) dwarf_resolve_calls(h, &t->job);
    tell(b);
}

static void resolve_places(void *user, unsigned worker, size_t task) {
    struct batch *b = user;
    struct task *t = &b->tasks[task];
    struct dwarf_handle *h = handle_of(b, worker, t->object);
    if (h && b->plans[t->object].has_places) dwarf_resolve_places(h, &t->job);
    tell(b);
}

/* ---- which texts are wanted ---- */

struct wanted {
    const struct batch *b;
    uint32_t object;
    struct pp_arena arena;
    uint64_t *at;
    size_t n, cap;
};

static void want(struct wanted *w, struct pp_str text) {
    struct pp_str all = w->b->objects[w->object].object->dwarf.late_texts;
    if (text.len || !text.data || text.data < all.data || text.data >= all.data + all.len) return;
    PP_PUSH(&w->arena, w->at, w->n, w->cap, (uint64_t)(text.data - all.data));
}

/* False where its line table has names there, too. */
static bool want_of_job(struct wanted *w, const struct dwarf_job *j) {
    const struct dwarf_line_sections *in = &w->b->objects[w->object].object->dwarf.lines;
    struct dwarf_line_table t = {0};
    struct pp_arena scratch = {0};
    want(w, j->dir);
    for (size_t i = 0; i < j->n; i++)
        for (uint32_t k = 0; k < j->lookups[i].n_frames; k++)
            want(w, j->lookups[i].frames[k].function);
    if (j->has_lines) dwarf_lines_open(&t, in, j->line_offset, &scratch);
    pp_arena_done(&scratch);
    return !t.uses_texts;
}

static int by_offset(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool want_texts(void *user, struct elf_wanted *ret_texts) {
    struct wanted *w = user;
    for (size_t i = 0; i < w->b->n_tasks; i++)
        if (w->b->tasks[i].object == w->object && !want_of_job(w, &w->b->tasks[i].job))
            return false;
    if (w->n) qsort(w->at, w->n, sizeof *w->at, by_offset);
    *ret_texts = (struct elf_wanted){w->at, w->n};
    return true;
}

/* Between the steps. What can't be finished is no answer. */
static void load_places(struct batch *b) {
    for (size_t i = 0; i < b->n; i++) {
        struct plan *plan = &b->plans[i];
        struct wanted w = {.b = b, .object = (uint32_t)i};
        plan->has_places = plan->n && object_load_places(b->objects[i].object, want_texts, &w);
        pp_arena_done(&w.arena);
    }
    for (size_t i = 0; i < b->n_tasks; i++) {
        struct task *t = &b->tasks[i];
        b->objects[t->object].n_split_missing += t->job.is_missing;
        for (size_t k = 0; k < t->job.n && !b->plans[t->object].has_places; k++)
            t->job.lookups[k] = (struct lookup){.address = t->job.lookups[k].address};
    }
}

static void open_workers(struct batch *b, unsigned n, struct pp_arena *arenas) {
    for (unsigned i = 0; i < n; i++)
        b->workers[i] = (struct worker){&arenas[i], PP_NEW(&b->scratch, struct dwarf_handle, b->n),
                                        PP_NEW(&b->scratch, bool, b->n)};
}

static void close_workers(struct batch *b, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (b->workers[i].opened[k]) dwarf_handle_close(&b->workers[i].handles[k]);
}

static void finish_object(struct batch *b, size_t index, struct pp_arena *arena) {
    struct batch_object *o = &b->objects[index];
    struct plan *plan = &b->plans[index];
    for (size_t i = 0; i < plan->n; i++)
        o->lookups[plan->at[i].place] = plan->lookups[i];
    for (size_t i = 0; i < o->n && !plan->is_answered; i++)
        object_finish(o->object, &o->lookups[i], b->names, arena);
}

void batch_run(struct batch_object *objects, size_t n, const struct batch_options *opt,
               struct pp_arena *ret_arenas) {
    struct batch b = {.objects = objects, .n = n, .opt = opt, .own_names.most = NAME_BYTES};
    b.names = opt->names ? opt->names : &b.own_names;
    b.plans = PP_NEW(&b.scratch, struct plan, n);
    for (size_t i = 0; i < n; i++)
        b.plans[i].is_answered = ask_index(&b, &objects[i], &ret_arenas[PARALLEL_MAX]);
    parallel_run(parallel_width(n, opt->threads), n, load_one, &b);
    for (uint32_t i = 0; i < n; i++)
        plan_object(&b, i);
    unsigned threads = parallel_width(b.n_tasks, opt->threads);
    open_workers(&b, threads, ret_arenas);
    parallel_run(threads, b.n_tasks, resolve_calls, &b);
    load_places(&b);
    parallel_run(threads, b.n_tasks, resolve_places, &b);
    close_workers(&b, threads);
    for (size_t i = 0; i < n; i++)
        finish_object(&b, i, &ret_arenas[PARALLEL_MAX]);
    pp_arena_done(&b.scratch);
}
