/* See object.h. */
#include "symbol/object.h"

#include "symbol/elf_unpack.h"

/* Together with what else is needed this remains within some 500 MB. */
static const uint64_t most_trees = UINT64_C(384) << 20;

bool object_open(struct object *ret_object, struct pp_str path, struct pp_error *err) {
    struct object o = {.most_trees = most_trees};
    o.path = pp_arena_copy(&o.arena, path);
    if (memchr(path.data ? path.data : "", 0, path.len)) {
        pp_arena_done(&o.arena);
        return pp_fail(err, PP_E_UNSUPPORTED, "the path holds a NUL");
    }
    if (!elf_file_open(&o.main, o.path.data, &o.arena, err)) {
        pp_arena_done(&o.arena);
        return false;
    }
    *ret_object = o;
    return true;
}

bool object_fetch(struct object *ret_object, struct pp_str build_id, struct debug_search *search) {
    struct pp_str path;
    struct pp_error err;
    if (!debug_file_fetch(search, DEBUGINFOD_EXECUTABLE, build_id, &path)) return false;
    if (!object_open(ret_object, path, &err)) {
        debug_file_note(search, path, err.text);
        return false;
    }
    bool ok = pp_str_eq(ret_object->main.build_id, build_id);
    debug_file_note(search, path, ok ? "found" : "has another build id");
    if (!ok) object_close(ret_object);
    return ok;
}

bool object_find(struct object *ret_object, struct pp_str build_id, struct pp_str path,
                 struct debug_search *search) {
    struct elf_file f;
    struct pp_str found;
    if (!debug_file_find_alone(search, build_id, path, &f, &found)) return false;
    *ret_object = (struct object){.main = f, .most_trees = most_trees};
    ret_object->path = pp_arena_copy(&ret_object->arena, found);
    return true;
}

static bool has_dwarf(const struct elf_file *f) {
    return elf_file_section(f, PP_STR(".debug_info")) ||
           elf_file_section(f, PP_STR(".zdebug_info"));
}

/* The alternate's sections, plain: itself, or an unpacked file in `plain`. */
static const struct elf_file *plain_alternate(struct object *o) {
    struct pp_error err;
    if (!elf_is_packed(&o->alternate) && has_dwarf(&o->alternate)) return &o->alternate;
    if (elf_unpack(&o->alternate, &o->alternate_plain, &o->arena, &err)) return &o->alternate_plain;
    o->trouble = pp_arena_printf(&o->arena, "%s", err.text);
    return NULL;
}

/* The DWARF sections of `whole`, plain: itself, or an unpacked file. */
static const struct elf_file *unpacked(struct object *o, const struct elf_file *whole) {
    struct pp_error err;
    if (!elf_is_packed(whole)) return whole;
    const struct elf_unpack_options opt = {o->threads, o->most_trees, o->most_trees / 3};
    o->unpacking = elf_unpack_begin(whole, &opt, &o->plain, &o->arena, &err);
    o->unpacked = DWARF_TREES;
    if (!o->unpacking) o->trouble = pp_arena_printf(&o->arena, "%s", err.text);
    return o->unpacking ? &o->plain : NULL;
}

static bool fail_dwarf(struct object *o, const struct pp_error *why) {
    o->trouble = pp_arena_printf(&o->arena, "%s", why->text);
    o->has_dwarf = false;
    return false;
}

/* What was dropped, or left out, when others were asked for. */
static void load_rest(struct object *o) {
    struct pp_error err;
    bool some = o->unpacked == DWARF_SOME_TEXTS;
    if (!o->has_dwarf || !o->unpacking || (o->unpacked != DWARF_TEXTS && !some)) return;
    o->unpacked = DWARF_ALL;
    if (!elf_unpack_trees(o->unpacking, &err) || (some && !elf_unpack_late(o->unpacking, &err)))
        fail_dwarf(o, &err);
}

static bool unpack_places(struct object *o, object_wants *wants, void *user, struct pp_error *err) {
    struct elf_wanted texts;
    if (!elf_unpack_has_many_texts(o->unpacking)) return elf_unpack_late(o->unpacking, err);
    if (!elf_unpack_lines(o->unpacking, err)) return false;
    if (!wants(user, &texts)) return elf_unpack_late(o->unpacking, err);
    o->unpacked = DWARF_SOME_TEXTS;
    return elf_unpack_some(o->unpacking, &texts, err);
}

