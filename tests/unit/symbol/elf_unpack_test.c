#include "symbol/elf_unpack.h"

#include "test.h"

#include <stdlib.h>
#include <zlib.h>

enum {
    SMALL = 1000,
    LARGE = 1 << 20
}; /* the large one is for the faster library, where there is one */

struct packed {
    unsigned char *plain, *bytes, *room;
    size_t size;
    uLongf len;
};

/* Text that compresses to about half. */
static struct packed pack(size_t size) {
    struct packed p = {malloc(size), malloc(compressBound(size)), malloc(size + 1), size, 0};
    p.len = compressBound(size);
    uint64_t x = 88172645463325252U;
    for (size_t i = 0; i < size; i++) {
        x = x * 6364136223846793005U + 1442695040888963407U;
        p.plain[i] = (unsigned char)('a' + (x >> 60));
    }
    assert_int_equal(compress(p.bytes, &p.len, p.plain, size), Z_OK);
    return p;
}

static void drop(struct packed *p) {
    free(p->plain);
    free(p->bytes);
    free(p->room);
}

static bool unpack(struct packed *p, size_t len, size_t to_size) {
    static const struct image none;
    return elf_unpack_zlib(&none, (struct pp_str){(char *)p->bytes, len}, p->room, to_size);
}

static void unpacks_all_of_it(void **state) {
    (void)state;
    for (size_t size = SMALL; size <= LARGE; size *= LARGE / SMALL) {
        struct packed p = pack(size);
        assert_true(unpack(&p, p.len, size));
        assert_memory_equal(p.room, p.plain, size);
        drop(&p);
    }
}

static void refuses_another_size(void **state) {
    (void)state;
    for (size_t size = SMALL; size <= LARGE; size *= LARGE / SMALL) {
        struct packed p = pack(size);
        assert_false(unpack(&p, p.len, size - 1));
        assert_false(unpack(&p, p.len, size + 1));
        for (size_t cut = 1; cut < 12; cut++)
            assert_false(unpack(&p, p.len - cut, size));
        drop(&p);
    }
}

static void refuses_damage(void **state) {
    (void)state;
    for (size_t size = SMALL; size <= LARGE; size *= LARGE / SMALL) {
        struct packed p = pack(size);
        const size_t places[] = {0, 1, p.len / 2, p.len - 1}; /* header, data, checksum */
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            p.bytes[places[i]] ^= 0x21;
            assert_false(unpack(&p, p.len, size));
            p.bytes[places[i]] ^= 0x21;
        }
        drop(&p);
    }
}

/* The header is a good one, but for its window of 64 kB. */
static void refuses_a_large_window(void **state) {
    (void)state;
    struct packed p = pack(LARGE);
    p.bytes[0] = 0x88;
    p.bytes[1] = 31 - 0x8800 % 31;
    assert_false(unpack(&p, p.len, LARGE));
    drop(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_all_of_it),
        cmocka_unit_test(refuses_another_size),
        cmocka_unit_test(refuses_damage),
        cmocka_unit_test(refuses_a_large_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
