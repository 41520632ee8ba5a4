/* jemalloc's heap dumps. The sums of the first one are the totals that jeprof prints for it. */
#include "decode_text.h"

#include "base/num.h"

static const struct decode_case cases[] = {
    {"threads, names and allocations",
     BYTES("heap_v2/524288\n"
           "  t*: 6: 600 [9: 900]\n"
           "  t0: 4: 400 [4: 400] main\n"
           "  t7: 2: 200 [5: 500]\n"
           "@ 0x400101 0x400201\n"
           "  t*: 3: 1572864 [6: 3145728]\n"
           "  t0: 1: 524288 [2: 1048576]\n"
           "  t7: 2: 1048576 [4: 2097152]\n"
           "@ 0x400101\n"
           "  t*: 3: 300 [3: 300]\n"
           "  t0: 3: 300 [3: 300]\n"
           "@ 0x400301\n"
           "  t*: 1: 100000 [1: 100000]\n"
           "  t0: 1: 100000 [1: 100000]\n"
           "@ 0x400201\n"
           "  t*: 1: 100000 [1: 100000]\n"
           "  t0: 1: 100000 [1: 100000]\n"
           "@ 0x400401\n"
           "  t*: 1: 100000 [3: 100000]\n"
           "  t9: 1: 100000 [1: 100000]\n"
           "\n"
           "MAPPED_LIBRARIES:\n"
           "00400000-00500000 r-xp 00000000 08:01 7 /bin/app\n"),
     "PeriodType: space bytes\n"
     "Period: 524288\n"
     "Samples:\n"
     "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes\n"
     "          3    1658822          1     829411: 1 2 \n"
     "                thread_name:[main]\n"
     "                bytes:[524288] thread:[0]\n"
     "          6    3317646          3    1658823: 1 2 \n"
     "                bytes:[524288] thread:[7]\n"
     "      15730    1573014      15730    1573014: 1 \n"
     "                thread_name:[main]\n"
     "                bytes:[100] thread:[0]\n"
     "          6     575876          6     575876: 3 \n"
     "                thread_name:[main]\n"
     "                bytes:[100000] thread:[0]\n"
     "          6     575877          6     575877: 2 \n"
     "                thread_name:[main]\n"
     "                bytes:[100000] thread:[0]\n"
     "         48    1623394          6     575876: 4 \n"
     "                bytes:[100000] thread:[9]\n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "     2: 0x400200 M=1 \n"
     "     3: 0x400300 M=1 \n"
     "     4: 0x400400 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x0 /bin/app  \n"},
    {"threads that hold nothing, a stack without a total",
     BYTES("heap_v2/1048576\n"
           "  t*: 1: 1 [0: 0]\n"
           "@ 0x5 0x6\n"
           "  t*: 3: 1000000000 [0: 0]\n"
           "  t1: 0: 0 [0: 0]\n"
           "@ 0x7\n"
           "  t4: 2: 1000000000 [0: 0]\n"
           "@ 0x8\n"
           "  t*: 0: 0 [0: 0]\n"),
     "PeriodType: space bytes\n"
     "Period: 1048576\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "          3 1000000000: 1 2 \n"
     "                bytes:[333333333]\n"
     "          2 1000000000: 3 \n"
     "                bytes:[500000000] thread:[4]\n"
     "Locations\n"
     "     1: 0x4 M=1 \n"
     "     2: 0x5 M=1 \n"
     "     3: 0x6 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"the allocator's frames",
     BYTES("heap_v2/1\n"
           "  t*: 3: 30 [0: 0]\n"
           "@ 0x7001 0x7fff 0x401 0x7001\n"
           "  t*: 1: 10 [0: 0]\n"
           "@ 0x8001 0x7001 0x402\n"
           "  t*: 1: 10 [0: 0]\n"
           "@ 0x7001 0x7002\n"
           "  t*: 1: 10 [0: 0]\n"
           "MAPPED_LIBRARIES:\n"
           "400-500 r-xp 0 0:0 0 /bin/libjemalloc/app\n"
           "6000-7000 r--p 0 0:0 0 /usr/lib/libjemalloc.so.2\n"
           "7000-8000 r-xp 1000 0:0 0 /usr/lib/libjemalloc.so.2\n"
           "8000-9000 r-xp 0 0:0 0 /usr/lib/libc.so.6\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "          1         10: 1 2 \n"
     "                bytes:[10]\n"
     "          1         10: 3 2 4 \n"
     "                bytes:[10]\n"
     "          1         10: 5 \n"
     "                bytes:[10]\n"
     "Locations\n"
     "     1: 0x400 M=1 \n"
     "     2: 0x7000 M=2 \n"
     "     3: 0x8000 M=3 \n"
     "     4: 0x401 M=1 \n"
     "     5: 0x7001 M=2 \n"
     "Mappings\n"
     "1: 0x400/0x500/0x0 /bin/libjemalloc/app  \n"
     "2: 0x7000/0x8000/0x1000 /usr/lib/libjemalloc.so.2  \n"
     "3: 0x8000/0x9000/0x0 /usr/lib/libc.so.6  \n"},
    {"no stack",
     BYTES("heap_v2/8\n"
           "  t*: 0: 0 [0: 0]\n"),
     "PeriodType: space bytes\n"
     "Period: 8\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "Locations\n"
     "Mappings\n"},
    {"a malformed row",
     BYTES("heap_v2/8\n"
           "@ 0x5\n"
           "  t*: 1: 2 [x: 0]\n"),
     "error: malformed input"},
    {"a number of more than 64 bits",
     BYTES("heap_v2/8\n"
           "@ 0x5\n"
           "  t*: 1: 99999999999999999999 [0: 0]\n"),
     "error: malformed input"},
    {"no rate", BYTES("heap_v2/\n"), "error: unrecognized format"},
};

static void decodes(void **state) {
    (void)state;
    CHECK_DECODE(cases);
}

static void sums_are_those_of_jeprof(void **state) {
    (void)state;
    static const int64_t want[] = {15799, 9324629, 15752, 5788877};
    struct pp_arena arena = {0};
    struct pp_profile p;
    int64_t sums[4] = {0};
    decode_raw(cases[0].input, &arena, &p);
    for (uint32_t s = 0; s < p.n_samples; s++)
        for (uint32_t t = 0; t < 4; t++)
            sums[t] = num_add(sums[t], pp_value(&p, s, t));
    assert_memory_equal(sums, want, sizeof want);
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(decodes),
                                       cmocka_unit_test(sums_are_those_of_jeprof)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
