/* Bytes as a profile of any format: decode, check, every report and encoder, write, read, compare.
 * Its mutator (mutate_profile.c) changes valid profiles: byte flips alone die in the decoder. */
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_arena arena = {0};
    struct pp_profile p;
    if (decode_any(data, size, &p, &arena)) {
        check_round_trip(&p);
        run_all_reports(&p);
    }
    pp_arena_done(&arena);
    return 0;
}
