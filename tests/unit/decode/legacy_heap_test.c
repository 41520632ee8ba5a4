/* Heap profiles as text; what is wanted is what google/pprof prints. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"heap/N is sampled every N/2 bytes, allocations come first",
     BYTES("heap profile: 3: 300 [4: 400] @ heap/1048576\n"
           "1: 100 [2: 200] @ 0x400101 0x400201\n"
           "0: 0 [1: 524288] @ 0x400101\n"
           "MAPPED_LIBRARIES:\n"
           "00400000-00500000 r-xp 00000000 08:01 7 /bin/app\n"),
     "PeriodType: space bytes\n"
     "Period: 524288\n"
     "Samples:\n"
     "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes\n"
     "      10486    1048676       5243     524338: 1 2 \n"
     "                bytes:[100]\n"
     "          1     829411          0          0: 1 \n"
     "                bytes:[524288]\n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "     2: 0x400200 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x0 /bin/app  \n"},
    {"heap_v2 keeps its rate",
     BYTES("heap profile: 3: 300 [0: 0] @ heap_v2/524288\n"
           "3: 300 [0: 0] @ 0x400101\n"
           "-2: -64 [0: 0] @ 0x400101\n"
           "MAPPED_LIBRARIES:\n"
           "00400000-00500000 r-xp 00000000 08:01 7 /bin/app\n"),
     "PeriodType: space bytes\n"
     "Period: 524288\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "      15730    1573014: 1 \n"
     "                bytes:[100]\n"
     "     -32769   -1048608: 1 \n"
     "                bytes:[32]\n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x0 /bin/app  \n"},
    {"heapz_v2 without a rate",
     BYTES("heap profile: 1: 1 [1: 1] @ heapz_v2\n"
           "1: 100 [1: 100] @ 0x1\n"),
     "PeriodType: space bytes\n"
     "Period: 0\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "          1        100: 1 \n"
     "                bytes:[100]\n"
     "Locations\n"
     "     1: 0x0 \n"
     "Mappings\n"},
    {"heapprofile is not sampled",
     BYTES("heap profile: 3:300[ 3 : 300 ]@heapprofile\n"
           " 7:  49[  7:49  ] @0x400101x 0x0x0xffffffffffffffff\n"),
     "error: unrecognized format"},
    {"00 is not 0", BYTES("heap profile: 0: 300 [00: 300] @ heapprofile\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes\n"
     "Locations\n"
     "Mappings\n"},
    {"growth",
     BYTES("heap profile: 3: 300 [3: 300] @ growthz\n"
           "1: 4096 [1: 4096] @ 0x400101\n"
           "MAPPED_LIBRARIES:\n"
           "00400000-00500000 r-xp 00000000 08:01 7 /bin/app\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "          1       4096: 1 \n"
     "                bytes:[4096]\n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x0 /bin/app  \n"},
    {"fragmentation",
     BYTES("heap profile: 3: 300 [4: 300] @ fragmentation\n"
           "1: 4096 [1: 4096] @ 0x400101\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "          1       4096: 1 \n"
     "                bytes:[4096]\n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"one header after text and a broken one",
     BYTES("x heap profile: 1 heap profile: 1: 2 [1: 2] @ heapprofile y\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "Locations\n"
     "Mappings\n"},
    {"a kind that does not exist", BYTES("heap profile: 3: 300 [4: 400] @ heapy\n"),
     "error: unrecognized format"},
    {"a rate of more than 64 bits",
     BYTES("heap profile: 3: 300 [4: 400] @ heap/99999999999999999999\n"),
     "error: unrecognized format"},
    {"bytes without objects",
     BYTES("heap profile: 3: 300 [4: 400] @ heapprofile\n"
           "1: 1 [0: 5] @ 0x1\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes\n"
     "          0          5          1          1: 1 \n"
     "                bytes:[1]\n"
     "Locations\n"
     "     1: 0x0 \n"
     "Mappings\n"},
    {"an address of more than 64 bits",
     BYTES("heap profile: 3: 300 [4: 400] @ heapprofile\n"
           "1: 1 [1: 1] @ 0x10000000000000000\n"),
     "error: malformed input"},
    {"no sample",
     BYTES("heap profile: 3: 300 [4: 400] @ heapprofile\n"
           "hello\n"),
     "error: malformed input"},
    {"comments, blanks, carriage returns",
     BYTES("heap profile: 3: 300 [4: 400] @ heapprofile\r\n"
           "# x\r\n"
           "\302\240\r\n"
           "1: 8 [1: 8] @ 0x9\r\n"
           "\r\n"
           "--- Memory map: ---\r\n"
           "0-10 /bin/app\r\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes\n"
     "          1          8          1          8: 1 \n"
     "                bytes:[8]\n"
     "Locations\n"
     "     1: 0x8 M=1 \n"
     "Mappings\n"
     "1: 0x0/0x10/0x0 /bin/app  \n"},
    {"numbers that leave 64 bits",
     BYTES("heap profile: 3: 300 [4: 400] @ heap/4\n"
           "9223372036854775807: 9223372036854775807 [1: 1] @ 0x1\n"),
     "PeriodType: space bytes\n"
     "Period: 2\n"
     "Samples:\n"
     "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes\n"
     "          2          2 -9223372036854775808 -9223372036854775808: 1 \n"
     "                bytes:[1]\n"
     "Locations\n"
     "     1: 0x0 \n"
     "Mappings\n"},
};

DECODE_TEST(decodes_as_the_reference, cases)
