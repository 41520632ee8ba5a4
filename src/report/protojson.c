/* -protojson: the profile as protobuf's JSON of profile.proto. */
#include "profile/encode.h"
#include "report/header.h"

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct pp_profile p = report_scaled(rc);
    profile_write_json(&p, o);
    return true;
}

const struct report_format protojson_report = {
    .name = "protojson",
    .help = "The profile as protobuf JSON",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_NAMES_ONCE,
    .suffix = "json",
    .render = render,
};
