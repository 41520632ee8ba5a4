/* See dwarf_resolve.h. The innermost frame has its place from the line table; each frame around it
 * has the place of the call. */
#include "symbol/dwarf_resolve.h"

#include "symbol/dwarf_scopes.h"
#include "symbol/dwarf_split.h"

struct unit_work {
    struct dwarf_handle *handle;      /* of the skeleton or whole unit */
    struct dwarf_handle *tree_handle; /* of the unit that has the tree */
    struct dwarf_line_table table;
    bool has_table, copy_names;
    struct pp_str dir;
    struct pp_str *paths; /* of the files, as far as asked */
    struct dwarf_line_lookup *lines;
    struct dwarf_scopes scopes;
    struct pp_arena scratch;
};

/* ---- calls ---- */

static struct pp_str kept(struct unit_work *w, struct pp_str name) {
    return w->copy_names ? name_budget_copy(w->handle->names_left, name, w->handle->arena) : name;
}

static void set_function(struct unit_work *w, struct frame *f, struct dwarf_scope *scope) {
    struct dwarf_name name = dwarf_name_of(w->tree_handle, &scope->die);
    f->function =
        kept(w, dwarf_name_is_set(w->tree_handle, name.linkage) ? name.linkage : name.name);
    f->start_line = name.decl_line;
}

static uint32_t chain_length(const struct dwarf_scopes *s, uint32_t scope) {
    uint32_t n = 0;
    for (; scope != PP_NONE; scope = s->scopes[scope].caller)
        n++;
    return n;
}

/* Until the second step a call's file is its number, as the length of no text. */
static struct pp_str file_number(uint64_t number) {
    return (struct pp_str){NULL, number};
}

static void set_calls(struct unit_work *w, struct lookup *l, uint32_t scope) {
    uint32_t n = chain_length(&w->scopes, scope);
    if (n == 0) return;
    l->n_frames = n;
    l->frames = PP_NEW(w->handle->arena, struct frame, n);
    l->source = FRAMES_DWARF;
    for (struct frame *f = l->frames; scope != PP_NONE; f++) {
        struct dwarf_scope *s = &w->scopes.scopes[scope];
        set_function(w, f, s);
        scope = s->caller;
        if (scope == PP_NONE) break;
        f[1].file = file_number(s->call_file);
        f[1].line = (int64_t)s->call_line;
        f[1].column = (int64_t)s->call_column;
    }
}

static void find_calls(struct unit_work *w, const struct dwarf_unit *tree, struct dwarf_job *j) {
    w->tree_handle = tree->handle;
    if (!dwarf_unit_hold(tree)) return;
    dwarf_scopes_find(&w->scopes, tree, j->lookups, j->n, &w->scratch);
    for (size_t i = 0; i < j->n; i++)
        set_calls(w, &j->lookups[i], w->scopes.innermost[i]);
    dwarf_unit_release(tree);
}

void dwarf_resolve_calls(struct dwarf_handle *h, struct dwarf_job *j) {
    struct dwarf_unit u;
    if (!dwarf_unit_open(&u, h, j->die)) return;
    struct unit_work w = {.handle = h};
    struct dwarf_split split;
    j->opened = true;
    j->dir = u.dir;
    j->has_lines = u.has_lines;
    j->line_offset = u.line_offset;
    if (u.is_split && dwarf_split_open(&split, &u, &w.scratch)) {
        w.copy_names = true;
        find_calls(&w, &split.unit, j);
        dwarf_split_close(&split);
    } else {
        j->is_missing = u.is_split;
        find_calls(&w, &u, j);
    }
    pp_arena_done(&w.scratch);
}

/* ---- places ---- */

