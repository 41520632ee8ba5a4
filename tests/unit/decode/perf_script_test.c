/* The text of perf script. */
#include "decode_text.h"

static bool has(struct pp_str text, const char *part) {
    return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

static void check_has(struct pp_str text, const char *part) {
    if (!has(text, part)) fail_msg("%.*s\n-- lacks\n%s", (int)text.len, text.data, part);
}

/* Names with blanks, a command that is hexadecimal, samples with and without chains. */
static void test_script(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_profile p;
    const struct pp_str text = PP_STR(
        "# captured on: a day\n"
        "\n"
        "web server 42/43 [001]  6917.188160:    1001 cpu-clock: \n"
        "\t            5010 ns::f(int, char)+0x1f (/bin/web server)\n"
        "\t            5020 main (/bin/web server)\n"
        "\t            5030 (anonymous namespace)::g(int) (/bin/web server)\n"
        "\t            5040 non-virtual thunk to A::h() (/bin/web server)\n"
        "\n"
        "  cafe 7  6917.188170:    cycles:u: \r\n"
        "\tffffffff81000100 [unknown] ([kernel.kallsyms])\n"
        "\n"
        "   cafe 7  6917.188175:  3 cycles:u: \n"
        "\t            6010 ns::f(int, char)+0x1f (/ (deleted))\n"
        "\t            6020 h (/opt/a (1)/lib.so (deleted))\n"
        "\t            6030 k (/opt/a)b)\n"
        "\n"
        "   cafe 7  6917.188180:  5 cycles:u:  5010 ns::f(int, char)+0x1f (/bin/web server)\n"
        "   cafe 7  6917.188180:  5 cycles:u:  5010 ns::f(int, char)+0x1f (/bin/web server)");
    struct pp_str raw = decode_raw(text, &arena, &p);
    check_has(
        raw, "\nsamples/count cpu-clock_sample/count cpu-clock_event/count cycles:u_sample/count ");
    check_has(raw, "          1          1       1001          0          0: 1 2 3 4 \n"
                   "                comm:[web server]\n                pid:[42] tid:[43]\n");
    check_has(raw, "          0          0          0          1          1: 5 \n");
    check_has(raw, "          0          0          0          1          3: 6 7 8 \n");
    check_has(raw, "          0          0          0          2         10: 1 \n");
    check_has(raw, "     1: 0x5010 M=1 ns::f(int, char) ");
    check_has(raw, "     2: 0x5020 M=1 main ");
    check_has(raw, "     3: 0x5030 M=1 (anonymous namespace)::g(int) ");
    check_has(raw, "     4: 0x5040 M=1 non-virtual thunk to A::h() ");
    check_has(raw, "     5: 0xffffffff81000100 M=2 \n");
    check_has(raw, "     6: 0x6010 M=3 ns::f(int, char) ");
    check_has(raw, "     7: 0x6020 M=4 h ");
    check_has(raw, "     8: 0x6030 M=5 k ");
    check_has(raw, "/ (deleted) ");
    check_has(raw, "/opt/a (1)/lib.so (deleted) ");
    pp_arena_done(&arena);
}

/* Events of several kinds, whose lines say more behind them; threads that have gone. */
static void test_events(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_profile p;
    const struct pp_str text = PP_STR(
        "perf 28509 [000]  2930.907612: sched:sched_switch: prev_comm=perf prev_pid=28509 ==> "
        "next_comm=CPU 0/KVM next_pid=18\n"
        "\tffffffff821f8b58 __schedule+0x618 ([kernel.kallsyms])\n"
        "\n"
        ":-1    -1 [000]  2930.931590:     250000          cpu-clock: \n"
        "\tffffffff821f8b58 __schedule+0x618 ([kernel.kallsyms])\n"
        "\n"
        ":-1    -1/-1 [000]  2930.931591: sched:sched_switch: prev_comm=a prev_pid=7\n"
        "\tffffffff821f8b58 __schedule+0x618 ([kernel.kallsyms])\n"
        "\n"
        "perf 28509 [000]  2930.907612:     250000          cpu-clock: \n"
        "\tffffffff821f8b58 __schedule+0x618 ([kernel.kallsyms])\n"
        "\n");
    struct pp_str raw = decode_raw(text, &arena, &p);
    check_has(raw, "\nsamples/count sched:sched_switch_sample/count sched:sched_switch_event/count "
                   "cpu-clock_sample/count cpu-clock_event/count\n");
    check_has(raw, "          1          1          1          1     250000: 1 \n"
                   "                comm:[perf]\n                tid:[28509]\n"
                   "          1          1          1          1     250000: 1 \n"
                   "Locations\n");
    pp_arena_done(&arena);
}

/* Fields that -F adds or leaves out, and records beside the samples. */
static void test_fields(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_profile p;
    const struct pp_str text =
        PP_STR("swapper     0     0.000000: PERF_RECORD_MMAP -1/0: [0xff(0x1) @ 0xff]: x _text\n"
               "shop 42 2930.907600: PERF_RECORD_COMM exec: shop:42/42\n"
               "shop 42 U     2930.907612:     1001 cycles: \n"
               "\t            5010 f (/bin/shop)\n"
               "shop 42 2930.907613: PERF_RECORD_EXIT(42:42):(42:42)\n"
               "\n"
               "shop 42 [001] Kg   2930.907612:     1001 cycles: \n"
               "\t            5010 f (/bin/shop)\n"
               "\n"
               "shop 42       1001 cycles: \n"
               "\t            5010 f (/bin/shop)\n"
               "\n"
               "shop 42 [001]       1001 cycles: \n"
               "\t            5010 f (/bin/shop)\n"
               "\n"
               "shop 42      3 cycles: \n"
               "\t            5010 f (/bin/shop)\n");
    struct pp_str raw = decode_raw(text, &arena, &p);
    check_has(raw, "\nsamples/count cycles_sample/count cycles_event/count\n"
                   "          4          4       4004: 1 \n"
                   "                comm:[shop]\n"
                   "                tid:[42]\n"
                   "          1          1          1: 1 \n"
                   "                comm:[shop 42]\n"
                   "                tid:[3]\n");
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_script),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
