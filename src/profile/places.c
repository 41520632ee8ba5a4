#include "profile/places.h"

struct pp_line_row places_row(struct pp_profile *p, size_t *cap, const struct pp_line *line,
                              struct pp_arena *arena) {
    if (line->column == 0 && (uint64_t)line->line < PP_FAR_PLACE)
        return (struct pp_line_row){line->function, (uint32_t)line->line};
    struct pp_place place = {line->line, line->column};
    PP_PUSH(arena, p->places, p->n_places, *cap, place);
    return (struct pp_line_row){line->function, PP_FAR_PLACE | (p->n_places - 1)};
}
