/* Samples. Most are like one before, whose row they are known by: in the order of time each is
 * looked for, and counted if it was seen. The others go into a batch, of which two steps remain:
 * they are walked and their locations looked up, in shares on several threads that change nothing;
 * then they are counted, again in order, and what is new among them is added. So the profile does
 * not depend on how many threads there are. */
#include "base/hash.h"
#include "base/parallel.h"
#include "profile/decode/perf/perf_session.h"

enum {
    SHARES = 32,
    PER_SHARE = 64,
    COPIED_PER_SHARE = 32, /* unwinding takes longer */
    SHARE_FRAMES = PER_SHARE * 128,
    SHARE_ADDRESSES = SHARE_FRAMES / 2,
    MAX_WALKERS = 4,
    BLOCK = 64,        /* samples that are looked for together */
    MAX_HELD = 1 << 20 /* maps in all tables that a batch keeps */
};

/* What one task finds out. */
struct share {
    uint32_t n_frames, n_addresses;
    uint32_t frames[SHARE_FRAMES];
    struct perf_address addresses[SHARE_ADDRESSES]; /* of samples that have new ones */
};

/* Whether keys pay: where nearly all samples are new, looking them up is in vain. */
struct trial {
    uint32_t n_asked, n_found; /* since it began */
    uint32_t n_left;           /* so many samples have no keys before the next one */
};

struct perf_batch {
    uint32_t n, per_share, number;
    struct trial trial;
    struct perf_maps *held[3 * SHARES * PER_SHARE]; /* tables that are kept for it */
    size_t n_held, held_entries;
    struct perf_kernels kernels;
    uint64_t kernels_epoch; /* of both */
    struct known known;
    struct perf_walk *walks[MAX_WALKERS];
    uint32_t frames[PERF_MAX_FRAMES]; /* of a sample that found no room in its share */
    struct share shares[SHARES];
    struct perf_taking at[SHARES * PER_SHARE];
};

static struct perf_batch *batch_of(struct perf_session *s) {
    if (s->batch) return s->batch;
    s->batch = pp_calloc(1, sizeof *s->batch);
    s->batch->number = 1;
    s->batch->per_share = PER_SHARE;
    return s->batch;
}

void perf_samples_done(struct perf_session *s) {
    struct perf_batch *b = s->batch;
    if (!b) return;
    for (size_t i = 0; i < MAX_WALKERS; i++) {
        if (b->walks[i]) perf_walk_done(s, b->walks[i]);
        pp_free(b->walks[i]);
    }
    known_done(&b->known);
    pp_free(b);
    s->batch = NULL;
}

/* ---- walking: on several threads ---- */

static bool is_group(const struct perf_taking *t) {
    const uint64_t both = READ_GROUP | READ_ID;
    return t->sample.read.len && (t->event->read_format & both) == both;
}

static uint64_t hash_of(const uint32_t *frames, uint32_t n) {
    return hash_bytes(hash_seed(), frames, n * sizeof *frames);
}

static void walk_one(const struct perf_session *s, struct perf_walk *w, struct share *share,
                     struct perf_taking *t) {
    perf_walk_sample(s, w, t);
    t->is_walked = w->n <= SHARE_FRAMES - share->n_frames;
    if (!t->is_walked) return;
    t->first_frame = share->n_frames;
    t->n_frames = w->n;
    t->first_address = PP_NONE;
    uint32_t *frames = share->frames + t->first_frame;
    if (perf_profile_known_locations(&s->profile, w->at, w->n, frames)) {
        t->stack_hash = hash_of(frames, w->n);
    } else {
        t->is_walked = w->n <= SHARE_ADDRESSES - share->n_addresses;
        if (!t->is_walked) return;
        t->first_address = share->n_addresses;
        memcpy(share->addresses + share->n_addresses, w->at, w->n * sizeof *w->at);
        share->n_addresses += w->n;
    }
    share->n_frames += w->n;
}

