/* Memory maps and the placing of addresses; what is wanted is what google/pprof prints. */
#include "decode_text.h"

static const struct decode_case cases[] = {
    {"of the kernel",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "00400000-00500000 r-xp 00001000 08:01 7     /bin/app\n"
           "00500000-00600000 rw-p 00101000 08:01 7 /bin/app\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x1000 /bin/app  \n"},
    {"paths with blanks, deleted files",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "00400000-00500000 r-xp 00001000 08:01 7     /opt/My App/a b (x86)\n"
           "00600000-00700000 r-xp 00001000 08:01 7     /tmp/a b (deleted)\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x1000 /opt/My App/a b (x86)  \n"
     "2: 0x600000/0x700000/0x1000 /tmp/a b  \n"},
    {"short ones",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "400000-500000: /bin/app (@ff00) abc123\n"
           " 0x7f00 0x8f00 /lib/x.so ab12\n"
           "0x9000-0xa000\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0xff00 /bin/app abc123 \n"
     "2: 0x7f00/0x8f00/0x0 /lib/x.so ab12 \n"
     "3: 0x9000/0xa000/0x0   \n"},
    {"digits divided for want of a second number",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "fade away\n"
           "ad_x=1\n"
           "1234 08:01 55 /file\n"
           "1200x5 /y\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=4 \n"
     "Mappings\n"
     "1: 0x123/0x4/0x0 /file  \n"
     "2: 0xfade/0xd/0x0   \n"
     "3: 0x120/0x5/0x0 /y  \n"
     "4: 0x0/0xffffffffffffffff/0x0   \n"},
    {"variables",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "build=/path\n"
           "sub = $build/sub \n"
           "40000-50000 $sub/bin$build$sub2\n"
           "$build=6\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=2 \n"
     "Mappings\n"
     "1: 0x40000/0x50000/0x0 /path/sub/bin/path/path/sub2  \n"
     "2: 0x0/0xffffffffffffffff/0x0   \n"},
    {"the first of two values holds",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "a=/1\n"
           "a=/2\n"
           "ab=/3\n"
           "400000-500000 $ab$a\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x0 /1b/1  \n"
     "2: 0xa/0xb/0x0   \n"},
    {"a prefix of a log",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "I0101 12:00:00 1 f.cc:12] 400000-500000 r-xp 0 08:01 7 /bin/app\n"
           "f:1]500000-600000 /no\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x500000/0x0 /bin/app  \n"},
    {"halves are joined",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "400000-410000 r-xp 00001000 08:01 7 /bin/app\n"
           "410000-420000 r-xp 00011000 08:01 7 /bin/app\n"
           "420000-430000 r-xp 00011000 08:01 7 /bin/app\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x420000/0x1000 /bin/app  \n"
     "2: 0x420000/0x430000/0x11000 /bin/app  \n"},
    {"the main binary comes first",
     BYTES("--- contention:\n"
           "1 1 @ 0x61\n"
           "--- Memory map: ---\n"
           "10-20 /lib/a.so\n"
           "20-30 /lib/a.so.6\n"
           "30-40 /lib/b.so_1 \n"
           "50-60 [vdso]\n"
           "60-70 /bin/app(deleted)\n"
           "70-80 /bin/other\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x60 M=1 \n"
     "Mappings\n"
     "1: 0x60/0x70/0x0 /bin/app(deleted)  \n"
     "2: 0x20/0x30/0x0 /lib/a.so.6  \n"
     "3: 0x30/0x40/0x0 /lib/b.so_1  \n"
     "4: 0x50/0x60/0x0 [vdso]  \n"
     "5: 0x10/0x20/0x0 /lib/a.so  \n"
     "6: 0x70/0x80/0x0 /bin/other  \n"},
    {"huge pages before the binary",
     BYTES("--- contention:\n"
           "1 1 @ 0x500010 0x400010\n"
           "--- Memory map: ---\n"
           "400000-500000 /anon_hugepage\n"
           "500000-600000 r-xp 00100000 00:00 0 /bin/app\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 2 \n"
     "Locations\n"
     "     1: 0x50000f M=1 \n"
     "     2: 0x40000f M=1 \n"
     "Mappings\n"
     "1: 0x400000/0x600000/0x0 /bin/app  \n"},
    {"the usual start",
     BYTES("--- contention:\n"
           "1 1 @ 0x500010 0x400010 0x3fffff\n"
           "--- Memory map: ---\n"
           "500000-600000 r-xp 00100000 00:00 0 /bin/app\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 2 3 \n"
     "Locations\n"
     "     1: 0x50000f M=1 \n"
     "     2: 0x40000f M=1 \n"
     "     3: 0x3ffffe M=2 \n"
     "Mappings\n"
     "1: 0x400000/0x600000/0x0 /bin/app  \n"
     "2: 0x0/0xffffffffffffffff/0x0   \n"},
    {"a start that is too late is moved, once; the rest is in none",
     BYTES("--- contention:\n"
           "1 1 @ 0x650000 0x700001 0x550000 0x850000 0x1 0x5fffff\n"
           "--- Memory map: ---\n"
           "700000-800000 r-xp 00100000 00:00 0 /bin/a\n"
           "900000-a00000 r-xp 00400000 00:00 0 /bin/b\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 2 3 4 5 6 \n"
     "Locations\n"
     "     1: 0x64ffff M=1 \n"
     "     2: 0x700000 M=1 \n"
     "     3: 0x54ffff M=2 \n"
     "     4: 0x84ffff M=2 \n"
     "     5: 0x0 \n"
     "     6: 0x5ffffe M=2 \n"
     "Mappings\n"
     "1: 0x600000/0x800000/0x0 /bin/a  \n"
     "2: 0x500000/0xa00000/0x0 /bin/b  \n"},
    {"address 0 has no mapping, the last one has",
     BYTES("--- contention:\n"
           "1 1 @ 0x1 0x0\n"
           "--- Memory map: ---\n"
           "0-10 /bin/app\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 2 \n"
     "Locations\n"
     "     1: 0x0 \n"
     "     2: 0xffffffffffffffff M=2 \n"
     "Mappings\n"
     "1: 0x0/0x10/0x0 /bin/app  \n"
     "2: 0x0/0xffffffffffffffff/0x0   \n"},
    {"numbers of more than 64 bits",
     BYTES("--- contention:\n"
           "1 1 @ 0x400101\n"
           "--- Memory map: ---\n"
           "10000000000000000-20000000000000000 /bin/app\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x400100 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
    {"no map",
     BYTES("--- contention:\n"
           "1 1 @ 0x5\n"
           "--- Memory map: ---\n"),
     "PeriodType: contentions count\n"
     "Period: 1\n"
     "Samples:\n"
     "contentions/count delay/nanoseconds\n"
     "          1          1: 1 \n"
     "Locations\n"
     "     1: 0x4 M=1 \n"
     "Mappings\n"
     "1: 0x0/0xffffffffffffffff/0x0   \n"},
};

static void decodes_as_the_reference(void **state) {
    (void)state;
    CHECK_DECODE(cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(decodes_as_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
