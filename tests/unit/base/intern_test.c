#include "base/intern.h"

#include "base/hash.h"
#include "test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Has to come first: who has a seed hands it on to its children. */
static void another_process_has_another_seed(void **state) {
    uint64_t seeds[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            uint64_t seed = hash_seed();
            _exit(write(ends[1], &seed, sizeof seed) != sizeof seed);
        }
        assert_int_equal(read(ends[0], &seeds[i], sizeof seeds[i]), sizeof seeds[i]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        close(ends[0]);
        close(ends[1]);
    }
    assert_true(seeds[0] != seeds[1]);
}

static void gives_equal_texts_equal_ids(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct interner in;
    interner_init(&in, &a);
    assert_int_equal(intern(&in, PP_STR("")), 0);
    assert_int_equal(intern(&in, (struct pp_str){NULL, 0}), 0);
    char text[32] = "first";
    uint32_t first = intern(&in, pp_str_from(text));
    assert_int_equal(first, 1);
    memcpy(text, "other", 5); /* the bytes were copied */
    assert_int_equal(intern(&in, PP_STR("first")), first);
    assert_int_equal(intern(&in, PP_STR("first\0")), 2);
    static const char kept[] = "kept";
    uint32_t id = intern_static(&in, pp_str_from(kept));
    assert_ptr_equal(in.strings[id].data, kept);
    interner_done(&in);
    assert_str(in.strings[first], "first"); /* the arena still holds it */
    pp_arena_done(&a);
}

static void settles_later_what_is_equal(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct interner in;
    interner_init(&in, &a);
    uint32_t known = intern(&in, PP_STR("known"));
    char text[] = "new";
    struct intern_later first = intern_later(&in, pp_str_from(text));
    text[0] = 'N'; /* the bytes were copied */
    struct intern_later again = intern_later(&in, PP_STR("new"));
    struct intern_later other = intern_later(&in, PP_STR("known"));
    struct intern_later empty = intern_later(&in, PP_STR(""));
    assert_true(first.id == known + 1 && again.id == known + 2 && other.id == known + 3);
    assert_int_equal(intern_settle(&in, first), first.id);
    assert_int_equal(intern_settle(&in, again), first.id);
    assert_int_equal(intern_settle(&in, other), known);
    assert_int_equal(intern_settle(&in, empty), 0);
    assert_int_equal(intern(&in, PP_STR("new")), first.id);
    interner_done(&in);
    pp_arena_done(&a);
}

static void keeps_many_apart(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct interner in;
    interner_init(&in, &a);
    char text[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 50000; i++) {
            int len = snprintf(text, sizeof text, "name %d", i);
            assert_int_equal(intern(&in, (struct pp_str){text, (size_t)len}), i + 1);
        }
    }
    assert_int_equal(in.n, 50001);
    interner_done(&in);
    pp_arena_done(&a);
}

static void hashes_every_byte(void **state) {
    (void)state;
    unsigned char bytes[70] = {0};
    for (size_t len = 1; len <= sizeof bytes; len++) {
        uint64_t before = hash_bytes(1, bytes, len);
        assert_true(before != hash_bytes(2, bytes, len));
        assert_true(before != hash_bytes(1, bytes, len - 1));
        for (size_t i = 0; i < len; i++) {
            bytes[i] ^= 1;
            assert_true(hash_bytes(1, bytes, len) != before);
            bytes[i] ^= 1;
        }
    }
    assert_true(hash_seed() != 0);
    assert_true(hash_seed() == hash_seed());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_process_has_another_seed),
        cmocka_unit_test(gives_equal_texts_equal_ids),
        cmocka_unit_test(settles_later_what_is_equal),
        cmocka_unit_test(keeps_many_apart),
        cmocka_unit_test(hashes_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
