#include "driver/objects.h"

#include "load/fetch.h"
#include "symbol/address.h"
#include "symbol/batch.h"
#include "symbol/demangle.h"
#include "symbol/disasm.h"
#include "symbol/pool.h"
#include "symbol/symbol_list.h"

struct pp_object {
    struct provider *provider;
    const struct pp_profile *p;
    uint32_t mapping;
    struct pp_str file;
    bool is_open;
    struct pp_error error; /* why it isn't */
    struct object object;
    struct address_map map;
    struct elf_file debug; /* where the symbols are, if the binary has none */
    struct symbol_group *groups;
    size_t n_groups;
    bool has_groups, has_debug;
    struct pp_object *next;
};

static const struct pp_str debug_dirs[] = {{"/usr/lib/debug", 14}};

struct provider {
    struct pp_objects functions;
    struct pp_arena *arena;
    struct pp_str tools;
    struct disasm_tool tool;
    bool has_tool;
    struct pp_object *objects;
    unsigned debuginfod_seconds; /* 0: no server is asked */
    bool asked_servers, has_servers;
    struct debuginfod servers;
};

/* The servers of debug information, or NULL. Why there are none the symbolizer has said. */
static const struct debuginfod *servers(struct provider *p) {
    struct pp_error err;
    if (p->debuginfod_seconds && !p->asked_servers)
        p->has_servers = debuginfod_open(&p->servers, p->debuginfod_seconds, &err);
    p->asked_servers = true;
    return p->has_servers ? &p->servers : NULL;
}

static struct debug_dirs debug_places(struct provider *p) {
    return (struct debug_dirs){.at = debug_dirs, .n = 1, .servers = servers(p)};
}

/* What lies here, or what a server has if that is unreadable or another build. */
static bool open_best(struct pp_object *o, struct pp_str build_id) {
    bool ok = object_open(&o->object, o->file, &o->error);
    bool is_other = ok && !pp_str_eq(o->object.main.build_id, build_id);
    if ((ok && !is_other) || !build_id.len || !servers(o->provider)) return ok;
    struct debug_search search = {.arena = o->provider->arena, .dirs = debug_places(o->provider)};
    struct object fetched;
    if (!object_fetch(&fetched, build_id, &search)) return ok;
    if (ok) object_close(&o->object);
    o->object = fetched;
    o->file = fetched.path;
    o->error = (struct pp_error){0};
    return true;
}

static bool open_file(struct pp_object *o, const struct pp_mapping *m) {
    if (!o->file.len) return pp_fail(&o->error, PP_E_NOT_FOUND, "a mapping names no file");
    if (!open_best(o, pp_string(o->p, m->build_id)))
        return pp_wrap(&o->error, "%.*s", PP_STR_ARG(o->file));
    o->is_open = true;
    return address_map_init(&o->map, &o->object.main, o->file, m->start, m->limit, m->offset,
                            pp_string(o->p, m->kernel_symbol), &o->error) ||
           pp_wrap(&o->error, "%.*s", PP_STR_ARG(o->file));
}

static struct pp_object *open_object(void *user, const struct pp_profile *p, uint32_t mapping,
                                     struct pp_error *err) {
    struct provider *provider = user;
    struct pp_object *o = provider->objects;
    while (o && (o->p != p || o->mapping != mapping))
        o = o->next;
    if (!o) {
        const struct pp_mapping *m = &p->mappings[mapping];
        o = PP_NEW(provider->arena, struct pp_object, 1);
        *o = (struct pp_object){.provider = provider, .p = p, .mapping = mapping};
        o->file = pp_string(p, m->file);
        o->next = provider->objects;
        provider->objects = o;
        open_file(o, m);
    }
    if (o->error.code == PP_E_NONE) return o;
    pp_pass(err, &o->error);
    return NULL;
}

static bool to_object(const struct pp_object *o, uint64_t address, uint64_t *ret_address,
                      struct pp_error *err) {
    return address_to_object(&o->map, address, ret_address, err);
}

/* ---- symbols ---- */

static bool has_symbols(const struct elf_file *f) {
    for (uint32_t i = 1; i < f->n_sections; i++)
        if (f->sections[i].type == 2 /* SHT_SYMTAB */) return true;
    return false;
}

