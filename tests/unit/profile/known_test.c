#include "profile/known.h"

#include "profile/profile.h"
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 100 };

static struct known_key key_of(const char *bytes, size_t n) {
    return known_end(known_mix_bytes(known_begin(0), (struct pp_str){bytes, n}));
}

static bool same(struct known_key a, struct known_key b) {
    return a.a == b.a && a.b == b.b;
}

/* Texts of all lengths, and each with any one byte changed: all keys differ. */
static void each_byte_and_the_length_count(void **state) {
    (void)state;
    struct known k = {0};
    char bytes[LONGEST] = {0};
    uint32_t n = 0;
    for (size_t len = 0; len <= LONGEST; len++)
        for (size_t changed = 0; changed <= len; changed++) { /* the last time none is */
            if (changed < len) bytes[changed] ^= 1;
            struct known_key key = key_of(bytes, len);
            assert_true(same(key, key_of(bytes, len)));
            assert_int_equal(known_find(&k, key), PP_NONE);
            known_put(&k, key, n++);
            if (changed < len) bytes[changed] ^= 1;
        }
    known_done(&k);
}

/* Words that are the constants of the sums, one way or the other, forget nothing. */
static void no_words_forget_what_came_before(void **state) {
    (void)state;
    static const uint64_t words[] = {UINT64_C(0xe7037ed1a0b428db), UINT64_C(0x8ebc6af09c88c6e3), 0,
                                     UINT64_MAX};
    enum { N = sizeof words / sizeof *words };
    for (size_t i = 0; i < (size_t)N * N; i++) {
        uint64_t one[4] = {1, 2, words[i / N], words[i % N]};
        uint64_t other[4] = {3, 4, words[i / N], words[i % N]};
        struct known_key a = key_of((const char *)one, sizeof one);
        struct known_key b = key_of((const char *)other, sizeof other);
        assert_true(a.a != b.a && a.b != b.b);
    }
}

/* Steps beyond their slots that short stacks take to find free ones. */
static unsigned steps_of_short_stacks(void) {
    enum { STACKS = 3000, SLOTS = 4096 };
    bool used[SLOTS] = {false};
    unsigned steps = 0;
    for (unsigned i = 0; i < STACKS; i++) {
        const char ids[] = {(char)((i & 127) | 128), (char)(i >> 7)};
        size_t at = key_of(ids, sizeof ids).a % SLOTS;
        for (; used[at]; at = (at + 1) % SLOTS)
            steps++;
        used[at] = true;
    }
    return steps / STACKS;
}

/* One seed in thirty crowded them. Who has a seed hands it on to its children, so this comes first.
 */
static void no_seed_crowds_short_stacks(void **state) {
    (void)state;
    for (int i = 0; i < 200; i++) {
        int status;
        pid_t child = fork();
        if (child == 0) _exit(steps_of_short_stacks() > 2);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

static void finds_what_was_put(void **state) {
    (void)state;
    enum { MANY = 100000 };
    struct known k = {0};
    for (uint32_t i = 0; i < MANY; i++)
        known_put(&k, key_of((const char *)&i, sizeof i), i);
    for (uint32_t i = 0; i < MANY; i++) {
        known_expect(&k, key_of((const char *)&i, sizeof i));
        assert_int_equal(known_find(&k, key_of((const char *)&i, sizeof i)), i);
    }
    known_done(&k);
    assert_int_equal(known_find(&k, key_of("", 0)), PP_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_seed_crowds_short_stacks),
        cmocka_unit_test(each_byte_and_the_length_count),
        cmocka_unit_test(no_words_forget_what_came_before),
        cmocka_unit_test(finds_what_was_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
