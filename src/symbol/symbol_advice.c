/* See symbol_advice.h. */
#include "symbol/symbol_advice.h"

#include "symbol/perf_map.h"

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

void symbol_advice_sources(struct symbol_row *row, const struct object *o, struct pp_arena *arena) {
    symbol_advice_looked(row, &o->search, arena);
    if (row->outcome != SYMBOLS_READ) return;
    struct pp_str parts[7];
    size_t n = 0;
    if (o->has_dwarf)
        parts[n++] = o->debug_path.len
                         ? pp_arena_printf(arena, "DWARF in %.*s", PP_STR_ARG(o->debug_path))
                         : PP_STR("DWARF");
    if (o->package_path.len)
        parts[n++] = pp_arena_printf(arena, "package %.*s", PP_STR_ARG(o->package_path));
    if (o->dwarf.alt) parts[n++] = PP_STR("dwz alternate");
    if (o->has_pclntab) parts[n++] = PP_STR("gopclntab");
    if (o->symbols.n)
        parts[n++] = o->symbols.complete ? PP_STR("symbol table") : PP_STR("dynamic symbols");
    if (o->debug_symbols.n)
        parts[n++] =
            o->mini.elf ? PP_STR("mini debug symbols") : PP_STR("symbol table of the debug file");
    row->found = PP_STR("");
    for (size_t i = 0; i < n; i++)
        row->found = pp_arena_printf(arena, "%.*s%s%.*s", PP_STR_ARG(row->found), i ? ", " : "",
                                     PP_STR_ARG(parts[i]));
}

/* By outcome, for those of which nothing was read. */
static struct pp_str without_file(const struct symbol_row *row) {
    switch (row->outcome) {
    case SYMBOLS_UNUSED:
        return PP_STR("No location of the profile is in it.");
    case SYMBOLS_PRESENT:
        return PP_STR("The profile came with names; -symbolize=force looks them up again.");
    case SYMBOLS_OFF:
        return PP_STR("Local symbolization is switched off by -symbolize.");
    case SYMBOLS_NO_FILE:
        return PP_STR("The profile does not name the file: give the binary before the profile.");
    case SYMBOLS_NOT_A_FILE:
        return perf_map_is_for(row->file)
                   ? PP_STR("Memory without a file: if a just-in-time compiler put code there, let "
                            "it write /tmp/perf-PID.map and give -perf_map=FILE.")
                   : PP_STR("Code of the kernel: there is no file to read.");
    case SYMBOLS_PERF_MAP:
        return row->n_none ? PP_STR("What the map lacks was made after it was written, or is no "
                                    "code of this process.")
                           : PP_STR("");
    case SYMBOLS_REMOTE:
        return PP_STR("The mapping names the server: give the binary before the profile.");
    case SYMBOLS_UNREADABLE:
        return PP_STR(
            "Put the binary under PPROF_BINARY_PATH, as BUILD-ID/NAME or NAME, or give it "
            "before the profile.");
    default:
        return PP_STR("Find the file of this build id; -symbolize=force uses the other one.");
    }
}

static struct pp_str with_file(const struct symbol_row *row, const struct batch_object *b,
                               struct pp_arena *arena) {
    const struct object *o = b->object;
    if (o->trouble.len)
        return pp_arena_printf(arena, "Its DWARF is of no use: %.*s.", PP_STR_ARG(o->trouble));
    if (b->n_split_missing)
        return pp_arena_printf(arena,
                               "%u units have their DWARF in .dwo files that were not found: "
                               "keep them beside the binary, where they were built, or "
                               "packed as BINARY.dwp.",
                               b->n_split_missing);
    if (elf_file_section(o->debug.elf ? &o->debug : &o->main, PP_STR(".gnu_debugaltlink")) &&
        !o->dwarf.alt && o->has_dwarf)
        return PP_STR("Install the dwz file that .gnu_debugaltlink names: some names are in it.");
    if (o->has_dwarf && row->n_none == 0 && row->n_symtab == 0) return PP_STR("");
    if (o->has_dwarf)
        return PP_STR(
            "Addresses without lines are in code that was built without -g, or in stubs.");
    if (o->has_pclntab && row->n_none == 0) return PP_STR("");
    if (o->symbols.complete || o->debug_symbols.n)
        return PP_STR("For lines and inlined calls build with -g, or install its debug package.");
    return PP_STR(
        "It is stripped: install its debug package (-dbgsym), or build with -g and keep the "
        "symbols.");
}

void symbol_advice(struct symbol_row *row, const struct batch_object *o, struct pp_arena *arena) {
    row->advice = row->outcome == SYMBOLS_READ && o ? with_file(row, o, arena) : without_file(row);
}
