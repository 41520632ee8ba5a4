/* Files of other kinds: what people hand in by mistake, or hope for. One row each in foreign.def.
 */
#ifndef PROFILE_FOREIGN_H
#define PROFILE_FOREIGN_H

#include "base/input.h"

struct foreign_kind {
    size_t offset;
    struct pp_str magic;              /* stands at `offset`; "" where `test` knows it */
    bool (*test)(struct pp_str head); /* of the file's first FOREIGN_HEAD bytes */
    const char *key;                  /* a member of the object that the file is, in its head */
    struct pp_str part;               /* stands somewhere in the head of a text */
    const char *name, *advice;        /* what it is; what makes something readable of it */
};

enum { FOREIGN_HEAD = 1024 };

extern const struct foreign_kind foreign_table[];
extern const size_t foreign_table_len;

/* What the kinds are known by; reads no more. */
struct pp_str foreign_head(struct input *in);

/* The kind that a source with this head is of, or NULL. */
const struct foreign_kind *foreign_find(struct pp_str head);

/* Whether a head is text: no control characters but white space. Then how it begins, on one line:
 * what a server says instead of a profile is short. */
enum { FOREIGN_SAID = 80 };
bool foreign_is_text(struct pp_str head, char ret_begin[FOREIGN_SAID]);

#endif
