#include "profile/sample_parts.h"

#include "base/parallel.h"

#include <pthread.h>

enum {
    WORTH_IT = 1 << 12, /* samples that are worth threads */
    PART_FRAMES = 1 << 10,
    PART_BYTES = 128 << 10, /* what a part may hold; the rest of its samples is written at last */
    DEEP = 1 << 10,         /* frames of a stack that is not written ahead */
    MOST_AHEAD = 64         /* parts that are not written yet */
};

struct part {
    uint32_t first, end;
    uint32_t written; /* the samples before it are in the text */
    struct out *text;
    bool is_ready;
};

/* The parts are a ring: those from `written` to `taken` are being made, or are ready. Texts are
 * taken last in, first out, so that they stay in the processor's cache. */
struct parts {
    const struct pp_profile *p;
    sample_put *put;
    void *user;
    struct out *out; /* of the caller's thread alone */
    pthread_mutex_t lock;
    uint32_t next; /* the first sample that no part has */
    size_t taken, written;
    bool is_over; /* the output failed */
    struct part ring[MOST_AHEAD];
    struct out texts[MOST_AHEAD], *spare[MOST_AHEAD];
    size_t n_spare;
};

static uint32_t depth_of(const struct pp_profile *p, uint32_t sample) {
    return p->stacks[p->sample_stack[sample]].len;
}

/* Some more samples; NULL: there are none, or enough wait to be written. */
static struct part *take_part(struct parts *parts) {
    const struct pp_profile *p = parts->p;
    struct part *part = NULL;
    pthread_mutex_lock(&parts->lock);
    if (!parts->is_over && parts->next < p->n_samples &&
        parts->taken - parts->written < MOST_AHEAD) {
        uint32_t end = parts->next;
        for (uint64_t n_frames = 0; end < p->n_samples && n_frames < PART_FRAMES; end++)
            n_frames += (uint64_t)depth_of(p, end) + 1;
        part = &parts->ring[parts->taken++ % MOST_AHEAD];
        *part = (struct part){parts->next, end, .text = parts->spare[--parts->n_spare]};
        parts->next = end;
    }
    pthread_mutex_unlock(&parts->lock);
    return part;
}

static void make_part(struct parts *parts, unsigned worker, struct part *part) {
    uint32_t i = part->first;
    for (; i < part->end && part->text->used < PART_BYTES && depth_of(parts->p, i) <= DEEP; i++)
        parts->put(parts->user, worker, i, part->text);
    part->written = i;
    pthread_mutex_lock(&parts->lock);
    part->is_ready = true;
    pthread_mutex_unlock(&parts->lock);
}

static void write_part(const struct parts *parts, struct part *part) {
    out_str(parts->out, out_text(part->text));
    part->text->used = 0;
    for (uint32_t i = part->written; i < part->end && !out_failed(parts->out); i++)
        parts->put(parts->user, 0, i, parts->out);
}

/* The next part to write, if it is ready; what was written before is free again. */
static struct part *next_ready(struct parts *parts, const struct part *before) {
    pthread_mutex_lock(&parts->lock);
    if (before) {
        parts->spare[parts->n_spare++] = before->text;
        parts->written++;
    }
    parts->is_over = out_failed(parts->out);
    struct part *next = &parts->ring[parts->written % MOST_AHEAD];
    bool is_ready = !parts->is_over && parts->written < parts->taken && next->is_ready;
    pthread_mutex_unlock(&parts->lock);
    return is_ready ? next : NULL;
}

static void write_ready(struct parts *parts) {
    for (struct part *part = NULL; (part = next_ready(parts, part)) != NULL;)
        write_part(parts, part);
}

/* Nobody waits for another: who could only wait ends, and all begin again. */
static void work(void *user, unsigned worker, size_t task) {
    (void)task;
    struct parts *parts = user;
    for (struct part *part; (part = take_part(parts)) != NULL;) {
        make_part(parts, worker, part);
        if (worker == 0) write_ready(parts);
    }
}

static void put_in_parts(struct parts *parts, unsigned width) {
    pthread_mutex_init(&parts->lock, NULL);
    for (; parts->n_spare < MOST_AHEAD; parts->n_spare++) {
        out_open_memory(&parts->texts[parts->n_spare]);
        parts->spare[parts->n_spare] = &parts->texts[parts->n_spare];
    }
    while (parts->next < parts->p->n_samples && !parts->is_over) {
        parallel_run(width, width, work, parts);
        write_ready(parts);
    }
    for (size_t i = 0; i < MOST_AHEAD; i++)
        out_close(&parts->texts[i], NULL);
    pthread_mutex_destroy(&parts->lock);
}

void sample_parts_put(const struct pp_profile *p, struct out *o, sample_put *put, void *user) {
    unsigned width = p->n_samples < WORTH_IT ? 1 : parallel_width(SAMPLE_WRITERS, 0);
    if (width > 1) {
        struct parts parts = {.p = p, .put = put, .user = user, .out = o};
        put_in_parts(&parts, width);
        return;
    }
    for (uint32_t i = 0; i < p->n_samples && !out_failed(o); i++)
        put(user, 0, i, o);
}
