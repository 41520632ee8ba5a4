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

/* Bytes that a decoder stepped over: none of its format. */
struct input_gap {
    size_t from, to;
};

enum { INPUT_GAPS = 64 };

struct input {
    const char *data;
    size_t avail;            /* bytes that have arrived; grows inside input_need */
    bool done;               /* no more will come */
    struct pp_limits limits; /* none of them 0 */
    bool keep_times;         /* a decoder keeps when each sample was taken, as a label */
    char note[240];          /* what the decoder has to say about what it read; "": nothing */
    bool no_labels;    /* a decoder that makes labels need not; those that a file has are kept */
    bool units_only;   /* of those that a file has, too, only units of numbers are asked for */
    bool labels_later; /* and the others are kept for who may ask for them later */
    bool numbers_only; /* what a text says besides its numbers is not wanted */
    bool is_merged;    /* with others, at once: equal stacks of it need not be found yet */
    struct pp_error
        doubt; /* of what was read nevertheless: code PP_E_NONE, or why it may be wrong */
    struct input_gap gaps[INPUT_GAPS]; /* in order: the first ones, and the last */
    size_t n_gaps;
    struct kept_labels
        *kept; /* those (profile/decode/kept_labels.h), if the decoder did; or NULL */
    struct input_reader *reader;
    /* For who decodes it: decoders to ask before the built-in ones, and the one that is asked. */
    const struct profile_decoder *const *decoders, *decoder;
    size_t n_decoders;
    const struct decode_host *host; /* whom a decoder may ask (profile/decode/host.h); or NULL */
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

/* Reads `n` bytes from `at` on that need not have come yet; false when the source is compressed, is
 * no file, or ends before. */
bool input_peek(const struct input *in, uint64_t at, void *ret_bytes, size_t n);
/* Bytes that may be made of a source where few of its bytes stand for many, as in a tree of calls,
 * in which a node that costs a line is a stack: any source may give SPREAD_FREE, and SPREAD times
 * what it has. Otherwise they grow with its square. */
enum { SPREAD_FREE = 256 << 20, SPREAD_PART = 32 /* of max_ratio */ };
uint64_t input_spread(const struct input *in);

/* Fails, as what takes more than that. */
bool input_fail_spread(const struct input *in, const char *what, struct pp_error *err);

/* Adds to the note, after "; "; what finds no room is cut. */
void input_note(struct input *in, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The bytes from `from` to `to` (SIZE_MAX: the end) were stepped over: who has the decoder's answer
 * sees whether something stands there that must not be left out. Of a decoder that fails: whether
 * another profile begins where one to the end does. */
void input_leave(struct input *in, size_t from, size_t to);

/* Where in the source its byte `at` stands: input_skip moves its beginning. */
size_t input_offset(const struct input *in, size_t at);

/* Has the bytes of a file that is not compressed mapped instead of read, where they stand: cheaper
 * for who looks at a part of a large one. All of them are there then. False when it can't be, or
 * must not: a mapped file that is cut short raises SIGBUS, which a library may not ask for. */
bool input_map(struct input *in);

/* Forgets the next n bytes: the source begins after them. Before anything was released. */
void input_skip(struct input *in, size_t n);

/* All bytes: waits for the end. */
struct pp_str input_all(struct input *in);

/* The bytes before `before` are not needed any more: gives their memory back where that is worth
 * it. Reading them again gives zeros. Returns whether any are gone. */
bool input_release(struct input *in, size_t before);
/* All bytes are there, and too few for that. */
bool input_stays(const struct input *in);

/* Waits for the end; false, with the reason, when the source was broken, too large or unreadable.
 */
bool input_finish(struct input *in, struct pp_error *err);

void input_close(struct input *in);

#endif
