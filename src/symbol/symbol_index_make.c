/* See symbol_index_make.h. Every address where an answer may change is asked of the same functions
 * that answer without an index (batch.c), a unit at a time; so what the index says is what they
 * say. Such addresses are the ends of units' ranges, of functions, of inlined calls and of symbols,
 * and the rows of line tables. A unit is asked only about addresses that are its own: the spans.
 *
 * Units become pieces in any order, by several threads; they are put together by address, so that
 * the result does not depend on that. */
#include "symbol/symbol_index_make.h"

#include "base/hash.h"
#include "base/parallel.h"
#include "symbol/dwarf_resolve.h"

#include <stdlib.h>

/* Addresses of no unit are asked in tasks of so many. */
enum { LOOSE_TASK = 1 << 14 };

/* Each unit has its own copy of a text: so many times what a binary has of bytes, and more. */
enum { TEXT_OF_BYTE = 16 };

struct addresses {
    uint64_t *at;
    size_t n, cap;
};

/* From here to the next span, addresses belong to this unit, or to none (n_units). */
struct span {
    uint64_t start;
    uint32_t unit;
};

/* What is known of a unit. Texts and calls have numbers of its own. */
struct piece {
    struct pp_arena arena;
    struct interner texts;
    struct index_call *calls; /* [0] is none; `name` and `from_file` are texts */
    size_t n_calls, cap_calls;
    struct hash_index call_index;
    struct index_row *rows; /* `file` is a text */
    size_t n_rows, cap_rows, next;
    uint32_t *text_places, *file_places, *call_places; /* in the whole, once they are there */
};

struct task {
    uint32_t unit; /* n_units: loose addresses */
    const uint64_t *at;
    size_t n; /* addresses that are known to begin something */
    struct piece piece;
};

struct worker {
    struct dwarf_handle handle;
    bool has_handle;
    struct name_budget names;
    struct pp_arena arena; /* of the handle */
};

struct maker {
    struct object *o;
    const struct index_options *opt;
    struct addresses edges; /* of units, symbols and Go's functions, in order, each once */
    struct span *spans;
    size_t n_spans, cap_spans;
    struct task *tasks;
    size_t n_tasks, n_loose;
    uint32_t n_units;
    struct name_budget texts; /* of all pieces */
    struct worker workers[PARALLEL_MAX];
    atomic_bool failed;
    struct pp_arena arena;
};

/* ---- which unit is an address in ---- */

