/* The ids of stacks as text: for reports that write every sample, where turning numbers into digits
 * would be most of the time. */
#ifndef REPORT_ID_TEXTS_H
#define REPORT_ID_TEXTS_H

#include "base/out.h"
#include "profile/profile.h"

struct id_text {
    char text[22]; /* the separator and the id */
    unsigned char len;
};

struct id_texts {
    const struct pp_profile *p;
    struct id_text *at; /* by location */
};

void id_texts_init(struct id_texts *t, const struct pp_profile *p, char separator,
                   struct pp_arena *arena);

/* The ids of the stack's locations, with the separator between them. */
void id_texts_put(const struct id_texts *t, struct out *o, struct pp_stack stack);

#endif
