/* Samples in the order of time. Most are like one before, whose row they are known by: each is
 * looked for, and counted if it was seen. The others go into a batch (perf_batch.h). */
#include "base/hash.h"
#include "profile/decode/perf/perf_batch.h"

/* ---- reading ---- */

static uint32_t cgroup_path(const struct perf_session *s, uint64_t id) {
    for (struct index_probe i = index_probe(&s->cgroup_index, hash_word(hash_seed(), id));
         index_next(&s->cgroup_index, &i);)
        if (s->cgroups[i.position].id == id) return s->cgroups[i.position].path;
    return PP_NONE;
}

static uint32_t labels_of(struct perf_session *s, const struct perf_taking *taking,
                          const struct perf_process *process) {
    const struct perf_event *event = taking->event;
    const struct perf_sample *sample = &taking->sample;
    const struct perf_thread *t = perf_thread_of(&s->spaces, sample->pid, sample->tid);
    bool has_thread = event->sample_type & SAMPLE_TID;
    struct perf_labels l = {
        .pid = has_thread ? sample->pid : PP_NONE,
        .tid = has_thread ? sample->tid : PP_NONE,
        .cpu = event->sample_type & SAMPLE_CPU ? sample->cpu : PP_NONE,
        .comm = process->comm != PP_NONE ? process->comm : t->comm,
        .thread_comm = t->comm,
        .mode = s->mode_texts[taking->mode],
        .cgroup = event->sample_type & SAMPLE_CGROUP ? cgroup_path(s, sample->cgroup) : PP_NONE,
    };
    return perf_profile_labels(&s->profile, &l);
}

static void note_time(struct perf_session *s, uint64_t time) {
    if (time == 0) return;
    if (s->first_time == 0 || time < s->first_time) s->first_time = time;
    if (time > s->last_time) s->last_time = time;
}

/* ---- looking for those that were seen ---- */

/* Looking for what is found once in eight times pays for itself; in the beginning little is known.
 */
static bool is_vain(const struct perf_trial *t) {
    return t->n_found < t->n_asked / 32;
}

static void note_found(struct perf_session *s, uint32_t n_asked, uint32_t n_found,
                       uint32_t n_others) {
    enum { TRIAL = 1 << 15, REST = 1 << 18 };
    struct perf_trial *t = &s->trial;
    t->n_left -= n_others < t->n_left ? n_others : t->n_left;
    t->n_asked += n_asked;
    t->n_found += n_found;
    if (t->n_asked >= TRIAL) *t = (struct perf_trial){.n_left = is_vain(t) ? REST : 0};
    __atomic_store_n(&s->sums_are_vain, t->n_left > 0, __ATOMIC_RELAXED);
}

static enum perf_cpumode mode_of(const struct perf_waiting *w) {
    return (enum perf_cpumode)(w->misc & MISC_CPUMODE);
}

static struct known_key key_of(const struct perf_session *s, const struct perf_taking *t) {
    struct known_sums sums = t->waiting->sums;
    sums = known_mix(sums, (uint64_t)t->labels << 32 | t->process.epoch, s->kernels_epoch);
    return known_end(known_mix(sums, t->waiting->event, t->mode));
}

static bool is_of_new_guest(struct perf_session *s, const struct perf_waiting *w) {
    return mode_of(w) == MODE_GUEST_KERNEL &&
           !perf_process_of(&s->spaces, PERF_GUEST_KERNEL_PID)->maps;
}

/* Whether tables become others before the sample is taken. */
static bool changes_tables(struct perf_session *s, const struct perf_waiting *w) {
    if (is_of_new_guest(s, w)) return true;
    if (perf_code_waits(s, w->pid, w->time)) return true;
    return mode_of(w) == MODE_USER && perf_process_of(&s->spaces, w->pid)->before;
}

