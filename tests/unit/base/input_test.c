#include "base/input.h"

#include "base/gzip.h"
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Bytes that don't compress well. */
static struct pp_str noise(size_t n) {
    char *bytes = malloc(n + 1);
    uint64_t x = 88172645463325252U;
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes[i] = (char)(x >> 32);
    }
    bytes[n] = 0;
    return (struct pp_str){bytes, n};
}

static void put_member(struct out *o, struct pp_str bytes) {
    struct gzip *gz = gzip_open(o, GZIP_SMALL);
    gzip_write(gz, bytes);
    gzip_close(gz);
}

/* What reading the bytes from memory gives; the error's text when it fails. */
static struct pp_error read_memory(struct pp_str bytes, struct pp_str want) {
    struct input in;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, bytes, NULL, &err));
    struct pp_str all = input_all(&in);
    if (input_finish(&in, &err)) assert_str_bytes(all, want.data, want.len);
    input_close(&in);
    return err;
}

static void reads_plain_bytes(void **state) {
    (void)state;
    assert_int_equal(read_memory(PP_STR("plain\0text"), PP_STR("plain\0text")).code, PP_E_NONE);
    assert_int_equal(read_memory(PP_STR(""), PP_STR("")).code, PP_E_NONE);
    assert_int_equal(read_memory(PP_STR("\x1f"), PP_STR("\x1f")).code, PP_E_NONE);
    struct pp_str large = noise(1000000);
    assert_int_equal(read_memory(large, large).code, PP_E_NONE);
    free((char *)large.data);
}

static void joins_members(void **state) {
    (void)state;
    struct pp_str bytes = noise(300000);
    struct out o;
    out_open_memory(&o);
    put_member(&o, pp_str_slice(bytes, 0, 1));
    put_member(&o, PP_STR(""));
    put_member(&o, pp_str_slice(bytes, 1, 300000));
    assert_int_equal(read_memory(out_text(&o), bytes).code, PP_E_NONE);
    out_close(&o, NULL);
    free((char *)bytes.data);
}

/* What their end says of the length holds for the last one alone. */
static void joins_small_members(void **state) {
    (void)state;
    struct pp_str bytes = noise(6000);
    static const size_t lengths[] = {0, 1, 3000, 5999, 6000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct out o;
        out_open_memory(&o);
        put_member(&o, pp_str_slice(bytes, 0, lengths[i]));
        put_member(&o, pp_str_slice(bytes, lengths[i], 6000));
        assert_int_equal(read_memory(out_text(&o), bytes).code, PP_E_NONE);
        out_close(&o, NULL);
    }
    free((char *)bytes.data);
}

static void refuses_damage(void **state) {
    (void)state;
    struct out o;
    out_open_memory(&o);
    put_member(&o, PP_STR("some text that is long enough to be damaged"));
    size_t whole = out_text(&o).len;
    for (size_t cut = 2; cut < whole; cut++) {
        struct pp_error err = read_memory(pp_str_slice(out_text(&o), 0, cut), PP_STR(""));
        assert_int_equal(err.code, PP_E_FORMAT);
    }
    o.buffer[whole - 6] ^= 1; /* the checksum */
    assert_int_equal(read_memory(out_text(&o), PP_STR("")).code, PP_E_FORMAT);
    o.buffer[whole - 6] ^= 1;
    out_char(&o, 0);
    assert_int_equal(read_memory(out_text(&o), PP_STR("")).code, PP_E_FORMAT);
    out_text0(&o, "garbage");
    assert_int_equal(read_memory(out_text(&o), PP_STR("")).code, PP_E_FORMAT);
    out_close(&o, NULL);
}

/* Sources of this size go through the faster library, where there is one. */
static void refuses_damage_in_large_sources(void **state) {
    (void)state;
    struct pp_str bytes = noise(2000000);
    struct out o;
    out_open_memory(&o);
    put_member(&o, bytes);
    size_t whole = out_text(&o).len;
    assert_true(whole > 1 << 20);
    assert_int_equal(read_memory(out_text(&o), bytes).code, PP_E_NONE);
    for (size_t cut = 1; cut < 30; cut++) {
        struct pp_str most = pp_str_slice(out_text(&o), 0, whole - cut);
        assert_int_equal(read_memory(most, PP_STR("")).code, PP_E_FORMAT);
    }
    const size_t places[] = {2, whole / 2, whole - 1, whole - 5, whole - 9};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        o.buffer[places[i]] ^= 0x40;
        assert_int_equal(read_memory(out_text(&o), PP_STR("")).code, PP_E_FORMAT);
        o.buffer[places[i]] ^= 0x40;
    }
    out_char(&o, 0);
    assert_int_equal(read_memory(out_text(&o), PP_STR("")).code, PP_E_FORMAT);
    out_text0(&o, "garbage");
    assert_int_equal(read_memory(out_text(&o), PP_STR("")).code, PP_E_FORMAT);
    out_close(&o, NULL);
    free((char *)bytes.data);
}

