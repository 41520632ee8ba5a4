/* Collapsed stacks of austin. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"full",
     BYTES("# austin: 3.6.0\n"
           "# interval: 100\n"
           "# mode: full\n"
           "\n"
           "P42;T0:7;/srv/a b.py:<module>:12;C:\\x.py:work:30 1000,0,-56\n"
           "P42;T0:7;/srv/a b.py:<module>:12;C:\\x.py:work:30 500,1,0\n"
           "P42;T0:8 9,0,0\n"
           "# duration: 5\n"),
     "PeriodType:  \n"
     "Period: 0\n"
     "Samples:\n"
     "samples/count wall/microseconds[dflt] cpu/microseconds memory/bytes\n"
     "          1       1000       1000        -56: 2 1 \n"
     "                process:[42] thread:[0:7]\n"
     "          1        500          0          0: 2 1 \n"
     "                process:[42] thread:[0:7]\n"
     "          1          9          9          0: \n"
     "                process:[42] thread:[0:8]\n"
     "Locations\n"
     "     1: 0x0 M=1 <module> /srv/a b.py:12:0 s=0\n"
     "     2: 0x0 M=1 work C:\\x.py:30:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0x0/0x0   [FN][FL][LN]\n"},
    {"one metric, frames of other kinds",
     BYTES("# austin: 4.0.0\n"
           "# mode: cpu\n"
           "T1;:GC:;Platform:x;a.py:f:3:4:5:6;;:7: 5\n"),
     "PeriodType:  \n"
     "Period: 0\n"
     "Samples:\n"
     "samples/count cpu/microseconds[dflt]\n"
     "          1          5: 4 3 2 1 \n"
     "                thread:[1]\n"
     "Locations\n"
     "     1: 0x0 M=1 :GC: :0:0 s=0\n"
     "     2: 0x0 M=1 Platform:x :0:0 s=0\n"
     "     3: 0x0 M=1 f a.py:3:0 s=0\n"
     "     4: 0x0 M=1 :7: :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0x0/0x0   [FN][FL][LN]\n"},
    {"too few metrics", BYTES("# austin: 3.6.0\n# mode: full\nP1;T1;a:b:1 5,6\n"),
     "error: malformed input"},
    {"too many", BYTES("# austin: 3.6.0\n# mode: wall\nP1;T1;a:b:1 5,6\n"),
     "error: malformed input"},
    {"none", BYTES("# austin: 3.6.0\nabc\n"), "error: malformed input"},
};

DECODE_TEST(decodes, cases)
