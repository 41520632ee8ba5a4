/* What profile_subtract gives is, when it is merged, what merging with the scaled base gives. */
#include "profile/merge.h"
#include "profile/places.h"

#include "profile_bytes.h"
#include "random_graph.h"
#include "test.h"
#include "tiny_profile.h"

/* Sides are made twice: subtracting uses them up. */
struct sides {
    struct pp_profile p, base;
};

static struct pp_profile merged(struct sides s, struct pp_arena *a) {
    const double minus[] = {-1};
    struct pp_profile both[2] = {s.p}, sum;
    struct pp_error err;
    profile_scale(&s.base, minus, &both[1], a);
    assert_true(profile_combine(both, 2, &sum, a, &err));
    return sum;
}

/* In the order of a merge, without what nothing uses. */
static struct pp_profile subtracted(struct sides s, struct pp_arena *a) {
    struct pp_profile sum;
    struct pp_error err;
    assert_true(profile_subtract(&s.p, &s.base, a, &err));
    assert_true(profile_merge(&s.p, 1, &sum, a, &err));
    return sum;
}

static struct sides sides_of(const char *p, const char *base, struct pp_arena *a) {
    return (struct sides){tiny_profile(a, p), tiny_profile(a, base)};
}

static void check_sides(struct sides one, struct sides same, struct pp_arena *a) {
    struct pp_profile want = merged(one, a), got = subtracted(same, a);
    struct pp_str w = profile_bytes(&want, a);
    assert_str_bytes(profile_bytes(&got, a), w.data, w.len);
}

static void check(const char *p, const char *base) {
    struct pp_arena a = {0};
    check_sides(sides_of(p, base, &a), sides_of(p, base, &a), &a);
    pp_arena_done(&a);
}

static void gives_what_a_merge_gives(void **state) {
    (void)state;
    check("a 1\n", "a 1\n");
    check("a 1\n", "b 1\n");
    check("a 0\nb 1\n", "a 3\nc 0\n");
    check("- 1\n", "- 2\na 5\n");
    check("- 1\n", "- 1\n");
    check("[m]a;b 4\n[n]c 3\n", "[n]c 1\n[m]a;b 4\n");
    check("a 1\n", "[m]a 1\n");
    check("a 1 k=v\na 2 k=w\na 3 k=v\n", "a 5 k=w\na 6\na -6\n");
    check("a 9223372036854775807\na 2\n", "a 9007199254740993\n");
}

/* Few places, so that stacks, labels and sums meet and cancel. */
static const char *random_text(uint32_t *seed, struct pp_arena *a) {
    static const char *const frames[] = {"a", "b", "c@f", "a+b", "[m]a", "[n]", "[n]c+a", "d"};
    static const char *const labels[] = {"", "", " k=v", " k=w", " size#1:bytes", " size#2:bytes"};
    struct pp_str text = PP_STR("");
    for (uint32_t n = next(seed) % 12 + 1; n; n--) {
        for (uint32_t depth = next(seed) % 4; depth < 4; depth++)
            text = pp_arena_printf(a, "%.*s%s%s", PP_STR_ARG(text), frames[next(seed) % 8],
                                   depth < 3 ? ";" : "");
        int value = (int)(next(seed) % 5) - (int)(next(seed) % 4 == 0);
        text = pp_arena_printf(a, "%.*s %d%s\n", PP_STR_ARG(text), value, labels[next(seed) % 6]);
    }
    return text.data;
}

static void gives_it_of_any_two(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < 3000; i++) {
        struct pp_arena a = {0};
        const char *p = random_text(&seed, &a), *base = random_text(&seed, &a);
        check(p, base);
        pp_arena_done(&a);
    }
}

/* Tables as a file may have them, in which entries come twice. */
static struct sides twice(const char *table, struct pp_arena *a) {
    struct sides s = sides_of("[m]a;[n]b 3 k=v\n[n]b 1 k=w\n", "[n]b 1 k=w\n[m]a;[n]b 1\n", a);
    for (struct pp_profile *p = &s.p; p; p = p == &s.p ? &s.base : NULL) {
        if (!strcmp(table, "mappings")) p->mappings[1].file = p->mappings[0].file;
        if (!strcmp(table, "functions")) p->functions[1] = p->functions[0];
        if (!strcmp(table, "locations")) p->locations[1] = p->locations[0];
        if (!strcmp(table, "label sets"))
            p->labels[p->n_labels - 1] = p->labels[p->label_sets[1].first];
        if (!strcmp(table, "stacks")) p->stacks[1] = p->stacks[0];
    }
    return s;
}

