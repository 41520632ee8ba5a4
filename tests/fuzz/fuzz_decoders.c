/* Bytes to every decoder that thinks they are its own, also to those that detection would not come
 * to: decode, write, read, compare. Without the reports, hence many times as fast as
 * fuzz_profile.c. */
#include "world.h"

#include "profile/decode/decode.h"

static const struct profile_decoder *const decoders[] = {
#define DECODER(id) &id##_decoder,
#include "profile/decode/decoders.def"
#undef DECODER
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++) {
        struct pp_arena arena = {0};
        struct pp_profile p;
        if (decode_with(decoders[i], data, size, &p, &arena)) check_round_trip(&p);
        pp_arena_done(&arena);
    }
    return 0;
}