bool object_load_places(struct object *o, object_wants *wants, void *user) {
    struct pp_error err;
    if (!o->unpacking || o->unpacked != DWARF_TREES) return true;
    o->unpacked = DWARF_TEXTS;
    elf_unpack_drop_trees(o->unpacking);
    return unpack_places(o, wants, user, &err) || fail_dwarf(o, &err);
}

bool object_load_all(struct object *o) {
    struct pp_error err;
    if (!o->has_dwarf || !o->unpacking || o->unpacked != DWARF_TREES) return o->has_dwarf;
    o->unpacked = DWARF_ALL;
    o->dwarf.drops_trees = o->dwarf.stretches != NULL;
    o->dwarf.late_texts = PP_STR("");
    return elf_unpack_late(o->unpacking, &err) || fail_dwarf(o, &err);
}

static void index_units(struct object *o) {
    struct dwarf_handle h;
    struct name_budget names = {.most = NAME_BYTES};
    if (!dwarf_handle_open(&h, &o->dwarf, &names, &o->arena)) {
        o->trouble = PP_STR("the DWARF sections cannot be read");
        o->has_dwarf = false;
        return;
    }
    dwarf_units_build(&o->units, &h, &o->arena);
    dwarf_handle_close(&h);
    if (!o->dwarf.stretches || o->units.are_alone) return;
    struct pp_error err;
    o->dwarf.stretches = NULL;
    if (elf_unpack_whole_trees(o->unpacking, &err))
        index_units(o);
    else
        fail_dwarf(o, &err);
}

/* PATH.dwp, beside the binary or its debug file. */
static void find_package(struct object *o) {
    struct pp_str of[] = {o->path, o->debug_path};
    for (size_t i = 0; i < 2 && !o->dwarf.package; i++) {
        struct pp_error err = {0};
        if (of[i].len == 0) continue;
        struct pp_str path = pp_arena_printf(&o->arena, "%.*s.dwp", PP_STR_ARG(of[i]));
        if (dwarf_package_open(&o->package, path.data, &o->arena, &err)) {
            o->dwarf.package = &o->package;
            o->package_path = path;
        }
        debug_file_note(&o->search, path, o->dwarf.package ? "found" : err.text);
    }
}

static void load_dwarf(struct object *o, const struct elf_file *whole, struct pp_str path) {
    const struct elf_file *plain = unpacked(o, whole);
    if (!plain || !dwarf_file_init(&o->dwarf, plain, whole, path, &o->arena)) return;
    o->has_dwarf = true;
    if (o->unpacking && o->unpacked == DWARF_TREES) {
        o->dwarf.drops_trees = true;
        o->dwarf.late_texts = elf_unpack_texts(o->unpacking);
        o->dwarf.stretches = elf_unpack_stretches(o->unpacking);
    }
    if (debug_file_find_alternate(&o->search, whole, path, &o->alternate, &o->alternate_path))
        o->dwarf.alt = plain_alternate(o);
    struct pp_str id;
    if (!o->dwarf.alt)
        elf_file_link(whole, PP_STR(".gnu_debugaltlink"), &o->alternate_missing, &id);
    index_units(o);
    if (!o->units.has_split) return;
    object_load_all(o); /* skeletons name the files where their trees are */
    find_package(o);
}

void object_load_tables(struct object *o, bool fast) {
    if (!o->symbols_loaded) o->symbols = symtab_build(&o->main, &o->arena);
    o->symbols_loaded = true;
    if (fast || o->go_loaded) return;
    o->go_loaded = true;
    o->has_pclntab = gopclntab_open(&o->pclntab, &o->main);
}

bool object_prefers_go(const struct object *o, uint64_t address) {
    return o->has_pclntab && o->pclntab.has_start_lines && gopclntab_covers(&o->pclntab, address);
}

