/* What a stranger may name as a binary, and what a file may claim: no crash, no hang, no answer
 * that costs more than the file is worth. */
#include "binary.h"
#include "symbol/elf_build.h"
#include "symbol/locate.h"

#include <endian.h>
#include <time.h>
#include <unistd.h>

static char dir[] = "/tmp/cpprof-hostile-XXXXXX", path[600];

static int to_file(void **state) {
    (void)state;
    snprintf(path, sizeof path, "%s/file", dir);
    return 0;
}

static void write_file(const void *bytes, size_t n) {
    binary_write(path, bytes, n);
}

/* Asks the damaged file about addresses all over. */
static void ask_file(void) {
    struct fixture b;
    uint64_t addresses[300];
    if (!binary_open_path(&b, path)) return;
    for (size_t i = 0; i < 300; i++)
        addresses[i] = (uint64_t)(i >= 150 ? 0x400000 : 0) + 0x1000 + 16 * (uint64_t)(i % 150);
    binary_ask(&b, addresses, 300);
    binary_close(&b);
}

static const char *const victims[] = {"gcc-pie",    "gcc-dwarf4", "gcc-gz",       "clang-dwarf5",
                                      "gcc-split5", "dwz-single", "gcc-sections", "mini",
                                      "module.o",   "rust-v0.so"};

static void truncated(void **state) {
    (void)state;
    for (size_t v = 0; v < sizeof victims / sizeof *victims; v++) {
        size_t n;
        unsigned char *bytes = binary_bytes(victims[v], &n);
        for (size_t cut = 1; cut < 60; cut++) {
            write_file(bytes, n * cut / 60);
            ask_file();
        }
        pp_free(bytes);
    }
}

static uint64_t next_random(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void damaged(void **state) {
    uint64_t random = 1;
    (void)state;
    for (size_t v = 0; v < sizeof victims / sizeof *victims; v++) {
        size_t n;
        unsigned char *bytes = binary_bytes(victims[v], &n);
        for (int round = 0; round < 150; round++) {
            size_t at[20];
            unsigned char was[20];
            for (int i = 0; i < 20; i++) {
                at[i] = 16 + (size_t)next_random(&random) % (n - 16);
                was[i] = bytes[at[i]];
                bytes[at[i]] = (unsigned char)(round % 3 ? next_random(&random) : 0xff);
            }
            write_file(bytes, n);
            ask_file();
            for (int i = 20; i-- > 0;)
                bytes[at[i]] = was[i];
        }
        pp_free(bytes);
    }
}

/* A whole binary with a damaged package beside it. */
static void damaged_packages(void **state) {
    static const char *const names[] = {"dwp/gcc-split4", "dwp/clang-split5"};
    uint64_t random = 2;
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        size_t n;
        char name[64];
        unsigned char *bytes = binary_bytes(names[v], &n);
        write_file(bytes, n);
        pp_free(bytes);
        snprintf(name, sizeof name, "%s.dwp", names[v]);
        bytes = binary_bytes(name, &n);
        snprintf(path, sizeof path, "%s/file.dwp", dir);
        for (int round = 0; round < 300; round++) {
            size_t at[8], size = round % 8 ? n : n * (size_t)round / 300;
            unsigned char was[8];
            for (int i = 0; i < 8; i++) {
                at[i] = 64 + (size_t)next_random(&random) % (n - 64);
                was[i] = bytes[at[i]];
                bytes[at[i]] = (unsigned char)(round % 3 ? next_random(&random) : 0xff);
            }
            write_file(bytes, size);
            to_file(NULL);
            ask_file();
            snprintf(path, sizeof path, "%s/file.dwp", dir);
            for (int i = 8; i-- > 0;)
                bytes[at[i]] = was[i];
        }
        pp_free(bytes);
        unlink(path);
        to_file(NULL);
    }
}

/* What the files here are: little endian, wherever the test runs. */
static const struct elf_file little = {.big_endian = false};

/* A unit of code from 0x1000 to 0x2000 with two functions: the first is its own sibling and its own
 * origin, the second's origin is the first's. */
