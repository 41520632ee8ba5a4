/* Bytes of a source, inflated where they are gzip or zstd: a contiguous run that grows at its end
 * and never moves, so that a decoder works on its beginning while a second thread still inflates
 * the rest.
 *
 * A source that turns out to be broken just ends early; input_finish tells. Ask it before believing
 * anything that was decoded. */
#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include "cpprof/error.h"
#include "cpprof/limits.h"
#include "cpprof/str.h"

#include <stdint.h>

struct input {
    const char *data;
    size_t avail;            /* bytes that have arrived; grows inside input_need */
    bool done;               /* no more will come */
    struct pp_limits limits; /* none of them 0 */
    bool numbers_only;       /* what a text says besides its numbers is not wanted */
    struct pp_error
        doubt; /* of what was read nevertheless: code PP_E_NONE, or why it may be wrong */
    struct input_reader *reader;
};

/* Reads `fd` (which the input closes, also on failure) to its end. */
bool input_open_fd(struct input *in, int fd, const struct pp_limits *limits, struct pp_error *err);

/* Opens a file for reading; a FIFO is waited for, a directory is refused. */
bool input_open_file(struct input *in, const char *path, const struct pp_limits *limits,
                     struct pp_error *err);

/* Bytes that are there already, and stay; they are inflated too. */
bool input_open_memory(struct input *in, struct pp_str bytes, const struct pp_limits *limits,
                       struct pp_error *err);

/* Waits until `want` bytes are there; false when the end comes before. */
bool input_need(struct input *in, size_t want);

/* Forgets the next n bytes: the source begins after them. Before anything was released. */
void input_skip(struct input *in, size_t n);

/* All bytes: waits for the end. */
struct pp_str input_all(struct input *in);

/* The bytes before `before` are not needed any more: gives their memory back where that is worth
 * it. Reading them again gives zeros. Returns whether any are gone. */
bool input_release(struct input *in, size_t before);

/* Waits for the end; false, with the reason, when the source was broken, too large or unreadable.
 */
bool input_finish(struct input *in, struct pp_error *err);

void input_close(struct input *in);

#endif
