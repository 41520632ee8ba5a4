/* See objects.h. */
#include "symbol/objects.h"

#include "symbol/address.h"
#include "symbol/batch.h"
#include "symbol/demangle.h"
#include "symbol/pool.h"

#include <elf.h>
#include <stdlib.h>

struct pp_object {
    struct object object;
    struct address_map map;
    struct debug_dirs dirs;
    struct pp_arena arena;
    bool loaded;
};

static struct pp_object *open_object(void *user, const struct pp_profile *p,
                                     const struct pp_mapping *m, struct pp_error *err) {
    const struct objects_options *opt = user;
    struct pp_str file = p->strings[m->file];
    struct pp_object *o = pp_malloc(sizeof *o);
    *o = (struct pp_object){0};
    if (!object_open(&o->object, file, err)) {
        free(o);
        pp_wrap(err, "%.*s", PP_STR_ARG(file));
        return NULL;
    }
    if (!address_map_init(&o->map, &o->object.main, file, m->start, m->limit, m->offset,
                          p->strings[m->kernel_symbol], err)) {
        object_close(&o->object);
        free(o);
        pp_wrap(err, "%.*s", PP_STR_ARG(file));
        return NULL;
    }
    struct pp_str *dirs = PP_NEW(&o->arena, struct pp_str, opt->n_debug_dirs + 1);
    if (opt->n_debug_dirs) memcpy(dirs, opt->debug_dirs, opt->n_debug_dirs * sizeof *dirs);
    dirs[opt->n_debug_dirs] = PP_STR("/usr/lib/debug");
    o->dirs = (struct debug_dirs){dirs, opt->n_debug_dirs + 1};
    return o;
}

static void close_object(struct pp_object *o) {
    object_close(&o->object);
    pp_arena_done(&o->arena);
    free(o);
}

static struct pp_str build_id(struct pp_object *o) {
    return o->object.main.build_id;
}

static bool to_object(struct pp_object *o, uint64_t address, uint64_t *ret_address,
                      struct pp_error *err) {
    return address_to_object(&o->map, address, ret_address, err);
}

static void load(struct pp_object *o) {
    if (!o->loaded) object_load(&o->object, &o->dirs, false);
    o->loaded = true;
}

/* ---- symbols ---- */

struct named {
    uint64_t address;
    struct pp_str name;
};

struct list {
    const struct elf_file *file;
    struct pp_arena *arena;
    struct named *at;
    size_t n, cap;
};

static bool see_symbol(void *user, const struct elf_symbol *s) {
    struct list *l = user;
    if (s->section == 0 || s->name.len == 0 || s->type == STT_SECTION || s->type == STT_FILE)
        return true;
    struct named named = {s->value, s->name};
    PP_PUSH(l->arena, l->at, l->n, l->cap, named);
    return true;
}

static void list_table(struct list *l, const struct elf_file *f, uint32_t kind) {
    if (l->n || !f->elf) return;
    for (uint32_t i = 1; i < f->n_sections; i++)
        if (f->sections[i].type == kind) elf_file_each_symbol(f, &f->sections[i], see_symbol, l);
}

static int by_address(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    if (x->address != y->address) return x->address < y->address ? -1 : 1;
    return pp_str_cmp(x->name, y->name);
}

/* The most complete table there is. */
static struct list list_symbols(struct pp_object *o, struct pp_arena *arena) {
    struct list l = {.arena = arena};
    load(o);
    list_table(&l, &o->object.main, SHT_SYMTAB);
    list_table(&l, &o->object.debug, SHT_SYMTAB);
    list_table(&l, &o->object.mini, SHT_SYMTAB);
    list_table(&l, &o->object.main, SHT_DYNSYM);
    if (l.n) qsort(l.at, l.n, sizeof *l.at, by_address);
    return l;
}

struct matcher {
    bool (*matches)(void *user, struct pp_str name);
    void *user;
    uint64_t address;
    struct pp_arena *arena;
    struct pp_symbol *found;
    size_t n, cap;
};

