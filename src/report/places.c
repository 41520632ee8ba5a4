#include "report/places.h"

#include "graph/name.h"

/* What all lines of the functions of one name have in common; PP_NONE where they differ. */
struct known_place {
    uint32_t file, mapping;
    int64_t line, first_seen;
    bool seen;
};

static void learn(struct known_place *k, const struct pp_function *f, uint32_t mapping,
                  int64_t line) {
    if (!k->seen) {
        *k = (struct known_place){f->filename, mapping, f->start_line, line, true};
        return;
    }
    if (k->file != f->filename) k->file = PP_NONE;
    if (k->mapping != mapping) k->mapping = PP_NONE;
    if (k->line != f->start_line) k->line = 0;
    if (line > 0 && (line < k->first_seen || k->first_seen <= 0)) k->first_seen = line;
}

void places_init(struct places *p, const struct report_ctx *rc, const struct graph *g) {
    const struct pp_profile *full = rc->full;
    *p = (struct places){.rc = rc, .g = g};
    p->by_name = PP_NEW(rc->arena, struct known_place, full->n_strings);
    for (uint32_t i = 0; i < full->n_locations; i++) {
        const struct pp_location *l = &full->locations[i];
        uint32_t mapping = l->mapping == PP_NONE ? 0 : full->mappings[l->mapping].file;
        for (uint32_t j = 0; j < l->n_lines; j++) {
            const struct pp_line line = pp_line_at(full, l->first_line + j);
            const struct pp_function *f = &full->functions[line.function];
            learn(&p->by_name[f->name], f, mapping, line.line);
        }
    }
}

struct place place_of(const struct places *p, uint32_t node) {
    const struct graph_info info = graph_info_of(p->g, node);
    struct place place = {
        .file = graph_file(p->g, node),
        .mapping = graph_objfile(p->g, node),
        .line = info.line,
    };
    const struct known_place *k = &p->by_name[info.name];
    if (!info.name || !k->seen) return place;
    if (!place.file.len && k->file != PP_NONE)
        place.file = name_file(pp_string(p->rc->full, k->file), &p->rc->graph, p->rc->arena);
    if (!place.mapping.len && k->mapping != PP_NONE)
        place.mapping = pp_string(p->rc->full, k->mapping);
    if (!place.line) place.line = k->line;
    place.first_seen = k->first_seen;
    return place;
}
