/* Which expressions a legacy profile gets for the frames of profilers. */
#include "decode_text.h"

static const struct {
    const char *input, *drop, *keep; /* drop: how it begins; keep: all of it */
} cases[] = {
    {"heap profile: 1: 1 [1: 1] @ heapprofile\n", "calloc|cfree|malloc|",
     "runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*"},
    {"heap profile: 1: 1 [2: 1] @ heapprofile\n", "calloc|cfree|malloc|",
     "runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*"},
    {"--- heapz 1 ---\nformat=java\nresolution=bytes\n", "calloc|cfree|malloc|",
     "runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*"},
    {"--- contention:\n", "RecordLockProfileData|", ""},
    {"--- contentionz 1 ---\nformat=java\nresolution=ns\n", "RecordLockProfileData|", ""},
    {"goroutine profile: total 1\n", "ProfileData::Add|", ""},
    {"--- heapz 1 ---\nformat=java\n", "ProfileData::Add|", ""},
    {"heap_v2/1\n", "calloc|cfree|malloc|",
     "runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*"},
};

static void depend_on_the_sample_types(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pp_arena arena = {0};
        struct pp_profile p = {0};
        decode_raw(pp_str_from(cases[i].input), &arena, &p);
        assert_true(pp_str_has_prefix(pp_string(&p, p.drop_frames), pp_str_from(cases[i].drop)));
        assert_true(pp_str_eq(pp_string(&p, p.keep_frames), pp_str_from(cases[i].keep)));
        pp_arena_done(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(depend_on_the_sample_types)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
