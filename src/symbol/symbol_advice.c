/* See symbol_advice.h. */
#include "symbol/symbol_advice.h"

#include "base/path.h"
#include "symbol/kernel_names.h"
#include "symbol/perf_map.h"

#include <elf.h>

enum { PAGE = 4096 };

void symbol_advice_looked(struct symbol_row *row, const struct debug_search *search,
                          struct pp_arena *arena) {
    size_t n_before = row->n_looked;
    struct pp_str *looked = PP_NEW(arena, struct pp_str, n_before + search->n_looked);
    for (size_t i = 0; i < n_before; i++)
        looked[i] = row->looked[i];
    for (size_t i = 0; i < search->n_looked; i++)
        looked[n_before + i] = pp_arena_copy(arena, search->looked[i]);
    row->looked = looked;
    row->n_looked += search->n_looked;
}

enum { MOST_PARTS = 11 };

static size_t list_parts(const struct symbol_row *row, const struct symbol_context *c,
                         struct pp_str parts[MOST_PARTS], struct pp_arena *arena) {
    const struct object *o = c->object->object;
    const struct object_facts f = object_facts(o);
    size_t n = 0;
    if (!pp_str_eq(o->path, row->file))
        parts[n++] = pp_arena_printf(
            arena, "%s%.*s", elf_file_has_code(&o->main) ? "" : "debug file ", PP_STR_ARG(o->path));
    if (c->map->guessed) parts[n++] = PP_STR("segments from the mapping");
    if (f.dwarf)
        parts[n++] = f.debug_path.len
                         ? pp_arena_printf(arena, "DWARF in %.*s", PP_STR_ARG(f.debug_path))
                         : PP_STR("DWARF");
    if (f.package_path.len)
        parts[n++] = pp_arena_printf(arena, "package %.*s", PP_STR_ARG(f.package_path));
    if (f.alternate) parts[n++] = PP_STR("dwz alternate");
    if (f.gopclntab) parts[n++] = PP_STR("gopclntab");
    if (f.symbols) parts[n++] = f.complete ? PP_STR("symbol table") : PP_STR("dynamic symbols");
    if (f.debug_symbols)
        parts[n++] =
            f.mini ? PP_STR("mini debug symbols") : PP_STR("symbol table of the debug file");
    if (o->is_indexed)
        parts[n++] = pp_arena_printf(arena, "out of the index %.*s", PP_STR_ARG(o->index_path));
    return n;
}

void symbol_advice_sources(struct symbol_row *row, const struct symbol_context *c,
                           struct pp_arena *arena) {
    symbol_advice_looked(row, &c->object->object->search, arena);
    if (row->outcome != SYMBOLS_READ) return;
    struct pp_str parts[MOST_PARTS];
    size_t n = list_parts(row, c, parts, arena);
    row->found = PP_STR("");
    for (size_t i = 0; i < n; i++)
        row->found = pp_arena_printf(arena, "%.*s%s%.*s", PP_STR_ARG(row->found), i ? ", " : "",
                                     PP_STR_ARG(parts[i]));
}

/* ---- tips ---- */

static void add(struct symbol_row *row, enum symbol_tip_code code, struct pp_str about, uint64_t n,
                uint64_t of) {
    if (row->n_tips < SYMBOL_TIPS)
        row->tips[row->n_tips++] = (struct symbol_tip){code, about, n, of};
}

static void say(struct symbol_row *row, enum symbol_tip_code code) {
    add(row, code, PP_STR(""), 0, 0);
}

static bool is_of_process(struct pp_str file) {
    return pp_str_has_prefix(file, PP_STR("[v")) ||
           pp_str_has_prefix(path_base(file), PP_STR("linux-vdso"));
}

/* Memory, pages of the kernel in a process, or its code. */
static void say_what_it_is(struct symbol_row *row) {
    struct pp_str list;
    if (perf_map_is_for(row->file))
        say(row, TIP_MEMORY);
    else if (is_of_process(row->file))
        say(row, TIP_PAGES);
    else if (!row->build_id.len && kernel_names_list(row->file, &list))
        add(row, TIP_SOME_KERNEL, list, 0, 0);
    else
        say(row, TIP_KERNEL);
}

void symbol_advice_without_file(struct symbol_row *row) {
    static const enum symbol_tip_code codes[] = {
        [SYMBOLS_UNUSED] = TIP_UNUSED,
        [SYMBOLS_PRESENT] = TIP_PRESENT,
        [SYMBOLS_OFF] = TIP_OFF,
        [SYMBOLS_NO_FILE] = TIP_NO_FILE,
        [SYMBOLS_REMOTE] = TIP_REMOTE,
        [SYMBOLS_UNREADABLE] = TIP_UNREADABLE,
        [SYMBOLS_READ] = TIP_WRONG_BUILD,
        [SYMBOLS_WRONG_BUILD] = TIP_WRONG_BUILD,
        [SYMBOLS_NOT_A_FILE] = TIP_KERNEL,
        [SYMBOLS_PERF_MAP] = TIP_PERF_MAP_GAPS,
        [SYMBOLS_KERNEL] = TIP_KERNEL_LINES,
    };
    if (row->outcome == SYMBOLS_NO_STACK) return;
    if (row->outcome == SYMBOLS_NO_MAPPING) {
        if (row->n_none || !row->found.len) say(row, TIP_NO_MAPPING);
    } else if (row->outcome == SYMBOLS_NOT_A_FILE)
        say_what_it_is(row);
    else if (row->outcome == SYMBOLS_UNREADABLE && perf_map_is_for(row->file))
        say(row, TIP_PERF_MAP_GONE);
    else if (row->outcome != SYMBOLS_PERF_MAP || row->n_none)
        add(row, codes[row->outcome], PP_STR(""), row->n_none, 0);
}

