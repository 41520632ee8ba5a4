/* Writing a profile as OTLP (opentelemetry-proto 1.10 and later; the message is both ProfilesData
 * and an export request): a profile a sample type, in one scope. What OTLP has no field for goes
 * into the attributes pprof.*, so reading it back gives the same profile, ids renumbered from 1.
 * Texts that are no UTF-8 get U+FFFD, since OTLP's readers refuse the message otherwise. */
#ifndef PROFILE_OTLP_ENCODE_H
#define PROFILE_OTLP_ENCODE_H

#include "base/out.h"
#include "profile/profile.h"

void profile_write_otlp(const struct pp_profile *p, struct out *out);
void profile_write_otlp_json(const struct pp_profile *p, struct out *out);

#endif
