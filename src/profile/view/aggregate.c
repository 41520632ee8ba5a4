/* Granularity: blanks what a report does not tell apart. */
#include "profile/view/view.h"

#include "profile/edit.h"
#include "profile/places.h"

struct level {
    const char *name;
    bool function, filename, line, address;
};

static const struct level levels[] = {
    {"", .function = true},
    {"functions", .function = true},
    {"filefunctions", .function = true, .filename = true},
    {"files", .filename = true},
    {"lines", .function = true, .filename = true, .line = true},
    {"addresses", .function = true, .filename = true, .line = true, .address = true},
};

static const struct level *find_level(struct pp_str name) {
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (pp_str_eq(pp_str_from(levels[i].name), name)) return &levels[i];
    return NULL;
}

bool view_blanks_of(struct pp_str granularity, bool inlines, bool columns,
                    struct view_blanks *ret_blanks, struct pp_error *err) {
    const struct level *level = find_level(granularity);
    if (!level) {
        return pp_fail(err, PP_E_USAGE, "no granularity \"%.*s\"",
                       (int)(granularity.len < 100 ? granularity.len : 100), granularity.data);
    }
    *ret_blanks = (struct view_blanks){
        .function = !level->function,
        .filename = !level->filename,
        .line = !level->line,
        .column = !(level->line && columns) && !(level->address && inlines),
        .address = !level->address,
        .inlines = !inlines,
    };
    return true;
}

static void blank_mappings(struct pp_profile *view, const struct view_blanks *blanks,
                           struct pp_arena *arena) {
    struct pp_mapping *own = profile_own_mappings(view, arena);
    for (uint32_t i = 0; i < view->n_mappings; i++) {
        own[i].has_inline_frames &= !blanks->inlines;
        own[i].has_functions &= !blanks->function;
        own[i].has_filenames &= !blanks->filename;
        own[i].has_line_numbers &= !blanks->line;
    }
}

static void blank_functions(struct pp_profile *view, const struct view_blanks *blanks,
                            struct pp_arena *arena) {
    if (!blanks->function && !blanks->filename) return;
    struct pp_function *own = profile_own_functions(view, arena);
    for (uint32_t i = 0; i < view->n_functions; i++) {
        if (blanks->function) own[i].name = own[i].system_name = 0;
        if (blanks->filename) own[i].filename = 0;
    }
}

static void blank_lines(struct pp_profile *view, const struct view_blanks *blanks,
                        struct pp_arena *arena) {
    if (!blanks->line && !blanks->column) return;
    struct pp_profile old = *view;
    size_t cap = view->n_places = 0;
    view->places = NULL;
    view->lines = PP_NEW(arena, struct pp_line_row, view->n_lines);
    for (uint32_t i = 0; i < view->n_lines; i++) {
        struct pp_line line = pp_line_at(&old, i);
        if (blanks->line) line.line = 0;
        if (blanks->column) line.column = 0;
        view->lines[i] = places_row(view, &cap, &line, arena);
    }
}

static void cut_locations(struct pp_profile *view, const struct view_blanks *blanks,
                          struct pp_arena *arena) {
    if (!blanks->address && !blanks->inlines) return;
    struct pp_location *own = profile_own_locations(view, arena);
    for (uint32_t i = 0; i < view->n_locations; i++) {
        if (blanks->address) own[i].address = 0;
        if (!blanks->inlines || own[i].n_lines < 2) continue;
        own[i].first_line += own[i].n_lines - 1;
        own[i].n_lines = 1;
    }
}

void view_aggregate(const struct pp_profile *p, const struct view_blanks *blanks,
                    struct pp_profile *ret_view, struct pp_arena *arena) {
    struct pp_profile view = *p;
    blank_mappings(&view, blanks, arena);
    blank_functions(&view, blanks, arena);
    blank_lines(&view, blanks, arena);
    cut_locations(&view, blanks, arena);
    *ret_view = view;
}
