/* See dwarf_resolve.h. The innermost frame has its place from the line table; each frame around it
 * has the place of the call. */
#include "symbol/dwarf_resolve.h"

#include "symbol/dwarf_scopes.h"
#include "symbol/dwarf_split.h"

struct unit_work {
    struct dwarf_handle *handle;      /* of the skeleton or whole unit */
    struct dwarf_handle *tree_handle; /* of the unit that has the tree */
    const struct dwarf_unit *unit;
    struct dwarf_line_table table;
    bool has_table, copy_names;
    struct pp_str *paths; /* of the files, as far as asked */
    struct dwarf_line_lookup *lines;
    struct dwarf_scopes scopes;
    struct pp_arena scratch;
};

static void find_lines(struct unit_work *w, const struct lookup *lookups, size_t n) {
    const struct dwarf_line_sections *in = &w->handle->file->lines;
    w->lines = PP_NEW(&w->scratch, struct dwarf_line_lookup, n);
    for (size_t i = 0; i < n; i++)
        w->lines[i] = (struct dwarf_line_lookup){lookups[i].address, UINT64_MAX, 0, 0, 0};
    if (!w->unit->has_lines || !dwarf_lines_open(&w->table, in, w->unit->line_offset, &w->scratch))
        return;
    uint64_t cost = (uint64_t)(w->table.program.end - w->table.program.at);
    if (cost > w->handle->line_work_left) return;
    w->handle->line_work_left -= cost;
    w->has_table = true;
    w->paths = PP_NEW(&w->scratch, struct pp_str, w->table.n_files + 1);
    dwarf_lines_find(&w->table, in, w->lines, n, &w->scratch);
}

static struct pp_str path_of(struct unit_work *w, uint64_t file) {
    if (!w->has_table || file > w->table.n_files) return PP_STR("");
    if (!w->paths[file].data)
        w->paths[file] = dwarf_lines_path(&w->table, file, w->unit->dir, w->handle->arena);
    return w->paths[file];
}

static struct pp_str kept(struct unit_work *w, struct pp_str name) {
    return w->copy_names ? pp_arena_copy(w->handle->arena, name) : name;
}

static void set_function(struct unit_work *w, struct frame *f, struct dwarf_scope *scope) {
    struct dwarf_name name = dwarf_name_of(w->tree_handle, &scope->die);
    f->function = kept(w, name.linkage.len ? name.linkage : name.name);
    f->start_line = name.decl_line;
}

static uint32_t chain_length(const struct dwarf_scopes *s, uint32_t scope) {
    uint32_t n = 0;
    for (; scope != PP_NONE; scope = s->scopes[scope].caller)
        n++;
    return n;
}

static void answer(struct unit_work *w, struct lookup *l, const struct dwarf_line_lookup *line,
                   uint32_t scope) {
    bool has_line = w->has_table && line->sequence_end != UINT64_MAX;
    uint32_t n = chain_length(&w->scopes, scope);
    if (n == 0 && !has_line) return;
    l->n_frames = n ? n : 1;
    l->frames = PP_NEW(w->handle->arena, struct frame, l->n_frames);
    l->source = FRAMES_DWARF;
    struct frame *f = l->frames;
    if (has_line) {
        f->file = path_of(w, line->file);
        f->line = line->line;
        f->column = line->column;
    }
    for (; scope != PP_NONE; f++) {
        struct dwarf_scope *s = &w->scopes.scopes[scope];
        set_function(w, f, s);
        scope = s->caller;
        if (scope == PP_NONE) break;
        f[1].file = path_of(w, s->call_file);
        f[1].line = (int64_t)s->call_line;
        f[1].column = (int64_t)s->call_column;
    }
}

static void answer_all(struct unit_work *w, const struct dwarf_unit *tree, struct lookup *lookups,
                       size_t n) {
    find_lines(w, lookups, n);
    dwarf_scopes_find(&w->scopes, w->tree_handle, tree, lookups, n, &w->scratch);
    for (size_t i = 0; i < n; i++)
        answer(w, &lookups[i], &w->lines[i], w->scopes.innermost[i]);
}

void dwarf_resolve(struct dwarf_handle *h, uint64_t unit, struct lookup *lookups, size_t n,
                   struct dwarf_resolve_report *report) {
    struct dwarf_unit u;
    if (!dwarf_unit_open(&u, h, unit)) return;
    struct unit_work w = {.handle = h, .tree_handle = h, .unit = &u};
    struct dwarf_split split;
    bool is_split = u.split_name.len > 0;
    if (is_split && dwarf_split_open(&split, h, &u, &w.scratch)) {
        w.tree_handle = &split.handle;
        w.copy_names = true;
        answer_all(&w, &split.unit, lookups, n);
        dwarf_split_close(&split);
    } else {
        report->n_split_missing += is_split;
        answer_all(&w, &u, lookups, n);
    }
    pp_arena_done(&w.scratch);
}
