#include "driver/prompt/command_lines.h"

#include "base/arena.h"
#include "driver/prompt/prompt.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { LONGEST = 1 << 20 };

void command_lines_open(struct command_lines *c, const struct world *env,
                        const struct pp_profile *p, const struct catalog *catalog) {
    *c = (struct command_lines){.env = env};
    if (env->in_is_terminal && env->terminal) c->editor = editor_open(p, catalog, env);
    if (!c->editor) c->buffer = pp_malloc(LONGEST);
}

/* To whoever types; a terminal that is gone needs none. */
static void write_terminal(const struct command_lines *c, struct pp_str text) {
    if (!c->env->in_is_terminal || !c->env->terminal) return;
    ssize_t written = write(c->env->terminal, text.data, text.len);
    (void)written;
}

static bool read_line(struct command_lines *c, struct pp_str *ret_line, struct pp_error *err) {
    for (;;) {
        char *start = c->buffer + c->at;
        char *newline = c->n > c->at ? memchr(start, '\n', c->n - c->at) : NULL;
        if (newline || (c->ended && c->n > c->at)) {
            size_t len = newline ? (size_t)(newline - start) : c->n - c->at;
            *ret_line = (struct pp_str){start, len};
            c->at += len + (newline != NULL);
            return true;
        }
        if (c->ended) return false;
        memmove(c->buffer, start, c->n - c->at);
        c->n -= c->at;
        c->at = 0;
        if (c->n == LONGEST) return pp_fail(err, PP_E_LIMIT, "a command is longer than a megabyte");
        ssize_t n = read(c->env->in, c->buffer + c->n, LONGEST - c->n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return pp_fail(err, PP_E_IO, "reading commands: %s", strerror(errno));
        c->n += (size_t)n;
        c->ended = n == 0;
    }
}

bool command_lines_has_next(const struct command_lines *c) {
    struct pollfd in = {.fd = c->env->in, .events = POLLIN};
    bool is_read = !c->editor && memchr(c->buffer + c->at, '\n', c->n - c->at);
    return is_read || c->ended || poll(&in, 1, 0) != 0;
}

bool command_lines_next(struct command_lines *c, struct pp_str *ret_line, struct pp_error *err) {
    if (!c->editor) write_terminal(c, PP_STR(PROMPT));
    bool ok = c->editor ? editor_line(c->editor, ret_line) : read_line(c, ret_line, err);
    if (!ok) write_terminal(c, PP_STR("\n")); /* what comes next starts a line */
    return ok;
}

void command_lines_close(struct command_lines *c) {
    if (c->editor) editor_close(c->editor);
    pp_free(c->buffer);
}
