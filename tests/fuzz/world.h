/* What the fuzz targets share. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "base/arena.h"
#include "driver/run.h"
#include "profile/profile.h"

#include <stddef.h>
#include <stdint.h>

struct profile_decoder;

/* A world in which nobody listens and nothing is kept. */
const struct world *quiet_world(void);

/* The bytes as a profile of any format; at most 64 MB of it. */
bool decode_any(const uint8_t *data, size_t size, struct pp_profile *ret_profile,
                struct pp_arena *arena);

/* The same by one decoder; false also when it does not take the bytes for its own. */
bool decode_with(const struct profile_decoder *decoder, const uint8_t *data, size_t size,
                 struct pp_profile *ret_profile, struct pp_arena *arena);

/* Two samples of one stack, of which one has the text label key:text and the number `num`. */
void small_profile(struct pp_profile *ret_profile, struct pp_str key, struct pp_str text,
                   int64_t num, struct pp_arena *arena);

/* Cuts off what stands before the first NUL, or everything. */
struct pp_str next_part(struct pp_str *rest);

/* Reads every byte: what is not there is found by a sanitizer. */
void touch(struct pp_str s);

/* A pseudo-random number below n; 0 for n = 0. */
uint32_t random_below(uint32_t *state, uint32_t n);

/* Runs every report, as text and through every encoder, over the profile. */
void run_all_reports(const struct pp_profile *p);

/* Writes the profile, reads it back and writes it again, twice; aborts unless that comes to rest.
 */
void check_round_trip(const struct pp_profile *p);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
