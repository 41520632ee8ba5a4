/* Folded stacks. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"stacks",
     BYTES("main;a;b 3\n"
           "main;a 2\n"
           "\n"
           "# c\n"
           "main;a;b 4\n"),
     "PeriodType: samples count\n"
     "Period: 1\n"
     "Samples:\n"
     "samples/count\n"
     "          3: 3 2 1 \n"
     "          2: 2 1 \n"
     "          4: 3 2 1 \n"
     "Locations\n"
     "     1: 0x0 M=1 main :0:0 s=0\n"
     "     2: 0x0 M=1 a :0:0 s=0\n"
     "     3: 0x0 M=1 b :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0x0/0x0   [FN]\n"},
    {"blanks in names, empty frames, recursion, no newline at the end",
     BYTES("foo bar;;x y;x y	5\n"
           ";a -1"),
     "PeriodType: samples count\n"
     "Period: 1\n"
     "Samples:\n"
     "samples/count\n"
     "          5: 2 2 1 \n"
     "         -1: 3 \n"
     "Locations\n"
     "     1: 0x0 M=1 foo bar :0:0 s=0\n"
     "     2: 0x0 M=1 x y :0:0 s=0\n"
     "     3: 0x0 M=1 a :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0x0/0x0   [FN]\n"},
    {"a line without a count",
     BYTES("a;b 1\n"
           "a;b\n"),
     "error: malformed input"},
    {"a count that is too large",
     BYTES("a;b 1\n"
           "a;b 9223372036854775808\n"),
     "error: malformed input"},
    {"no line has two frames",
     BYTES("hello 1\n"
           "world 2\n"),
     "error: unrecognized format"},
    {"a difference",
     BYTES("a;b 1 2\n"
           "a;c 0 5\n"),
     "error: malformed input"},
    {"fractions: all in the unit of the longest",
     BYTES("a;b 2\n"
           "a;b 0.5\n"
           "a;c -1.00025000\n"),
     "PeriodType: samples micro\n"
     "Period: 1\n"
     "Samples:\n"
     "samples/micro\n"
     "    2000000: 2 1 \n"
     "     500000: 2 1 \n"
     "   -1000250: 3 1 \n"
     "Locations\n"
     "     1: 0x0 M=1 a :0:0 s=0\n"
     "     2: 0x0 M=1 b :0:0 s=0\n"
     "     3: 0x0 M=1 c :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0x0/0x0   [FN]\n"},
    {"a count too large for the fraction of another",
     BYTES("a;b 9223372036854775807\n"
           "a;b 0.5\n"),
     "error: malformed input"},
    {"no count", BYTES("a;b 1\na;b 1.\n"), "error: malformed input"},
    {"no count either", BYTES("a;b 1\na;b 1.-5\n"), "error: malformed input"},
    {"too fine", BYTES("a;b 1\na;b 0.0123456789\n"), "error: malformed input"},
    {"a name that ends in a number",
     BYTES("a;line 7 2\n"
           "a;b 5\n"),
     "PeriodType: samples count\n"
     "Period: 1\n"
     "Samples:\n"
     "samples/count\n"
     "          2: 2 1 \n"
     "          5: 3 1 \n"
     "Locations\n"
     "     1: 0x0 M=1 a :0:0 s=0\n"
     "     2: 0x0 M=1 line 7 :0:0 s=0\n"
     "     3: 0x0 M=1 b :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0x0/0x0   [FN]\n"},
    {"other text", BYTES("hello world\n"), "error: unrecognized format"},
};

DECODE_TEST(decodes, cases)
