/* -otlp: the profile as OTLP's protobuf message. */
#include "profile/otlp_encode.h"
#include "report/header.h"

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct pp_profile p = report_scaled(rc);
    profile_write_otlp(&p, o);
    return true;
}

const struct report_format otlp_report = {
    .name = "otlp",
    .help = "The profile as OTLP (OpenTelemetry)",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_FILE,
    .suffix = "otlp",
    .render = render,
};
