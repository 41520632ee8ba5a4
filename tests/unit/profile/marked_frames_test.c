/* The marked frames of each stack, beside a plain look at all of them: of stacks that lie one
 * behind the other, of long ones and empty ones, and of some that lie anywhere. */
#include "profile/marked_frames.h"

#include "random_graph.h"

enum { LOCATIONS = 300, STACKS = 2000, LONGEST = 5000 };

static struct pp_profile random_stacks(struct pp_arena *arena, uint32_t seed) {
    struct profile_builder b;
    struct pp_profile p;
    struct pp_error err;
    uint32_t *frames = PP_NEW(arena, uint32_t, LONGEST);
    begin_profile(&b, 1, arena);
    for (uint32_t i = 0; i < LOCATIONS; i++) {
        struct pp_location l = {.mapping = PP_NONE};
        builder_add_location(&b, &l, &(struct pp_line){0}, 1);
    }
    for (uint32_t i = 0; i < STACKS; i++) {
        uint32_t n = next(&seed) % (i % 97 ? 60 : LONGEST);
        for (uint32_t j = 0; j < n; j++)
            frames[j] = next(&seed) % LOCATIONS;
        builder_add_sample(&b, builder_stack(&b, frames, n), 0, &(int64_t){1}, 1);
    }
    assert_true(builder_finish(&b, &p, &err));
    return p;
}

struct look {
    const struct marked_frames *of;
    uint32_t next; /* stack that has not been looked at */
};

static uint32_t count(const struct marked_frames *of, uint32_t stack) {
    struct pp_stack s = of->p->stacks[stack];
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.len; i++)
        n += of->marked[pp_frame(of->p, s.first + i)];
    return n;
}

static void pass_by(struct look *l, uint32_t end) {
    for (; l->next < end; l->next++)
        assert_int_equal(count(l->of, l->next), 0);
}

static void look_at(void *user, uint32_t stack, const uint32_t *at, uint32_t n) {
    struct look *l = user;
    const struct pp_profile *p = l->of->p;
    pass_by(l, stack);
    assert_int_equal(n, count(l->of, stack));
    assert_true(n > 0);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(at[i] < p->stacks[stack].len && (!i || at[i] > at[i - 1]));
        assert_true(l->of->marked[pp_frame(p, p->stacks[stack].first + at[i])]);
    }
    l->next = stack + 1;
}

static void check(const struct pp_profile *p, uint32_t first, uint32_t end) {
    static const uint32_t rarities[] = {1, 3, 60, 301};
    for (size_t r = 0; r < sizeof rarities / sizeof *rarities; r++) {
        bool marked[LOCATIONS];
        for (uint32_t i = 0; i < LOCATIONS; i++)
            marked[i] = (i + 1) % rarities[r] == 0;
        const struct marked_frames of = {p, marked, first, end};
        struct look l = {&of, first};
        marked_frames_walk(&of, look_at, &l);
        pass_by(&l, end);
    }
}

static void as_a_plain_look(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = random_stacks(&a, 1);
    check(&p, 0, p.n_stacks);
    check(&p, 7, p.n_stacks - 100);
    check(&p, 5, 5);
    for (uint32_t i = 0; i < p.n_stacks; i += 3) { /* as filters leave them */
        struct pp_stack swap = p.stacks[i];
        p.stacks[i] = p.stacks[p.n_stacks - 1 - i];
        p.stacks[p.n_stacks - 1 - i] = swap;
        if (p.stacks[i].len) p.stacks[i].len--;
    }
    check(&p, 0, p.n_stacks);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_a_plain_look)};
    RUN_AT_EACH_WIDTH(tests);
}
