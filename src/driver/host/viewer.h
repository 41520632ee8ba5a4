/* Showing a report by another program: the report goes to a temporary file, which is gone when the
 * program has ended (but not before it had a second to open it), or when the prompt ends. */
#ifndef DRIVER_VIEWER_H
#define DRIVER_VIEWER_H

#include "base/world.h"
#include "report/report.h"

struct viewer {
    const char *const *argv; /* the program and its options; the last is the file */
    struct pp_str dir, file; /* len 0: there is none */
};

/* Finds the first of the report's viewers that is installed, and a name for its file. The texts
 * live in `arena`. */
bool viewer_open(struct viewer *ret_viewer, const struct report_format *report,
                 const struct world *env, struct pp_arena *arena, struct pp_error *err);

/* Starts it on the file that is there by now, and waits for its end. */
bool viewer_show(const struct viewer *v, struct pp_error *err);

/* Viewers that nobody waits for; their files stay until the end. */
struct viewers {
    struct viewer *at;
    size_t n, cap;
    struct pp_arena arena; /* of their texts */
};

/* Starts it, and keeps it among the others. */
bool viewer_leave(const struct viewer *v, struct viewers *others, struct pp_error *err);

/* Removes their files. */
void viewers_close(struct viewers *v);

/* Starts the first of the report's viewers that is installed on an address. */
bool viewer_browse(const struct report_format *report, struct pp_str url, const struct world *env,
                   struct pp_arena *arena, struct pp_error *err);

/* Removes the file. For a viewer that is all zero, too. */
void viewer_close(struct viewer *v);

#endif
