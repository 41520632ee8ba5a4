/* perf kvm: a guest's kernel has its own map, or lies anywhere in the kernels' half; its programs
 * have none. */
#include "decode_text.h"
#include "perf_writer.h"

enum { SHOP = 70 };

static void begin_pipe(struct perf_writer *w) {
    const struct writer_attr attr = {.type = 1,
                                     .period = 1000,
                                     .sample_type = SAMPLE_IP | SAMPLE_TID | SAMPLE_TIME |
                                                    SAMPLE_PERIOD | SAMPLE_CALLCHAIN,
                                     .flags = ATTR_SAMPLE_ID_ALL};
    *w = (struct perf_writer){0};
    put_bytes(w, "PERFILE2", 8);
    put64(w, 16);
    begin_record(w, PERF_HEADER_ATTR, 0);
    put_attr(w, &attr);
    end_record(w);
}

static void put_kernel(struct perf_writer *w, uint16_t mode, uint32_t pid, const char *name) {
    begin_record(w, PERF_MMAP, mode);
    put32(w, pid);
    put32(w, pid);
    put64(w, 0xffffffff81000000);
    put64(w, 0x1000000);
    put64(w, 0xffffffff81000000);
    put_name(w, name);
    put32(w, pid);
    put32(w, pid);
    put64(w, 0);
    end_record(w);
}

static void put_sample(struct perf_writer *w, uint16_t mode, uint64_t time, uint64_t mark,
                       uint64_t ip) {
    begin_record(w, PERF_SAMPLE, mode);
    put64(w, ip);
    put32(w, SHOP);
    put32(w, SHOP);
    put64(w, time);
    put64(w, 1 << time);
    put64(w, 2);
    put64(w, mark);
    put64(w, ip);
    end_record(w);
}

static void put_samples(struct perf_writer *w) {
    put_sample(w, MODE_KERNEL, 1, PERF_CONTEXT(128), 0xffffffff81000100);
    put_sample(w, MODE_GUEST_KERNEL, 2, PERF_CONTEXT(2176), 0xffffffff81000100);
    put_sample(w, MODE_GUEST_USER, 3, PERF_CONTEXT(2560), 0x5011);
    put_sample(w, MODE_GUEST_KERNEL, 4, PERF_CONTEXT(2176), 0xffffffffc0000100);
}

static void check_has(const struct perf_writer *w, const char *part) {
    struct pp_arena arena = {0};
    struct pp_profile p;
    struct pp_str text = decode_raw((struct pp_str){w->bytes, w->len}, &arena, &p);
    if (!memmem(text.data, text.len, part, strlen(part)))
        fail_msg("%.*s\n-- lacks\n%s", (int)text.len, text.data, part);
    pp_arena_done(&arena);
}

static void perf_knew_its_symbols(void **state) {
    static struct perf_writer w;
    (void)state;
    begin_pipe(&w);
    put_kernel(&w, MODE_KERNEL, UINT32_MAX, "[kernel.kallsyms]_text");
    put_kernel(&w, MODE_GUEST_KERNEL, 0, "[guest.kernel.kallsyms]");
    put_samples(&w);
    check_has(&w, "     1: 0xffffffff81000100 M=1 \n     2: 0xffffffff81000100 M=2 \n"
                  "     3: 0x5011 \n     4: 0xffffffffc0000100 \n");
    check_has(&w, " [guest.kernel.kallsyms]");
    check_has(&w, "execution_mode:[guest user]");
}

static void perf_knew_nothing(void **state) {
    static struct perf_writer w;
    (void)state;
    begin_pipe(&w);
    put_samples(&w);
    check_has(&w, "     1: 0xffffffff81000100 \n     2: 0xffffffff81000100 M=1 \n"
                  "     3: 0x5011 \n     4: 0xffffffffc0000100 M=1 \n");
    check_has(&w, "\n1: 0x8000000000000000/0xffffffffffffffff/0x8000000000000000 "
                  "[guest.kernel.kallsyms]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(perf_knew_its_symbols),
        cmocka_unit_test(perf_knew_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
