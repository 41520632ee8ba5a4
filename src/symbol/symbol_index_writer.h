/* Writes the format of symbol_index.h: texts, calls and rows come in one after the other, and
 * symbol_index_write puts them out. The same input gives the same bytes. */
#ifndef SYMBOL_SYMBOL_INDEX_WRITER_H
#define SYMBOL_SYMBOL_INDEX_WRITER_H

#include "base/intern.h"
#include "base/out.h"
#include "symbol/symbol_index.h"

struct index_row {
    uint64_t address;
    uint32_t call, file; /* as index_add_call and index_add_file gave them; call 0: no frame */
    uint32_t line, column;
};

struct index_call {
    uint32_t outer; /* as index_add_call gave it; 0: none */
    uint32_t name;  /* as index_add_text gave it */
    uint64_t start_line;
    uint32_t from_file; /* the place of the call in `outer` */
    uint64_t from_line, from_column;
    enum frame_source source; /* where there is no outer */
};

struct index_writer {
    struct interner texts; /* `places`: of each in the part */
    uint32_t *places;
    size_t n_places, cap_places;
    struct interner files;
    struct out part[INDEX_SUMS];
    struct index_row last; /* what was added last */
    uint64_t n_rows;
    unsigned in_block;
    bool too_large; /* something does not fit */
    struct pp_arena arena;
};

void index_writer_init(struct index_writer *w);
void index_writer_done(struct index_writer *w);

uint32_t index_add_text(struct index_writer *w, struct pp_str text);
uint32_t index_add_file(struct index_writer *w, struct pp_str path);
uint32_t index_add_call(struct index_writer *w, const struct index_call *call);

/* By address; one that says the same as the row before is left out. */
void index_add_row(struct index_writer *w, const struct index_row *row);

/* False when it is too large for the format. What becomes of the bytes tells `out`. */
bool symbol_index_write(struct index_writer *w, struct pp_str key, const struct object_facts *facts,
                        struct out *out, struct pp_error *err);

#endif
