/* Bytes as a binary: symbols, DWARF, Go's line table, notes, compressed sections, and every address
 * that the file itself talks of. The last byte of e_ident, padding to everybody else, chooses what
 * the bytes are: the binary, or the file beside a fixture that the fixture asks for (split units, a
 * dwz alternate, separate debug information, packages); and its highest bit how much is unpacked.
 */
#include "world.h"

#include "base/parallel.h"
#include "symbol/address.h"
#include "symbol/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else /* it comes with the sanitizers, which clang has in a package of their own */
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { ROLE_AT = 15, MAX_ADDRESSES = 192, PAGE = 4096, FEW = 4800 };

/* The fixture, and what it calls the file beside it; the first: the bytes are the binary. */
static const char *const roles[][2] = {{NULL, "main"},
                                       {"gcc-split4", "gcc-split4-main.dwo"},
                                       {"gcc-split5", "gcc-split5-shapes.dwo"},
                                       {"clang-split4", "clang-split4-shapes.dwo"},
                                       {"clang-split5", "clang-split5-shapes.dwo"},
                                       {"dwz-one", "dwz-common.debug"},
                                       {"build-id", "main.debug"},
                                       {"gcc-split4", "main.dwp"},
                                       {"clang-split5", "main.dwp"}};
enum { N_ROLES = sizeof roles / sizeof *roles };

static char dir[] = "/dev/shm/cpprof-fuzz-XXXXXX", main_path[64], path[128];

static void leave(void) {
    rmdir(dir);
}

static void enter(void) {
    if (main_path[0]) return;
    if (!mkdtemp(dir)) {
        memcpy(dir, "/tmp/", 5);
        memcpy(dir + 5, "cpprof-XXXXXX", 14);
        if (!mkdtemp(dir)) abort();
    }
    snprintf(main_path, sizeof main_path, "%s/main", dir);
    atexit(leave);
}

static void write_file(const char *to, const void *bytes, size_t size) {
    FILE *f = fopen(to, "w");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0) abort();
}

static void copy_fixture(const char *name) {
    char from[512];
    struct image image;
    struct pp_error err;
    snprintf(from, sizeof from, "%s/%s", BINARIES, name);
    if (!image_open(&image, from, &err)) abort();
    write_file(main_path, image.bytes, image.size);
    image_close(&image);
}

/* A mapping is longer than its file: reading what is behind the end is a finding too. */
static void fence(const struct image *image, bool up) {
    size_t rest = (PAGE - image->size % PAGE) % PAGE;
    if (up)
        ASAN_POISON_MEMORY_REGION(image->bytes + image->size, rest);
    else
        ASAN_UNPOISON_MEMORY_REGION(image->bytes + image->size, rest);
    (void)rest;
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

struct addresses {
    uint64_t at[3 * MAX_ADDRESSES];
    size_t n;
};

static void add(struct addresses *a, uint64_t first, uint64_t second) {
    if (a->n + 2 > sizeof a->at / sizeof *a->at) return;
    a->at[a->n++] = first;
    a->at[a->n++] = second;
}

/* Where something begins or ends, and in between. */
static void collect(const struct object *o, struct addresses *a) {
    for (uint32_t i = 0; i < o->units.n_ranges && i < MAX_ADDRESSES / 4; i++) {
        const struct dwarf_unit_range *r = &o->units.ranges[i];
        for (uint64_t k = 0; k < 8; k++)
            add(a, r->start + k * ((r->end - r->start) / 8), r->end - 1);
    }
    for (size_t i = 0; i < o->symbols.n && i < MAX_ADDRESSES / 4; i++)
        add(a, o->symbols.entries[i].start, o->symbols.entries[i].end);
    for (uint32_t i = 0; i < o->main.n_segments && i < 16; i++) {
        const struct elf_segment *s = &o->main.segments[i];
        add(a, s->vaddr, s->vaddr + s->memsz / 2);
    }
    for (uint64_t i = 0; o->has_pclntab && i < 24; i++)
        add(a, o->pclntab.text + 16 * i, o->pclntab.text + 8 * i + 1);
    add(a, 0, UINT64_MAX);
    qsort(a->at, a->n, sizeof *a->at, by_value);
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (i == 0 || a->at[i] != a->at[n - 1]) a->at[n++] = a->at[i];
    a->n = n;
}

static void read_all(const struct lookup *l) {
    for (uint32_t i = 0; i < l->n_frames; i++) {
        touch(l->frames[i].function);
        touch(l->frames[i].file);
    }
}

static void ask(struct object *o, const struct debug_dirs *dirs) {
    struct pp_arena arena = {0}, answers[PARALLEL_MAX + 1] = {0};
    struct addresses a = {.n = 0};
    collect(o, &a);
    struct batch_object b = {.object = o, .n = a.n, .lookups = PP_NEW(&arena, struct lookup, a.n)};
    for (size_t i = 0; i < a.n; i++)
        b.lookups[i].address = a.at[i];
    const struct batch_options opt = {.dirs = *dirs, .threads = 1};
    batch_run(&b, 1, &opt, answers);
    for (size_t i = 0; i < a.n; i++)
        read_all(&b.lookups[i]);
    for (size_t i = 0; i <= PARALLEL_MAX; i++)
        pp_arena_done(&answers[i]);
    pp_arena_done(&arena);
}

static void map_addresses(const struct object *o) {
    static const uint64_t starts[] = {0, 0x400000, 0x555555554000, 0xffffffff81000000};
    enum { N = sizeof starts / sizeof *starts };
    for (size_t i = 0; i < 2 * N; i++) {
        struct address_map map;
        struct pp_error err;
        uint64_t at;
        uint64_t start = starts[i % N];
        const struct address_mapping m = {.start = start,
                                          .limit = start + 0x10000,
                                          .offset = 0x1000 * (i % N),
                                          .as_image = i >= N,
                                          .path = o->path,
                                          .kernel_symbol = i == 3 ? PP_STR("_text") : PP_STR("")};
        if (address_map_init(&map, &o->main, &m, &err))
            address_to_object(&map, start + 0x1234, &at, &err);
    }
}

/* `few`: as if there were too much debug information to unpack it as a whole. */
static void open_and_ask(bool few) {
    struct object o;
    struct pp_error err;
    const struct pp_str here = pp_str_from(dir);
    const struct debug_dirs dirs = {.at = &here, .n = 1};
    if (!object_open(&o, pp_str_from(main_path), &err)) return;
    if (few) o.most_trees = FEW;
    fence(&o.main.image, true);
    touch(o.main.build_id);
    object_load_tables(&o, false);
    object_load_debug(&o, &dirs, false);
    if (o.debug.image.bytes) fence(&o.debug.image, true);
    ask(&o, &dirs);
    map_addresses(&o);
    if (o.debug.image.bytes) fence(&o.debug.image, false);
    fence(&o.main.image, false);
    object_close(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enter();
    unsigned role = size > ROLE_AT ? data[ROLE_AT] % N_ROLES : 0;
    snprintf(path, sizeof path, "%s/%s", dir, roles[role][1]);
    if (role) copy_fixture(roles[role][0]);
    write_file(path, data, size);
    open_and_ask(size > ROLE_AT && data[ROLE_AT] & 0x80);
    unlink(path);
    if (role) unlink(main_path);
    return 0;
}
