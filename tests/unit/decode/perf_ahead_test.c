/* A large recording whose records a thread frames ahead: the same comes out of it as of the same
 * bytes in memory, which are framed one piece after the other, whatever stands in them. */
#include "decode_text.h"
#include "perf_writer.h"

#include <stdlib.h>
#include <unistd.h>

enum { SAMPLES = 30000, ROUND = 1500, HEADER = 104 + WRITER_ATTR + 16 };

static const struct writer_attr plain = {.type = 1,
                                         .period = 1000,
                                         .sample_type = SAMPLE_IDENTIFIER | SAMPLE_IP | SAMPLE_TID |
                                                        SAMPLE_TIME | SAMPLE_CALLCHAIN,
                                         .flags = ATTR_SAMPLE_ID_ALL};

struct recording {
    char *bytes;
    size_t len, cap;
    struct perf_writer w;
};

static void flush(struct recording *r) {
    while (r->len + r->w.len > r->cap) {
        r->cap = r->cap * 2 + sizeof r->w.bytes;
        r->bytes = realloc(r->bytes, r->cap);
        assert_non_null(r->bytes);
    }
    memcpy(r->bytes + r->len, r->w.bytes, r->w.len);
    r->len += r->w.len;
    r->w.len = 0;
}

static void end(struct recording *r) {
    end_record(&r->w);
    flush(r);
}

static void put_head(struct recording *r) {
    struct perf_writer *w = &r->w;
    const uint64_t head[] = {104, WRITER_ATTR + 16, 104, WRITER_ATTR + 16, HEADER, 0};
    put_bytes(w, "PERFILE2", 8);
    for (size_t i = 0; i < 6; i++)
        put64(w, head[i]);
    for (size_t i = 0; i < 6; i++)
        put64(w, 0);
    put_attr(w, &plain);
    put64(w, 0);
    put64(w, 0);
    flush(r);
}

static void put_ids(struct perf_writer *w, uint32_t pid, uint64_t time) {
    put32(w, pid);
    put32(w, pid);
    put64(w, time);
}

static void put_trailer(struct perf_writer *w, uint32_t pid, uint64_t time) {
    put_ids(w, pid, time);
    put64(w, 0); /* the event */
}

static void put_map(struct recording *r, uint32_t pid, uint64_t start, uint64_t time) {
    struct perf_writer *w = &r->w;
    begin_record(w, PERF_MMAP, MODE_USER);
    put32(w, pid);
    put32(w, pid);
    put64(w, start);
    put64(w, 0x100000);
    put64(w, 0);
    put_name(w, time % 2 ? "/bin/odd" : "/bin/even");
    put_trailer(w, pid, time);
    end(r);
}

static void put_exec(struct recording *r, uint32_t pid, uint64_t time) {
    begin_record(&r->w, PERF_COMM, MISC_COMM_EXEC);
    put32(&r->w, pid);
    put32(&r->w, pid);
    put_name(&r->w, "again");
    put_trailer(&r->w, pid, time);
    end(r);
}

/* Chains of up to 12 frames, a few thousand that differ; times go up and down within a round. */
static void put_sample(struct recording *r, uint64_t i) {
    struct perf_writer *w = &r->w;
    uint64_t which = i * i % 4001, n = 2 + which % 12, time = 10 + (i ^ 7);
    uint32_t pid = (uint32_t)(1 + i % 3);
    begin_record(w, PERF_SAMPLE, MODE_USER);
    put64(w, 0);
    put64(w, 0x400000 + which);
    put_ids(w, pid, i % 997 ? time : 0);
    put64(w, n);
    put64(w, PERF_CONTEXT(512));
    for (uint64_t k = 1; k < n; k++)
        put64(w, 0x400000 + (which * k & 0xffff));
    end(r);
}

static void put_records(struct recording *r) {
    for (uint32_t pid = 1; pid < 4; pid++)
        put_map(r, pid, 0x400000, 1);
    for (uint64_t i = 0; i < SAMPLES; i++) {
        if (i % 5000 == 4000) put_exec(r, 2, 10 + i);
        if (i % 5000 == 4100) put_map(r, 2, 0x400000, 10 + i);
        put_sample(r, i);
        if (i % ROUND) continue;
        begin_record(&r->w, PERF_FINISHED_ROUND, 0);
        end(r);
    }
}

