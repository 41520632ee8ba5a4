/* Go's profiles of counts; what is wanted is what google/pprof prints. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"goroutines",
     BYTES("# hello\n"
           "\n"
           "goroutine profile: total 7\n"
           "5 @ 0x42f3ba 0x43f4f7\n"
           "#\t0x1\tmain.main\n"
           "\n"
           "2 @ 0x43f4f7\n"),
     "PeriodType: goroutine count\n"
     "Period: 1\n"
     "Samples:\n"
     "goroutine/count\n"
     "          5: 1 2 \n"
     "          2: 2 \n"
     "Locations\n"
     "     1: 0x42f3b9 M=1 \n"
     "     2: 0x43f4f6 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"a count with a leading 0 is octal",
     BYTES("threadcreate profile: total 8\n"
           "010 @ 0x1 0x0\n"),
     "PeriodType: threadcreate count\n"
     "Period: 1\n"
     "Samples:\n"
     "threadcreate/count\n"
     "          8: 1 2 \n"
     "Locations\n"
     "     1: 0x0 \n"
     "     2: 0xffffffffffffffff M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"so 08 is none",
     BYTES("threadcreate profile: total 8\n"
           "08 @ 0x1\n"),
     "error: malformed input"},
    {"a map after the samples",
     BYTES("goroutine profile: total 7\n"
           "5 @ 0x401000\n"
           "--- x\n"
           "junk\n"
           "--- Memory map: ---\n"
           "400000-500000 /bin/app\n"),
     "PeriodType: goroutine count\n"
     "Period: 1\n"
     "Samples:\n"
     "goroutine/count\n"
     "          5: 1 \n"
     "Locations\n"
     "     1: 0x400fff M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x0 /bin/app  \n"},
    {"two blanks",
     BYTES("goroutine profile: total 7\n"
           "5 @  0x1\n"),
     "error: malformed input"},
    {"capitals are no digits",
     BYTES("goroutine profile: total 7\n"
           "5 @ 0xA\n"),
     "error: malformed input"},
    {"no address",
     BYTES("goroutine profile: total 7\n"
           "5 @ \n"),
     "error: malformed input"},
    {"threads whose stack is not known",
     BYTES("threadcreate profile: total 7\n"
           "6 @\n"
           "#\t0x0\n"
           "\n"
           "1 @ 0x11\n"),
     "PeriodType: threadcreate count\n"
     "Period: 1\n"
     "Samples:\n"
     "threadcreate/count\n"
     "          6: \n"
     "          1: 1 \n"
     "Locations\n"
     "     1: 0x10 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"text after the total",
     BYTES("goroutine profile: total 7 \n"
           "5 @ 0x1\n"),
     "error: unrecognized format"},
};

DECODE_TEST(decodes_as_the_reference, cases)