static void find_lines(struct unit_work *w, const struct dwarf_job *j) {
    const struct dwarf_line_sections *in = &w->handle->file->lines;
    w->lines = PP_NEW(&w->scratch, struct dwarf_line_lookup, j->n);
    for (size_t i = 0; i < j->n; i++)
        w->lines[i] = (struct dwarf_line_lookup){j->lookups[i].address, UINT64_MAX, 0, 0, 0};
    if (!j->has_lines || !dwarf_lines_open(&w->table, in, j->line_offset, &w->scratch)) return;
    uint64_t cost = (uint64_t)(w->table.program.end - w->table.program.at);
    if (cost > w->handle->line_work_left) return;
    w->handle->line_work_left -= cost;
    w->has_table = true;
    w->paths = PP_NEW(&w->scratch, struct pp_str, w->table.n_files + 1);
    dwarf_lines_find(&w->table, in, w->lines, j->n, &w->scratch);
}

static struct pp_str path_of(struct unit_work *w, uint64_t file) {
    if (!w->has_table || file > w->table.n_files) return PP_STR("");
    if (!w->paths[file].data)
        w->paths[file] =
            dwarf_lines_path(&w->table, file, w->dir, w->handle->names_left, w->handle->arena);
    return w->paths[file];
}

/* A text that was not there yet when it was found. */
static struct pp_str settled(struct pp_str text) {
    return text.len ? text : pp_str_from(text.data);
}

static void set_places(struct unit_work *w, struct lookup *l,
                       const struct dwarf_line_lookup *line) {
    bool has_line = w->has_table && line->sequence_end != UINT64_MAX;
    if (l->n_frames == 0 && has_line) {
        l->n_frames = 1;
        l->frames = PP_NEW(w->handle->arena, struct frame, 1);
        l->source = FRAMES_DWARF;
    }
    for (uint32_t i = 0; i < l->n_frames; i++) {
        struct frame *f = &l->frames[i];
        f->function = settled(f->function);
        if (i) f->file = path_of(w, f->file.len);
    }
    if (l->n_frames == 0 || !has_line) return;
    l->frames[0].file = path_of(w, line->file);
    l->frames[0].line = line->line;
    l->frames[0].column = line->column;
}

void dwarf_resolve_places(struct dwarf_handle *h, struct dwarf_job *j) {
    struct unit_work w = {.handle = h, .dir = settled(j->dir)};
    if (!j->opened) return;
    find_lines(&w, j);
    for (size_t i = 0; i < j->n; i++)
        set_places(&w, &j->lookups[i], &w.lines[i]);
    pp_arena_done(&w.scratch);
}

/* ---- where answers change ---- */

struct seer {
    void (*see)(void *user, uint64_t address);
    void *user;
};

static void see_both(void *user, uint64_t start, uint64_t end) {
    const struct seer *s = user;
    s->see(s->user, start);
    s->see(s->user, end);
}

static bool each_row(struct dwarf_handle *h, const struct dwarf_unit *u, const struct seer *s,
                     struct pp_arena *scratch) {
    const struct dwarf_line_sections *in = &h->file->lines;
    struct dwarf_line_table t;
    if (!u->has_lines || !dwarf_lines_open(&t, in, u->line_offset, scratch)) return true;
    uint64_t cost = (uint64_t)(t.program.end - t.program.at);
    if (cost > h->line_work_left / 2) return false; /* it will be run again */
    h->line_work_left -= cost;
    dwarf_lines_each(&t, in, s->see, s->user);
    return true;
}

bool dwarf_resolve_each(struct dwarf_handle *h, uint64_t die,
                        void (*see)(void *user, uint64_t address), void *user) {
    struct dwarf_unit u;
    struct dwarf_split split;
    struct seer s = {see, user};
    struct pp_arena scratch = {0};
    bool ok = true;
    if (!dwarf_unit_open(&u, h, die)) return true;
    if (!u.is_split) {
        ok = dwarf_unit_hold(&u);
        if (ok) dwarf_scopes_each(&u, see_both, &s);
        if (ok) dwarf_unit_release(&u);
        ok = ok && h->work_left > 0;
    } else if (dwarf_split_open(&split, &u, &scratch)) {
        dwarf_scopes_each(&split.unit, see_both, &s);
        ok = split.handle.work_left > 0;
        dwarf_split_close(&split);
    } else {
        ok = false;
    }
    ok = each_row(h, &u, &s, &scratch) && ok;
    pp_arena_done(&scratch);
    return ok;
}
