/* Samples are packed without protobuf-c, to the bytes that it would write. */
#include "profile/encode.h"

#include "profile/builder.h"
#include "test.h"

#include <profile.pb-c.h>
#include <stdlib.h>

static const uint64_t ids[] = {
    1, 127, 128, UINT64_C(1) << 35, (UINT64_C(1) << 49) - 1, UINT64_C(1) << 49, UINT64_MAX};
enum { N_IDS = sizeof ids / sizeof *ids };

static uint32_t label_set(struct profile_builder *b, int64_t number) {
    uint32_t key = builder_string(b, PP_STR("key")), text = builder_string(b, PP_STR("text"));
    struct pp_label labels[] = {{.key = key, .text = text},
                                {.key = key, .text = PP_NONE, .num = number},
                                {.key = text, .text = key, .num = 7}};
    return builder_label_set(b, labels, 1, number ? 2 : 1);
}

static struct pp_profile odd_profile(struct pp_arena *a) {
    struct profile_builder b;
    struct pp_profile p;
    uint32_t frames[N_IDS];
    builder_init(&b, a);
    builder_add_type(&b, builder_string(&b, PP_STR("cpu")), builder_string(&b, PP_STR("ns")));
    builder_add_type(&b, builder_string(&b, PP_STR("n")), 0);
    for (uint32_t i = 0; i < N_IDS; i++) {
        const struct pp_location l = {.mapping = PP_NONE};
        frames[i] = builder_add_location(&b, &l, NULL, 0);
        builder_set_location_id(&b, ids[i]);
    }
    for (uint32_t i = 0; i <= N_IDS; i++) {
        const int64_t values[] = {i == 2 ? INT64_MIN : (int64_t)i, -1};
        uint32_t labels = i % 3 ? label_set(&b, i % 2 ? -5 : 0) : 0;
        builder_add_sample(&b, builder_stack(&b, frames, i), labels, values, 2);
    }
    assert_true(builder_finish(&b, &p, NULL));
    return p;
}

static void as_protobuf_c_does(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = odd_profile(&a);
    struct out o;
    out_open_memory(&o);
    profile_write_plain(&p, &o);
    struct pp_str ours = out_text(&o);
    Cpprof__Wire__Profile *read =
        cpprof__wire__profile__unpack(NULL, ours.len, (const uint8_t *)ours.data);
    assert_non_null(read);
    assert_int_equal(read->n_sample, N_IDS + 1);
    assert_true(read->sample[N_IDS]->location_id[5] == ids[5]);
    assert_true(read->sample[2]->value[0] == INT64_MIN);
    uint8_t *theirs = malloc(cpprof__wire__profile__get_packed_size(read));
    assert_int_equal(cpprof__wire__profile__pack(read, theirs), ours.len);
    assert_memory_equal(theirs, ours.data, ours.len);
    free(theirs);
    cpprof__wire__profile__free_unpacked(read, NULL);
    out_close(&o, NULL);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_protobuf_c_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
