/* What the symbols report says in words about a mapping. */
#ifndef SYMBOL_SYMBOL_ADVICE_H
#define SYMBOL_SYMBOL_ADVICE_H

#include "symbol/batch.h"
#include "symbol/symbolize.h"

/* Adds to `looked`; copies into `arena`. */
void symbol_advice_looked(struct symbol_row *row, const struct debug_search *search,
                          struct pp_arena *arena);

/* Adds to `looked` and sets `found` from what was read; copies into `arena`. */
void symbol_advice_sources(struct symbol_row *row, const struct object *o, struct pp_arena *arena);

/* Sets `advice`: one sentence on what would help. `o`: NULL when nothing was read. */
void symbol_advice(struct symbol_row *row, const struct batch_object *o, struct pp_arena *arena);

#endif
