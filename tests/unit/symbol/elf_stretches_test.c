/* Whatever order bytes are asked for in, and by however many threads: they are those of the
 * section. */
#include "symbol/elf_stretches.h"

#include "base/parallel.h"
#include "symbol/image.h"
#include "test.h"

#include <elf.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { SIZE = 1 << 20, SHORT = 10000, LONG = 100000, KEPT = 3, MAX_UNITS = 4096 };

struct section {
    unsigned char *plain, *bytes;
    size_t len;
    uint32_t units[MAX_UNITS], n_units;
    struct elf_file file;
    struct elf_section section;
    struct image image;
    struct elf_stretches *s;
};

static uint32_t next_random(uint64_t *x) {
    *x = *x * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*x >> 33);
}

/* Units of 20 bytes to 40 kB, the first ones small. */
static void fill(struct section *t) {
    uint64_t x = 1;
    for (uint32_t i = 0; i < SIZE; i++)
        t->plain[i] = (unsigned char)('a' + next_random(&x) % 16);
    for (uint32_t at = 0, length; at < SIZE; at += 4 + length) {
        length = 16 + next_random(&x) % (t->n_units < 500 ? 100 : 40000);
        if (SIZE - at < 60000) length = SIZE - at - 4;
        memcpy(t->plain + at, &length, 4);
        t->units[t->n_units++] = at;
    }
}

static void pack(struct section *t, enum elf_packing packing) {
    uLongf len = compressBound(SIZE) + 1000;
    t->plain = malloc(SIZE);
    t->bytes = malloc(len);
    fill(t);
    t->section.packing = packing;
    if (packing == PACKED_ZSTD)
        len = ZSTD_compress(t->bytes, len, t->plain, SIZE, 3);
    else
        assert_int_equal(compress(t->bytes, &len, t->plain, SIZE), Z_OK);
    t->len = len;
}

static void open_it(struct section *t, size_t len, size_t stretch) {
    assert_true(image_reserve(&t->image, SIZE, NULL));
    const struct elf_packed packed = {.file = &t->file,
                                      .section = &t->section,
                                      .bytes = {(char *)t->bytes, len},
                                      .to = t->image.bytes,
                                      .size = SIZE,
                                      .stretch = stretch,
                                      .kept = KEPT};
    t->s = elf_stretches_open(&packed);
}

static void close_it(struct section *t) {
    elf_stretches_close(t->s);
    image_close(&t->image);
    free(t->plain);
    free(t->bytes);
}

static void check_range(struct section *t, uint32_t from, uint32_t to) {
    assert_true(elf_stretches_hold(t->s, from, to));
    assert_memory_equal(t->image.bytes + from, t->plain + from, to - from);
    elf_stretches_release(t->s, from, to);
}

static void check_unit(void *user, unsigned worker, size_t i) {
    struct section *t = user;
    (void)worker;
    check_range(t, t->units[i], i + 1 < t->n_units ? t->units[i + 1] : SIZE);
}

static void heads_are_there(struct section *t) {
    for (uint32_t i = 0; i < t->n_units; i++) {
        uint32_t end = t->units[i] + ELF_UNIT_HEAD < SIZE ? t->units[i] + ELF_UNIT_HEAD : SIZE;
        assert_memory_equal(t->image.bytes + t->units[i], t->plain + t->units[i],
                            end - t->units[i]);
    }
}

static void gives_every_byte(enum elf_packing packing) {
    struct section t = {0};
    uint64_t x = 7;
    pack(&t, packing);
    open_it(&t, t.len, SHORT);
    assert_non_null(t.s);
    heads_are_there(&t);
    for (unsigned threads = 1; threads <= 4; threads += 3)
        parallel_run(threads, t.n_units, check_unit, &t);
    for (size_t i = t.n_units; i-- > 500;)
        check_unit(&t, 0, i);
    elf_stretches_drop(t.s);
    heads_are_there(&t);
    for (int i = 0; i < 40; i++) {
        uint32_t from = next_random(&x) % SIZE;
        check_range(&t, from, from + next_random(&x) % (SIZE - from));
    }
    close_it(&t);
}

static void of_zlib(void **state) {
    (void)state;
    gives_every_byte(PACKED_ZLIB);
}

static void of_zstd(void **state) {
    (void)state;
    gives_every_byte(PACKED_ZSTD);
}

static void keeps_little(void **state) {
    struct section t = {0};
    (void)state;
    pack(&t, PACKED_ZLIB);
    open_it(&t, t.len, LONG);
    assert_non_null(t.s);
    uint32_t last = t.units[t.n_units - 1];
    for (size_t i = 0; i < t.n_units; i++)
        check_unit(&t, 0, i);
    elf_stretches_drop(t.s);
    size_t kept = 0; /* pages of heads */
    for (uint32_t i = 0; i < SIZE; i++)
        kept += t.image.bytes[i] != 0;
    assert_true(kept < SIZE / 2);
    assert_int_equal(t.image.bytes[last], t.plain[last]);
    close_it(&t);
}

static void refuses(struct section *t, size_t len) {
    open_it(t, len, SHORT);
    assert_null(t->s);
    image_close(&t->image);
}

static void refuses_what_is_broken(void **state) {
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct section t = {0};
        pack(&t, kind ? PACKED_ZSTD : PACKED_ZLIB);
        refuses(&t, t.len - 1);
        refuses(&t, t.len / 2);
        refuses(&t, 0);
        t.bytes[t.len] = 0;
        if (kind == 1) refuses(&t, t.len + 1); /* as what unpacks all at once */
        t.bytes[t.len / 2] ^= 0x21;
        if (kind == 0) refuses(&t, t.len); /* zstd has no checksum here */
        free(t.plain);
        free(t.bytes);
    }
}

static void refuses_what_is_no_row_of_units(void **state) {
    struct section t = {0};
    (void)state;
    pack(&t, PACKED_ZLIB);
    memset(t.plain + t.units[3], 0xf0, 4);
    uLongf len = compressBound(SIZE);
    assert_int_equal(compress(t.bytes, &len, t.plain, SIZE), Z_OK);
    refuses(&t, len);
    free(t.plain);
    free(t.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_zlib),
        cmocka_unit_test(of_zstd),
        cmocka_unit_test(keeps_little),
        cmocka_unit_test(refuses_what_is_broken),
        cmocka_unit_test(refuses_what_is_no_row_of_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