void object_find_debug(struct object *o, const struct debug_dirs *dirs) {
    if (o->debug_found) return;
    o->debug_found = true;
    o->search.arena = &o->arena;
    o->search.dirs = *dirs;
    object_load_tables(o, true);
    if (has_dwarf(&o->main)) return;
    if (debug_file_find(&o->search, &o->main, o->path, &o->debug, &o->debug_path))
        o->debug_symbols = symtab_build(&o->debug, &o->arena);
    else if (!o->symbols.complete && debug_file_find_mini(&o->search, &o->main, &o->mini))
        o->debug_symbols = symtab_build(&o->mini, &o->arena);
}

void object_load_debug(struct object *o, const struct debug_dirs *dirs, bool fast) {
    if (!fast || !o->symbols.complete) object_find_debug(o, dirs);
    if (fast) return;
    load_rest(o);
    if (o->dwarf_loaded) return;
    o->dwarf_loaded = true;
    if (elf_file_is_open(&o->debug))
        load_dwarf(o, &o->debug, o->debug_path);
    else if (has_dwarf(&o->main))
        load_dwarf(o, &o->main, o->path);
}

struct object_facts object_facts(const struct object *o) {
    if (o->is_indexed) return o->index.facts;
    return (struct object_facts){
        .dwarf = o->has_dwarf,
        .alternate = o->dwarf.alt != NULL,
        .gopclntab = o->has_pclntab,
        .symbols = o->symbols.n > 0,
        .complete = o->symbols.complete,
        .debug_symbols = o->debug_symbols.n > 0,
        .mini = o->mini.elf != NULL,
        .debug_path = o->debug_path,
        .package_path = o->package_path,
    };
}

void object_leave_index(struct object *o) {
    o->index_trouble = pp_arena_printf(&o->arena, "%s", o->index.error.text);
    o->is_indexed = false;
    symbol_index_close(&o->index);
}

void object_close(struct object *o) {
    if (o->is_indexed) symbol_index_close(&o->index);
    elf_unpack_end(o->unpacking);
    struct elf_file *files[] = {&o->mini,  &o->alternate_plain, &o->alternate,
                                &o->plain, &o->debug,           &o->main};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        elf_file_close(files[i]);
    dwarf_package_close(&o->package);
    pp_arena_done(&o->arena);
}

static void set_frame(struct lookup *l, struct frame frame, enum frame_source source,
                      struct pp_arena *arena) {
    l->frames = PP_NEW(arena, struct frame, 1);
    l->frames[0] = frame;
    l->n_frames = 1;
    l->source = source;
}

/* The outermost frame has its name from the binary's symbol table where it has one: it tells a
 * function's cold and constant-propagated parts apart, DWARF doesn't. */
static void name_outermost(struct lookup *l, const struct symtab_entry *symbol,
                           const struct symtab_entry *debug_symbol) {
    struct frame *outer = &l->frames[l->n_frames - 1];
    if (!symbol && outer->function.len == 0) symbol = debug_symbol;
    if (!symbol) return;
    outer->function = symbol->name;
    if (outer->file.len == 0) outer->file = symbol->file;
}

/* What is inlined has its name in the alternate: without it the call counts as its caller's. */
static void drop_nameless(struct lookup *l) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < l->n_frames; i++)
        if (l->frames[i].function.len || i + 1 == l->n_frames) l->frames[kept++] = l->frames[i];
    l->n_frames = kept;
}

void object_finish(const struct object *o, struct lookup *l, struct name_budget *names,
                   struct pp_arena *arena) {
    const struct symtab_entry *symbol = symtab_find(&o->symbols, l->address);
    const struct symtab_entry *debug_symbol = symtab_find(&o->debug_symbols, l->address);
    if (l->n_frames == 0 && o->has_pclntab) gopclntab_resolve(&o->pclntab, l, names, arena);
    if (l->n_frames && o->alternate_missing.len) drop_nameless(l);
    if (l->n_frames) {
        name_outermost(l, symbol, debug_symbol);
        return;
    }
    if (debug_symbol && (!symbol || !o->symbols.complete)) symbol = debug_symbol;
    if (!symbol) return;
    set_frame(l, (struct frame){.function = symbol->name, .file = symbol->file}, FRAMES_SYMTAB,
              arena);
}
