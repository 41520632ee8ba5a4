/* Reports that write every sample: some at a time on all processors, then in their order. */
#ifndef REPORT_SAMPLE_PARTS_H
#define REPORT_SAMPLE_PARTS_H

#include "base/out.h"
#include "profile/profile.h"

enum { SAMPLE_WRITERS = 16 };

/* Writes one sample. `worker` is below SAMPLE_WRITERS; a worker writes one sample at a time. */
typedef void sample_put(void *user, unsigned worker, uint32_t sample, struct out *o);

/* Writes all samples of the profile; ends early when the output fails. */
void sample_parts_put(const struct pp_profile *p, struct out *o, sample_put *put, void *user);

#endif