static void change_tables(struct perf_session *s, const struct perf_waiting *w) {
    if (is_of_new_guest(s, w)) perf_map_guest(s);
    if (perf_code_waits(s, w->pid, w->time)) {
        perf_end_samples(s); /* those before have the old tables */
        perf_put_code(s, w->pid, w->time);
    }
    if (mode_of(w) == MODE_USER) perf_process_runs(&s->spaces, perf_process_of(&s->spaces, w->pid));
}

/* Reads all of a sample; false when it is left out. */
static bool read_sample(struct perf_session *s, struct perf_taking *t) {
    const struct perf_record r = perf_waiting_record(t->waiting);
    if (perf_sample_read(t->event, &r, s->swap, &t->sample)) return true;
    s->notes.broken_samples++;
    return false;
}

/* False when it is left out. A sample that may have been seen, and whose labels nobody wants, is
 * not read. */
static bool begin_sample(struct perf_session *s, const struct perf_waiting *w,
                         struct perf_taking *t) {
    if (w->event == PP_NONE) {
        s->notes.unknown_events++;
        return false;
    }
    t->waiting = w;
    t->event = &s->events.at[w->event];
    t->mode = mode_of(w);
    t->is_keyed = w->has_sums;
    t->is_read = !t->is_keyed || !s->in->no_labels;
    if (t->is_read && !read_sample(s, t)) return false;
    struct perf_process *process = perf_process_of(&s->spaces, w->pid);
    process->n_samples++;
    t->process = (struct perf_owner){process->maps, process->code, process->before, process->epoch};
    t->labels = s->in->no_labels ? 0 : labels_of(s, t, process);
    note_time(s, w->time);
    if (!t->is_keyed) return true;
    t->key = key_of(s, t);
    known_expect(&s->known, t->key);
    return true;
}

/* Puts a sample that was not seen into the batch. */
static void keep(struct perf_session *s, struct perf_taking *t) {
    if (t->is_read || read_sample(s, t)) perf_batch_add(s, t);
}

/* What is new is read again. */
static void expect_record(const struct perf_waiting *w) {
    enum { LINE = 64, MOST = 8 * LINE };
    for (size_t at = 0; at < w->size && at < MOST; at += LINE)
        __builtin_prefetch(w->at + at);
}

static void count_seen(struct perf_session *s, struct perf_taking *block, uint32_t n) {
    uint32_t rows[PERF_BLOCK], n_asked = 0, n_found = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = block[i].is_keyed ? known_find(&s->known, block[i].key) : PP_NONE;
        if (rows[i] != PP_NONE)
            perf_profile_expect_again(&s->profile, rows[i]);
        else
            expect_record(block[i].waiting);
        n_asked += block[i].is_keyed;
        n_found += rows[i] != PP_NONE;
    }
    note_found(s, n_asked, n_found, n - n_asked);
    for (uint32_t i = 0; i < n; i++)
        if (rows[i] == PP_NONE)
            keep(s, &block[i]);
        else
            perf_count_again(s, &block[i], rows[i]);
}

/* The samples are taken in blocks, in which no table changes, so that what each needs of memory is
 * fetched before the first one is looked for. */
size_t perf_take_samples(struct perf_session *s, const struct perf_run *run, size_t from) {
    enum { AHEAD = 16 };
    change_tables(s, perf_run_at(run, from));
    struct perf_taking *block = perf_batch_room(s);
    uint32_t n = 0;
    size_t i = from;
    s->kernels_epoch = (uint64_t)perf_process_of(&s->spaces, PERF_KERNEL_PID)->epoch << 32 |
                       perf_process_of(&s->spaces, PERF_GUEST_KERNEL_PID)->epoch;
    for (; i < run->n && n < PERF_BLOCK; i++) {
        const struct perf_waiting *w = perf_run_at(run, i);
        if (i + AHEAD < run->n) __builtin_prefetch(perf_run_at(run, i + AHEAD));
        if (w->type != PERF_SAMPLE || (i > from && changes_tables(s, w))) break;
        n += begin_sample(s, w, &block[n]);
    }
    count_seen(s, block, n);
    return i;
}