static void put_more(struct recording *r) {
    for (uint64_t i = SAMPLES; i < SAMPLES + 3000; i++)
        put_sample(r, i);
}

static void nothing(struct recording *r) {
    (void)r;
}

static void cut(struct recording *r) {
    put_more(r);
    r->len -= 13;
}

static void no_record(struct recording *r) {
    begin_record(&r->w, PERF_SAMPLE, 0);
    flush(r); /* of no bytes */
    put_more(r);
}

/* Samples of it have no call chain. */
static void another_event(struct recording *r) {
    enum { ID = 77 };
    const struct writer_attr bare = {.type = 1,
                                     .config = 1,
                                     .sample_type =
                                         SAMPLE_IDENTIFIER | SAMPLE_IP | SAMPLE_TID | SAMPLE_TIME};
    begin_record(&r->w, PERF_HEADER_ATTR, 0);
    put_attr(&r->w, &bare);
    put64(&r->w, ID);
    end(r);
    for (uint32_t i = 0; i < 1000; i++) {
        begin_record(&r->w, PERF_SAMPLE, MODE_USER);
        put64(&r->w, ID);
        put64(&r->w, 0x400000 + i);
        put_ids(&r->w, 1, 10 + SAMPLES + i);
        end(r);
    }
}

static void payload(struct recording *r) {
    char trace[1000];
    memset(trace, 9, sizeof trace); /* as records they would have ended the file */
    begin_record(&r->w, PERF_AUXTRACE, 0);
    put64(&r->w, sizeof trace);
    for (int i = 0; i < 4; i++)
        put64(&r->w, 0);
    end(r);
    put_bytes(&r->w, trace, sizeof trace);
    put_more(r);
}

static void longer_than_it_is(struct recording *r) {
    begin_record(&r->w, PERF_SAMPLE, MODE_USER);
    put64(&r->w, 0);
    put64(&r->w, 0x400000);
    put_ids(&r->w, 1, 10 + SAMPLES);
    put64(&r->w, 1000); /* frames */
    end(r);
    put_more(r);
}

static int file_of(const struct recording *r) {
    char name[] = "/tmp/cpprof-ahead-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    for (size_t at = 0; at < r->len;) {
        ssize_t n = write(fd, r->bytes + at, r->len - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* The text of -raw and what the decoder notes. */
static struct pp_str read_all(struct input *in, struct pp_arena *arena) {
    struct pp_profile p;
    struct pp_error err = {0};
    bool ok = profile_decode(in, &p, arena, &err);
    struct pp_str note = pp_arena_printf(arena, "%s; %d", in->note, (int)in->doubt.code);
    input_close(in);
    if (!ok) return pp_arena_printf(arena, "error: %s", pp_code_text(err.code));
    struct report_ctx rc = {.profile = &p, .full = &p, .arena = arena};
    struct out out;
    out_open_memory(&out);
    assert_true(raw_report.render(&rc, &out, &err));
    struct pp_str text =
        pp_arena_printf(arena, "%.*s%.*s", PP_STR_ARG(note), PP_STR_ARG(out_text(&out)));
    assert_true(out_close(&out, &err));
    return text;
}

static void same_of_file_and_memory(void **state) {
    (void)state;
    void (*const behind[])(struct recording *) = {nothing,       cut,     no_record,
                                                  another_event, payload, longer_than_it_is};
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        static struct recording r;
        struct pp_arena arena = {0};
        struct input file, memory;
        struct pp_error err = {0};
        r.len = 0;
        put_head(&r);
        put_records(&r);
        behind[i](&r);
        put64(&r.w, r.len - HEADER + (behind[i] == cut ? 13 : 0));
        memcpy(r.bytes + 48, r.w.bytes, 8);
        r.w.len = 0;
        assert_true(r.len > 2 << 20); /* else no file is mapped */
        assert_true(input_open_memory(&memory, (struct pp_str){r.bytes, r.len}, NULL, &err));
        assert_true(input_open_fd(&file, file_of(&r), NULL, &err));
        struct pp_str want = read_all(&memory, &arena), got = read_all(&file, &arena);
        assert_true(want.len > 100000);
        assert_true(pp_str_eq(got, want));
        pp_arena_done(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_of_file_and_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
