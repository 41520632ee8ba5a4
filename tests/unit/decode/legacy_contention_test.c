/* Contention and mutex profiles; what is wanted is what google/pprof prints. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"cycles become nanoseconds",
     BYTES("--- contentionz 1 ---\n"
           "cycles/second = 3201000000\n"
           "sampling period = 100\n"
           "ms since reset = 1500\n"
           "discarded samples = 0\n"
           "19490304 27 @ 0x400101 0x400201\n"
           "\n"
           "# c\n"
           " 5 1 @ 0x400101\n"
           "MAPPED_LIBRARIES:\n"
           "00400000-00500000 r-xp 00000000 08:01 7 /bin/app\n"),
     "error: unrecognized format"},
    {"mutex of Go",
     BYTES("--- mutex:\n"
           "cycles/second=2000000000\n"
           "sampling period=0x2\n"
           "10 3 @ 0x401000\n"
           "--- x\n"
           "--- Memory map: ---\n"
           "400000-500000 /bin/app\n"),
     "PeriodType: contentions count\n"
     "Period: 2\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          6         10: 1 \n"
     "Locations\n"
     "     1: 0x400fff M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x0 /bin/app  \n"},
    {"no attributes",
     BYTES("--- contention:\n"
           "10 3 @ 0x401000\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          3         10: 1 \n"
     "Locations\n"
     "     1: 0x400fff M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"one number is divided, of three the last two count",
     BYTES("--- contention:\n"
           "123 @ 0x5\n"
           "1 22 333 @ 0x5 0x6\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          3         12: 1 \n"
     "        333         22: 1 2 \n"
     "Locations\n"
     "     1: 0x4 M=1 \n"
     "     2: 0x5 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"one digit is not enough",
     BYTES("--- contention:\n"
           "5 @ 0x5\n"),
     "error: unrecognized format"},
    {"an unknown attribute",
     BYTES("--- contention:\n"
           "speed = 5\n"),
     "error: unrecognized format"},
    {"a period that is no number",
     BYTES("--- contention:\n"
           "sampling period = x\n"),
     "error: unrecognized format"},
    {"underscores and signs",
     BYTES("--- contention:\n"
           "sampling period = +1_0\n"
           "1 2 @ 0x5\n"),
     "PeriodType: contentions count\n"
     "Period: 10\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "         20          1: 1 \n"
     "Locations\n"
     "     1: 0x4 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"numbers that leave 64 bits",
     BYTES("--- contentionz 1 ---\n"
           "cycles/second = 3201000000\n"
           "sampling period = 100\n"
           "ms since reset = 1500\n"
           "discarded samples = 0\n"
           "9223372036854775807 9223372036854775807 @ 0x5\n"),
     "PeriodType: contentions count\n"
     "Period: 100\n"
     "Duration: 1.5s\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "       -100 -9223372036854775808: 1 \n"
     "Locations\n"
     "     1: 0x4 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
};

DECODE_TEST(decodes_as_the_reference, cases)