static void write_looping_file(void) {
    static const unsigned char abbrev[] = {
        1,    0x11, 1, 0x11, 0x01, 0x12, 0x07, 0,    0, /* compile_unit: low_pc addr, high_pc data8
                                                         */
        2,    0x2e, 1, 0x11, 0x01, 0x12, 0x07, 0x31, 0x13, 0x01,
        0x13, 0,    0, /* + origin, sibling: ref4 */
        0};
    static const unsigned char info[] = {
        75, 0, 0,    0, 4,  0, 0, 0, 0, 0, 8, /* length, version 4, abbrev, 8 */
        1,  0, 0x10, 0, 0,  0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, /* at 11 */
        2,  0, 0x10, 0, 0,  0, 0, 0, 0, 0, 8,    0, 0, 0, 0, 0, 0, /* at 28 */
        28, 0, 0,    0, 28, 0, 0, 0,                               /* origin, sibling */
        2,  0, 0x18, 0, 0,  0, 0, 0, 0, 0, 8,    0, 0, 0, 0, 0, 0, /* at 53: a child of the first */
        28, 0, 0,    0, 53, 0, 0, 0, 0};
    struct elf_part parts[] = {{PP_STR(".debug_abbrev"), sizeof abbrev, NULL},
                               {PP_STR(".debug_info"), sizeof info, NULL}};
    struct image image;
    _Static_assert(sizeof info == 79, "the length in the header");
    assert_true(elf_build(&image, parts, 2, &little, NULL));
    memcpy(parts[0].at, abbrev, sizeof abbrev);
    memcpy(parts[1].at, info, sizeof info);
    write_file(image.bytes, image.size);
    image_close(&image);
}

/* As many functions as fit, each with the same ranges, as many as fit: a small file, and 8e9 steps
 * for who believes it. */
static void write_repeating_file(void) {
    enum { FUNCTIONS = 80000, RANGES = 100000, HEAD = 28 };
    static const unsigned char abbrev[] = {1, 0x11, 1, 0x11, 0x01, 0x12, 0x07, 0, 0, /* as above */
                                           2, 0x2e, 0, 0x55, 0x17, 0,    0, /* ranges: offset */
                                           0};
    static const unsigned char head[HEAD] = {0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1, 0, 0x10};
    struct elf_part parts[] = {{PP_STR(".debug_abbrev"), sizeof abbrev, NULL},
                               {PP_STR(".debug_info"), HEAD + FUNCTIONS * 5 + 1, NULL},
                               {PP_STR(".debug_ranges"), 16 * RANGES + 16, NULL}};
    struct image image;
    assert_true(elf_build(&image, parts, 3, &little, NULL));
    memcpy(parts[0].at, abbrev, sizeof abbrev);
    memcpy(parts[1].at, head, HEAD);
    parts[1].at[21] = 0x10; /* high_pc - low_pc: 0x1000 */
    uint32_t length = htole32((uint32_t)parts[1].size - 4);
    memcpy(parts[1].at, &length, 4);
    for (size_t i = 0; i < FUNCTIONS; i++)
        parts[1].at[HEAD + i * 5] = 2;
    for (size_t i = 0; i < RANGES; i++) {
        const uint64_t pair[] = {htole64(0x5000 + i), htole64(0x5001 + i)};
        memcpy(parts[2].at + 16 * i, pair, 16);
    }
    write_file(image.bytes, image.size);
    image_close(&image);
}

static void repeated_ranges(void **state) {
    struct fixture b;
    const uint64_t address = 0x1010;
    clock_t start = clock();
    (void)state;
    write_repeating_file();
    assert_true(binary_open_path(&b, path));
    assert_int_equal(b.object.units.n_ranges, 1);
    binary_ask(&b, &address, 1);
    binary_close(&b);
    assert_in_range((clock() - start) / CLOCKS_PER_SEC, 0, 15);
}