/* The name, or the way to write it that matches first. */
static bool match_name(struct matcher *m, struct pp_str name, struct pp_str *ret_name) {
    static const enum demangle_mode modes[] = {DEMANGLE_FULL, DEMANGLE_TEMPLATES, DEMANGLE_DEFAULT};
    *ret_name = name;
    if (m->matches(m->user, name)) return true;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (!demangle_name(name, modes[i], m->arena, ret_name)) return false;
        if (m->matches(m->user, *ret_name)) return true;
    }
    return false;
}

static void match_group(struct matcher *m, const struct named *at, uint32_t n, uint64_t end) {
    struct pp_symbol symbol = {.start = at->address, .end = end};
    if (m->address && m->address >= symbol.start && m->address <= end) {
        symbol.names = PP_NEW(m->arena, struct pp_str, n);
        for (uint32_t i = 0; i < n; i++)
            symbol.names[symbol.n_names++] = at[i].name;
    }
    for (uint32_t i = 0; i < n && symbol.n_names == 0; i++) {
        struct pp_str name;
        if (!match_name(m, at[i].name, &name)) continue;
        symbol.names = PP_NEW(m->arena, struct pp_str, 1);
        symbol.names[symbol.n_names++] = name;
    }
    if (symbol.n_names) PP_PUSH(m->arena, m->found, m->n, m->cap, symbol);
}

static bool find_symbols(struct pp_object *o, bool (*matches)(void *user, struct pp_str name),
                         void *matches_user, uint64_t address, struct pp_symbol **ret_symbols,
                         size_t *ret_n, struct pp_arena *arena, struct pp_error *err) {
    struct matcher m = {matches, matches_user, address, arena, NULL, 0, 0};
    struct list l = list_symbols(o, arena);
    (void)err;
    for (size_t i = 0, next; i < l.n; i = next) {
        for (next = i + 1; next < l.n && l.at[next].address == l.at[i].address;)
            next++;
        uint64_t end = next < l.n ? l.at[next].address - 1 : UINT64_MAX;
        match_group(&m, &l.at[i], (uint32_t)(next - i), end);
    }
    *ret_symbols = m.found;
    *ret_n = m.n;
    return true;
}

/* ---- places ---- */

static int compare_lookups(const void *a, const void *b) {
    const struct lookup *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

static struct pp_places copy_places(const struct lookup *l, struct pp_arena *arena) {
    struct pp_places places = {PP_NEW(arena, struct pp_place, l->n_frames), l->n_frames};
    for (uint32_t i = 0; i < l->n_frames; i++) {
        const struct frame *f = &l->frames[i];
        places.at[i] =
            (struct pp_place){pp_arena_copy(arena, f->function), pp_arena_copy(arena, f->file),
                              f->line, f->column, f->start_line};
    }
    return places;
}

static void find_places(struct pp_object *o, const uint64_t *addresses, size_t n,
                        struct pp_places *ret_places, struct pp_arena *arena) {
    struct pp_arena scratch = {0}, answers[POOL_MAX_THREADS + 1] = {0};
    struct batch_object b = {.object = &o->object, .lookups = PP_NEW(&scratch, struct lookup, n)};
    const struct batch_options opt = {.dirs = o->dirs, .loaded = true};
    load(o);
    for (size_t i = 0; i < n; i++)
        b.lookups[i].address = addresses[i];
    if (n) qsort(b.lookups, n, sizeof *b.lookups, compare_lookups);
    for (size_t i = 0; i < n; i++)
        if (b.n == 0 || b.lookups[b.n - 1].address != b.lookups[i].address)
            b.lookups[b.n++] = b.lookups[i];
    batch_run(&b, 1, &opt, answers);
    for (size_t i = 0; i < n; i++) {
        const struct lookup key = {.address = addresses[i]};
        const struct lookup *l = bsearch(&key, b.lookups, b.n, sizeof *b.lookups, compare_lookups);
        ret_places[i] = copy_places(l, arena);
    }
    for (size_t i = 0; i <= POOL_MAX_THREADS; i++)
        pp_arena_done(&answers[i]);
    pp_arena_done(&scratch);
}

struct pp_objects objects_on_disk(const struct objects_options *opt) {
    return (struct pp_objects){
        .user = (void *)(uintptr_t)opt,
        .open = open_object,
        .close = close_object,
        .build_id = build_id,
        .to_object = to_object,
        .symbols = find_symbols,
        .places = find_places,
    };
}