static void gives_it_where_entries_are_equal(void **state) {
    (void)state;
    static const char *const tables[] = {"mappings", "functions", "locations", "label sets",
                                         "stacks"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct pp_arena a = {0};
        check_sides(twice(tables[i], &a), twice(tables[i], &a), &a);
        pp_arena_done(&a);
    }
}

static void move(struct pp_profile *p, uint32_t mapping, uint64_t by) {
    p->mappings[mapping].start += by;
    p->mappings[mapping].limit += by;
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (p->locations[i].mapping == mapping) p->locations[i].address += by;
}

static void set_column(struct pp_profile *p, uint32_t line, int64_t column, struct pp_arena *a) {
    size_t cap = 0;
    struct pp_line l = pp_line_at(p, line);
    struct pp_place *places = p->places;
    p->places = NULL;
    PP_RESERVE(a, p->places, 0, cap, p->n_places + 1);
    memcpy(p->places, places, p->n_places * sizeof *places);
    l.column = column;
    p->lines[line] = places_row(p, &cap, &l, a);
}

/* The same to a merge, with another beginning, other columns of inlined calls. */
static struct sides unlike(const char *p, const char *base, struct pp_arena *a) {
    struct sides s = sides_of(p, base, a);
    for (uint32_t i = 0; i < s.base.n_mappings; i++)
        move(&s.base, i, 4096 * (i + 1));
    for (uint32_t i = 0; i < s.base.n_locations; i++)
        if (s.base.locations[i].n_lines > 1)
            set_column(&s.base, s.base.locations[i].first_line, 7 + i, a);
    return s;
}

static void check_unlike(const char *p, const char *base) {
    struct pp_arena a = {0};
    check_sides(unlike(p, base, &a), unlike(p, base, &a), &a);
    pp_arena_done(&a);
}

static void keeps_what_a_sample_has_first(void **state) {
    (void)state;
    check_unlike("[m]a;[n]b 3\n[n]b 1\n", "[m]a;[n]b 1\n");
    check_unlike("[m]a 1\n[n]b;a 0\n", "[n]b;a 2\n");
    check_unlike("[m]a 1\n[n]b;a 1\n[n]b;a -1\n", "[n]b;a 2\n");
    check_unlike("[m]a 0\n[n]b;a 1\n", "[m]a 2\n");
    check_unlike("a 1\nb+a;a 0\n", "b+a;a 2\n");
    check_unlike("a 1\nb+a;a 3\n", "b+a;a 2\n");
    check_unlike("a 1\nb+a;a 3\nb+a;a -3\n", "b+a;a 2\n");
}

/* The profile's frames have no room for the base's locations. */
static struct pp_profile many_places(uint32_t first, uint32_t n, struct pp_arena *a) {
    struct profile_builder b;
    struct pp_profile p;
    struct pp_error err;
    begin_profile(&b, 1, a);
    for (uint32_t i = 0; i < n; i++) {
        const struct pp_line line = {0};
        struct pp_location l = {.address = first + i, .mapping = PP_NONE};
        uint32_t frames[2] = {builder_add_location(&b, &l, &line, 1), 0};
        builder_add_sample(&b, builder_stack(&b, frames, 2), 0, (int64_t[]){i + 1}, 1);
    }
    assert_true(builder_finish(&b, &p, &err));
    return p;
}

static void makes_room_for_more_locations(void **state) {
    (void)state;
    struct pp_arena a = {0};
    enum { N = 40000 };
    struct sides sides[2];
    for (int i = 0; i < 2; i++)
        sides[i] = (struct sides){many_places(1, N, &a), many_places(N / 2, N, &a)};
    check_sides(sides[0], sides[1], &a);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_a_merge_gives),
        cmocka_unit_test(gives_it_of_any_two),
        cmocka_unit_test(gives_it_where_entries_are_equal),
        cmocka_unit_test(keeps_what_a_sample_has_first),
        cmocka_unit_test(makes_room_for_more_locations),
    };
    RUN_AT_EACH_WIDTH(tests);
}
