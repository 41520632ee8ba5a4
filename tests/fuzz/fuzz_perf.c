/* Bytes as a recording of perf, whose copied stacks are unwound by the rules of a real program, and
 * from the mark of one on as the dump of code that it names: decode, write, read, compare. */
#include "world.h"

#include "base/input.h"
#include "profile/decode/decode.h"
#include "symbol/unwind.h"

#include <stdlib.h>

static struct pp_str all;

static void *open_dump(const struct named_files *f, struct pp_str path, struct pp_str *ret_bytes) {
    static const char *const marks[] = {"DTiJ", "JiTD"};
    (void)f;
    touch(path);
    for (size_t i = 0; i < 2; i++) {
        const char *at = memmem(all.data, all.len, marks[i], 4);
        *ret_bytes = at ? pp_str_slice(all, (size_t)(at - all.data), all.len) : PP_STR("");
        if (at) return &all;
    }
    return NULL;
}

static void close_dump(void *file) {
    if (file != &all) abort();
}

static bool decode(const uint8_t *data, size_t size, struct pp_profile *ret_profile,
                   struct pp_arena *arena) {
    static const struct pp_str dir = {BINARIES "/perf", sizeof BINARIES "/perf" - 1};
    static const struct named_files files = {open_dump, close_dump};
    static struct cfi_unwinder unwinder;
    struct decode_host host = {.unwinder = &unwinder.unwinder, .files = &files};
    struct pp_limits limits = {.max_bytes = 64 << 20};
    struct pp_error err = {0};
    struct input in;
    cfi_unwinder_init(&unwinder, &dir, 1);
    if (!input_open_memory(&in, (struct pp_str){(const char *)data, size}, &limits, &err))
        return false;
    in.host = &host;
    bool ok = perf_decoder.probe(&in) && perf_decoder.decode(&in, ret_profile, arena, &err) &&
              input_finish(&in, &err);
    input_close(&in);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_arena arena = {0};
    struct pp_profile p;
    all = (struct pp_str){(const char *)data, size};
    if (decode(data, size, &p, &arena)) check_round_trip(&p);
    pp_arena_done(&arena);
    return 0;
}
