/* See perf_space.h. */
#include "profile/decode/perf/perf_space.h"

#include "base/hash.h"
#include "base/search.h"
#include "profile/profile.h"

/* Far more than the busiest recording needs: a table of 65,530 maps, the kernel's limit, can be
 * built some thousand times. */
static const uint64_t work_of_a_file = UINT64_C(1) << 32;

void perf_spaces_init(struct perf_spaces *s, struct pp_arena *arena) {
    *s = (struct perf_spaces){.arena = arena, .work_left = work_of_a_file};
}

static void free_maps(struct perf_maps *m) {
    *m->link = m->next;
    if (m->next) m->next->link = m->link;
    pp_free(m->at);
    pp_free(m);
}

static void release(struct perf_maps **maps) {
    if (*maps && --(*maps)->n_users == 0) free_maps(*maps);
    *maps = NULL;
}

void perf_maps_hold(struct perf_maps *maps) {
    maps->n_users++;
}

void perf_maps_release(struct perf_maps *maps) {
    release(&maps);
}

static struct perf_maps *share(struct perf_maps *maps) {
    if (maps) maps->n_users++;
    return maps;
}

void perf_spaces_done(struct perf_spaces *s) {
    while (s->all)
        free_maps(s->all);
    index_done(&s->by_pid);
    index_done(&s->by_tid);
}

static struct perf_maps *new_maps(struct perf_spaces *s, size_t cap) {
    struct perf_maps *m = pp_calloc(1, sizeof *m);
    m->n_users = 1;
    m->cap = cap;
    m->at = pp_calloc(cap, sizeof *m->at);
    m->next = s->all;
    m->link = &s->all;
    if (m->next) m->next->link = &m->next;
    s->all = m;
    return m;
}

static struct perf_process *search_process(struct perf_spaces *s, uint32_t pid) {
    uint64_t hash = hash_word(hash_seed(), pid);
    for (struct index_probe i = index_probe(&s->by_pid, hash); index_next(&s->by_pid, &i);)
        if (s->processes[i.position].pid == pid) return &s->processes[i.position];
    struct perf_process p = {
        .pid = pid, .comm = PP_NONE, .main_object = PP_NONE, .dump = PP_NONE, .epoch = ++s->epoch};
    index_add(&s->by_pid, hash, s->n_processes);
    PP_PUSH(s->arena, s->processes, s->n_processes, s->cap_processes, p);
    return &s->processes[s->n_processes - 1];
}

struct perf_process *perf_process_of(struct perf_spaces *s, uint32_t pid) {
    uint32_t *recent = &s->recent[pid % PERF_RECENT];
    if (*recent < s->n_processes && s->processes[*recent].pid == pid) return &s->processes[*recent];
    struct perf_process *p = search_process(s, pid);
    *recent = (uint32_t)(p - s->processes);
    return p;
}

struct perf_thread *perf_thread_of(struct perf_spaces *s, uint32_t pid, uint32_t tid) {
    uint64_t hash = hash_word(hash_seed(), tid);
    for (struct index_probe i = index_probe(&s->by_tid, hash); index_next(&s->by_tid, &i);) {
        struct perf_thread *t = &s->threads[i.position];
        if (t->tid == tid && t->pid == pid) return t;
    }
    struct perf_thread t = {tid, pid, PP_NONE};
    index_add(&s->by_tid, hash, s->n_threads);
    PP_PUSH(s->arena, s->threads, s->n_threads, s->cap_threads, t);
    return &s->threads[s->n_threads - 1];
}

void perf_process_exec(struct perf_spaces *s, uint32_t pid) {
    struct perf_process *p = perf_process_of(s, pid);
    release(&p->before);
    p->before = p->maps;
    p->maps = NULL;
    release(&p->code);
    p->dump = p->main_object = PP_NONE;
    p->epoch = ++s->epoch;
}

void perf_process_runs(struct perf_spaces *s, struct perf_process *p) {
    if (!p->before) return;
    release(&p->before);
    p->epoch = ++s->epoch;
}

