/* -proto: the profile as a gzip'd profile.proto. */
#include "base/num.h"
#include "profile/encode.h"
#include "report/report.h"

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct pp_profile p = *rc->profile;
    if (rc->ratio > 0 && rc->ratio != 1) {
        size_t n = (size_t)p.n_samples * p.n_types;
        int64_t *values = PP_NEW(rc->arena, int64_t, n);
        for (size_t i = 0; i < n; i++)
            values[i] = num_from_double((double)p.values[i] * rc->ratio);
        p.values = values;
    }
    return profile_write_gzip(&p, o, err);
}

const struct report_format proto_report = {
    .name = "proto",
    .help = "The profile as a compressed protobuf",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_BINARY,
    .suffix = "pb.gz",
    .render = render,
};
