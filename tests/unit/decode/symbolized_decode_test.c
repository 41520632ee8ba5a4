/* Profiles with names in front. */
#include "decode_text.h"

#define NAMES                                                                                      \
    "--- symbol\n"                                                                                 \
    "binary=/bin/a b\n"                                                                            \
    "0x0000000000400100 outer--middle--inner\n"                                                    \
    "0x400201 std::vector<int, x>::at--\n"                                                         \
    "0x400100 twice\n"                                                                             \
    "0x no address\n"                                                                              \
    "garbage\n"                                                                                    \
    "---\n"

static const struct decode_case cases[] = {
    {"heap",
     BYTES(NAMES "--- heap\n"
                 "heap profile: 1: 100 [2: 200] @ heapprofile\n"
                 "1: 100 [2: 200] @ 0x00400101 0x400201 0x400301\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes\n"
     "          2        200          1        100: 1 2 3 \n"
     "                bytes:[100]\n"
     "Locations\n"
     "     1: 0x400100 M=1 inner :0:0 s=0\n"
     "             middle :0:0 s=0\n"
     "             outer :0:0 s=0\n"
     "     2: 0x400200 M=1 std::vector<int, x>::at :0:0 s=0\n"
     "     3: 0x400300 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0 /bin/a b  [FN]\n"},
    {"jemalloc",
     BYTES(NAMES "--- heap\n"
                 "heap_v2/0\n"
                 "  t*: 1: 10 [0: 0]\n"
                 "@ 0x400100\n"
                 "  t*: 1: 10 [0: 0]\n"),
     "PeriodType: space bytes\n"
     "Period: 0\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "          1         10: 1 \n"
     "                bytes:[10]\n"
     "Locations\n"
     "     1: 0x4000ff M=1 inner :0:0 s=0\n"
     "             middle :0:0 s=0\n"
     "             outer :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0 /bin/a b  [FN]\n"},
    {"PHP's memprof: bytes for counts, no period and no end mark",
     BYTES("--- symbol\nbinary=todo.php\n0x0000000000000008 root\n0x0000000000000010 a--b\n---\n"
           "--- profile\n"
           "\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
           "\144\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\020\0\0\0\0\0\0\0\010\0\0\0\0\0\0\0"
           "\005\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\010\0\0\0\0\0\0\0"),
     "PeriodType:  \n"
     "Period: 0\n"
     "Samples:\n"
     "space/bytes\n"
     "        100: 1 2 \n"
     "          5: 2 \n"
     "Locations\n"
     "     1: 0x10 M=1 b :0:0 s=0\n"
     "             a :0:0 s=0\n"
     "     2: 0x8 M=1 root :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0 todo.php  [FN]\n"},
    {"a CPU profile, whose bytes follow at once",
     BYTES(NAMES "--- profile\n"
                 "\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\020'\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                 "\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\1@\0\0\0\0\0"
                 "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
     "PeriodType: cpu nanoseconds\n"
     "Period: 10000000\n"
     "Samples:\n"
     "samples/count cpu/nanoseconds\n"
     "          2   20000000: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=1 inner :0:0 s=0\n"
     "             middle :0:0 s=0\n"
     "             outer :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0 /bin/a b  [FN]\n"},
    {"names alone", BYTES(NAMES), "error: malformed input"},
    {"something else behind", BYTES(NAMES "--- heap\nhello\n"), "error: malformed input"},
    {"nothing", BYTES("--- symbol\n"), "error: malformed input"},
    {"only marks",
     BYTES("--- symbol\n0x1 ------\n--- heap\nheap profile: 0: 0 [0: 0] @ heapprofile\n"
           "1: 1 [1: 1] @ 0x1\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "          1          1: 1 \n"
     "                bytes:[1]\n"
     "Locations\n"
     "     1: 0x0 \n"
     "Mappings\n"},
};

DECODE_TEST(decodes, cases)
