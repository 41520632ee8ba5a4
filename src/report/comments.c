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
    for (uint32_t i = 0; i < rc->profile->n_comments; i++) {
        struct pp_cell cell = cell_text(pp_string(rc->profile, rc->profile->comments[i]));
        rows_add(sink, &cell);
    }
    return true;
}

static const struct report_table table = {
    .version = 2,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
};

const struct report_format comments_report = {
    .name = "comments",
    .help = "The comments in the profile",
    .node_count = 80,
    .render = render,
    .rows = rows,
    .table = &table,
};
