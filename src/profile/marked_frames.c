/* Stacks whose frames lie one behind the other are looked at together, as if they were one; which
 * frames are marked is a coin toss for the processor, so there is no branch for it. */
#include "profile/marked_frames.h"

#include "base/arena.h"

enum { MANY = 1024 }; /* frames that are looked at together, unless one stack has more */

struct marked_walk {
    const struct pp_profile *p;
    const bool *marked;
    uint32_t *at; /* of the frames at hand; behind the last one there is room for an end */
};

/* The end of the stacks that lie behind this one, as far as they are looked at together. */
static uint32_t end_of_run(const struct pp_profile *p, uint32_t stack, uint32_t end) {
    const uint32_t first = p->stacks[stack].first;
    uint32_t next = first + p->stacks[stack].len;
    while (++stack < end) {
        struct pp_stack s = p->stacks[stack];
        if (s.first != next || s.first + s.len - first > MANY) break;
        next += s.len;
    }
    return stack;
}

static inline __attribute__((always_inline)) uint32_t list(const struct marked_walk *w,
                                                           struct pp_frames frames, uint32_t n) {
    const bool *marked = w->marked;
    uint32_t *at = w->at, n_marked = 0;
    for (uint32_t i = 0; i < n; i++) {
        at[n_marked] = i;
        n_marked += marked[pp_frame_in(frames, i)];
    }
    return n_marked;
}

static uint32_t list_run(const struct marked_walk *w, uint32_t first, uint32_t n) {
    PP_WITH_FRAMES(w->p->frames, first, frames, return list(w, frames, n));
}

static uint32_t longest(const struct pp_profile *p, uint32_t first, uint32_t end) {
    uint32_t most = 0;
    for (uint32_t i = first; i < end; i++)
        most = p->stacks[i].len > most ? p->stacks[i].len : most;
    return most;
}

void marked_frames_walk(const struct pp_profile *p, const bool *marked, uint32_t first,
                        uint32_t end, marked_frames_visit *visit, void *user) {
    struct pp_arena scratch = {0};
    uint32_t most = longest(p, first, end);
    struct marked_walk w = {p, marked, NULL};
    w.at = PP_NEW(&scratch, uint32_t, (most > MANY ? most : MANY) + (size_t)1);
    for (uint32_t next; first < end; first = next) {
        next = end_of_run(p, first, end);
        const uint32_t base = p->stacks[first].first;
        uint32_t n = list_run(&w, base, p->stacks[next - 1].first + p->stacks[next - 1].len - base);
        w.at[n] = UINT32_MAX;
        for (uint32_t i = first, at = 0, from; at < n; i++) {
            struct pp_stack s = p->stacks[i];
            uint32_t before = s.first - base;
            for (from = at; w.at[at] < before + s.len; at++)
                w.at[at] -= before;
            if (at > from) visit(user, i, &w.at[from], at - from);
        }
    }
    pp_arena_done(&scratch);
}
