/* Learns all about a binary, for its index. */
#ifndef SYMBOL_SYMBOL_INDEX_MAKE_H
#define SYMBOL_SYMBOL_INDEX_MAKE_H

#include "symbol/object.h"
#include "symbol/symbol_index_writer.h"

#include <stdatomic.h>

struct index_options {
    struct debug_dirs dirs;
    unsigned threads;        /* 0: the machine's processors */
    const atomic_bool *stop; /* becomes true when it is to give up; or NULL */
};

/* Loads what the object needs and puts the answer for every address into `w`. False, with the
 * reason, for a binary of which not all can be read: what lacks something is not kept. */
bool symbol_index_make(struct object *o, const struct index_options *opt, struct index_writer *w,
                       struct pp_error *err);

#endif
