/* Where the prompt's commands come from: a terminal, with an editor where there is one, or a file
 * or a pipe. */
#ifndef DRIVER_COMMAND_LINES_H
#define DRIVER_COMMAND_LINES_H

#include "base/world.h"
#include "cpprof/error.h"
#include "driver/prompt/editor.h"
#include "query/catalog.h"

struct command_lines {
    const struct world *env;
    struct editor *editor; /* or NULL: the rest is used */
    char *buffer;
    size_t n, at;
    bool ended;
};

/* `p`, `catalog`: whose functions and reports complete words at a terminal. */
void command_lines_open(struct command_lines *c, const struct world *env,
                        const struct pp_profile *p, const struct catalog *catalog);

/* Whether the next line, or the end, need not be waited for. */
bool command_lines_has_next(const struct command_lines *c);

/* The next line without its newline, after a prompt at a terminal. It lives until the next call.
 * False at the end, and with an error when the input can't be read. */
bool command_lines_next(struct command_lines *c, struct pp_str *ret_line, struct pp_error *err);

void command_lines_close(struct command_lines *c);

#endif