/* Much was read since the sample was: its chain is far away. */
static void expect_chain(const struct perf_taking *t) {
    enum { LINE = 64, MOST = 8 * LINE };
    const struct pp_str chain = t->sample.chain;
    for (size_t at = 0; at < chain.len && at < MOST; at += LINE)
        __builtin_prefetch(chain.data + at);
}

static void walk_share(void *session, unsigned worker, size_t task) {
    const struct perf_session *s = session;
    enum { AHEAD = 2 };
    struct perf_batch *b = s->batch;
    struct share *share = &b->shares[task];
    struct perf_taking *at = b->at + task * b->per_share;
    uint32_t left = b->n - (uint32_t)task * b->per_share;
    uint32_t n = left < b->per_share ? left : b->per_share;
    share->n_frames = share->n_addresses = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n) expect_chain(&at[i + AHEAD]);
        walk_one(s, b->walks[worker], share, &at[i]);
    }
}

/* ---- counting: in order ---- */

static void note_copy(struct perf_notes *n, const struct perf_taking *t) {
    const struct unwind_result *r = &t->unwound;
    n->wrong_abi += t->copy == COPY_WRONG_ABI;
    n->not_unwound += t->copy == COPY_NOT_UNWOUND;
    if (t->copy != COPY_UNWOUND) return;
    n->unwound++;
    n->guessed += r->n_guessed > 0;
    n->cut += r->end == UNWIND_CUT;
    n->lost_way += r->end == UNWIND_LOST;
    n->too_deep += r->end == UNWIND_TOO_DEEP;
    n->looped += r->end == UNWIND_LOOP;
}

static bool is_resolved(const struct perf_taking *t) {
    return t->is_walked && t->first_address == PP_NONE;
}

static uint32_t stack_of(struct perf_session *s, struct share *share, struct perf_taking *t) {
    struct perf_batch *b = s->batch;
    struct perf_profile *p = &s->profile;
    uint32_t *frames = share->frames + t->first_frame, n = t->n_frames;
    if (!t->is_walked) {
        perf_walk_sample(s, b->walks[0], t);
        frames = b->frames;
        n = b->walks[0]->n;
        if (!perf_profile_known_locations(p, b->walks[0]->at, n, frames))
            perf_profile_new_locations(p, b->walks[0]->at, n, frames);
    } else if (t->first_address != PP_NONE) {
        perf_profile_new_locations(p, share->addresses + t->first_address, n, frames);
    }
    note_copy(&s->notes, t);
    uint64_t hash = is_resolved(t) ? t->stack_hash : hash_of(frames, n);
    return builder_hashed_stack(&p->b, hash, frames, n);
}

static void note_period(struct perf_session *s, uint32_t event, uint64_t period) {
    s->events.at[event].n_samples++;
    s->events.at[event].sum += period;
}

static uint32_t count_row(struct perf_session *s, const struct perf_row *row) {
    note_period(s, row->event, row->sum);
    return perf_profile_count(&s->profile, *row);
}

struct group {
    struct perf_session *s;
    uint32_t stack, labels;
};

/* A group's counters are read together when its leader is sampled: what each has counted since. */
static void add_count(void *user, uint64_t id, uint64_t value) {
    const struct group *g = user;
    struct perf_event_id *known = perf_events_find(&g->s->events, id);
    if (!known) {
        g->s->notes.unknown_events++;
        return;
    }
    uint64_t period = value - known->value;
    known->value = value;
    const struct perf_row row = {
        .stack = g->stack, .labels = g->labels, .event = known->event, .count = 1, .sum = period};
    if (period) count_row(g->s, &row);
}

static void count_new(struct perf_session *s, struct share *share, struct perf_taking *t) {
    uint32_t stack = stack_of(s, share, t);
    if (is_group(t)) {
        struct group g = {s, stack, t->labels};
        perf_sample_each_count(t->event, t->sample.read, s->swap, add_count, &g);
        return;
    }
    const struct perf_row row = {.stack = stack,
                                 .labels = t->labels,
                                 .event = t->waiting->event,
                                 .count = 1,
                                 .sum = t->sample.period};
    uint32_t at = count_row(s, &row);
    if (t->is_keyed && at != PP_NONE) known_put(&s->batch->known, t->key, at);
}

