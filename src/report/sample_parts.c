#include "report/sample_parts.h"

#include "base/parallel.h"

enum {
    WORTH_IT = 1 << 12, /* samples that are worth threads */
    PART_FRAMES = 1 << 13,
    PART_BYTES = 1 << 20, /* what a part may hold; the rest of its samples is written at last */
    DEEP = 1 << 10,       /* frames of a stack that is not written ahead */
    PARTS_A_WRITER = 4
};

struct part {
    uint32_t first, end;
    uint32_t written; /* the samples before it are in the text */
    struct out text;
};

struct parts {
    const struct pp_profile *p;
    sample_put *put;
    void *user;
    struct part at[SAMPLE_WRITERS * PARTS_A_WRITER];
};

static uint32_t depth_of(const struct pp_profile *p, uint32_t sample) {
    return p->stacks[p->sample_stack[sample]].len;
}

/* Some more samples; returns where they end. */
static uint32_t take_part(const struct pp_profile *p, uint32_t first) {
    uint32_t end = first;
    for (uint64_t n_frames = 0; end < p->n_samples && n_frames < PART_FRAMES; end++)
        n_frames += (uint64_t)depth_of(p, end) + 1;
    return end;
}

static void write_part(void *user, unsigned worker, size_t task) {
    struct parts *parts = user;
    struct part *part = &parts->at[task];
    uint32_t i = part->first;
    for (; i < part->end && part->text.used < PART_BYTES && depth_of(parts->p, i) <= DEEP; i++)
        parts->put(parts->user, worker, i, &part->text);
    part->written = i;
}

static void write_rest(struct parts *parts, struct part *part, struct out *o) {
    out_str(o, out_text(&part->text));
    part->text.used = 0;
    for (uint32_t i = part->written; i < part->end && !out_failed(o); i++)
        parts->put(parts->user, 0, i, o);
}

static void put_in_parts(struct parts *parts, unsigned width, struct out *o) {
    size_t most = (size_t)width * PARTS_A_WRITER, n;
    for (size_t i = 0; i < most; i++)
        out_open_memory(&parts->at[i].text);
    for (uint32_t next = 0; next < parts->p->n_samples && !out_failed(o);) {
        for (n = 0; n < most && next < parts->p->n_samples; n++) {
            parts->at[n].first = next;
            parts->at[n].end = next = take_part(parts->p, next);
        }
        parallel_run(width, n, write_part, parts);
        for (size_t i = 0; i < n && !out_failed(o); i++)
            write_rest(parts, &parts->at[i], o);
    }
    for (size_t i = 0; i < most; i++)
        out_close(&parts->at[i].text, NULL);
}

void sample_parts_put(const struct pp_profile *p, struct out *o, sample_put *put, void *user) {
    struct parts parts = {.p = p, .put = put, .user = user};
    unsigned width = p->n_samples < WORTH_IT ? 1 : parallel_width(SAMPLE_WRITERS, 0);
    if (width > 1) {
        put_in_parts(&parts, width, o);
        return;
    }
    for (uint32_t i = 0; i < p->n_samples && !out_failed(o); i++)
        put(user, 0, i, o);
}
