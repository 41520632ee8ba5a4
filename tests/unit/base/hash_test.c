#include "base/hash.h"

#include "test.h"

enum { WORDS = 3000, SLOTS = 4096, SEEDS = 300 };

/* Takes a free slot, as base/index.h does; returns the steps to it. */
static unsigned place(bool *used, uint64_t hash) {
    unsigned steps = 0;
    size_t at = (hash >> 32) % SLOTS;
    for (; used[at]; at = (at + 1) % SLOTS)
        steps++;
    used[at] = true;
    return steps;
}

static unsigned steps_of(uint64_t seed, uint64_t first, uint64_t step) {
    bool used[SLOTS] = {false};
    unsigned steps = 0;
    for (uint64_t i = 0; i < WORDS; i++)
        steps += place(used, hash_word(seed, first + i * step));
    return steps;
}

/* Positions, addresses, pairs of positions: chance makes some 1.4 steps of each, at most 2. */
static void no_seed_crowds_words_that_follow_each_other(void **state) {
    (void)state;
    static const uint64_t first[] = {0, 0x400000, 0}, step[] = {1, 16, UINT64_C(1) << 32};
    uint64_t seed = 1;
    for (int i = 0; i < SEEDS; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        for (size_t k = 0; k < sizeof first / sizeof *first; k++)
            assert_true(steps_of(seed | 1, first[k], step[k]) < 3 * WORDS);
    }
}

/* Texts that differ in their last characters. */
static void nor_such_texts(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < SEEDS; i++) {
        bool used[SLOTS] = {false};
        unsigned steps = 0;
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        for (uint32_t n = 0; n < WORDS; n++) {
            char text[] = "main.f0000";
            for (uint32_t at = sizeof text - 1, left = n; left; left /= 10)
                text[--at] = (char)('0' + left % 10);
            steps += place(used, hash_bytes(seed | 1, text, sizeof text - 1));
        }
        assert_true(steps < 3 * WORDS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_seed_crowds_words_that_follow_each_other),
        cmocka_unit_test(nor_such_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