static int by_number(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorts, and leaves each once. */
static void settle(struct addresses *a) {
    size_t kept = 0;
    if (a->n) qsort(a->at, a->n, sizeof *a->at, by_number);
    for (size_t i = 0; i < a->n; i++)
        if (i == 0 || a->at[i] != a->at[i - 1]) a->at[kept++] = a->at[i];
    a->n = kept;
}

static uint32_t unit_of(const struct maker *m, uint64_t address) {
    if (!m->o->has_dwarf || object_prefers_go(m->o, address)) return m->n_units;
    uint32_t unit = dwarf_units_find(&m->o->units, address);
    return unit == PP_NONE ? m->n_units : unit;
}

static void see_edge(void *user, uint64_t address) {
    struct maker *m = user;
    PP_PUSH(&m->arena, m->edges.at, m->edges.n, m->edges.cap, address);
}

static void see_symbols(struct maker *m, const struct symtab *t) {
    for (size_t i = 0; i < t->n; i++) {
        const struct symtab_entry *e = &t->entries[i];
        see_edge(m, e->start);
        see_edge(m, e->end > e->start ? e->end : e->start + 1);
    }
}

static void find_edges(struct maker *m) {
    const struct object *o = m->o;
    see_edge(m, 0);
    for (uint32_t i = 0; i < o->units.n_ranges; i++) {
        see_edge(m, o->units.ranges[i].start);
        see_edge(m, o->units.ranges[i].end);
    }
    see_symbols(m, &o->symbols);
    see_symbols(m, &o->debug_symbols);
    if (o->has_pclntab) gopclntab_each(&o->pclntab, see_edge, m);
    settle(&m->edges);
}

static void find_spans(struct maker *m) {
    for (size_t i = 0; i < m->edges.n; i++) {
        struct span s = {m->edges.at[i], unit_of(m, m->edges.at[i])};
        if (m->n_spans && m->spans[m->n_spans - 1].unit == s.unit) continue;
        PP_PUSH(&m->arena, m->spans, m->n_spans, m->cap_spans, s);
    }
}

/* The span of the address, which is in the one of the last address or behind it. */
static size_t span_of(const struct maker *m, uint64_t address, size_t low) {
    size_t high = m->n_spans;
    if (low + 1 == high || address < m->spans[low + 1].start) return low;
    while (low + 1 < high) {
        size_t mid = low + (high - low) / 2;
        if (m->spans[mid].start <= address)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* ---- tasks ---- */

/* Each unit's edges side by side. */
static void make_tasks(struct maker *m) {
    uint64_t *sorted = PP_NEW(&m->arena, uint64_t, m->edges.n);
    size_t *first = PP_NEW(&m->arena, size_t, (size_t)m->n_units + 2);
    size_t span = 0;
    for (size_t i = 0; i < m->edges.n; i++) {
        span = span_of(m, m->edges.at[i], span);
        first[m->spans[span].unit + 1]++;
    }
    m->n_loose = (first[m->n_units + 1] + LOOSE_TASK - 1) / LOOSE_TASK;
    for (uint32_t i = 0; i <= m->n_units; i++)
        first[i + 1] += first[i];
    m->tasks = PP_NEW(&m->arena, struct task, m->n_units + m->n_loose);
    m->n_tasks = m->n_units + m->n_loose;
    for (uint32_t i = 0; i < m->n_units; i++)
        m->tasks[i] =
            (struct task){.unit = i, .at = sorted + first[i], .n = first[i + 1] - first[i]};
    const uint64_t *loose = sorted + first[m->n_units];
    for (size_t i = 0, left = m->edges.n - first[m->n_units]; i < m->n_loose; i++) {
        size_t n = left < LOOSE_TASK ? left : LOOSE_TASK;
        m->tasks[m->n_units + i] = (struct task){.unit = m->n_units, .at = loose, .n = n};
        loose += n;
        left -= n;
    }
    span = 0;
    for (size_t i = 0; i < m->edges.n; i++) {
        span = span_of(m, m->edges.at[i], span);
        sorted[first[m->spans[span].unit]++] = m->edges.at[i];
    }
}

/* ---- a piece ---- */

struct unit_maker {
    struct maker *maker;
    struct task *task;
    struct addresses at;
    struct name_budget names;
    struct pp_arena arena; /* until the piece is done */
};

static void see_address(void *user, uint64_t address) {
    struct unit_maker *u = user;
    PP_PUSH(&u->arena, u->at.at, u->at.n, u->at.cap, address);
}

/* Leaves those that belong to the unit. */
static void keep_own(struct unit_maker *u) {
    size_t kept = 0, span = 0;
    settle(&u->at);
    for (size_t i = 0; i < u->at.n; i++) {
        span = span_of(u->maker, u->at.at[i], span);
        if (u->maker->spans[span].unit == u->task->unit) u->at.at[kept++] = u->at.at[i];
    }
    u->at.n = kept;
}

static bool is_same_call(const struct index_call *a, const struct index_call *b) {
    return a->outer == b->outer && a->name == b->name && a->start_line == b->start_line &&
           a->from_file == b->from_file && a->from_line == b->from_line &&
           a->from_column == b->from_column && a->source == b->source;
}

static uint64_t hash_call(const struct index_call *c) {
    uint64_t h = hash_word(hash_seed(), (uint64_t)c->outer << 32 | c->name);
    h = hash_word(h, c->start_line ^ (uint64_t)c->from_file << 32);
    return hash_word(h, c->from_line ^ c->from_column << 40 ^ (uint64_t)c->source << 60);
}

static uint32_t add_call(struct piece *p, const struct index_call *call) {
    uint64_t hash = hash_call(call);
    for (struct index_probe i = index_probe(&p->call_index, hash); index_next(&p->call_index, &i);)
        if (is_same_call(&p->calls[i.position], call)) return i.position;
    index_add(&p->call_index, hash, (uint32_t)p->n_calls);
    PP_PUSH(&p->arena, p->calls, p->n_calls, p->cap_calls, *call);
    return (uint32_t)p->n_calls - 1;
}

static uint32_t text_of(struct unit_maker *u, struct pp_str text) {
    return name_budget_intern(&u->maker->texts, &u->task->piece.texts, text);
}

/* The innermost call of an answer; 0 when there is none. */
static uint32_t call_of(struct unit_maker *u, const struct lookup *l) {
    struct piece *p = &u->task->piece;
    struct index_call call = {.source = l->source};
    uint32_t last = 0;
    for (uint32_t i = l->n_frames; i-- > 0;) {
        const struct frame *f = &l->frames[i];
        call.name = text_of(u, f->function);
        call.start_line = (uint64_t)f->start_line;
        last = add_call(p, &call);
        call = (struct index_call){.outer = last,
                                   .from_file = text_of(u, f->file),
                                   .from_line = (uint64_t)f->line,
                                   .from_column = (uint64_t)f->column};
    }
    return last;
}

static bool is_same_row(const struct index_row *a, const struct index_row *b) {
    return a->call == b->call && a->file == b->file && a->line == b->line && a->column == b->column;
}

static void add_rows(struct unit_maker *u, const struct lookup *lookups, size_t n) {
    struct piece *p = &u->task->piece;
    size_t span = 0, before = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        const struct lookup *l = &lookups[i];
        struct index_row row = {.address = l->address, .call = call_of(u, l)};
        if (l->n_frames) {
            row.file = text_of(u, l->frames[0].file);
            row.line = (uint32_t)l->frames[0].line;
            row.column = (uint32_t)l->frames[0].column;
        }
        span = span_of(u->maker, row.address, span);
        if (span == before && is_same_row(&row, &p->rows[p->n_rows - 1])) continue;
        before = span;
        PP_PUSH(&p->arena, p->rows, p->n_rows, p->cap_rows, row);
    }
}

static void piece_init(struct piece *p) {
    const struct index_call none = {0};
    *p = (struct piece){0};
    interner_init(&p->texts, &p->arena);
    PP_PUSH(&p->arena, p->calls, p->n_calls, p->cap_calls, none);
}

/* What the answers need, in the unit's own arena. False when something lacks. */
static bool resolve(struct unit_maker *u, struct dwarf_handle *h, struct lookup *lookups,
                    size_t n) {
    struct dwarf_job job = {
        .die = u->maker->o->units.dies[u->task->unit], .lookups = lookups, .n = n};
    dwarf_resolve_calls(h, &job);
    dwarf_resolve_places(h, &job);
    return !job.is_missing && h->work_left > 0;
}

static struct dwarf_handle *handle_of(struct maker *m, unsigned worker) {
    struct worker *w = &m->workers[worker];
    if (!w->has_handle) {
        if (!dwarf_handle_open(&w->handle, &m->o->dwarf, &w->names, &w->arena)) return NULL;
        w->has_handle = true;
        w->names.most = NAME_BYTES;
        /* It is asked about everything, and that several times. */
        w->handle.work_left *= 8;
        w->handle.line_work_left *= 4;
        w->handle.package_work_left *= 4;
    }
    return &w->handle;
}

static bool make_piece(struct unit_maker *u, struct dwarf_handle *h) {
    struct task *t = u->task;
    bool is_unit = t->unit < u->maker->n_units;
    for (size_t i = 0; i < t->n; i++)
        see_address(u, t->at[i]);
    if (is_unit && !dwarf_resolve_each(h, u->maker->o->units.dies[t->unit], see_address, u))
        return false;
    keep_own(u);
    struct lookup *lookups = PP_NEW(&u->arena, struct lookup, u->at.n);
    for (size_t i = 0; i < u->at.n; i++)
        lookups[i].address = u->at.at[i];
    if (is_unit && u->at.n && !resolve(u, h, lookups, u->at.n)) return false;
    for (size_t i = 0; i < u->at.n; i++)
        object_finish(u->maker->o, &lookups[i], &u->names, &u->arena);
    piece_init(&t->piece);
    add_rows(u, lookups, u->at.n);
    interner_done(&t->piece.texts);
    index_done(&t->piece.call_index);
    return !name_budget_is_spent(&u->names) && !name_budget_is_spent(&u->maker->texts);
}

static void run_task(void *user, unsigned worker, size_t task) {
    struct maker *m = user;
    struct unit_maker u = {.maker = m, .task = &m->tasks[task], .names.most = NAME_BYTES};
    struct dwarf_handle *h = NULL;
    if (m->opt->stop && *m->opt->stop) m->failed = true;
    if (m->failed) return;
    if (u.task->unit < m->n_units) {
        h = handle_of(m, worker);
        if (h) dwarf_handle_move(h, &u.names, &u.arena);
        if (!h) m->failed = true;
    }
    if (!m->failed && !make_piece(&u, h)) m->failed = true;
    if (h) dwarf_handle_move(h, &m->workers[worker].names, &m->workers[worker].arena);
    pp_arena_done(&u.arena);
}

/* ---- the whole ---- */

static uint32_t whole_text(struct index_writer *w, struct piece *p, uint32_t text) {
    if (!p->text_places[text]) p->text_places[text] = index_add_text(w, p->texts.strings[text]) + 1;
    return p->text_places[text] - 1;
}

static uint32_t whole_file(struct index_writer *w, struct piece *p, uint32_t text) {
    if (!p->file_places[text]) p->file_places[text] = index_add_file(w, p->texts.strings[text]) + 1;
    return p->file_places[text] - 1;
}

static uint32_t whole_call(struct index_writer *w, struct piece *p, uint32_t number) {
    if (!number || p->call_places[number]) return p->call_places[number];
    struct index_call call = p->calls[number];
    call.outer = whole_call(w, p, call.outer);
    call.name = whole_text(w, p, call.name);
    if (call.outer) call.from_file = whole_file(w, p, call.from_file);
    return p->call_places[number] = index_add_call(w, &call);
}

static void begin_piece(struct piece *p) {
    p->text_places = PP_NEW(&p->arena, uint32_t, p->texts.n);
    p->file_places = PP_NEW(&p->arena, uint32_t, p->texts.n);
    p->call_places = PP_NEW(&p->arena, uint32_t, p->n_calls);
}

/* The rows of a piece that are in the span; the pieces of a unit are in order. */
static void put_rows(struct index_writer *w, struct piece *p, uint64_t end, bool has_end) {
    if (!p->text_places) begin_piece(p);
    for (; p->next < p->n_rows && (!has_end || p->rows[p->next].address < end); p->next++) {
        struct index_row row = p->rows[p->next];
        row.call = whole_call(w, p, row.call);
        row.file = whole_file(w, p, row.file);
        index_add_row(w, &row);
    }
    if (p->next == p->n_rows) pp_arena_done(&p->arena);
}

static void put_together(struct maker *m, struct index_writer *w) {
    size_t loose = m->n_units;
    for (size_t i = 0; i < m->n_spans; i++) {
        const struct span *s = &m->spans[i];
        bool has_end = i + 1 < m->n_spans;
        uint64_t end = has_end ? s[1].start : 0;
        if (s->unit < m->n_units) {
            put_rows(w, &m->tasks[s->unit].piece, end, has_end);
            continue;
        }
        for (; loose < m->n_tasks; loose++) {
            struct piece *p = &m->tasks[loose].piece;
            put_rows(w, p, end, has_end);
            if (p->next < p->n_rows) break;
        }
    }
}

static bool load(struct object *o, const struct index_options *opt, struct pp_error *err) {
    o->threads = opt->threads;
    object_load_tables(o, false);
    object_load_debug(o, &opt->dirs, false);
    object_load_all(o);
    if (o->trouble.len) return pp_fail(err, PP_E_FORMAT, "%.*s", PP_STR_ARG(o->trouble));
    if (o->alternate_missing.len)
        return pp_fail(err, PP_E_NOT_FOUND, "%.*s, which has a part of its names, is not here",
                       PP_STR_ARG(o->alternate_missing));
    return o->has_dwarf || o->has_pclntab ||
           pp_fail(err, PP_E_NOT_FOUND, "it has no debug information, and none was found");
}

/* Of the binary and its debug file, and of what was packed there. */
static uint64_t bytes_of(const struct object *o) {
    return (uint64_t)o->main.image.size + o->debug.image.size + o->plain.image.size;
}

static void close_maker(struct maker *m, unsigned n_workers) {
    for (unsigned i = 0; i < n_workers; i++) {
        if (m->workers[i].has_handle) dwarf_handle_close(&m->workers[i].handle);
        pp_arena_done(&m->workers[i].arena);
    }
    for (size_t i = 0; i < m->n_tasks; i++)
        pp_arena_done(&m->tasks[i].piece.arena);
    pp_arena_done(&m->arena);
}

bool symbol_index_make(struct object *o, const struct index_options *opt, struct index_writer *w,
                       struct pp_error *err) {
    if (!load(o, opt, err)) return false;
    struct maker *m = pp_calloc(1, sizeof *m);
    m->o = o;
    m->opt = opt;
    m->n_units = o->has_dwarf ? o->units.n_dies : 0;
    m->texts.most = NAME_BYTES + TEXT_OF_BYTE * bytes_of(o);
    find_edges(m);
    find_spans(m);
    make_tasks(m);
    unsigned threads = parallel_width(m->n_tasks, opt->threads);
    parallel_run(threads, m->n_tasks, run_task, m);
    bool ok =
        !m->failed || pp_fail(err, PP_E_LIMIT, "not all of its debug information can be read");
    if (ok) put_together(m, w);
    close_maker(m, threads);
    pp_free(m);
    return ok;
}