/* The bytes as one member with so long a name in its header that it is `len` bytes long. */
static void put_member_of_length(struct out *o, struct pp_str bytes, size_t len) {
    enum { HEADER = 10, FLAGS = 3, NAME = 8 };
    struct out plain;
    out_open_memory(&plain);
    put_member(&plain, bytes);
    struct pp_str text = out_text(&plain);
    assert_true(text.len < len);
    plain.buffer[FLAGS] = NAME;
    out_str(o, pp_str_slice(text, 0, HEADER));
    for (size_t n = text.len + 1; n < len; n++)
        out_char(o, 'n');
    out_char(o, 0);
    out_str(o, pp_str_slice(text, HEADER, text.len));
    out_close(&plain, NULL);
}

/* A member without bytes: the header, its checksum, the rest. */
static const struct pp_str with_checksum = {"\x1f\x8b\x08\x02\0\0\0\0\0\xff\x90\xc9"
                                            "\x03\0\0\0\0\0\0\0\0\0",
                                            22};

/* One of the libraries does not look at it. */
static void looks_at_the_checksum_of_a_header(void **state) {
    (void)state;
    char wrong[22];
    assert_int_equal(read_memory(with_checksum, PP_STR("")).code, PP_E_NONE);
    memcpy(wrong, with_checksum.data, sizeof wrong);
    wrong[10] ^= 1;
    struct pp_error err = read_memory((struct pp_str){wrong, sizeof wrong}, PP_STR(""));
    assert_int_equal(err.code, PP_E_FORMAT);
    assert_non_null(strstr(err.text, "header crc mismatch"));
}

/* A later member's header, with its own checksum, is cut by the end of a piece that is read. */
static void reads_a_later_header_in_pieces(void **state) {
    (void)state;
    enum { PIECE = 256 << 10 };
    struct pp_str bytes = noise(2000000);
    for (size_t cut = 1; cut < 12; cut++) {
        struct out o;
        out_open_memory(&o);
        put_member_of_length(&o, bytes, 8 * PIECE - cut);
        out_str(&o, with_checksum);
        assert_int_equal(read_memory(out_text(&o), bytes).code, PP_E_NONE);
        out_close(&o, NULL);
    }
    free((char *)bytes.data);
}