void perf_process_fork(struct perf_spaces *s, uint32_t pid, uint32_t parent) {
    if (pid == parent) return; /* a thread */
    perf_process_of(s, pid);
    const struct perf_process from = *perf_process_of(s, parent);
    struct perf_process *p = perf_process_of(s, pid);
    release(&p->maps);
    release(&p->code);
    release(&p->before);
    p->maps = share(from.maps);
    p->code = share(from.code);
    p->dump = PP_NONE;
    p->comm = from.comm;
    p->main_object = from.main_object;
    p->epoch = ++s->epoch;
}

static bool spend(struct perf_spaces *s, size_t n, struct pp_error *err) {
    if (n < s->work_left) {
        s->work_left -= n;
        return true;
    }
    return pp_fail(err, PP_E_LIMIT, "the memory maps change too often, in tables too large");
}

/* The table, one process's own and with room for two more entries. */
static struct perf_maps *own_maps(struct perf_spaces *s, struct perf_maps **maps) {
    struct perf_maps *m = *maps;
    if (!m) return *maps = new_maps(s, 16);
    if (m->n_users > 1) {
        struct perf_maps *copy = new_maps(s, m->n + 16);
        memcpy(copy->at, m->at, m->n * sizeof *m->at);
        copy->n = m->n;
        m->n_users--;
        return *maps = copy;
    }
    if (m->n + 2 > m->cap) {
        m->cap = m->cap * 2 + 2;
        m->at = pp_realloc(m->at, m->cap * sizeof *m->at);
    }
    return m;
}

/* The first map that ends behind the address. */
static size_t first_behind(const struct perf_maps *m, uint64_t address) {
    return SEARCH_UP_TO(m->at, m->n, end, address);
}

static struct perf_map tail_of(struct perf_map m, uint64_t from) {
    m.offset += from - m.start;
    m.start = from;
    return m;
}

/* Replaces the entries [first, first + n_old) by those of `now`. */
static void splice(struct perf_maps *m, size_t first, size_t n_old, const struct perf_map *now,
                   size_t n_now) {
    size_t behind = m->n - first - n_old;
    memmove(m->at + first + n_now, m->at + first + n_old, behind * sizeof *m->at);
    memcpy(m->at + first, now, n_now * sizeof *now);
    m->n += n_now - n_old;
}

static bool put_map(struct perf_spaces *s, struct perf_maps **maps, const struct perf_map *map,
                    struct pp_error *err) {
    size_t n = *maps ? (*maps)->n : 0;
    bool shared = *maps && (*maps)->n_users > 1;
    if (map->end <= map->start) return true;
    if (shared && !spend(s, n + 16, err)) return false;
    struct perf_maps *m = own_maps(s, maps);
    size_t first = first_behind(m, map->start), last = first;
    while (last < m->n && m->at[last].start < map->end)
        last++;
    if (!spend(s, m->n - first + 1, err)) return false;
    struct perf_map now[3];
    size_t n_now = 0;
    if (last > first && m->at[first].start < map->start) {
        now[n_now] = m->at[first];
        now[n_now++].end = map->start;
    }
    now[n_now++] = *map;
    if (last > first && m->at[last - 1].end > map->end)
        now[n_now++] = tail_of(m->at[last - 1], map->end);
    splice(m, first, last - first, now, n_now);
    return true;
}

bool perf_process_map(struct perf_spaces *s, uint32_t pid, const struct perf_map *map,
                      struct pp_error *err) {
    struct perf_process *p = perf_process_of(s, pid);
    p->epoch = ++s->epoch;
    return put_map(s, &p->maps, map, err);
}

bool perf_process_code(struct perf_spaces *s, uint32_t pid, const struct perf_map *map,
                       struct pp_error *err) {
    struct perf_process *p = perf_process_of(s, pid);
    p->epoch = ++s->epoch;
    return put_map(s, &p->code, map, err);
}

const struct perf_map *perf_maps_find(const struct perf_maps *m, uint64_t address) {
    if (!m) return NULL;
    size_t at = first_behind(m, address);
    bool found = at < m->n && m->at[at].start <= address && m->at[at].object != PP_NONE;
    return found ? &m->at[at] : NULL;
}
