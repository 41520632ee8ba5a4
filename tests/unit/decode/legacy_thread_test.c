/* Stacks of all threads; what is wanted is what google/pprof prints. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"threads, one more of the same",
     BYTES("--- threadz 1 ---\n"
           "\n"
           "--- Thread 7f79 (name: main/14748) stack: ---\n"
           "  PC: 0x400101 0x400201\n"
           "    0x400301\n"
           "--- Thread 7f79 (name: main/14748) stack: ---\n"
           " [same as previous thread]\n"
           "--- Thread 7f79 (name: main/14748) stack: ---\n"
           "0x400999\n"
           "MAPPED_LIBRARIES:\n"
           "00400000-00500000 r-xp 00000000 08:01 7 /bin/app\n"),
     "error: unrecognized format"},
    {"without a head; a copy of the leaf goes but its place stays",
     BYTES("# c\n"
           "--- Thread 7f79 (name: main/14748) stack: ---\n"
           "0x400101 0x400101 0x400201\n"
           "--- Thread 7f79 (name: main/14748) stack: ---\n"
           "0x400101 0x400201\n"
           "---- no stack trace for 3\n"),
     "PeriodType: thread count\n"
     "Period: 1\n"
     "Samples:\n"
     "thread/count\n"
     "          1: 1 3 \n"
     "          1: 1 3 \n"
     "Locations\n"
     "     1: 0x400101 M=1 \n"
     "     2: 0x400100 M=1 \n"
     "     3: 0x400200 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"a thread without frames counts, the first does not",
     BYTES("--- Thread 7f79 (name: main/14748) stack: ---\n"
           "--- Thread 7f79 (name: main/14748) stack: ---\n"
           "0x5\n"
           "--- Thread 7f79 (name: main/14748) stack: ---\n"
           "\n"
           "--- Memory map: ---\n"),
     "PeriodType: thread count\n"
     "Period: 1\n"
     "Samples:\n"
     "thread/count\n"
     "          2: 1 \n"
     "Locations\n"
     "     1: 0x5 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"the end comes before a map",
     BYTES("--- threadz 1 ---\n"
           "--- Thread 7f79 (name: main/14748) stack: ---\n"
           "0x5\n"),
     "error: unrecognized format"},
    {"a name with everything in it",
     BYTES("x--- Thread Fa (name: a/b) (c/12) stack: --- y\n"
           "0x5\n"
           "---- no stack trace for\n"),
     "PeriodType: thread count\n"
     "Period: 1\n"
     "Samples:\n"
     "thread/count\n"
     "          1: 1 \n"
     "Locations\n"
     "     1: 0x5 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"no number after the name",
     BYTES("--- Thread fa (name: a) stack: ---\n"
           "0x5\n"
           "---- no stack trace for\n"),
     "error: unrecognized format"},
    {"a long address",
     BYTES("--- Thread 7f79 (name: main/14748) stack: ---\n"
           "0x5 0x10000000000000000\n"),
     "error: malformed input"},
};

DECODE_TEST(decodes_as_the_reference, cases)
