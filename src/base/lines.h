/* A source by lines, as they arrive. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/input.h"

/* The longest line of the legacy formats: their reader gives up when so many bytes hold no newline.
 */
enum { LINES_MAX = 64 << 10 };

struct lines {
    struct input *in;
    size_t at;  /* of the next line */
    size_t max; /* 0: a line may be of any length */
    struct pp_str
        line;        /* without "\n" or "\r\n"; "" after the last one; stays while `in` is open */
    size_t start;    /* of `line` */
    bool terminated; /* `line` ended in a newline */
    bool too_long;   /* why there is no next line */
};

/* Leaves the line at hand, which is none of the format (input_leave); or all from it on. */
void lines_leave(const struct lines *l);
void lines_leave_rest(const struct lines *l);

/* The next line; false at the end and before a line that is too long. */
bool lines_next(struct lines *l);

#endif
