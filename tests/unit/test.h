/* What nearly every unit test includes: cmocka with what it needs, and a few shorthands. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpprof/str.h"

#define assert_str(s, text) assert_str_bytes((s), (text), sizeof(text) - 1)
#define assert_str_bytes(s, bytes, n)                                                              \
    do {                                                                                           \
        struct pp_str got_ = (s);                                                                  \
        assert_int_equal(got_.len, (n));                                                           \
        assert_memory_equal(got_.data ? got_.data : "", (bytes), (n));                             \
    } while (0)

#endif