static void count_again(struct perf_session *s, const struct perf_taking *t, uint32_t row) {
    note_period(s, t->waiting->event, t->waiting->period);
    perf_profile_count_again(&s->profile, row, t->waiting->period);
}

/* Another one of the batch may have been the first of its kind. */
static void count_one(struct perf_session *s, struct share *share, struct perf_taking *t) {
    uint32_t row = t->is_keyed ? known_find(&s->batch->known, t->key) : PP_NONE;
    if (row == PP_NONE)
        count_new(s, share, t);
    else
        count_again(s, t, row);
}

/* Counting a sample waits for memory several times: what the next ones need is fetched ahead, one
 * step of it after the other. */
static void expect(struct perf_session *s, uint32_t i) {
    enum { NEAR = 4, MIDDLE = 8, FAR = 12 };
    struct perf_batch *b = s->batch;
    struct perf_profile *p = &s->profile;
    if (i + FAR >= b->n) return;
    struct perf_taking *near = &b->at[i + NEAR], *middle = &b->at[i + MIDDLE],
                       *far = &b->at[i + FAR];
    if (far->is_keyed) known_expect(&b->known, far->key);
    if (is_resolved(far)) index_prefetch(&p->b.stacks, far->stack_hash);
    if (is_resolved(middle)) {
        middle->likely_stack = builder_expect_stack(&p->b, middle->stack_hash);
        perf_profile_expect_stack(p, middle->likely_stack);
    }
    if (is_resolved(near)) {
        builder_expect_frames(&p->b, near->likely_stack);
        perf_profile_expect_row(p, near->likely_stack);
    }
}

static struct perf_owner kernel_owner(struct perf_session *s, uint32_t pid) {
    const struct perf_process *kernel = perf_process_of(&s->spaces, pid);
    return (struct perf_owner){.maps = kernel->maps, .epoch = kernel->epoch};
}

/* Another thread costs as much as it saves where few chains are new. */
static unsigned make_walks(struct perf_batch *b, size_t n_shares) {
    enum { FEW = 16 };
    size_t alone = b->per_share == COPIED_PER_SHARE ? 1 : FEW;
    unsigned n = n_shares > alone ? parallel_width(n_shares, 0) : 1;
    if (n > MAX_WALKERS) n = MAX_WALKERS;
    for (unsigned i = 0; i < n; i++)
        if (!b->walks[i]) b->walks[i] = pp_calloc(1, sizeof *b->walks[i]);
    return n;
}

static void release_maps(struct perf_batch *b) {
    for (size_t i = 0; i < b->n_held; i++)
        perf_maps_release(b->held[i]);
    b->n_held = b->held_entries = 0;
}

void perf_end_samples(struct perf_session *s) {
    struct perf_batch *b = s->batch;
    if (!b || b->n == 0) return;
    size_t n_shares = (b->n + b->per_share - 1) / b->per_share;
    b->kernels.host = kernel_owner(s, PERF_KERNEL_PID);
    b->kernels.guest = kernel_owner(s, PERF_GUEST_KERNEL_PID);
    unsigned n_threads = make_walks(b, n_shares);
    parallel_run(n_threads, n_shares, walk_share, s);
    for (uint32_t i = 0; i < b->n; i++) {
        expect(s, i);
        count_one(s, &b->shares[i / b->per_share], &b->at[i]);
    }
    release_maps(b);
    b->number++;
    b->n = 0;
}

/* ---- reading: in order ---- */

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
static bool is_vain(const struct trial *t) {
    return t->n_found < t->n_asked / 32;
}

static void note_found(struct perf_session *s, uint32_t n_asked, uint32_t n_found,
                       uint32_t n_others) {
    enum { TRIAL = 1 << 15, REST = 1 << 18 };
    struct trial *t = &s->batch->trial;
    t->n_left -= n_others < t->n_left ? n_others : t->n_left;
    t->n_asked += n_asked;
    t->n_found += n_found;
    if (t->n_asked >= TRIAL) *t = (struct trial){.n_left = is_vain(t) ? REST : 0};
    __atomic_store_n(&s->sums_are_vain, t->n_left > 0, __ATOMIC_RELAXED);
}

