/* Writing every sample: some at a time on all processors, in their order. */
#ifndef PROFILE_SAMPLE_PARTS_H
#define PROFILE_SAMPLE_PARTS_H

#include "base/out.h"
#include "profile/profile.h"

enum { SAMPLE_WRITERS = 16 };

/* Writes one sample. `worker` is below SAMPLE_WRITERS; a worker writes one sample at a time. What
 * it writes goes through memory, or to the output itself. */
typedef void sample_put(void *user, unsigned worker, uint32_t sample, struct out *o);

/* Writes all samples of the profile; ends early when the output fails. The output is
 * written to by the caller's thread alone. */
void sample_parts_put(const struct pp_profile *p, struct out *o, sample_put *put, void *user);

#endif
