/* Bytes as an index of a binary. Its sums are made right first: what they keep out is not worth
 * looking for, what gets past them is. */
#include "world.h"

#include "symbol/symbol_index.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where the parts lie is the input's word; that they are in order and fill it is the writer's. */
static bool forge(uint8_t *bytes, size_t size) {
    struct index_header h;
    memcpy(&h, bytes, sizeof h);
    memcpy(h.magic, symbol_index_magic, sizeof h.magic);
    h.version = SYMBOL_INDEX_VERSION;
    h.byte_order = INDEX_BYTE_ORDER;
    h.size = size;
    struct index_span *sums = &h.parts[INDEX_SUMS];
    if (sums->at < sizeof h || sums->at > size) return false;
    sums->size = size - sums->at;
    if (sums->size != 8 * index_chunks(sums->at)) return false;
    for (uint64_t i = 0; i < sums->size / 8; i++) {
        uint64_t from = sizeof h + i * INDEX_CHUNK, left = sums->at - from;
        uint64_t sum = symbol_index_hash(bytes + from, left < INDEX_CHUNK ? left : INDEX_CHUNK);
        memcpy(bytes + sums->at + 8 * i, &sum, sizeof sum);
    }
    h.sums_hash = symbol_index_hash(bytes + sums->at, sums->size);
    h.hash = symbol_index_hash(&h, offsetof(struct index_header, hash));
    memcpy(bytes, &h, sizeof h);
    return true;
}

/* The key that it says it is about, if that is short. */
static struct pp_str key_of(const uint8_t *bytes, size_t size) {
    struct index_header h;
    memcpy(&h, bytes, sizeof h);
    uint64_t at = h.parts[INDEX_ABOUT].at;
    if (at >= size || bytes[at] >= size - at) return PP_STR("");
    return (struct pp_str){(const char *)bytes + at + 1, bytes[at]};
}

static void ask(struct symbol_index *x, uint64_t address, struct pp_arena *arena) {
    struct lookup l = {.address = address};
    if (!symbol_index_find(x, &l, arena)) return;
    for (uint32_t i = 0; i < l.n_frames; i++) {
        touch(l.frames[i].function);
        touch(l.frames[i].file);
    }
}

/* At and behind what the blocks begin with. */
static void ask_all(struct symbol_index *x, const uint8_t *bytes, struct pp_arena *arena) {
    enum { BLOCKS = 32, STEPS = 64 };
    const struct index_span *p = &x->parts[INDEX_BLOCKS];
    touch(x->facts.debug_path);
    touch(x->facts.package_path);
    ask(x, 0, arena);
    for (uint64_t i = 0; i < p->size / sizeof(struct index_block) && i < BLOCKS; i++) {
        struct index_block b;
        memcpy(&b, bytes + p->at + i * sizeof b, sizeof b);
        for (uint64_t k = 0; k < STEPS; k++)
            ask(x, b.address + k * k, arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_arena arena = {0};
    struct symbol_index x;
    if (size < sizeof(struct index_header) || size > 1 << 20) return 0;
    uint8_t *bytes = PP_NEW(&arena, uint8_t, size);
    memcpy(bytes, data, size);
    int fd = forge(bytes, size) ? memfd_create("index", MFD_CLOEXEC) : -1;
    if (fd >= 0 && write(fd, bytes, size) != (ssize_t)size) abort();
    if (fd >= 0 && symbol_index_open(&x, fd, key_of(bytes, size), &arena, NULL)) {
        ask_all(&x, bytes, &arena);
        symbol_index_close(&x);
    }
    pp_arena_done(&arena);
    return 0;
}
