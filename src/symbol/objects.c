#include "symbol/objects.h"

#include "base/intern.h"
#include "base/parallel.h"
#include "symbol/address.h"
#include "symbol/demangle.h"
#include "symbol/name_budget.h"

struct pp_object {
    struct provider *provider;
    const struct pp_profile *p;
    uint32_t mapping;
    struct binary *binary;
    struct pp_error error; /* why it isn't open */
    struct address_map map;
    struct pp_object *next;
};

struct provider {
    struct pp_objects functions;
    struct binaries *binaries;
    struct pp_arena *arena;
    struct pp_str tools;
    struct disasm_tool tool;
    bool has_tool;
    struct pp_object *objects;
};

static bool open_file(struct pp_object *o, const struct pp_mapping *m) {
    struct pp_str file = pp_string(o->p, m->file);
    if (!file.len) return pp_fail(&o->error, PP_E_NOT_FOUND, "a mapping names no file");
    o->binary = binaries_open(o->provider->binaries, file, pp_string(o->p, m->build_id), false);
    o->error = o->binary->error;
    const struct address_mapping mapping = address_mapping_of(o->p, m, file);
    return (o->binary->is_open &&
            address_map_init(&o->map, &o->binary->object.main, &mapping, &o->error)) ||
           pp_wrap(&o->error, "%.*s", PP_STR_ARG(file));
}

static struct pp_object *open_object(void *user, const struct pp_profile *p, uint32_t mapping,
                                     struct pp_error *err) {
    struct provider *provider = user;
    struct pp_object *o = provider->objects;
    while (o && (o->p != p || o->mapping != mapping))
        o = o->next;
    if (!o) {
        o = PP_NEW(provider->arena, struct pp_object, 1);
        *o = (struct pp_object){.provider = provider, .p = p, .mapping = mapping};
        o->next = provider->objects;
        provider->objects = o;
        if (open_file(o, &p->mappings[mapping])) o->error = (struct pp_error){0};
    }
    if (o->error.code == PP_E_NONE) return o;
    pp_fail(err, o->error.code, "%s", o->error.text);
    return NULL;
}

static bool to_object(const struct pp_object *o, uint64_t address, uint64_t *ret_address,
                      struct pp_error *err) {
    return address_to_object(&o->map, address, ret_address, err);
}

/* ---- symbols ---- */

/* The name by which the expression finds the symbol, mangled or readable; NULL if by none. */
static const struct pp_str *matching_name(const struct symbol_group *g, const struct regex *rx,
                                          struct pp_arena *arena) {
    static const enum demangle_mode modes[] = {DEMANGLE_FULL, DEMANGLE_TEMPLATES, DEMANGLE_DEFAULT};
    for (size_t i = 0; i < g->n_names; i++) {
        if (regex_matches(rx, g->names[i])) return &g->names[i];
        for (size_t k = 0; k < sizeof modes / sizeof *modes; k++) {
            struct pp_str name;
            if (!demangle_name(g->names[i], modes[k], arena, &name) || !regex_matches(rx, name))
                continue;
            struct pp_str *found = PP_NEW(arena, struct pp_str, 1);
            *found = name;
            return found;
        }
    }
    return NULL;
}

static void symbols(struct pp_object *o, const struct regex *rx, const uint64_t *address,
                    struct symbol_groups *ret_groups, struct pp_arena *arena) {
    struct symbol_groups all = binaries_symbols(o->provider->binaries, o->binary);
    struct symbol_group *found = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < all.n; i++) {
        struct symbol_group g = all.at[i];
        if (!address || *address < g.start || *address > g.end) {
            g.names = matching_name(&all.at[i], rx, arena);
            g.n_names = 1;
        }
        if (g.names) PP_PUSH(arena, found, n, cap, g);
    }
    *ret_groups = (struct symbol_groups){found, n};
}

/* ---- code ---- */

static struct pp_str keep_text(struct interner *texts, struct name_budget *names,
                               struct pp_str text) {
    uint32_t id = name_budget_intern(names, texts, text); /* which may move the strings */
    return texts->strings[id];
}

