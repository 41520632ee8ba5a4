/* -proto: the profile as a gzip'd profile.proto. */
#include "profile/encode.h"
#include "report/header.h"

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct pp_profile p = report_scaled(rc);
    return profile_write_gzip(&p, o, err);
}

const struct report_format proto_report = {
    .name = "proto",
    .help = "The profile as a compressed protobuf",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_NAMES_ONCE | REPORT_FILE,
    .suffix = "pb.gz",
    .render = render,
};
