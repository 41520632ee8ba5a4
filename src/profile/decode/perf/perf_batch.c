/* See perf_batch.h. */
#include "profile/decode/perf/perf_batch.h"

#include "base/hash.h"
#include "base/parallel.h"

enum {
    SHARES = 32,
    PER_SHARE = 64,
    COPIED_PER_SHARE = 32, /* unwinding takes longer */
    SHARE_FRAMES = PER_SHARE * 128,
    SHARE_ADDRESSES = SHARE_FRAMES / 2,
    MAX_WALKERS = 4,
    MAX_HELD = 1 << 20 /* maps in all tables that a batch keeps */
};

/* What one task finds out. */
struct share {
    uint32_t n_frames, n_addresses;
    uint32_t frames[SHARE_FRAMES];
    struct perf_address addresses[SHARE_ADDRESSES]; /* of samples that have new ones */
};

struct perf_batch {
    uint32_t n, per_share, number;
    struct perf_maps *held[3 * SHARES * PER_SHARE]; /* tables that are kept for it */
    size_t n_held, held_entries;
    struct perf_kernels kernels;
    struct perf_walk *walks[MAX_WALKERS];
    struct parallel_team *team;       /* of as many; NULL before there was work for it */
    uint32_t frames[PERF_MAX_FRAMES]; /* of a sample that found no room in its share */
    struct share shares[SHARES];
    struct perf_taking at[SHARES * PER_SHARE];
};

void perf_batch_done(struct perf_session *s) {
    struct perf_batch *b = s->batch;
    if (!b) return;
    parallel_close(b->team);
    for (size_t i = 0; i < MAX_WALKERS; i++) {
        if (b->walks[i]) perf_walk_done(s, b->walks[i]);
        pp_free(b->walks[i]);
    }
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
    if (t->is_keyed && at != PP_NONE) known_put(&s->known, t->key, at);
}

void perf_count_again(struct perf_session *s, const struct perf_taking *t, uint32_t row) {
    note_period(s, t->waiting->event, t->waiting->period);
    perf_profile_count_again(&s->profile, row, t->waiting->period);
}

/* Another one of the batch may have been the first of its kind. */
static void count_one(struct perf_session *s, struct share *share, struct perf_taking *t) {
    uint32_t row = t->is_keyed ? known_find(&s->known, t->key) : PP_NONE;
    if (row == PP_NONE)
        count_new(s, share, t);
    else
        perf_count_again(s, t, row);
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
    if (far->is_keyed) known_expect(&s->known, far->key);
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

/* Returns how many threads walk: another one costs as much as it saves where few chains are new. */
static unsigned make_walks(struct perf_batch *b, size_t n_shares) {
    enum { FEW = 16 };
    size_t alone = b->per_share == COPIED_PER_SHARE ? 1 : FEW;
    unsigned n = n_shares > alone ? parallel_width(MAX_WALKERS, 0) : 1;
    for (unsigned i = 0; i < n; i++)
        if (!b->walks[i]) b->walks[i] = pp_calloc(1, sizeof *b->walks[i]);
    if (n > 1 && !b->team) b->team = parallel_open(n);
    return n;
}

static void walk_all(struct perf_session *s) {
    struct perf_batch *b = s->batch;
    size_t n_shares = (b->n + b->per_share - 1) / b->per_share;
    if (make_walks(b, n_shares) > 1)
        parallel_team_run(b->team, n_shares, walk_share, s);
    else
        parallel_run(1, n_shares, walk_share, s);
}

static void release_maps(struct perf_batch *b) {
    for (size_t i = 0; i < b->n_held; i++)
        perf_maps_release(b->held[i]);
    b->n_held = b->held_entries = 0;
}

void perf_end_samples(struct perf_session *s) {
    struct perf_batch *b = s->batch;
    if (!b || b->n == 0) return;
    b->kernels.host = kernel_owner(s, PERF_KERNEL_PID);
    b->kernels.guest = kernel_owner(s, PERF_GUEST_KERNEL_PID);
    walk_all(s);
    for (uint32_t i = 0; i < b->n; i++) {
        expect(s, i);
        count_one(s, &b->shares[i / b->per_share], &b->at[i]);
    }
    release_maps(b);
    b->number++;
    b->n = 0;
}

/* ---- filling: in order ---- */

static void hold(struct perf_batch *b, struct perf_maps *maps) {
    if (!maps || maps->held_by == b->number) return;
    maps->held_by = b->number;
    perf_maps_hold(maps);
    b->held[b->n_held++] = maps;
    b->held_entries += maps->n;
}

struct perf_taking *perf_batch_room(struct perf_session *s) {
    struct perf_batch *b = s->batch;
    if (!b) {
        b = s->batch = pp_calloc(1, sizeof *b);
        b->number = 1;
        b->per_share = PER_SHARE;
    }
    if (b->n + PERF_BLOCK > SHARES * b->per_share || b->held_entries > MAX_HELD)
        perf_end_samples(s);
    return b->at + b->n;
}

void perf_batch_add(struct perf_session *s, const struct perf_taking *t) {
    struct perf_batch *b = s->batch;
    if (b->n == 0) b->per_share = perf_is_copied(t->event) ? COPIED_PER_SHARE : PER_SHARE;
    hold(b, t->process.maps);
    hold(b, t->process.code);
    hold(b, t->process.before);
    struct perf_taking *kept = &b->at[b->n++];
    *kept = *t;
    kept->kernels = &b->kernels;
    kept->likely_stack = PP_NONE;
}