static enum perf_cpumode mode_of(const struct perf_waiting *w) {
    return (enum perf_cpumode)(w->misc & MISC_CPUMODE);
}

static struct known_key key_of(const struct perf_batch *b, const struct perf_taking *t) {
    struct known_sums sums = t->waiting->sums;
    sums = known_mix(sums, (uint64_t)t->labels << 32 | t->process.epoch, b->kernels_epoch);
    return known_end(known_mix(sums, t->waiting->event, t->mode));
}

/* Whether its process's tables become others before the sample is taken. */
static bool changes_tables(struct perf_session *s, const struct perf_waiting *w) {
    if (perf_code_waits(s, w->pid, w->time)) return true;
    return mode_of(w) == MODE_USER && perf_process_of(&s->spaces, w->pid)->before;
}

static void change_tables(struct perf_session *s, const struct perf_waiting *w) {
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
    struct perf_batch *b = s->batch;
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
    t->key = key_of(b, t);
    known_expect(&b->known, t->key);
    return true;
}

static void hold(struct perf_batch *b, struct perf_maps *maps) {
    if (!maps || maps->held_by == b->number) return;
    maps->held_by = b->number;
    perf_maps_hold(maps);
    b->held[b->n_held++] = maps;
    b->held_entries += maps->n;
}

/* Puts a sample that was not seen into the batch. */
static void keep(struct perf_session *s, struct perf_taking *t) {
    struct perf_batch *b = s->batch;
    if (!t->is_read && !read_sample(s, t)) return;
    if (b->n == 0) b->per_share = perf_is_copied(t->event) ? COPIED_PER_SHARE : PER_SHARE;
    hold(b, t->process.maps);
    hold(b, t->process.code);
    hold(b, t->process.before);
    t->kernels = &b->kernels;
    t->likely_stack = PP_NONE;
    b->at[b->n++] = *t;
}

/* What is new is read again. */
static void expect_record(const struct perf_waiting *w) {
    enum { LINE = 64, MOST = 8 * LINE };
    for (size_t at = 0; at < w->size && at < MOST; at += LINE)
        __builtin_prefetch(w->at + at);
}

static void count_seen(struct perf_session *s, struct perf_taking *block, uint32_t n) {
    struct perf_batch *b = s->batch;
    uint32_t rows[BLOCK], n_asked = 0, n_found = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = block[i].is_keyed ? known_find(&b->known, block[i].key) : PP_NONE;
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
            count_again(s, &block[i], rows[i]);
}

/* The samples are taken in blocks, in which no table changes, so that what each needs of memory is
 * fetched before the first one is looked for. */
size_t perf_take_samples(struct perf_session *s, const struct perf_run *run, size_t from) {
    enum { AHEAD = 16 };
    struct perf_batch *b = batch_of(s);
    change_tables(s, perf_run_at(run, from));
    struct perf_taking *block = b->at + b->n;
    uint32_t n = 0;
    size_t i = from;
    b->kernels_epoch = (uint64_t)perf_process_of(&s->spaces, PERF_KERNEL_PID)->epoch << 32 |
                       perf_process_of(&s->spaces, PERF_GUEST_KERNEL_PID)->epoch;
    for (; i < run->n && n < BLOCK; i++) {
        const struct perf_waiting *w = perf_run_at(run, i);
        if (i + AHEAD < run->n) __builtin_prefetch(perf_run_at(run, i + AHEAD));
        if (w->type != PERF_SAMPLE || (i > from && changes_tables(s, w))) break;
        n += begin_sample(s, w, &block[n]);
    }
    count_seen(s, block, n);
    if (b->n + BLOCK > SHARES * b->per_share || b->held_entries > MAX_HELD) perf_end_samples(s);
    return i;
}
