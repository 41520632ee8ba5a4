/* See binaries.h. */
#include "symbol/binaries.h"

#include "base/file.h"
#include "base/path.h"
#include "profile/jit_name.h"

#include <elf.h>

/* A directory may be the root of a container or another system, which has a tree of its own. */
static void find_places(struct binaries *b) {
    struct pp_str *at = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < b->opt.n_debug_dirs; i++)
        PP_PUSH(&b->arena, at, n, cap, b->opt.debug_dirs[i]);
    for (size_t i = 0; i < b->opt.n_debug_dirs; i++) {
        struct pp_str tree = path_join(b->opt.debug_dirs[i], PP_STR("usr/lib/debug"), &b->arena);
        if (file_look(tree) == FILE_DIRECTORY) PP_PUSH(&b->arena, at, n, cap, tree);
    }
    PP_PUSH(&b->arena, at, n, cap, PP_STR("/usr/lib/debug"));
    b->dirs = (struct debug_dirs){.at = at, .n = n};
}

bool binaries_init(struct binaries *b, const struct binaries_options *opt, struct pp_error *err) {
    *b = (struct binaries){.opt = *opt};
    pthread_mutex_init(&b->lock, NULL);
    find_places(b);
    if (!opt->debuginfod) return true;
    if (!debuginfod_open(&b->servers, opt->debuginfod_seconds, opt->debuginfod_bytes, err))
        return false;
    b->servers.owns_process = opt->owns_process;
    b->dirs.servers = &b->servers;
    return true;
}

void binaries_done(struct binaries *b) {
    for (struct binary *o = b->first; o; o = o->next)
        if (o->is_open) object_close(&o->object);
    pthread_mutex_destroy(&b->lock);
    pp_arena_done(&b->arena);
    *b = (struct binaries){0};
}

/* ---- opening ---- */

bool binaries_is_file(struct pp_str file) {
    struct pp_str name = path_base(file);
    return file.len && !jit_name_is_dump(file) && !pp_str_has_prefix(name, PP_STR("[")) &&
           !pp_str_has_prefix(name, PP_STR("linux-vdso")) &&
           !pp_str_has_prefix(file, PP_STR("/dev/dri/")) && !pp_str_eq(file, PP_STR("//anon")) &&
           !pp_str_has_prefix(file, PP_STR("/memfd:"));
}

static bool is_build(const struct object *o, struct pp_str id) {
    return pp_str_eq(o->main.build_id, id);
}

static void open_best(struct binaries *b, struct binary *o, bool any_build) {
    struct object found;
    o->is_open = binaries_is_file(o->file)
                     ? object_open(&o->object, o->file, &o->error)
                     : pp_fail(&o->error, PP_E_NOT_FOUND, "is not the name of a file");
    if (o->build_id.len == 0 || (o->is_open && (any_build || is_build(&o->object, o->build_id))))
        return;
    o->search = (struct debug_search){.arena = &b->arena, .dirs = b->dirs};
    if (!object_fetch(&found, o->build_id, &o->search) &&
        !object_find(&found, o->build_id, binaries_is_file(o->file) ? o->file : PP_STR(""),
                     &o->search))
        return;
    if (o->is_open) object_close(&o->object);
    o->object = found;
    o->is_open = true;
}

static struct binary *find(const struct binaries *b, struct pp_str file, struct pp_str build_id) {
    for (struct binary *o = b->first; o; o = o->next)
        if (pp_str_eq(o->file, file) && pp_str_eq(o->build_id, build_id)) return o;
    return NULL;
}

struct binary *binaries_open(struct binaries *b, struct pp_str file, struct pp_str build_id,
                             bool any_build) {
    pthread_mutex_lock(&b->lock);
    struct binary *o = find(b, file, build_id);
    if (!o) {
        o = PP_NEW(&b->arena, struct binary, 1);
        o->file = pp_arena_copy(&b->arena, file);
        o->build_id = pp_arena_copy(&b->arena, build_id);
        open_best(b, o, any_build);
        o->next = b->first;
        b->first = o;
    }
    pthread_mutex_unlock(&b->lock);
    return o;
}

/* ---- asking ---- */

void binaries_resolve(struct binaries *b, struct batch_object *objects, size_t n,
                      const struct batch_options *opt, struct pp_arena *ret_arenas) {
    struct batch_options all = *opt;
    all.dirs = b->dirs;
    all.threads = b->opt.threads;
    all.index = &b->opt.index;
    pthread_mutex_lock(&b->lock);
    batch_run(objects, n, &all, ret_arenas);
    pthread_mutex_unlock(&b->lock);
}

/* ---- indexes that are missing ---- */

enum { WORTH_AN_INDEX = 8 << 20 };

static bool is_debug(struct pp_str section) {
    return pp_str_has_prefix(section, PP_STR(".debug_")) ||
           pp_str_has_prefix(section, PP_STR(".zdebug_"));
}

/* The debug information that the object was read from, unpacked. */
static uint64_t debug_bytes(const struct object *o) {
    const struct elf_file *f = elf_file_is_open(&o->debug) ? &o->debug : &o->main;
    uint64_t n = 0;
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if (!is_debug(s->name)) continue;
        uint64_t more = s->packing == PACKED_NOT ? s->bytes.len : s->unpacked_size;
        n = more > UINT64_MAX - n ? UINT64_MAX : n + more;
    }
    return n;
}

struct wanted_indexes binaries_unindexed(struct binaries *b, struct pp_arena *arena) {
    struct wanted_indexes wanted = {0};
    size_t cap = 0;
    pthread_mutex_lock(&b->lock);
    for (struct binary *o = b->first; o; o = o->next) {
        const struct object *object = &o->object;
        if (!o->is_open || !object->index_asked || object->is_indexed || !object->has_dwarf ||
            !elf_file_has_code(&object->main))
            continue;
        struct wanted_index w = {pp_arena_copy(arena, object->path), debug_bytes(object)};
        if (w.bytes >= WORTH_AN_INDEX) PP_PUSH(arena, wanted.at, wanted.n, cap, w);
    }
    pthread_mutex_unlock(&b->lock);
    return wanted;
}

static bool has_symbols(const struct elf_file *f) {
    for (uint32_t i = 1; i < f->n_sections; i++)
        if (f->sections[i].type == SHT_SYMTAB) return true;
    return false;
}

struct symbol_groups binaries_symbols(struct binaries *b, struct binary *binary) {
    struct object *o = &binary->object;
    pthread_mutex_lock(&b->lock);
    if (!binary->has_groups) {
        bool own = has_symbols(&o->main);
        if (!own) object_find_debug(o, &b->dirs);
        symbol_list_build(own || !elf_file_is_open(&o->debug) ? &o->main : &o->debug,
                          &binary->groups, &b->arena);
        binary->has_groups = true;
    }
    pthread_mutex_unlock(&b->lock);
    return binary->groups;
}
