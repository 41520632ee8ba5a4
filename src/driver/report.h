/* One report over a profile that is there: what the command line and the prompt both end in. */
#ifndef DRIVER_REPORT_H
#define DRIVER_REPORT_H

#include "base/world.h"
#include "driver/flags.h"
#include "driver/host/output.h"
#include "driver/host/viewer.h"
#include "load/fetch.h"

/* Writes cl->report over `p` to standard output or -output, or shows it. `viewers`: where a viewer
 * is left that shows it; NULL: its end is waited for. */
bool driver_report(const struct command_line *cl, const struct fetched *p, struct viewers *viewers,
                   struct pp_error *err);

/* Reports that compare runs (REPORT_RUNS): reads the sources, each by itself, reports, and writes
 * -update_base. ret_status: the exit status that the report asks for; set on success. `look`: more
 * runs may be made, and until it is the last or settled nothing is written; NULL: these are all. */
bool driver_report_runs(const struct command_line *cl, struct report_look *look, int *ret_status,
                        struct pp_error *err);

/* What the gate says of the sources by -rules=FILE, as the page reads it (report/page_data.h); ""
 * where no rules are given. Reads the sources once more, each by itself. */
bool driver_verdict(const struct command_line *cl, struct pp_str *ret_table, struct pp_arena *arena,
                    struct pp_error *err);

/* What -max_output says, or its default. */
uint64_t driver_max_output(const struct settings *s);

/* Says to whom sits at the terminal that -output is written. */
void driver_say_output(const struct command_line *cl);

/* Opens `file`, or standard output if that is "", for `write`, and closes it: whole or not at all.
 */
typedef bool driver_writer(struct output *o, void *user, struct pp_error *err);
bool driver_write(const struct command_line *cl, const char *file, driver_writer *write, void *user,
                  struct pp_error *err);

/* Writes a report that is asked for to `file`, or to standard output if that is "". ret_status: the
 * exit status that it asks for; may be NULL. */
bool driver_save(const struct command_line *cl, const struct report_ctx *rc, const char *file,
                 int *ret_status, struct pp_error *err);

#endif
