/* Writing a profile as profile.proto: gzip'd, plain, or as protobuf's JSON. The bytes depend on the
 * profile alone: strings are numbered by first use in a fixed order, text labels come before
 * numbers, each sorted by key. */
#ifndef PROFILE_ENCODE_H
#define PROFILE_ENCODE_H

#include "base/out.h"
#include "cpprof/error.h"
#include "profile/profile.h"

/* Streams; memory does not grow with the samples. */
bool profile_write_gzip(const struct pp_profile *p, struct out *out, struct pp_error *err);
void profile_write_plain(const struct pp_profile *p, struct out *out);

/* What is no UTF-8 becomes U+FFFD, since JSON holds nothing else. */
void profile_write_json(const struct pp_profile *p, struct out *out);

#endif
