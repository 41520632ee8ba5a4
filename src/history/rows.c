#include "history/rows.h"

#include <inttypes.h>

enum { SLICE_RUNS = 64 };

struct row_slice {
    struct pp_str type;
    struct block block; /* id 0: none yet */
    uint32_t from;      /* a place in it */
    struct row_list rows[SLICE_RUNS];
    struct pp_arena arena;
};

static struct row_slice *slice_of(struct row_reader *r, struct pp_str type) {
    for (size_t i = 0; i < r->n; i++)
        if (pp_str_eq(r->slices[i].type, type)) return &r->slices[i];
    const struct row_slice new = {.type = pp_arena_copy(&r->arena, type)};
    PP_PUSH(&r->arena, r->slices, r->n, r->cap, new);
    return &r->slices[r->n - 1];
}

static bool find_place(const struct block *b, int64_t run, uint32_t *ret_place) {
    for (uint32_t i = 0; i < b->n_runs; i++)
        if (b->runs[i].id == run) {
            *ret_place = i;
            return true;
        }
    return false;
}

static void take_cells(struct row_slice *s, const struct block_columns *c,
                       const struct block_function *f) {
    for (uint32_t i = 0; i < c->n; i++) {
        const struct column_cell *cell = &c->cells[i];
        if (cell->run < s->from || cell->run >= s->from + SLICE_RUNS) continue;
        struct row_list *list = &s->rows[cell->run - s->from];
        const struct packed_sum sum = {f->id, cell->self, cell->cum, cell->count, f->caller};
        PP_PUSH(&s->arena, list->at, list->n, list->cap, sum);
    }
}

/* The part of a block in which a run is. */
static bool turn(struct row_slice *s, struct history *h, const struct row_place *place,
                 struct pp_error *err) {
    struct block_columns columns;
    uint32_t at;
    pp_arena_done(&s->arena);
    memset(s->rows, 0, sizeof s->rows);
    s->block.id = 0;
    if (!block_read(h, place->block, &s->block, &s->arena, err)) return false;
    if (!find_place(&s->block, place->run, &at))
        return pp_fail(err, PP_E_FORMAT, "%s: run %" PRId64 " is in no block", h->path, place->run);
    s->from = at / SLICE_RUNS * SLICE_RUNS;
    if (!block_columns_open(h, &columns, err)) return false;
    bool ok = true;
    for (uint32_t i = 0; i < s->block.n_functions && ok; i++) {
        const struct block_function *f = &s->block.functions[i];
        ok = block_column(&columns, &s->block, f->id, err);
        if (ok) take_cells(s, &columns, f);
    }
    block_columns_close(&columns);
    return ok;
}

static bool holds(const struct row_slice *s, const struct row_place *place, uint32_t *ret_place) {
    return s->block.id == place->block && find_place(&s->block, place->run, ret_place) &&
           *ret_place >= s->from && *ret_place < s->from + SLICE_RUNS;
}

bool rows_read(struct row_reader *r, const struct row_place *place, struct row_list *ret_list,
               struct pp_arena *arena, struct pp_error *err) {
    uint32_t at;
    if (!place->block) {
        uint32_t n;
        bool ok = unpack_sums(place->functions, &ret_list->at, &n, arena, err);
        if (ok) ret_list->n = n;
        return ok || pp_wrap(err, "%s", r->h->path);
    }
    struct row_slice *s = slice_of(r, place->type);
    if (!holds(s, place, &at) && (!turn(s, r->h, place, err) || !holds(s, place, &at)))
        return false;
    *ret_list = s->rows[at - s->from];
    return true;
}

void rows_done(struct row_reader *r) {
    for (size_t i = 0; i < r->n; i++)
        pp_arena_done(&r->slices[i].arena);
    pp_arena_done(&r->arena);
}