static uint64_t pages(uint64_t from, uint64_t size) {
    return (from % PAGE + size + PAGE - 1) / PAGE;
}

/* Without build ids only this tells that the file is not the one that ran. */
static void doubt(struct symbol_row *row, const struct symbol_context *c) {
    const struct object *o = c->object->object;
    const struct pp_mapping *m = c->mapping;
    const struct elf_segment *s = elf_file_text_segment(&o->main);
    if (row->build_id.len && row->file_build_id.len) return;
    if (c->taken && o->main.image.changed > c->taken) say(row, TIP_NEWER);
    if (s && !m->as_image && m->limit > m->start && m->offset == s->offset - s->offset % PAGE &&
        (m->limit - m->start) / PAGE != pages(s->vaddr, s->memsz))
        add(row, TIP_OTHER_SIZE, PP_STR(""), m->limit - m->start, s->memsz);
    const struct object_facts f = object_facts(o);
    bool complete = f.complete || f.debug_symbols || f.gopclntab;
    if (complete && row->n_none >= 3 && row->n_none >= row->n_addresses / 5)
        add(row, TIP_MISFIT, PP_STR(""), row->n_none, row->n_addresses);
}

static bool has_tip(const struct symbol_row *row, enum symbol_tip_code code) {
    for (uint32_t i = 0; i < row->n_tips; i++)
        if (row->tips[i].code == code) return true;
    return false;
}

/* So much does not fit that names are probably another build's. */
static bool is_doubtful(const struct symbol_row *row) {
    return has_tip(row, TIP_MISFIT) || (has_tip(row, TIP_NEWER) && has_tip(row, TIP_OTHER_SIZE));
}

static void say_of_lines(struct symbol_row *row, const struct object *o) {
    const struct object_facts f = object_facts(o);
    if (f.dwarf && row->n_none == 0 && row->n_symtab == 0) return;
    if (f.dwarf)
        say(row, TIP_SOME_LINES);
    else if (f.gopclntab && row->n_none == 0)
        return;
    else if (f.complete || f.debug_symbols)
        say(row, TIP_NO_LINES);
    else
        say(row, TIP_STRIPPED);
}

void symbol_advice_with_file(struct symbol_row *row, const struct symbol_context *c,
                             struct pp_arena *arena) {
    const struct object *o = c->object->object;
    if (row->outcome != SYMBOLS_READ) {
        symbol_advice_without_file(row);
        return;
    }
    doubt(row, c);
    if (!elf_file_has_code(&o->main)) say(row, TIP_NO_PROGRAM);
    if (o->trouble.len)
        add(row, TIP_BROKEN_DWARF, pp_arena_copy(arena, o->trouble), 0, 0);
    else if (c->object->n_split_missing)
        add(row, TIP_SPLIT_MISSING, PP_STR(""), c->object->n_split_missing, 0);
    else if (o->alternate_missing.len)
        add(row, TIP_DWZ_MISSING, pp_arena_copy(arena, o->alternate_missing), 0, 0);
    else
        say_of_lines(row, o);
}

/* ---- warnings ---- */

/* Files that nothing tells apart from those that ran: the first, and how many more. */
static void say_what_is_newer(const struct symbol_row *rows, uint32_t n,
                              const struct pp_diag *diag) {
    const struct symbol_row *first = NULL;
    uint32_t more = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!has_tip(&rows[i], TIP_NEWER) || is_doubtful(&rows[i])) continue;
        if (!first)
            first = &rows[i];
        else if (!pp_str_eq(rows[i].file, first->file))
            more++;
    }
    if (first && more)
        pp_say(diag,
               "%.*s and %u more were changed after the profile was taken: if built again, names "
               "may be wrong",
               PP_STR_ARG(first->file), more);
    else if (first)
        pp_say(diag,
               "%.*s was changed after the profile was taken: if built again, names may be wrong",
               PP_STR_ARG(first->file));
}

void symbol_advice_warn(const struct symbol_row *rows, uint32_t n, const struct pp_diag *diag) {
    say_what_is_newer(rows, n, diag);
    for (uint32_t i = 0; i < n; i++)
        if (is_doubtful(&rows[i]))
            pp_say(diag,
                   "%.*s does not fit the profile: perhaps it was built again after it was taken; "
                   "names may be wrong",
                   PP_STR_ARG(rows[i].file));
}
