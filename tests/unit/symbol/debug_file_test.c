/* Separate debug information of a file without a build id: the checksum in .gnu_debuglink decides.
 */
#include "binary.h"

#include <endian.h>
#include <unistd.h>
#include <zlib.h>

static char dir[] = "/tmp/cpprof-link-XXXXXX", main_path[64], debug_path[64];

/* Where the contents of the section begin. */
static unsigned char *section_of(unsigned char *bytes, const char *fixture, const char *name,
                                 size_t *ret_n) {
    char path[600];
    struct pp_arena arena = {0};
    struct elf_file f;
    snprintf(path, sizeof path, "%s/%s", BINARIES, fixture);
    assert_true(elf_file_open(&f, path, &arena, NULL));
    const struct elf_section *s = elf_file_section(&f, pp_str_from(name));
    assert_non_null(s);
    size_t at = (size_t)((const unsigned char *)s->bytes.data - f.image.bytes);
    *ret_n = s->bytes.len;
    elf_file_close(&f);
    pp_arena_done(&arena);
    return bytes + at;
}

/* Writes both files without their build ids; the link holds the checksum plus `error`. */
static void write_pair(uint32_t error) {
    size_t n_main, n_debug, n;
    unsigned char *main = binary_bytes("debuglink", &n_main);
    unsigned char *debug = binary_bytes("debuglink.debug", &n_debug);
    section_of(main, "debuglink", ".note.gnu.build-id", &n)[12] = 'X';
    unsigned char *link = section_of(main, "debuglink", ".gnu_debuglink", &n);
    /* The notes lie at one place in both; in the debug file their section has no bytes. */
    uint32_t crc = htole32((uint32_t)crc32(0, debug, (unsigned)n_debug) + error);
    memcpy(link + n - 4, &crc, 4);
    binary_write(main_path, main, n_main);
    binary_write(debug_path, debug, n_debug);
    pp_free(main);
    pp_free(debug);
}

static bool was_looked_at(const struct fixture *b, const char *what) {
    for (size_t i = 0; i < b->object.search.n_looked; i++)
        if (pp_str_has_suffix(b->object.search.looked[i], pp_str_from(what))) return true;
    return false;
}

static void the_right_checksum_is_taken(void **state) {
    struct fixture b;
    (void)state;
    write_pair(0);
    assert_true(binary_open_path(&b, main_path));
    assert_int_equal(b.object.main.build_id.len, 0);
    assert_true(pp_str_eq(b.object.debug_path, pp_str_from(debug_path)));
    assert_true(b.object.has_dwarf);
    binary_close(&b);
}

static void another_checksum_is_not(void **state) {
    struct fixture b;
    (void)state;
    write_pair(1);
    assert_true(binary_open_path(&b, main_path));
    assert_int_equal(b.object.debug_path.len, 0);
    assert_false(b.object.has_dwarf);
    assert_true(was_looked_at(&b, "debuglink.debug: has another checksum"));
    binary_close(&b);
}

static int begin(void **state) {
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(main_path, sizeof main_path, "%s/main", dir);
    snprintf(debug_path, sizeof debug_path, "%s/debuglink.debug", dir);
    return 0;
}

static int end(void **state) {
    (void)state;
    unlink(main_path);
    unlink(debug_path);
    return rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_checksum_is_taken),
        cmocka_unit_test(another_checksum_is_not),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
