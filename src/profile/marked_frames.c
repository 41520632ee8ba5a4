/* Stacks whose frames lie one behind the other are looked at together, as if they were one; which
 * frames are marked is a coin toss for the processor, so there is no branch for it. */
#include "profile/marked_frames.h"

#include "base/arena.h"

enum { MANY = 1024 }; /* frames that are looked at together, unless one stack has more */

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

/* Behind the last one there is room for an end. */
static inline __attribute__((always_inline)) uint32_t list(struct pp_frames frames, uint32_t n,
                                                           const bool *marked, uint32_t *ret_at) {
    uint32_t n_marked = 0;
    for (uint32_t i = 0; i < n; i++) {
        ret_at[n_marked] = i;
        n_marked += marked[pp_frame_in(frames, i)];
    }
    ret_at[n_marked] = UINT32_MAX;
    return n_marked;
}

static uint32_t list_run(const struct marked_frames *m, struct pp_stack run, uint32_t *ret_at) {
    PP_WITH_FRAMES(m->p->frames, run.first, frames,
                   return list(frames, run.len, m->marked, ret_at));
}

static uint32_t longest(const struct marked_frames *m) {
    uint32_t most = 0;
    for (uint32_t i = m->first_stack; i < m->end_stack; i++)
        most = m->p->stacks[i].len > most ? m->p->stacks[i].len : most;
    return most;
}

void marked_frames_walk(const struct marked_frames *m, marked_frames_visit *visit, void *user) {
    struct pp_arena scratch = {0};
    const struct pp_stack *stacks = m->p->stacks;
    const uint32_t most = longest(m);
    uint32_t *at = PP_NEW(&scratch, uint32_t, (most > MANY ? most : MANY) + (size_t)1);
    for (uint32_t first = m->first_stack, next; first < m->end_stack; first = next) {
        next = end_of_run(m->p, first, m->end_stack);
        const struct pp_stack last = stacks[next - 1];
        const struct pp_stack run = {stacks[first].first,
                                     last.first + last.len - stacks[first].first};
        uint32_t n = list_run(m, run, at);
        for (uint32_t stack = first, i = 0, from; i < n; stack++) {
            const uint32_t before = stacks[stack].first - run.first;
            for (from = i; at[i] < before + stacks[stack].len; i++)
                at[i] -= before;
            if (i > from) visit(user, stack, &at[from], i - from);
        }
    }
    pp_arena_done(&scratch);
}
