/* What Go's texts say in comments. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"frames, labels, hidden leaf and root, inlined calls",
     BYTES("goroutineleak profile: total 3\n"
           "2 @ 0x11 0x21 0x31 0x41\n"
           "# labels: {\"k\":\"v\\n\\u00e9\", \"b\\\\\":\"\"}\n"
           "#\t0x20\tmain.(*T[...]).inner+0x10\t\t/src/a b.go:3\n"
           "#\t0x20\tmain.outer+0x10\t\t\t/src/a b.go:7\n"
           "#\t0x30\tmain.main+0x1\t\tC:/x/m.go:9\n"
           "\n"
           "1 @ 0x21 0x31 0x41\n"
           "#\t0x20\tmain.(*T[...]).inner+0x10\t\t/src/a b.go:3\n"
           "#\t0x20\tmain.outer+0x10\t\t\t/src/a b.go:7\n"
           "#\t0x30\tmain.main+0x1\t\tC:/x/m.go:9\n"),
     "PeriodType: goroutineleak count\n"
     "Period: 1\n"
     "Samples:\n"
     "goroutineleak/count\n"
     "          2: 1 2 3 4 \n"
     "                b\\:[] k:[v\n\xc3\xa9]\n"
     "          1: 2 3 4 \n"
     "Locations\n"
     "     1: 0x10 M=1 \n"
     "     2: 0x20 M=1 main.(*T[...]).inner /src/a b.go:3:0 s=0\n"
     "             main.outer /src/a b.go:7:0 s=0\n"
     "     3: 0x30 M=1 main.main C:/x/m.go:9:0 s=0\n"
     "     4: 0x40 M=1 runtime.goexit :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"recursion, notes out of order or broken",
     BYTES("heap profile: 1: 8 [1: 8] @ heap/2\n"
           "#\t0x20\tmain.early+0x1\tx.go:1\n"
           "1: 8 [1: 8] @ 0x21 0x21 0x31\n"
           "#\t0x20\tmain.f+0x1\tx.go:1\n"
           "#\t0x20\tmain.f+0x1\tx.go:1\n"
           "#\t0x30\tmain.main\tx.go:2\n"
           "#\t0x30\tmain.main+0x\tx.go\n"
           "#\t0x99\tmain.other+0x1\tx.go:2\n"
           "#\t0x30\tmain.main+0x1\tx.go:2\n"
           "#\t0x20\tmain.late+0x1\tx.go:1\n"
           "# Alloc = 7\n"
           "# labels: {\"k\"\n"),
     "PeriodType: space bytes\n"
     "Period: 1\n"
     "Samples:\n"
     "objects/count space/bytes\n"
     "          1          8: 1 1 2 \n"
     "                bytes:[8]\n"
     "Locations\n"
     "     1: 0x20 M=1 main.f x.go:1:0 s=0\n"
     "     2: 0x30 M=1 main.main x.go:2:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"zeros behind the root",
     BYTES("threadcreate profile: total 6\n"
           "5 @ 0x0 0x0\n"
           "#\t0x0\n"
           "\n"
           "1 @ 0x11 0x21 0x0 0x0\n"
           "#\t0x10\tmain.locked+0xe\t/src/m.go:11\n"),
     "PeriodType: threadcreate count\n"
     "Period: 1\n"
     "Samples:\n"
     "threadcreate/count\n"
     "          5: 1 1 \n"
     "          1: 2 3 1 1 \n"
     "Locations\n"
     "     1: 0xffffffffffffffff M=1 \n"
     "     2: 0x10 M=1 main.locked /src/m.go:11:0 s=0\n"
     "     3: 0x20 M=1 runtime.goexit :0:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"contention",
     BYTES("--- mutex:\n"
           "cycles/second=1000000000\n"
           "sampling period=1\n"
           "5 1 @ 0x21\n"
           "#\t0x20\tsync.(*Mutex).Unlock+0x1\tm.go:1\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          5: 1 \n"
     "Locations\n"
     "     1: 0x20 M=1 sync.(*Mutex).Unlock m.go:1:0 s=0\n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
};

DECODE_TEST(decodes, cases)
