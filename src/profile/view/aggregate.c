/* Granularity: blanks what a report does not tell apart. */
#include "profile/view/view.h"

#include "profile/edit.h"

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

static void blank_mappings(struct pp_profile *view, const struct level *level, bool inlines,
                           struct pp_arena *arena) {
    struct pp_mapping *own = PP_NEW(arena, struct pp_mapping, view->n_mappings);
    for (uint32_t i = 0; i < view->n_mappings; i++) {
        own[i] = view->mappings[i];
        own[i].has_inline_frames &= inlines;
        own[i].has_functions &= level->function;
        own[i].has_filenames &= level->filename;
        own[i].has_line_numbers &= level->line;
    }
    view->mappings = own;
}

static void blank_functions(struct pp_profile *view, const struct level *level,
                            struct pp_arena *arena) {
    if (level->function && level->filename) return;
    struct pp_function *own = PP_NEW(arena, struct pp_function, view->n_functions);
    for (uint32_t i = 0; i < view->n_functions; i++) {
        own[i] = view->functions[i];
        if (!level->function) own[i].name = own[i].system_name = 0;
        if (!level->filename) own[i].filename = 0;
    }
    view->functions = own;
}

static void blank_lines(struct pp_profile *view, const struct level *level, bool columns,
                        struct pp_arena *arena) {
    if (level->line && columns) return;
    struct pp_line *own = PP_NEW(arena, struct pp_line, view->n_lines);
    for (uint32_t i = 0; i < view->n_lines; i++) {
        own[i].function = view->lines[i].function;
        if (level->line) own[i].line = view->lines[i].line;
    }
    view->lines = own;
}

static void cut_locations(struct pp_profile *view, const struct level *level, bool inlines,
                          struct pp_arena *arena) {
    struct pp_location *own = profile_own_locations(view, arena);
    for (uint32_t i = 0; i < view->n_locations; i++) {
        if (!level->address) own[i].address = 0;
        if (inlines || own[i].n_lines < 2) continue;
        own[i].first_line += own[i].n_lines - 1;
        own[i].n_lines = 1;
    }
}

bool view_aggregate(const struct pp_profile *p, const struct view_detail *detail,
                    struct pp_profile *ret_view, struct pp_arena *arena, struct pp_error *err) {
    struct pp_str name = detail->granularity;
    const struct level *level = find_level(name);
    if (!level)
        return pp_fail(err, PP_E_USAGE, "no granularity \"%.*s\"",
                       (int)(name.len < 100 ? name.len : 100), name.data);
    bool inlines = !detail->no_inlines;
    struct pp_profile view = *p;
    if (!level->address || !inlines) {
        blank_mappings(&view, level, inlines, arena);
        blank_functions(&view, level, arena);
        blank_lines(&view, level, detail->columns, arena);
        cut_locations(&view, level, inlines, arena);
    }
    *ret_view = view;
    return true;
}
