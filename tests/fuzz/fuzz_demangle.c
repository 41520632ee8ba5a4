/* A name, as C++ or Rust have mangled it. */
#include "world.h"

#include "symbol/demangle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int mode = DEMANGLE_DEFAULT; mode <= DEMANGLE_NONE; mode++) {
        struct pp_arena arena = {0};
        const struct pp_str name = {(const char *)data, size};
        touch(demangle_function(name, (enum demangle_mode)mode, &arena));
        pp_arena_done(&arena);
    }
    return 0;
}
