/* From the command line to what the loader is asked. */
#ifndef DRIVER_LOADING_H
#define DRIVER_LOADING_H

#include "base/world.h"
#include "driver/flags.h"
#include "load/options.h"

/* What the sources are compared with. Of several bases the last one counts, as in the reference,
 * unless the report compares runs; an empty name is none. */
struct base_choice {
    const char *name; /* NULL: nothing */
    bool is_diff;     /* of -diff_base */
};

struct base_choice base_choose(const struct settings *s);

/* The value of a flag that takes a size; where it is "", *ret_bytes stays. */
bool loading_size(const char *flag, const char *value, uint64_t *ret_bytes, struct pp_error *err);

/* -label=key=value, as pairs; the reason of a failure names the flag. */
bool loading_labels(const struct settings *s, struct pairs *ret_labels, struct pp_arena *arena,
                    struct pp_error *err);

/* The texts are the command line's; lists live in `arena`. Bases that count for nothing are said.
 */
bool loading_options(const struct command_line *cl, struct load_options *ret_options,
                     struct pp_arena *arena, struct pp_error *err);

#endif
