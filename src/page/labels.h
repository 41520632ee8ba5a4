/* The labels of a profile that was read without them, for questions that ask for them: they are
 * decoded for the first one, and stay. Any number of threads may ask at once; who asks for no
 * labels never waits for them. */
#ifndef PAGE_LABELS_H
#define PAGE_LABELS_H

#include "base/arena.h"
#include "profile/decode/kept_labels.h"

#include <pthread.h>
#include <stdatomic.h>

struct page_labels {
    const struct kept_labels *kept;
    pthread_mutex_t lock; /* of who decodes them */
    atomic_bool ready;
    struct pp_profile whole; /* that has them */
    struct pp_arena arena;
};

void page_labels_init(struct page_labels *l, const struct kept_labels *kept);
void page_labels_done(struct page_labels *l);

/* `p`, always the same, with its labels. `l` may be NULL: it has them. */
const struct pp_profile *page_labels_of(struct page_labels *l, const struct pp_profile *p);

#endif
