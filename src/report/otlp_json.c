/* -otlp_json: the profile as OTLP's JSON. */
#include "profile/otlp_encode.h"
#include "report/header.h"

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct pp_profile p = report_scaled(rc);
    profile_write_otlp_json(&p, o);
    return true;
}

const struct report_format otlp_json_report = {
    .name = "otlp_json",
    .help = "The profile as OTLP's JSON",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL,
    .suffix = "otlp.json",
    .render = render,
};
