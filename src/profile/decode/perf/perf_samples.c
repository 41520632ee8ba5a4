/* Samples in batches, in three steps. First each is read and gets its labels, in the order of time.
 * Then they are walked and their locations looked up, in shares on several threads that change
 * nothing. At last they are counted, again in order, and what is new among them is added: so the
 * profile does not depend on how many threads there are. */
#include "base/hash.h"
#include "base/parallel.h"
#include "profile/decode/perf/perf_session.h"

enum {
    SHARES = 32,
    PER_SHARE = 256,
    COPIED_PER_SHARE = 32, /* unwinding takes longer */
    SHARE_FRAMES = PERF_MAX_FRAMES,
    SHARE_ADDRESSES = PERF_MAX_FRAMES / 2,
    MAX_WALKERS = 4,
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

/* Whether the chain says all of the stack, and one row counts it. */
static bool has_key(const struct perf_batch *b, const struct perf_taking *t) {
    return !b->trial.n_left && !perf_is_copied(t->event) && !t->sample.branches.len && !is_group(t);
}

static struct known_key key_of(const struct perf_taking *t) {
    const struct perf_kernels *k = t->kernels;
    const uint64_t with[KNOWN_KEY_WORDS] = {
        t->sample.ip,
        (uint64_t)t->labels << 32 | t->process.epoch,
        (uint64_t)k->host.epoch << 32 | k->guest.epoch,
        (uint64_t)t->event_at << 32 | t->mode,
    };
    return known_key_of(with, t->sample.chain);
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

static void walk_share(void *session, unsigned worker, size_t task) {
    const struct perf_session *s = session;
    struct perf_batch *b = s->batch;
    struct share *share = &b->shares[task];
    struct perf_taking *at = b->at + task * b->per_share;
    uint32_t left = b->n - (uint32_t)task * b->per_share;
    uint32_t n = left < b->per_share ? left : b->per_share;
    share->n_frames = share->n_addresses = 0;
    for (uint32_t i = 0; i < n; i++) {
        at[i].is_keyed = has_key(b, &at[i]);
        if (!at[i].is_keyed) continue;
        at[i].key = key_of(&at[i]);
        known_expect(&b->known, at[i].key);
    }
    for (uint32_t i = 0; i < n; i++) {
        at[i].row = at[i].is_keyed ? known_find(&b->known, at[i].key) : PP_NONE;
        if (at[i].row == PP_NONE) walk_one(s, b->walks[worker], share, &at[i]);
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
    return t->row == PP_NONE && t->is_walked && t->first_address == PP_NONE;
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
                                 .event = t->event_at,
                                 .count = 1,
                                 .sum = t->sample.period};
    uint32_t at = count_row(s, &row);
    if (t->is_keyed && at != PP_NONE) known_put(&s->batch->known, t->key, at);
}

static void count_one(struct perf_session *s, struct share *share, struct perf_taking *t) {
    if (t->row == PP_NONE && t->is_keyed) t->row = known_find(&s->batch->known, t->key);
    if (t->row == PP_NONE) {
        count_new(s, share, t);
        return;
    }
    note_period(s, t->event_at, t->sample.period);
    perf_profile_count_again(&s->profile, t->row, t->sample.period);
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
    if (far->row != PP_NONE)
        __builtin_prefetch(&p->rows[far->row]);
    else if (is_resolved(far))
        index_prefetch(&p->b.stacks, far->stack_hash);
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

static unsigned make_walks(struct perf_batch *b, size_t n_shares) {
    unsigned n = n_shares > 1 ? parallel_width(n_shares, 0) : 1;
    if (n > MAX_WALKERS) n = MAX_WALKERS;
    for (unsigned i = 0; i < n; i++)
        if (!b->walks[i]) b->walks[i] = pp_calloc(1, sizeof *b->walks[i]);
    return n;
}

/* Less than one sample in eight was known. */
static bool is_vain(const struct trial *t) {
    return t->n_found < t->n_asked / 8;
}

static void try_keys(struct perf_batch *b) {
    enum { TRIAL = 1 << 15, REST = 1 << 18 };
    struct trial *t = &b->trial;
    t->n_left -= b->n < t->n_left ? b->n : t->n_left;
    for (uint32_t i = 0; i < b->n; i++) {
        t->n_asked += b->at[i].is_keyed;
        t->n_found += b->at[i].row != PP_NONE;
    }
    if (t->n_asked < TRIAL) return;
    *t = (struct trial){.n_left = is_vain(t) ? REST : 0};
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
    try_keys(b);
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

/* Reads a sample; false when it is left out. */
static bool read_sample(struct perf_session *s, const struct perf_waiting *w,
                        struct perf_taking *t) {
    const struct perf_record r = perf_waiting_record(w);
    if (!perf_sample_event(&s->events, &r, s->swap, &t->event_at)) {
        s->notes.unknown_events++;
        return false;
    }
    t->event = &s->events.at[t->event_at];
    t->mode = (enum perf_cpumode)(r.misc & MISC_CPUMODE);
    if (perf_sample_read(t->event, &r, s->swap, &t->sample)) return true;
    s->notes.broken_samples++;
    return false;
}

static void hold(struct perf_batch *b, struct perf_maps *maps) {
    if (!maps || maps->held_by == b->number) return;
    maps->held_by = b->number;
    perf_maps_hold(maps);
    b->held[b->n_held++] = maps;
    b->held_entries += maps->n;
}

void perf_take_sample(struct perf_session *s, const struct perf_waiting *w) {
    struct perf_batch *b = batch_of(s);
    struct perf_taking *t = &b->at[b->n];
    if (!read_sample(s, w, t)) return;
    if (perf_code_waits(s, t->sample.pid, t->sample.time)) {
        perf_end_samples(s); /* those before have the old tables */
        perf_put_code(s, t->sample.pid, t->sample.time);
        b->at[0] = *t;
        t = &b->at[0];
    }
    if (b->n == 0) b->per_share = perf_is_copied(t->event) ? COPIED_PER_SHARE : PER_SHARE;
    struct perf_process *process = perf_process_of(&s->spaces, t->sample.pid);
    process->n_samples++;
    if (t->mode == MODE_USER) perf_process_runs(&s->spaces, process);
    hold(b, process->maps);
    hold(b, process->code);
    hold(b, process->before);
    t->process = (struct perf_owner){process->maps, process->code, process->before, process->epoch};
    t->kernels = &b->kernels;
    t->likely_stack = PP_NONE;
    t->labels = s->in->no_labels ? 0 : labels_of(s, t, process);
    note_time(s, t->sample.time);
    b->n++;
    if (b->n == SHARES * b->per_share || b->held_entries > MAX_HELD) perf_end_samples(s);
}
