/* Java profiles as text; what is wanted is what google/pprof prints. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"heap",
     BYTES("--- heapz 1 ---\n"
           "format = java\n"
           "resolution = bytes\n"
           "7048 1 @ 0x10 0x20\n"
           "4752 9 @ 0x10 0x30 0x20\n"
           "0x10 pkg.Sub.run (Sub.java:27)\n"
           "0x20 clone (/lib/libc.so)\n"
           "0x30 pkg.Sub.run (Other.java:30)\n"),
     "PeriodType:  \n"
     "Period: 0\n"
     "Samples:\n"
     "inuse_objects/count inuse_space/bytes\n"
     "         74     527819: 1 2 \n"
     "                bytes:[7048]\n"
     "       8941    4720968: 1 3 2 \n"
     "                bytes:[528]\n"
     "Locations\n"
     "     1: 0x0 pkg.Sub.run Sub.java:27:0 s=0\n"
     "     2: 0x0 clone libc.so:0:0 s=0\n"
     "     3: 0x0 pkg.Sub.run Sub.java:30:0 s=0\n"
     "Mappings\n"},
    {"contention",
     BYTES("--- contentionz 1 ---\n"
           "format = java\n"
           "resolution = microseconds\n"
           "sampling period = 100\n"
           "ms since reset = 6019923\n"
           "\n"
           "   1 2 @ 0x10 0x20\n"
           "0x10 a (A.java:-3)\n"
           "0x20 b (  c:99999999999999999999)\n"),
     "PeriodType: contentions count\n"
     "Period: 100\n"
     "Duration: 1h40\n"
     "Samples:\n"
     "contentions/count delay/microseconds\n"
     "        200        100: 1 2 \n"
     "Locations\n"
     "     1: 0x0 a A.java:0:0 s=0\n"
     "     2: 0x0 b   c:0:0 s=0\n"
     "Mappings\n"},
    {"texts of all kinds",
     BYTES("--- contentionz 1 ---\n"
           "format = java\n"
           "resolution = microseconds\n"
           "sampling period = 100\n"
           "ms since reset = 6019923\n"
           "1 1 @ 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n"
           "0x1 generated stub/JIT\n"
           "0x2 GC\n"
           "0x3  f(int)  (Foo.java:5)\n"
           "0x4 g (/)\n"
           "0x5 h ()\n"
           "0x6 i (a) (b:c:3)\n"
           "0x7 j (k (l:1\n"
           "0x8 m (/a/b//)\n"),
     "PeriodType: contentions count\n"
     "Period: 100\n"
     "Duration: 1h40\n"
     "Samples:\n"
     "contentions/count delay/microseconds\n"
     "        100        100: 1 2 3 4 5 6 7 8 \n"
     "Locations\n"
     "     1: 0x0 STUB :0:0 s=0\n"
     "     2: 0x0 GC :0:0 s=0\n"
     "     3: 0x0 f(int)  Foo.java:5:0 s=0\n"
     "     4: 0x0 g /:0:0 s=0\n"
     "     5: 0x0 h .:0:0 s=0\n"
     "     6: 0x0 i (a) b:c:3:0 s=0\n"
     "     7: 0x0 j (k (l:1 :0:0 s=0\n"
     "     8: 0x0 m b:0:0 s=0\n"
     "Mappings\n"},
    {"the last text counts, the last line needs no newline",
     BYTES("--- contentionz 1 ---\n"
           "format = java\n"
           "resolution = microseconds\n"
           "sampling period = 100\n"
           "ms since reset = 6019923\n"
           "1 1 @ 0x1F 0x1\n"
           "0x1 a (A:1)\n"
           "0x1 b (B:2)"),
     "PeriodType: contentions count\n"
     "Period: 100\n"
     "Duration: 1h40\n"
     "Samples:\n"
     "contentions/count delay/microseconds\n"
     "        100        100: 1 \n"
     "Locations\n"
     "     1: 0x0 b B:2:0 s=0\n"
     "Mappings\n"},
    {"a count with a leading 0 is octal",
     BYTES("--- contentionz 1 ---\n"
           "format = java\n"
           "resolution = microseconds\n"
           "sampling period = 100\n"
           "ms since reset = 6019923\n"
           "1 010 @ 0x1\n"),
     "PeriodType: contentions count\n"
     "Period: 100\n"
     "Duration: 1h40\n"
     "Samples:\n"
     "contentions/count delay/microseconds\n"
     "        800        100: 1 \n"
     "Locations\n"
     "     1: 0x0 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"an unterminated sample is none",
     BYTES("--- contentionz 1 ---\n"
           "format = java\n"
           "resolution = microseconds\n"
           "sampling period = 100\n"
           "ms since reset = 6019923\n"
           "1 1 @ 0x1"),
     "PeriodType: contentions count\n"
     "Period: 100\n"
     "Duration: 1h40\n"
     "Samples:\n"
     "contentions/count delay/microseconds\n"
     "Locations\n"
     "Mappings\n"},
    {"a header with more blanks than text",
     BYTES("\t--- heapz 1 ---                                                        \n"
           "format = java\n"
           "resolution = bytes\n"
           "1 1 @ 0x1\n"
           "0x1 a (A:1)\n"),
     "PeriodType:  \n"
     "Period: 0\n"
     "Samples:\n"
     "inuse_objects/count inuse_space/bytes\n"
     "     524288     524288: 1 \n"
     "                bytes:[1]\n"
     "Locations\n"
     "     1: 0x0 a A:1:0 s=0\n"
     "Mappings\n"},
    {"a sample without its count",
     BYTES("--- heapz 1 ---\n"
           "format = java\n"
           "resolution = bytes\n"
           "7048 0 @ 0x10\n"),
     "error: malformed input"},
    {"no resolution",
     BYTES("--- heapz 1 ---\n"
           "format = java\n"
           "1 1 @ 0x10\n"),
     "error: malformed input"},
    {"another format",
     BYTES("--- heapz 1 ---\n"
           "format = c\n"),
     "error: unrecognized format"},
    {"an attribute of the other kind",
     BYTES("--- heapz 1 ---\n"
           "sampling period = 5\n"),
     "error: unrecognized format"},
    {"a period that is no number",
     BYTES("--- contentionz 1 ---\n"
           "sampling period = x\n"),
     "error: malformed input"},
};

DECODE_TEST(decodes_as_the_reference, cases)
