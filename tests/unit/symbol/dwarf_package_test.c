/* The index of a .dwp file: what it says is found, and what it cannot mean is refused. */
#include "symbol/dwarf_package.h"
#include "test.h"

#include <endian.h>
#include <stdlib.h>
#include <unistd.h>

static const uint64_t main_id = UINT64_C(0x6ddb3f56a8543913), other_id = 0x1234;

struct package {
    struct dwarf_package p;
    struct pp_arena arena;
    unsigned char index[512];
};

/* The fixture, with an index that can be written to. */
static void open_package(struct package *k) {
    struct pp_error err = {0};
    *k = (struct package){0};
    if (!dwarf_package_open(&k->p, BINARIES "/dwp/clang-split5.dwp", &k->arena, &err))
        fail_msg("%s", err.text);
    assert_in_range(k->p.index.len, 100, sizeof k->index);
    memcpy(k->index, k->p.index.data, k->p.index.len);
    k->p.index.data = (const char *)k->index;
}

static void close_package(struct package *k) {
    dwarf_package_close(&k->p);
    pp_arena_done(&k->arena);
}

static void a_unit_is_found_by_its_id(void **state) {
    struct package k;
    struct dwarf_package_unit u;
    (void)state;
    open_package(&k);
    assert_int_equal(k.p.version, 5);
    assert_int_equal(k.p.n_units, 2);
    assert_true(dwarf_package_find(&k.p, main_id, &u));
    assert_int_equal(u.info.len, 0x6b);
    assert_int_equal(u.abbrev.len, 0x7f);
    assert_int_equal(u.str_offsets.len, 0x2c);
    assert_int_equal(u.rnglists.len, 0);
    assert_int_equal(dwarf_package_work(&k.p), 2 * (0x68a + 0x35e));
    assert_false(dwarf_package_find(&k.p, other_id, &u));
    assert_false(dwarf_package_find(&k.p, 0, &u));
    close_package(&k);
}

static void set32(struct package *k, size_t at, uint32_t value) {
    assert_in_range(at, 0, sizeof k->index - 4);
    value = htole32(value);
    memcpy(k->index + at, &value, 4);
}

/* Two slots of four are in use; slot 3 (row 1) and slot 1 (row 2) have ids. */
static void parts_outside_of_their_sections(void **state) {
    struct package k;
    struct dwarf_package_unit u;
    (void)state;
    open_package(&k);
    size_t offsets = 16 + 4 * 12 + 5 * 4, sizes = offsets + 2 * 5 * 4;
    for (size_t row = 0; row < 2; row++) {
        set32(&k, offsets + row * 20, 0x68a);
        set32(&k, sizes + row * 20, 1);
    }
    assert_false(dwarf_package_find(&k.p, main_id, &u));
    for (size_t row = 0; row < 2; row++) {
        set32(&k, offsets + row * 20, UINT32_MAX);
        set32(&k, sizes + row * 20, UINT32_MAX);
    }
    assert_false(dwarf_package_find(&k.p, main_id, &u));
    for (size_t row = 0; row < 2; row++) {
        set32(&k, offsets + row * 20, 0);
        set32(&k, sizes + row * 20, 0x68a);
    }
    assert_true(dwarf_package_find(&k.p, main_id, &u));
    assert_int_equal(u.info.len, 0x68a);
    close_package(&k);
}

/* No slot is free, and none has the id; a row beyond the table. */
static void a_full_table(void **state) {
    struct package k;
    struct dwarf_package_unit u;
    (void)state;
    open_package(&k);
    for (size_t slot = 0; slot < 4; slot++)
        set32(&k, 16 + 4 * 8 + slot * 4, 3);
    assert_false(dwarf_package_find(&k.p, other_id, &u));
    assert_false(dwarf_package_find(&k.p, main_id, &u));
    close_package(&k);
}

/* The file again, with a word of its index overwritten. */
static bool opens_with(size_t at, uint32_t value) {
    struct package k;
    char path[] = "/tmp/cpprof-package-XXXXXX";
    int fd = mkstemp(path);
    open_package(&k);
    value = htole32(value);
    struct image image = k.p.files[0].image;
    const struct elf_section *index = elf_file_section(&k.p.files[0], PP_STR(".debug_cu_index"));
    size_t in_file = (size_t)(index->bytes.data - (const char *)image.bytes) + at;
    assert_int_equal(write(fd, image.bytes, image.size), image.size);
    assert_int_equal(pwrite(fd, &value, 4, (off_t)in_file), 4);
    close(fd);
    close_package(&k);
    struct dwarf_package p;
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    bool ok = dwarf_package_open(&p, path, &arena, &err);
    if (ok) dwarf_package_close(&p);
    if (!ok) assert_true(err.text[0]);
    unlink(path);
    pp_arena_done(&arena);
    return ok;
}

static void headers_that_are_refused(void **state) {
    (void)state;
    assert_true(opens_with(0, 5));
    assert_false(opens_with(0, 3));          /* version */
    assert_false(opens_with(4, 9));          /* columns */
    assert_false(opens_with(4, UINT32_MAX)); /* columns */
    assert_false(opens_with(8, 1000));       /* units */
    assert_false(opens_with(8, UINT32_MAX)); /* units */
    assert_false(opens_with(12, 3));         /* slots: no power of two */
    assert_false(opens_with(12, 1U << 31));  /* slots */
}

static void what_is_no_package(void **state) {
    struct dwarf_package p;
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    (void)state;
    assert_false(dwarf_package_open(&p, BINARIES "/gcc-pie", &arena, &err));
    assert_non_null(strstr(err.text, "has no .debug_cu_index"));
    assert_false(dwarf_package_open(&p, "/dev/zero", &arena, &err));
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_is_found_by_its_id),
        cmocka_unit_test(parts_outside_of_their_sections),
        cmocka_unit_test(a_full_table),
        cmocka_unit_test(headers_that_are_refused),
        cmocka_unit_test(what_is_no_package),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
