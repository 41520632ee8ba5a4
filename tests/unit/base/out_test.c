#include "base/out.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void writes_numbers(void **state) {
    (void)state;
    struct out o;
    out_open_memory(&o);
    out_i64(&o, INT64_MIN);
    out_char(&o, ' ');
    out_i64(&o, INT64_MAX);
    out_char(&o, ' ');
    out_u64(&o, UINT64_MAX);
    out_char(&o, ' ');
    out_u64(&o, 0);
    out_char(&o, ' ');
    out_hex(&o, 0);
    out_char(&o, ' ');
    out_hex(&o, UINT64_MAX);
    OUT_LIT(&o, " ");
    out_printf(&o, "%5.2f|%-4s|", 3.14159, "x");
    assert_str(out_text(&o), "-9223372036854775808 9223372036854775807 18446744073709551615 0 0x0 "
                             "0xffffffffffffffff  3.14|x   |");
    assert_true(out_close(&o, NULL));
}

static void pads_by_characters(void **state) {
    (void)state;
    struct out o;
    out_open_memory(&o);
    out_right(&o, PP_STR("ab"), 4);
    out_left(&o, PP_STR("ab"), 4);
    OUT_LIT(&o, "|");
    out_right(&o, PP_STR("\xc3\xa9"), 3); /* two bytes, one character */
    OUT_LIT(&o, "|");
    out_left(&o, PP_STR("\xff\xff"), 3); /* two broken bytes, two characters */
    OUT_LIT(&o, "|");
    out_right(&o, PP_STR("longer"), 3);
    assert_str(out_text(&o), "  abab  |  \xc3\xa9|\xff\xff |longer");
    assert_true(out_close(&o, NULL));
}

static void grows_in_memory(void **state) {
    (void)state;
    struct out o;
    out_open_memory(&o);
    char *block = calloc(1, 300000);
    memset(block, 'q', 300000);
    out_text0(&o, "start");
    out_bytes(&o, block, 300000);
    out_printf(&o, "%.*s", 1000, block);
    out_spaces(&o, 100000);
    assert_int_equal(out_text(&o).len, 5 + 300000 + 1000 + 100000);
    assert_memory_equal(out_text(&o).data, "startqqq", 8);
    assert_true(out_close(&o, NULL));
    free(block);
}

static void writes_everything_to_a_file(void **state) {
    (void)state;
    char name[] = "/tmp/cpprof-out-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    struct out o;
    out_open_fd(&o, fd);
    char block[1000];
    memset(block, 'b', sizeof block);
    for (int i = 0; i < 200; i++)
        out_bytes(&o, block, sizeof block);
    char *large = calloc(1, 200000);
    out_bytes(&o, large, 200000);
    free(large);
    out_char(&o, '!');
    assert_true(out_close(&o, NULL));
    assert_int_equal(lseek(fd, 0, SEEK_END), 400001);
    char last;
    assert_int_equal(pread(fd, &last, 1, 400000), 1);
    assert_int_equal(last, '!');
    close(fd);
    unlink(name);
}

static void remembers_the_first_failure(void **state) {
    (void)state;
    int fd = open("/dev/full", O_WRONLY);
    assert_true(fd >= 0);
    struct out o;
    out_open_fd(&o, fd);
    assert_false(out_failed(&o));
    for (int i = 0; i < 100000; i++)
        out_text0(&o, "text");
    assert_true(out_failed(&o));
    struct pp_error err;
    assert_false(out_close(&o, &err));
    assert_int_equal(err.code, PP_E_IO);
    assert_non_null(strstr(err.text, strerror(ENOSPC)));
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(pads_by_characters),
        cmocka_unit_test(grows_in_memory),
        cmocka_unit_test(writes_everything_to_a_file),
        cmocka_unit_test(remembers_the_first_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
