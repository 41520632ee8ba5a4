/* Recordings of perf: what their records mean, in every frame that perf has for them. */
#include "decode_text.h"
#include "jitdump_writer.h"

#include <zstd.h>

enum { SHOP = 70, CHILD = 71 };

static const struct writer_attr plain = {.type = 1,
                                         .config = 0,
                                         .period = 1000,
                                         .sample_type = SAMPLE_IP | SAMPLE_TID | SAMPLE_TIME |
                                                        SAMPLE_PERIOD | SAMPLE_CALLCHAIN,
                                         .flags = ATTR_SAMPLE_ID_ALL};

static void put_trailer(struct perf_writer *w, uint32_t pid, uint64_t time) {
    put32(w, pid);
    put32(w, pid);
    put64(w, time);
    end_record(w);
}

static void put_comm(struct perf_writer *w, uint16_t misc, uint32_t pid, const char *comm,
                     uint64_t time) {
    begin_record(w, PERF_COMM, misc);
    put32(w, pid);
    put32(w, pid);
    put_name(w, comm);
    put_trailer(w, pid, time);
}

static void put_mmap(struct perf_writer *w, uint16_t misc, uint32_t pid, uint64_t start,
                     uint64_t len, uint64_t offset, const char *file, uint64_t time) {
    begin_record(w, PERF_MMAP, misc);
    put32(w, pid);
    put32(w, pid);
    put64(w, start);
    put64(w, len);
    put64(w, offset);
    put_name(w, file);
    put_trailer(w, pid, time);
}

static void put_fork(struct perf_writer *w, uint32_t pid, uint32_t parent, uint64_t time) {
    begin_record(w, PERF_FORK, 0);
    put32(w, pid);
    put32(w, parent);
    put32(w, pid);
    put32(w, parent);
    put64(w, time);
    put_trailer(w, pid, time);
}

static void put_sample(struct perf_writer *w, uint16_t mode, uint32_t pid, uint64_t time,
                       uint64_t period, const uint64_t *chain, uint64_t n) {
    begin_record(w, PERF_SAMPLE, mode);
    put64(w, chain[1]);
    put32(w, pid);
    put32(w, pid);
    put64(w, time);
    put64(w, period);
    put64(w, n);
    for (uint64_t i = 0; i < n; i++)
        put64(w, chain[i]);
    end_record(w);
}