/* A file, removed at once; its descriptor. */
static int file_of(struct pp_str bytes) {
    char name[] = "/tmp/cpprof-input-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.data + at, bytes.len - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Large gzip input is inflated by a thread of its own, behind the reader's back. */
static void follows_a_thread(void **state) {
    (void)state;
    struct pp_str bytes = noise(6000000);
    struct out o;
    out_open_memory(&o);
    put_member(&o, pp_str_slice(bytes, 0, 5000000));
    put_member(&o, pp_str_slice(bytes, 5000000, 6000000));
    struct input in;
    struct pp_error err;
    assert_true(input_open_fd(&in, file_of(out_text(&o)), NULL, &err));
    const char *start = in.data;
    for (size_t at = 0; at < bytes.len; at += 99991) {
        assert_true(input_need(&in, at + 1));
        assert_int_equal(in.data[at], bytes.data[at]);
    }
    assert_true(input_need(&in, bytes.len));
    assert_false(input_need(&in, bytes.len + 1));
    assert_true(input_finish(&in, &err));
    assert_ptr_equal(start, in.data);
    assert_str_bytes(input_all(&in), bytes.data, bytes.len);
    input_close(&in);

    assert_true(input_open_fd(&in, file_of(out_text(&o)), NULL, &err)); /* given up early */
    assert_true(input_need(&in, 10));
    input_close(&in);

    struct pp_str cut = pp_str_slice(out_text(&o), 0, 4000000);
    assert_true(input_open_fd(&in, file_of(cut), NULL, &err));
    assert_true(input_need(&in, 1000));
    assert_false(input_finish(&in, &err));
    assert_int_equal(err.code, PP_E_FORMAT);
    input_close(&in);
    out_close(&o, NULL);
    free((char *)bytes.data);
}

static void follow(bool mapped) {
    struct pp_str bytes = noise(6012345);
    struct input in;
    struct pp_error err;
    assert_true(input_open_fd(&in, file_of(bytes), NULL, &err));
    input_need(&in, 100);
    const char *start = in.data;
    if (mapped) assert_true(input_map(&in));
    assert_true(mapped ? in.done : in.avail < 2000000);
    for (size_t at = 0; at < bytes.len; at += 99991) {
        assert_true(input_need(&in, at + 1));
        assert_int_equal(in.data[at], bytes.data[at]);
        if (mapped) input_release(&in, at);
    }
    assert_true(input_need(&in, bytes.len));
    assert_false(input_map(&in)); /* too late */
    assert_false(input_need(&in, bytes.len + 1));
    assert_true(input_finish(&in, &err));
    assert_ptr_equal(start, in.data);
    assert_str_bytes(input_all(&in), bytes.data, bytes.len);
    input_close(&in);
    free((char *)bytes.data);
}

/* A mapped file stays where it is, and is all there at once. */
static void follows_a_mapped_file(void **state) {
    (void)state;
    follow(true);
}

static void follows_a_plain_file(void **state) {
    (void)state;
    follow(false);
}

static void stops_at_a_limit(void **state) {
    (void)state;
    char *zeros = calloc(1, 8 << 20);
    struct out o;
    out_open_memory(&o);
    put_member(&o, (struct pp_str){zeros, 8 << 20});
    struct pp_limits limits = {.max_bytes = 1 << 20};
    struct input in;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, out_text(&o), &limits, &err));
    assert_false(input_need(&in, 2 << 20));
    assert_false(input_finish(&in, &err));
    assert_int_equal(err.code, PP_E_LIMIT);
    input_close(&in);
    assert_true(input_open_memory(&in, (struct pp_str){zeros, 8 << 20}, &limits, &err));
    assert_false(input_finish(&in, &err));
    assert_int_equal(err.code, PP_E_LIMIT);
    input_close(&in);
    limits.max_bytes = 8 << 20;
    assert_true(input_open_memory(&in, out_text(&o), &limits, &err));
    assert_true(input_need(&in, 8 << 20));
    input_close(&in);
    out_close(&o, NULL);
    free(zeros);
}

static void gives_memory_back(void **state) {
    (void)state;
    struct pp_str bytes = noise(20 << 20);
    struct input in;
    struct pp_error err;
    assert_true(input_open_memory(&in, bytes, NULL, &err));
    assert_true(input_need(&in, (17 << 20) + 1));
    assert_false(input_release(&in, 1000));
    assert_true(input_release(&in, 17 << 20));
    assert_int_equal(in.data[0], 0);
    assert_int_equal(in.data[17 << 20], bytes.data[17 << 20]);
    assert_true(input_finish(&in, &err));
    assert_int_equal(input_all(&in).len, bytes.len);
    input_close(&in);
    free((char *)bytes.data);
}

static void refuses_what_is_no_file(void **state) {
    (void)state;
    struct input in;
    struct pp_error err = {0};
    assert_false(input_open_file(&in, "/nonexistent/file", NULL, &err));
    assert_int_equal(err.code, PP_E_IO);
    assert_false(input_open_file(&in, "/tmp", NULL, &err));
    assert_non_null(strstr(err.text, "directory"));
    int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
    assert_true(input_open_fd(&in, fd, NULL, &err)); /* a descriptor that can't be read */
    assert_false(input_finish(&in, &err));
    assert_int_equal(err.code, PP_E_IO);
    input_close(&in);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_bytes),
        cmocka_unit_test(joins_members),
        cmocka_unit_test(joins_small_members),
        cmocka_unit_test(refuses_damage),
        cmocka_unit_test(refuses_damage_in_large_sources),
        cmocka_unit_test(looks_at_the_checksum_of_a_header),
        cmocka_unit_test(reads_a_later_header_in_pieces),
        cmocka_unit_test(follows_a_thread),
        cmocka_unit_test(follows_a_mapped_file),
        cmocka_unit_test(follows_a_plain_file),
        cmocka_unit_test(stops_at_a_limit),
        cmocka_unit_test(gives_memory_back),
        cmocka_unit_test(refuses_what_is_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
