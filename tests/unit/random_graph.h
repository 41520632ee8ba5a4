/* What profiles of random stacks begin with, and their tests at each width of frames. */
#ifndef UNIT_RANDOM_GRAPH_H
#define UNIT_RANDOM_GRAPH_H

#include "profile/builder.h"
#include "test.h"

/* Frames have room for such a position. */
static uint32_t most_frame;

static inline uint32_t next(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* One type of values, and functions f0, f1 and so on. */
static inline void begin_profile(struct profile_builder *ret_builder, uint32_t n_functions,
                                 struct pp_arena *arena) {
    struct profile_builder *b = ret_builder;
    builder_init(b, arena);
    builder_widen_frames(b, most_frame);
    builder_add_type(b, builder_string(b, PP_STR("cpu")), builder_string(b, PP_STR("ns")));
    for (uint32_t i = 0; i < n_functions; i++) {
        struct pp_function f = {.name = builder_string(b, pp_arena_printf(arena, "f%u", i))};
        builder_add_function(b, &f);
    }
}

#define RUN_AT_EACH_WIDTH(tests)                                                                   \
    int failed = 0;                                                                                \
    static const uint32_t most[] = {0, UINT16_MAX + 1, PP_MOST_MIDDLE + 1};                        \
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {                                      \
        most_frame = most[i];                                                                      \
        failed += cmocka_run_group_tests(tests, NULL, NULL);                                       \
    }                                                                                              \
    return failed

#endif
