/* -comments: the free texts in a profile, one a line. */
#include "report/header.h"
#include "report/report.h"

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    for (uint32_t i = 0; i < rc->profile->n_comments; i++) {
        out_str(o, pp_string(rc->profile, rc->profile->comments[i]));
        out_char(o, '\n');
    }
    return true;
}

static const char *const columns[] = {"comment"};

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    struct table_field fields[PROFILE_FIELDS];
    profile_fields(rc, fields);
    const struct table_head head = {
        .schema = "cpprof/comments/1",
        .report = "comments",
        .fields = fields,
        .n_fields = PROFILE_FIELDS,
        .columns = columns,
        .n_columns = 1,
    };
    rows_begin(sink, &head);
    for (uint32_t i = 0; i < rc->profile->n_comments; i++) {
        struct cell cell = cell_text(pp_string(rc->profile, rc->profile->comments[i]));
        rows_add(sink, &cell);
    }
    rows_end(sink);
    return true;
}

const struct report_format comments_report = {
    .name = "comments",
    .help = "The comments in the profile",
    .node_count = 80,
    .render = render,
    .rows = rows,
};
