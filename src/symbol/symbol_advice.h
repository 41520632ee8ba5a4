/* What the symbols report is told about a mapping, as data; the words are in report/symbol_tips.c.
 */
#ifndef SYMBOL_SYMBOL_ADVICE_H
#define SYMBOL_SYMBOL_ADVICE_H

#include "symbol/address.h"
#include "symbol/batch.h"
#include "symbol/symbolize.h"

/* What a mapping was read from. */
struct symbol_context {
    const struct pp_mapping *mapping;
    const struct address_map *map;
    const struct batch_object *object;
    int64_t taken; /* as in struct symbolize_options */
};

/* Adds to `looked`; copies into `arena`. */
void symbol_advice_looked(struct symbol_row *row, const struct debug_search *search,
                          struct pp_arena *arena);

/* Adds to `looked` and sets `found` from what was read; copies into `arena`. */
void symbol_advice_sources(struct symbol_row *row, const struct symbol_context *c,
                           struct pp_arena *arena);

/* Sets `tips`. */
void symbol_advice_with_file(struct symbol_row *row, const struct symbol_context *c,
                             struct pp_arena *arena);
void symbol_advice_without_file(struct symbol_row *row);

/* Says of a profile's rows what every report must: which names may be another build's. After the
 * others. */
void symbol_advice_warn(const struct symbol_row *rows, uint32_t n, const struct pp_diag *diag);

#endif