static void list_symbols(struct pp_object *o) {
    if (o->has_groups) return;
    o->has_groups = true;
    const struct elf_file *from = &o->object.main;
    struct debug_search search = {.arena = o->provider->arena, .dirs = debug_places(o->provider)};
    struct pp_str path;
    if (!has_symbols(from) && debug_file_find(&search, from, o->file, &o->debug, &path)) {
        o->has_debug = true;
        from = &o->debug;
    }
    symbol_list_build(from, &o->groups, &o->n_groups, o->provider->arena);
}

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

static bool symbols(struct pp_object *o, const struct regex *rx, const uint64_t *address,
                    struct object_symbol **ret_symbols, size_t *ret_n, struct pp_arena *arena,
                    struct pp_error *err) {
    (void)err;
    struct object_symbol *found = NULL;
    size_t n = 0, cap = 0;
    list_symbols(o);
    for (size_t i = 0; i < o->n_groups; i++) {
        const struct symbol_group *g = &o->groups[i];
        struct object_symbol s = {g->names, g->n_names, g->start, g->end};
        if (!address || *address < g->start || *address > g->end) {
            s.names = matching_name(g, rx, arena);
            s.n_names = 1;
        }
        if (s.names) PP_PUSH(arena, found, n, cap, s);
    }
    *ret_symbols = found;
    *ret_n = n;
    return true;
}

/* ---- code ---- */

static bool disassemble(struct pp_object *o, uint64_t start, uint64_t end, bool intel,
                        struct object_inst **ret_insts, size_t *ret_n, struct pp_arena *arena,
                        struct pp_error *err) {
    struct provider *p = o->provider;
    struct disasm_inst *insts;
    size_t n;
    if (!p->has_tool && !disasm_find_tool(p->tools, &p->tool, p->arena, err)) return false;
    p->has_tool = true;
    if (!disasm_run(&p->tool, o->file, start, end, intel, &insts, &n, arena, err)) return false;
    struct object_inst *copy = PP_NEW(arena, struct object_inst, n);
    for (size_t i = 0; i < n; i++)
        copy[i] = (struct object_inst){insts[i].address, insts[i].text, insts[i].function,
                                       insts[i].file, insts[i].line};
    *ret_insts = copy;
    *ret_n = n;
    return true;
}

static void copy_stack(const struct lookup *l, struct object_stack *ret_stack,
                       struct pp_arena *arena) {
    struct object_frame *frames = PP_NEW(arena, struct object_frame, l->n_frames);
    for (uint32_t i = 0; i < l->n_frames; i++) {
        const struct frame *f = &l->frames[i];
        frames[i] = (struct object_frame){pp_arena_copy(arena, f->function),
                                          pp_arena_copy(arena, f->file), f->line};
    }
    *ret_stack = (struct object_stack){frames, l->n_frames};
}

static bool stacks(struct pp_object *o, const uint64_t *addresses, size_t n,
                   struct object_stack *ret_stacks, struct pp_arena *arena, struct pp_error *err) {
    struct pp_arena arenas[POOL_MAX_THREADS + 1] = {{0}}, scratch = {0};
    struct object object;
    if (!object_open(&object, o->file, err)) return false;
    struct batch_object b = {.object = &object, .n = n};
    b.lookups = PP_NEW(&scratch, struct lookup, n);
    for (size_t i = 0; i < n; i++)
        b.lookups[i].address = addresses[i];
    batch_run(&b, 1, &(struct batch_options){.dirs = debug_places(o->provider)}, arenas);
    for (size_t i = 0; i < n; i++)
        copy_stack(&b.lookups[i], &ret_stacks[i], arena);
    for (size_t i = 0; i <= POOL_MAX_THREADS; i++)
        pp_arena_done(&arenas[i]);
    pp_arena_done(&scratch);
    object_close(&object);
    return true;
}

struct pp_objects *objects_new(const struct settings *s, const struct driver_env *env,
                               struct pp_arena *arena) {
    struct provider *p = PP_NEW(arena, struct provider, 1);
    const char *tools = s->tools;
    if (!*tools && env->getenv) tools = env->getenv("PPROF_TOOLS");
    *p = (struct provider){
        .functions = {p, open_object, to_object, symbols, disassemble, stacks},
        .arena = arena,
        .tools = pp_str_from(tools ? tools : ""),
        .debuginfod_seconds = s->debuginfod ? fetch_debuginfod_seconds(s) : 0,
    };
    return &p->functions;
}

void objects_done(struct pp_objects *objects) {
    if (!objects) return;
    struct provider *p = objects->user;
    for (struct pp_object *o = p->objects; o; o = o->next) {
        if (o->has_debug) elf_file_close(&o->debug);
        if (o->is_open) object_close(&o->object);
    }
}
