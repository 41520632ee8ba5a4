/* perf record --all-cgroups: a record tells the path of a number, and samples have the number. */
#include "decode_text.h"
#include "perf_writer.h"

enum { SHOP = 70 };

static void put_trailer(struct perf_writer *w, uint64_t time) {
    put32(w, SHOP);
    put32(w, SHOP);
    put64(w, time);
    end_record(w);
}

static void put_cgroup(struct perf_writer *w, uint64_t id, const char *path, uint64_t time) {
    begin_record(w, PERF_CGROUP, 0);
    put64(w, id);
    put_name(w, path);
    put_trailer(w, time);
}

static void put_sample(struct perf_writer *w, uint64_t ip, uint64_t time, uint64_t cgroup) {
    begin_record(w, PERF_SAMPLE, MODE_USER);
    put64(w, ip);
    put32(w, SHOP);
    put32(w, SHOP);
    put64(w, time);
    put64(w, 1000);
    put64(w, cgroup);
    end_record(w);
}

static bool has(struct pp_str text, const char *part) {
    return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

static void cgroups_are_labels(void **state) {
    static struct perf_writer w;
    struct pp_arena arena = {0};
    struct pp_profile p;
    const struct writer_attr attr = {.type = 1,
                                     .period = 1000,
                                     .sample_type = SAMPLE_IP | SAMPLE_TID | SAMPLE_TIME |
                                                    SAMPLE_PERIOD | SAMPLE_CGROUP,
                                     .flags = ATTR_SAMPLE_ID_ALL};
    (void)state;
    put_bytes(&w, "PERFILE2", 8);
    put64(&w, 16);
    begin_record(&w, PERF_HEADER_ATTR, 0);
    put_attr(&w, &attr);
    end_record(&w);
    put_cgroup(&w, 4711, "/system.slice/shop.service", 1);
    put_cgroup(&w, 12, "/", 2);
    put_sample(&w, 0x5010, 10, 4711);
    put_sample(&w, 0x5020, 11, 12);
    put_sample(&w, 0x5030, 12, 99); /* one that no record tells of */
    struct pp_str text = decode_raw((struct pp_str){w.bytes, w.len}, &arena, &p);
    assert_true(has(text, ": 1 \n                cgroup:[/system.slice/shop.service] exec"));
    assert_true(has(text, ": 2 \n                cgroup:[/] exec"));
    assert_true(has(text, ": 3 \n                execution_mode:[user]"));
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cgroups_are_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
