/* libm, loaded when one of its functions is called: to map and relocate it costs every start of the
 * program 35 microseconds, a twentieth of a small profile's -top, which calls none. Only in builds
 * with static libraries: elsewhere other libraries bring it along. `used`: some calls are made by
 * the compiler, after it has decided what the program needs. */
#include "base/library.h"
#include "end.h"

#include <stdlib.h>

#ifdef __GLIBC__

/* The function of that name in libm; several threads may look for it at the same time. */
#define LATE(name)                                                                                 \
    __extension__({                                                                                \
        static __typeof__(&name) kept;                                                             \
        __typeof__(&name) found = __atomic_load_n(&kept, __ATOMIC_ACQUIRE);                        \
        if (!found) {                                                                              \
            find(#name, &found);                                                                   \
            __atomic_store_n(&kept, found, __ATOMIC_RELEASE);                                      \
        }                                                                                          \
        found;                                                                                     \
    })

static void find(const char *name, void *ret_function) {
    static const char file[] = "libm.so.6";
    void *library = library_open(file);
    if (!library || !library_find(library, name, ret_function)) end_without_library(file);
}

#define ONE_ARGUMENT(name)                                                                         \
    double name(double x);                                                                         \
    __attribute__((used)) double name(double x) {                                                  \
        return LATE(name)(x);                                                                      \
    }

#define TWO_ARGUMENTS(name)                                                                        \
    double name(double x, double y);                                                               \
    __attribute__((used)) double name(double x, double y) {                                        \
        return LATE(name)(x, y);                                                                   \
    }

ONE_ARGUMENT(erfc)
ONE_ARGUMENT(exp)
ONE_ARGUMENT(expm1)
ONE_ARGUMENT(log)
ONE_ARGUMENT(log1p)
ONE_ARGUMENT(log2)
ONE_ARGUMENT(round)
ONE_ARGUMENT(sqrt)
TWO_ARGUMENTS(fmax)
TWO_ARGUMENTS(fmin)
TWO_ARGUMENTS(hypot)
TWO_ARGUMENTS(pow)

double lgamma_r(double x, int *ret_sign);
__attribute__((used)) double lgamma_r(double x, int *ret_sign) {
    return LATE(lgamma_r)(x, ret_sign);
}

#endif
