/* What the fuzz targets share. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "cpprof/arena.h"
#include "cpprof/profile.h"
#include "driver/run.h"

#include <stddef.h>
#include <stdint.h>

/* A world in which nobody listens and nothing is kept. */
const struct driver_env *quiet_world(void);

/* The bytes as a profile of any format; at most 64 MB of it. */
bool decode_any(const uint8_t *data, size_t size, struct pp_profile *ret_profile,
                struct pp_arena *arena);

/* Runs every report, as text and through every encoder, over the profile. */
void run_all_reports(const struct pp_profile *p);

/* Writes the profile, reads it back and writes it again, twice; aborts unless that comes to rest.
 */
void check_round_trip(const struct pp_profile *p);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