#define SAMPLE(w, mode, pid, time, period, ...)                                                    \
    put_sample(w, mode, pid, time, period, (const uint64_t[]){__VA_ARGS__},                        \
               sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

/* A program, its child at other addresses, and samples that come before what they need. */
static void put_records(struct perf_writer *w) {
    const uint64_t user = PERF_CONTEXT(512), kernel = PERF_CONTEXT(128);
    put_mmap(w, MODE_KERNEL, UINT32_MAX, 0xffffffff81000000, 0x1000000, 0xffffffff81000000,
             "[kernel.kallsyms]_text", 0);
    SAMPLE(w, MODE_USER, SHOP, 30, 1000, user, 0x5010, 0x5021);
    SAMPLE(w, MODE_KERNEL, SHOP, 31, 1000, kernel, 0xffffffff81000100, 0xffffffff81000200, user,
           0x5030, 0x5021);
    put_comm(w, MISC_COMM_EXEC, SHOP, "shop", 10);
    put_mmap(w, MODE_USER, SHOP, 0x5000, 0x1000, 0x2000, "/bin/shop", 11);
    begin_record(w, PERF_FINISHED_ROUND, 0);
    end_record(w);
    put_fork(w, CHILD, SHOP, 40);
    put_mmap(w, MODE_USER, CHILD, 0x9000, 0x1000, 0x2000, "/bin/shop", 41);
    SAMPLE(w, MODE_USER, CHILD, 42, 1000, user, 0x9010, 0x9021);
    SAMPLE(w, MODE_USER, SHOP, 43, 1000, user, 0x5010, 0x5021);
    SAMPLE(w, MODE_USER, SHOP, 44, 500, user, 0x7777);
    begin_record(w, PERF_FINISHED_ROUND, 0);
    end_record(w);
}

static void begin_file(struct perf_writer *w) {
    put_bytes(w, w->swap ? "2ELIFREP" : "PERFILE2", 8);
    put64(w, 104);
    put64(w, WRITER_ATTR + 16);
    put64(w, 104);
    put64(w, WRITER_ATTR + 16);
    put64(w, 104 + WRITER_ATTR + 16);
    put64(w, 0); /* how many bytes the records are */
    put64(w, 0);
    put64(w, 0);
    put64(w, UINT64_C(1) << FEATURE_VERSION | UINT64_C(1) << FEATURE_CMDLINE |
                 UINT64_C(1) << FEATURE_HOSTNAME);
    for (int i = 0; i < 3; i++)
        put64(w, 0);
    put_attr(w, &plain);
    put64(w, 0);
    put64(w, 0);
}

static void end_file(struct perf_writer *w) {
    size_t data = 104 + WRITER_ATTR + 16, table = w->len;
    set64(w, 48, w->len - data);
    for (int i = 0; i < 6; i++)
        put64(w, 0);
    size_t starts[4];
    starts[0] = w->len;
    put_text(w, "host");
    starts[1] = w->len;
    put_text(w, "6.1");
    starts[2] = w->len;
    put32(w, 2);
    put_text(w, "perf");
    put_text(w, "record");
    starts[3] = w->len;
    for (size_t i = 0; i < 3; i++) {
        set64(w, table + 16 * i, starts[i]);
        set64(w, table + 16 * i + 8, starts[i + 1] - starts[i]);
    }
}

static void write_file(struct perf_writer *w, bool swap) {
    *w = (struct perf_writer){.swap = swap};
    begin_file(w);
    put_records(w);
    end_file(w);
}

static void begin_pipe_of(struct perf_writer *w, const struct writer_attr *attr) {
    *w = (struct perf_writer){.swap = w->swap};
    put_bytes(w, w->swap ? "2ELIFREP" : "PERFILE2", 8);
    put64(w, 16);
    begin_record(w, PERF_HEADER_ATTR, 0);
    put_attr(w, attr);
    end_record(w);
}

static void begin_pipe(struct perf_writer *w) {
    begin_pipe_of(w, &plain);
}

static struct pp_str text_of(const struct perf_writer *w, struct pp_arena *arena) {
    struct pp_profile p;
    return decode_raw((struct pp_str){w->bytes, w->len}, arena, &p);
}

static bool has(struct pp_str text, const char *part) {
    return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

static void check_has(struct pp_str text, const char *part) {
    if (!has(text, part)) fail_msg("%.*s\n-- lacks\n%s", (int)text.len, text.data, part);
}

/* What all frames have in common: the counts, the stacks, the mappings. */
static void check_records(struct pp_str text) {
    check_has(text, "Period: 1000\n");
    check_has(text, "\nsamples/count cpu-clock_sample/count cpu-clock_event/count\n");
    check_has(text, "          2          2       2000: 1 2 \n");
    check_has(text, "          1          1       1000: 3 4 5 2 \n");
    check_has(text, "          1          1       1000: 1 2 \n");
    check_has(text, "          1          1        500: 6 \n");
    check_has(text, "     1: 0x5010 M=1 \n     2: 0x5020 M=1 \n");
    check_has(text, "     3: 0xffffffff81000100 M=2 \n     4: 0xffffffff810001ff M=2 \n");
    check_has(text, "     5: 0x5030 M=1 \n");
    check_has(text, "1: 0x5000/0x6000/0x2000 /bin/shop ");
    check_has(text, "pid:[71]");
    check_has(text, "comm:[shop]");
    check_has(text, "execution_mode:[kernel]");
}

static void test_files_of_both_orders(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w, other;
    write_file(&w, false);
    write_file(&other, true);
    struct pp_str text = text_of(&w, &arena), turned = text_of(&other, &arena);
    check_records(text);
    check_has(text, "perf-version:6.1");
    check_has(text, "perf-command:perf record");
    assert_true(pp_str_eq(text, turned));
    pp_arena_done(&arena);
}

static void test_pipe(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    for (int swap = 0; swap < 2; swap++) {
        w = (struct perf_writer){.swap = swap};
        begin_pipe(&w);
        put_records(&w);
        check_records(text_of(&w, &arena));
    }
    pp_arena_done(&arena);
}

/* Records that are cut anywhere and packed one piece after the other. */
static void pack(struct perf_writer *w, const struct perf_writer *records, size_t piece,
                 bool sized) {
    ZSTD_CStream *z = ZSTD_createCStream();
    ZSTD_initCStream(z, 1);
    for (size_t at = 0; at < records->len; at += piece) {
        char packed[1 << 12];
        size_t n = records->len - at < piece ? records->len - at : piece;
        ZSTD_inBuffer in = {records->bytes + at, n, 0};
        ZSTD_outBuffer out = {packed, sizeof packed, 0};
        assert_int_equal(ZSTD_compressStream2(z, &out, &in, ZSTD_e_flush), 0);
        begin_record(w, sized ? PERF_COMPRESSED2 : PERF_COMPRESSED, 0);
        if (sized) put64(w, out.pos);
        put_bytes(w, packed, out.pos);
        while (sized && w->len % 8)
            put_bytes(w, "x", 1);
        end_record(w);
    }
    ZSTD_freeCStream(z);
}

static void test_compressed(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w, records;
    records = (struct perf_writer){0};
    put_records(&records);
    for (size_t piece = 13; piece < 1000; piece *= 3)
        for (int sized = 0; sized < 2; sized++) {
            begin_pipe(&w);
            pack(&w, &records, piece, sized);
            check_records(text_of(&w, &arena));
        }
    pp_arena_done(&arena);
}

/* Whose last piece lacks its end: what it held is missed, though the record around it is whole. */
static void test_compressed_cut(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w, records;
    records = (struct perf_writer){0};
    put_records(&records);
    for (size_t pieces = 1; pieces <= 2; pieces++) {
        struct input in;
        struct pp_profile p;
        struct pp_error err = {0};
        begin_pipe(&w);
        pack(&w, &records, records.len / pieces + 1, false);
        w.len -= 5;
        end_record(&w);
        assert_true(input_open_memory(&in, (struct pp_str){w.bytes, w.len}, NULL, &err));
        bool ok = profile_decode(&in, &p, &arena, &err);
        assert_int_equal(ok, pieces == 2);
        assert_non_null(strstr(ok ? in.doubt.text : err.text, "the file is cut short"));
        input_close(&in);
    }
    pp_arena_done(&arena);
}

/* Enough samples for several threads, in no order, of two stacks; amid them another file comes
 * where the first lay. */
static void test_many_samples(void **state) {
    enum { N = 680, SPREAD = 77 };
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    begin_pipe(&w);
    put_mmap(&w, MODE_USER, SHOP, 0x5000, 0x1000, 0, "/bin/shop", 1);
    put_mmap(&w, MODE_USER, SHOP, 0x5000, 0x1000, 0, "/bin/other", 100 + N / 2);
    for (uint64_t i = 0, at = 0; i < N; i++, at = (at + SPREAD) % N)
        SAMPLE(&w, MODE_USER, SHOP, 100 + at + (at >= N / 2), 10, PERF_CONTEXT(512),
               at % 2 ? 0x5010 : 0x5020, 0x5031);
    struct pp_str text = text_of(&w, &arena);
    check_has(text, "        170        170       1700: 1 2 \n");
    check_has(text, "        170        170       1700: 3 2 \n");
    check_has(text, "        170        170       1700: 4 5 \n");
    check_has(text, "        170        170       1700: 6 5 \n");
    check_has(text, "     1: 0x5020 M=1 \n     2: 0x5030 M=1 \n     3: 0x5010 M=1 \n");
    check_has(text, "     4: 0x5020 M=2 \n     5: 0x5030 M=2 \n     6: 0x5010 M=2 \n");
    pp_arena_done(&arena);
}

static void test_lost_samples_are_counted(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    begin_pipe(&w);
    put_records(&w);
    begin_record(&w, PERF_LOST_SAMPLES, 0);
    put64(&w, 7);
    put_trailer(&w, SHOP, 50);
    struct pp_str text = text_of(&w, &arena);
    check_records(text);
    check_has(
        text,
        "          7          7       6300: 7 \n"); /* 900 is what the others have on average */
    check_has(text, "7: 0x0 [lost] ");
    pp_arena_done(&arena);
}

/* Whatever is missing or wrong, there is an answer. */
static void test_broken(void **state) {
    (void)state;
    static struct perf_writer w;
    write_file(&w, false);
    char *copy = pp_malloc(w.len);
    for (size_t cut = 0; cut < w.len; cut++)
        for (int what = 0; what < 3; what++) {
            struct pp_arena arena = {0};
            struct pp_profile p;
            memcpy(copy, w.bytes, w.len);
            if (what) copy[cut] = (char)(what == 1 ? 0xff : copy[cut] ^ 1);
            decode_raw((struct pp_str){copy, what ? w.len : cut}, &arena, &p);
            pp_arena_done(&arena);
        }
    pp_free(copy);
}

static void test_a_record_without_a_size_ends_it(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    begin_pipe(&w);
    put64(&w, 0);
    assert_true(has(text_of(&w, &arena), "error: malformed input"));
    begin_pipe(&w);
    put_records(&w);
    put64(&w, 0);
    SAMPLE(&w, MODE_USER, SHOP, 60, 1000, PERF_CONTEXT(512), 0x5010, 0x5021);
    check_records(text_of(&w, &arena));
    pp_arena_done(&arena);
}

/* ---- what else processors and kernels write ---- */

/* A sample with the calls that the processor kept: in the program, and in the kernel with and
 * without the program's own address in its chain. */
static void put_calls(struct perf_writer *w, uint16_t mode, uint64_t time, const uint64_t *chain,
                      uint64_t n) {
    const uint64_t calls[] = {0x5100, 0x5200, 0, 0x5300, 0x5100, 0};
    begin_record(w, PERF_SAMPLE, mode);
    put64(w, chain[1]);
    put32(w, SHOP);
    put32(w, SHOP);
    put64(w, time);
    put64(w, 1);
    put64(w, n);
    for (uint64_t i = 0; i < n; i++)
        put64(w, chain[i]);
    put64(w, 2);
    for (size_t i = 0; i < 6; i++)
        put64(w, calls[i]);
    end_record(w);
}

static void test_kept_calls(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    const uint64_t user = PERF_CONTEXT(512), kernel = PERF_CONTEXT(128);
    const uint64_t in_program[] = {user, 0x5210, 0x5999}, in_kernel[] = {kernel, 0x9000, 0x9011},
                   from_program[] = {kernel, 0x9000, user, 0x5220, 0x5999};
    struct writer_attr attr = plain;
    attr.sample_type |= SAMPLE_BRANCH_STACK;
    attr.branch_type = BRANCH_CALL_STACK;
    begin_pipe_of(&w, &attr);
    put_calls(&w, MODE_USER, 1, in_program, 3);
    put_calls(&w, MODE_KERNEL, 2, in_kernel, 3);
    put_calls(&w, MODE_KERNEL, 3, from_program, 5);
    struct pp_str text = text_of(&w, &arena);
    check_has(text, "          1          1          1: 1 2 3 \n");
    check_has(text, "          1          1          1: 4 5 6 2 3 \n");
    check_has(text, "          1          1          1: 4 7 2 3 \n");
    check_has(text, "     1: 0x5210 \n     2: 0x5100 \n     3: 0x5300 \n     4: 0x9000 \n"
                    "     5: 0x9010 \n     6: 0x5200 \n     7: 0x5220 \n");
    attr.branch_type = 1 << 3; /* any branches: they are no stack */
    begin_pipe_of(&w, &attr);
    put_calls(&w, MODE_USER, 1, in_program, 3);
    check_has(text_of(&w, &arena), "     1: 0x5210 \n     2: 0x5998 \n");
    pp_arena_done(&arena);
}

/* Cores of two kinds: which one an event is of stands in its upper half. */
static void test_names_of_cores(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    w = (struct perf_writer){0};
    struct writer_attr attr = plain;
    attr.type = 0;
    attr.config = UINT64_C(8) << 32;
    begin_pipe_of(&w, &attr);
    attr.type = 3;
    attr.config = UINT64_C(4) << 32 | 1 << 16 | 2;
    begin_record(&w, PERF_HEADER_ATTR, 0);
    put_attr(&w, &attr);
    end_record(&w);
    begin_record(&w, PERF_HEADER_FEATURE, 0);
    put64(&w, FEATURE_PMU_MAPPINGS);
    put32(&w, 2);
    put32(&w, 4);
    put_text(&w, "cpu_core");
    put32(&w, 8);
    put_text(&w, "cpu_atom");
    end_record(&w);
    put_records(&w);
    struct pp_str text = text_of(&w, &arena);
    check_has(text, "samples/count cpu_atom/cycles/_sample/count cpu_atom/cycles/_event/count "
                    "cpu_core/LLC-load-misses/_sample/count");
    pp_arena_done(&arena);
}

/* What is written by a machine that nobody can unwind is read all the same, and hardware traces are
 * stepped over with what follows them. */
static void test_traces_are_skipped(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    for (int swap = 0; swap < 2; swap++) {
        w = (struct perf_writer){.swap = swap};
        begin_pipe(&w);
        begin_record(&w, PERF_TRACING_DATA, 0);
        put32(&w, 5);
        put32(&w, 0);
        end_record(&w);
        put_bytes(&w, "\xff\xff\xff\xff\xff\0\0\0", 8);
        begin_record(&w, PERF_AUXTRACE, 0);
        put64(&w, 24);
        for (int i = 0; i < 5; i++)
            put64(&w, 0);
        end_record(&w);
        for (int i = 0; i < 3; i++)
            put64(&w, UINT64_MAX);
        begin_record(&w, PERF_HEADER_FEATURE, 0);
        put64(&w, FEATURE_ARCH);
        put_text(&w, swap ? "s390x" : "armv7l");
        end_record(&w);
        put_records(&w);
        check_records(text_of(&w, &arena));
    }
    pp_arena_done(&arena);
}

/* ---- code that was made at run time ---- */

static struct perf_writer dump;

static void *open_dump(const struct named_files *f, struct pp_str path, struct pp_str *ret_bytes) {
    (void)f;
    if (!pp_str_eq(path, PP_STR("/srv/jit-70.dump"))) return NULL;
    *ret_bytes = (struct pp_str){dump.bytes, dump.len};
    return &dump;
}

static void close_dump(void *file) {
    assert_ptr_equal(file, &dump);
}

static struct pp_str text_with_dump(const struct perf_writer *w, struct pp_arena *arena) {
    static const struct named_files files = {open_dump, close_dump};
    const struct decode_host host = {.files = &files};
    struct pp_profile p;
    return decode_raw_with(&host, (struct pp_str){w->bytes, w->len}, arena, &p);
}

/* A function, another in its place, one that moves there; the memory is mapped in between. */
static void put_shop_of_code(struct perf_writer *w, const char *name_of_dump) {
    const uint64_t user = PERF_CONTEXT(512);
    begin_dump(&dump, false, 0);
    begin_lines(&dump, 20, 0x5100, 2);
    put_line(&dump, 0x5100, 3, "/srv/shop.js");
    put_line(&dump, 0x5110, 4, "/srv/shop.js");
    end_entry(&dump);
    put_load(&dump, 20, "JS:*serve /srv/shop.js:2:9", 0x5100, 0x20, 1);
    put_load(&dump, 40, "parse", 0x5100, 0x20, 2);
    put_move(&dump, 60, 0x5100, 0x5120, 0x10, 1);
    put_mmap(w, MODE_USER, SHOP, 0x8000, 0x1000, 0, name_of_dump, 1);
    put_mmap(w, MODE_USER, SHOP, 0x5000, 0x1000, 0, "//anon", 2);
    SAMPLE(w, MODE_USER, SHOP, 10, 1, user, 0x5114);
    SAMPLE(w, MODE_USER, SHOP, 30, 2, user, 0x5114);
    put_mmap(w, MODE_USER, SHOP, 0x5000, 0x1000, 0, "//anon", 31);
    SAMPLE(w, MODE_USER, SHOP, 32, 4, user, 0x5100);
    SAMPLE(w, MODE_USER, SHOP, 50, 8, user, 0x5114);
    put_fork(w, CHILD, SHOP, 55);
    SAMPLE(w, MODE_USER, SHOP, 70, 16, user, 0x5124);
    SAMPLE(w, MODE_USER, CHILD, 70, 32, user, 0x5114);
    SAMPLE(w, MODE_USER, CHILD, 71, 64, user, 0x5124);
    put_mmap(w, MODE_USER, SHOP, 0x5000, 0x1000, 0x2000, "/bin/shop", 80);
    SAMPLE(w, MODE_USER, SHOP, 81, 128, user, 0x5114);
    put_comm(w, MISC_COMM_EXEC, CHILD, "other", 90);
    SAMPLE(w, MODE_USER, CHILD, 91, 256, user, 0x5114);
}

static void test_made_code(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    struct writer_attr attr = plain;
    attr.flags |= ATTR_CLOCK;
    attr.clock = 1; /* CLOCK_MONOTONIC */
    begin_pipe_of(&w, &attr);
    put_shop_of_code(&w, "/srv/jit-70.dump");
    struct pp_str text = text_with_dump(&w, &arena);
    check_has(text, "          1          1          1: 1 \n");
    check_has(text, "     1: 0x5114 M=2 \n"); /* before it was made */
    check_has(text, "     2: 0x5114 M=3 JS:*serve /srv/shop.js:2:9 /srv/shop.js:4:0 s=2\n");
    check_has(text, "     3: 0x5100 M=3 JS:*serve /srv/shop.js:2:9 /srv/shop.js:3:0 s=2\n");
    check_has(text, "     4: 0x5114 M=3 parse :0:0 s=0\n"); /* in its place; in the child too */
    check_has(text, "     5: 0x5124 M=3 JS:*serve /srv/shop.js:2:9 /srv/shop.js:3:0 s=2\n");
    check_has(text,
              "          1          1         64: 6 \n"); /* it moved when there was a child */
    check_has(text, "     6: 0x5124 M=2 \n");
    check_has(text, "     7: 0x5114 M=1 \n"); /* a file is there now */
    check_has(text, "     8: 0x5114 \n");     /* and in the child another program */
    check_has(text, "3: 0x5100/0x5130/0x0 /srv/jit-70.dump  [FN]\n");
    pp_arena_done(&arena);
}

static void test_made_code_of_another_clock(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    static struct perf_writer w;
    begin_pipe(&w);
    put_shop_of_code(&w, "/srv/jit-70.dump");
    struct pp_str text = text_with_dump(&w, &arena);
    check_has(text, "     1: 0x5114 M=2 parse :0:0 s=0\n");
    pp_arena_done(&arena);
}

/* No name of a dump, none that may be read, none of a compiler. */
static void test_no_made_code(void **state) {
    static const char *const names[] = {"/srv/jit-7.dump", "/srv/jit-.dump", "/srv/jit-x.dump",
                                        "/srv/70.dump", "jit-70.dump"};
    (void)state;
    static struct perf_writer w;
    for (size_t i = 0; i <= sizeof names / sizeof *names; i++) {
        struct pp_arena arena = {0};
        begin_pipe(&w);
        put_shop_of_code(&w, i ? names[i - 1] : "/srv/jit-70.dump");
        if (!i) dump.bytes[0] ^= 1;
        check_has(text_with_dump(&w, &arena), "     1: 0x5114 M=2 \n");
        pp_arena_done(&arena);
    }
}

/* Who calls exec is the old program until the new one runs. */
static void test_exec(void **state) {
    struct perf_writer w = {0};
    struct pp_arena arena = {0};
    const uint64_t user = PERF_CONTEXT(512), kernel = PERF_CONTEXT(128);
    (void)state;
    begin_pipe(&w);
    put_mmap(&w, MODE_USER, SHOP, 0x5000, 0x1000, 0x2000, "/bin/shop", 11);
    put_comm(&w, MISC_COMM_EXEC, SHOP, "other", 20);
    SAMPLE(&w, MODE_KERNEL, SHOP, 21, 1000, kernel, 0xffffffff81000100, user, 0x5030);
    put_mmap(&w, MODE_USER, SHOP, 0x9000, 0x1000, 0x2000, "/bin/other", 22);
    SAMPLE(&w, MODE_KERNEL, SHOP, 23, 1000, kernel, 0xffffffff81000100, user, 0x5030);
    SAMPLE(&w, MODE_USER, SHOP, 24, 1000, user, 0x9010);
    SAMPLE(&w, MODE_KERNEL, SHOP, 25, 1000, kernel, 0xffffffff81000100, user, 0x5030);
    struct pp_str text = text_of(&w, &arena);
    check_has(text, "          2          2       2000: 1 2 \n");
    check_has(text, "          1          1       1000: 1 4 \n");
    check_has(text, "     2: 0x5030 M=2 \n");
    check_has(text, "     4: 0x5030 \n");
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exec),
        cmocka_unit_test(test_files_of_both_orders),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_compressed_cut),
        cmocka_unit_test(test_many_samples),
        cmocka_unit_test(test_lost_samples_are_counted),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_kept_calls),
        cmocka_unit_test(test_names_of_cores),
        cmocka_unit_test(test_traces_are_skipped),
        cmocka_unit_test(test_made_code),
        cmocka_unit_test(test_made_code_of_another_clock),
        cmocka_unit_test(test_no_made_code),
        cmocka_unit_test(test_a_record_without_a_size_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
