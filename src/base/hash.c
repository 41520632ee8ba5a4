#include "base/hash.h"

#include "base/clock.h"

#include <sys/random.h>
#include <unistd.h>

uint64_t hash_seed(void) {
    static uint64_t seed; /* the same for the whole process; a race only writes it twice */
    uint64_t have = __atomic_load_n(&seed, __ATOMIC_RELAXED);
    if (have) return have;
    uint64_t fresh;
    if (getrandom(&fresh, sizeof fresh, GRND_NONBLOCK) != (ssize_t)sizeof fresh)
        fresh = (uint64_t)getpid() * 0x9e3779b97f4a7c15U ^ (uint64_t)clock_seconds();
    fresh |= 1;
    uint64_t expected = 0;
    __atomic_compare_exchange_n(&seed, &expected, fresh, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return __atomic_load_n(&seed, __ATOMIC_RELAXED);
}