static void stacks(struct pp_object *o, struct lookup *lookups, size_t n, struct pp_arena *arena) {
    struct pp_arena arenas[PARALLEL_MAX + 1] = {{0}};
    struct interner texts;
    struct name_budget names = {.most = NAME_BYTES};
    struct batch_object b = {.object = &o->binary->object, .lookups = lookups, .n = n};
    binaries_resolve(o->provider->binaries, &b, 1, &(struct batch_options){0}, arenas);
    interner_init(&texts, arena);
    for (size_t i = 0; i < n; i++) {
        struct frame *frames = PP_NEW(arena, struct frame, lookups[i].n_frames);
        for (uint32_t k = 0; k < lookups[i].n_frames; k++) {
            frames[k] = lookups[i].frames[k];
            frames[k].function = keep_text(&texts, &names, frames[k].function);
            frames[k].file = keep_text(&texts, &names, frames[k].file);
        }
        lookups[i].frames = frames;
    }
    interner_done(&texts);
    for (size_t i = 0; i <= PARALLEL_MAX; i++)
        pp_arena_done(&arenas[i]);
}

/* Whether the program is stripped and its names are in a debug file, which the disassembler may not
 * find: then names and lines are not taken from it. */
static bool names_are_elsewhere(const struct object *o) {
    return !o->symbols.complete && elf_file_is_open(&o->debug);
}

static bool has_lines(const struct disasm_code *code) {
    for (size_t i = 0; i < code->n; i++)
        if (code->insts[i].line) return true;
    return false;
}

/* Instructions that DWARF is asked about. */
struct placeless {
    struct disasm_inst **insts;
    size_t n, cap;
};

static void add_placeless(struct placeless *p, const struct disasm_code *code,
                          struct pp_arena *arena) {
    for (size_t i = 0; i < code->n; i++)
        PP_PUSH(arena, p->insts, p->n, p->cap, &code->insts[i]);
}

static void ask_places(struct pp_object *o, const struct placeless *p, bool names,
                       struct pp_arena *arena) {
    struct lookup *lookups = PP_NEW(arena, struct lookup, p->n);
    for (size_t i = 0; i < p->n; i++) {
        if (i && p->insts[i]->address < p->insts[i - 1]->address) return; /* it went wrong */
        lookups[i].address = p->insts[i]->address;
    }
    if (p->n) stacks(o, lookups, p->n, arena);
    for (size_t i = 0; i < p->n; i++) {
        struct disasm_inst *in = p->insts[i];
        const struct frame none = {0}, *f = lookups[i].n_frames ? lookups[i].frames : &none;
        if (names) in->function = demangle_function(f->function, DEMANGLE_FULL, arena);
        in->file = f->file;
        in->line = f->line;
    }
}

/* Places out of DWARF, which may be in another file: of functions of which the disassembler knew no
 * line at all. Where its names are not to be used, functions, too. */
static void add_places(struct pp_object *o, const struct disasm_code *codes, size_t n_codes,
                       struct pp_arena *arena) {
    struct placeless nameless = {0}, lineless = {0};
    for (size_t i = 0; i < n_codes; i++) {
        if (codes[i].is_nameless)
            add_placeless(&nameless, &codes[i], arena);
        else if (!has_lines(&codes[i]))
            add_placeless(&lineless, &codes[i], arena);
    }
    ask_places(o, &nameless, true, arena);
    ask_places(o, &lineless, false, arena);
}

static bool disassemble(struct pp_object *o, struct disasm_request request,
                        struct disasm_code *ret_codes, struct pp_arena *arena,
                        struct pp_error *err) {
    struct provider *p = o->provider;
    const struct object *object = &o->binary->object;
    if (!elf_file_has_code(&object->main))
        return pp_fail(err, PP_E_NOT_FOUND, "%.*s is a debug file: the code is in the program",
                       PP_STR_ARG(object->path));
    if (!p->has_tool && !disasm_find_tool(p->tools, &p->tool, p->arena, err)) return false;
    p->has_tool = true;
    request.file = object->path;
    request.file_size = object->main.image.size;
    request.no_places = names_are_elsewhere(object);
    if (!disasm_run(&p->tool, &request, ret_codes, arena, err)) return false;
    for (size_t i = 0; i < request.n; i++)
        ret_codes[i].is_nameless |= request.no_places;
    add_places(o, ret_codes, request.n, arena);
    return true;
}

struct pp_objects *objects_new(struct binaries *binaries, const struct objects_options *opt,
                               struct pp_arena *arena) {
    struct provider *p = PP_NEW(arena, struct provider, 1);
    *p = (struct provider){
        .functions = {p, open_object, to_object, symbols, disassemble, stacks},
        .binaries = binaries,
        .arena = arena,
        .tools = opt->tools,
    };
    return &p->functions;
}