static void looping_references(void **state) {
    struct fixture b;
    const uint64_t addresses[] = {0x1010, 0x1810, 0x3000};
    (void)state;
    write_looping_file();
    assert_true(binary_open_path(&b, path));
    assert_true(b.object.has_dwarf);
    assert_int_equal(b.object.units.n_ranges, 1);
    struct lookup *l = binary_ask(&b, addresses, 3);
    assert_int_equal(l[0].n_frames, 1);
    assert_int_equal(l[0].frames[0].function.len, 0);
    assert_int_equal(l[2].n_frames, 0);
    binary_close(&b);
}

/* A unit with a tower of namespaces. Where it has no range of its own, its functions are looked
 * for; where it has one, what is around an address. */
static void write_nested_file(bool has_range) {
    enum { DEPTH = 1000000 };
    static const unsigned char abbrev[] = {1, 0x11, 1, 0x11, 0x01, 0x12, 0x07, 0, 0, /* as above */
                                           2, 0x39, 1, 0,    0,                      /* namespace */
                                           3, 0x11, 1, 0,    0,    0};
    static const unsigned char head[] = {0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1, 0, 0x10};
    size_t begin = has_range ? 28 : 12;
    struct elf_part parts[] = {{PP_STR(".debug_abbrev"), sizeof abbrev, NULL},
                               {PP_STR(".debug_info"), begin + 2 * DEPTH + 1, NULL}};
    struct image image;
    assert_true(elf_build(&image, parts, 2, &little, NULL));
    memcpy(parts[0].at, abbrev, sizeof abbrev);
    memcpy(parts[1].at, head, sizeof head);
    uint32_t length = htole32((uint32_t)parts[1].size - 4);
    memcpy(parts[1].at, &length, 4);
    parts[1].at[11] = has_range ? 1 : 3;
    if (has_range) parts[1].at[21] = 0x10; /* high_pc - low_pc: 0x1000 */
    memset(parts[1].at + begin, 2, DEPTH);
    write_file(image.bytes, image.size);
    image_close(&image);
}

static void nested_entries(void **state) {
    (void)state;
    for (int has_range = 0; has_range < 2; has_range++) {
        struct fixture b;
        const uint64_t address = 0x1010;
        write_nested_file(has_range);
        assert_true(binary_open_path(&b, path));
        assert_int_equal(b.object.units.n_ranges, has_range);
        binary_ask(&b, &address, 1);
        binary_close(&b);
    }
}

/* A section that claims to be 4 GB long when it is unpacked. */
static void claimed_sizes(void **state) {
    size_t n;
    unsigned char *bytes = binary_bytes("gcc-gz", &n);
    struct fixture b;
    (void)state;
    binary_open(&b, "gcc-gz");
    const struct elf_section *info = elf_file_section(&b.object.main, PP_STR(".debug_info"));
    size_t at = (size_t)((const unsigned char *)info->bytes.data - b.object.main.image.bytes);
    binary_close(&b);
    static const uint64_t sizes[] = {UINT64_C(4) << 30, UINT64_MAX, 1, UINT64_C(200) << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const uint64_t size = htole64(sizes[i]);
        memcpy(bytes + at + 8, &size, 8);
        write_file(bytes, n);
        assert_true(binary_open_path(&b, path));
        assert_false(b.object.has_dwarf);
        const char *why = i < 2 ? "claims to be" : "cannot be decompressed";
        assert_non_null(strstr(b.object.trouble.data, why));
        binary_close(&b);
    }
    pp_free(bytes);
}

static int begin(void **state) {
    (void)state;
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int end(void **state) {
    (void)state;
    snprintf(path, sizeof path, "%s/file", dir);
    unlink(path);
    return rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(truncated, to_file),
        cmocka_unit_test_setup(damaged, to_file),
        cmocka_unit_test_setup(damaged_packages, to_file),
        cmocka_unit_test_setup(looping_references, to_file),
        cmocka_unit_test_setup(repeated_ranges, to_file),
        cmocka_unit_test_setup(nested_entries, to_file),
        cmocka_unit_test_setup(claimed_sizes, to_file),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
