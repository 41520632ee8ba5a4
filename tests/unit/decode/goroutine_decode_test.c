/* Stacks of goroutines. */
#include "decode_text.h"

#define HEAD                                                                                       \
    "PeriodType: goroutine count\n"                                                                \
    "Period: 1\n"                                                                                  \
    "Samples:\n"                                                                                   \
    "goroutine/count\n"

static const struct decode_case cases[] = {
    {"states, waits, creators; equal ones are one sample",
     BYTES("goroutine 7 [chan receive, 5 minutes, locked to thread]:\n"
           "main.(*T[...]).wait(0xc0, {0x1, 0x2})\n"
           "\t/src/a b.go:12 +0x1d\n"
           "main.run(...)\n"
           "\tC:/src/b.go:3\n"
           "created by main.start in goroutine 1\n"
           "\t/src/a.go:7 +0x45\n"
           "\n"
           "goroutine 8 [chan receive, 5 minutes, locked to thread]:\r\n"
           "main.(*T[...]).wait(0xc8, {0x1, 0x2})\r\n"
           "\t/src/a b.go:12 +0x1d\r\n"
           "main.run(...)\r\n"
           "\tC:/src/b.go:3\r\n"
           "created by main.start\r\n"
           "\t/src/a.go:7 +0x45\r\n"
           "\r\n"
           "goroutine 9 [select (no cases)]:\n"),
     HEAD "          2: 1 2 \n"
          "                creator:[main.start] locked:[thread] state:[chan receive]\n"
          "                wait:[5 minutes]\n"
          "          1: \n"
          "                state:[select (no cases)]\n"
          "Locations\n"
          "     1: 0x0 M=1 main.(*T[...]).wait /src/a b.go:12:0 s=0\n"
          "     2: 0x0 M=1 main.run C:/src/b.go:3:0 s=0\n"
          "Mappings\n"
          "1: 0x0/0x0/0x0   [FN][FL][LN]\n"},
    {"a panic after a log, with addresses and registers",
     BYTES("2024/01/02 serving; on 80\n"
           "panic: no: goroutine 1 [running] it is\n"
           "\n"
           "goroutine 1 gp=0xc0000061c0 m=2 mp=0xc000048708 [running]:\n"
           "panic({0x4d?, 0x5b?})\n"
           "\t/go/panic.go:804 +0x168 fp=0xc0 sp=0xc1 pc=0x46\n"
           "runtime.panicmem(...)\n"
           "\t/go/panic.go:262 fp=0xc0 sp=0xc1 pc=0x46\n"
           "...23 frames elided...\n"
           "main.main()\n"
           "\t/src/m.go:9 +0x1\n"
           "exit status 2\n"
           "\n"
           "rax    0x0\n"
           "main.late()\n"
           "\t/src/m.go:10 +0x1\n"),
     HEAD "          1: 1 2 3 \n"
          "                state:[running]\n"
          "Locations\n"
          "     1: 0x0 M=1 panic /go/panic.go:804:0 s=0\n"
          "     2: 0x0 M=1 runtime.panicmem /go/panic.go:262:0 s=0\n"
          "     3: 0x0 M=1 main.main /src/m.go:9:0 s=0\n"
          "Mappings\n"
          "1: 0x0/0x0/0x0   [FN][FL][LN]\n"},
    {"labels", BYTES("goroutine 1 [running, synctest bubble 1] {\"k\":\"v\"}:\nf()\n\tx:1\n"),
     HEAD "          1: 1 \n"
          "                detail:[synctest bubble 1] k:[v] state:[running]\n"
          "Locations\n"
          "     1: 0x0 M=1 f x:1:0 s=0\n"
          "Mappings\n"
          "1: 0x0/0x0/0x0   [FN][FL][LN]\n"},
    {"no head", BYTES("goroutine x [running]:\n"), "error: unrecognized format"},
    {"no end of a head", BYTES("goroutine 1 [running\n"), "error: unrecognized format"},
    {"no colon", BYTES("goroutine 1 [running]\n"), "error: unrecognized format"},
};

DECODE_TEST(decodes, cases)
