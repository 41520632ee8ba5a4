/* See firefox_native.h. Addresses are relative to where the library's first segment is (in
 * processed profiles), or those of the process (in Firefox's own).
 *
 * Source: src/types/profile.ts and gecko-profile.ts of firefox-devtools/profiler; samply-object of
 * mstange/samply says what an address is relative to. */
#include "profile/decode/firefox_native.h"

#include "base/hash.h"
#include "base/text.h"

#include <stdlib.h>

static bool read_lib(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"name", walk_text, offsetof(struct firefox_lib, name)},
        {"path", walk_text, offsetof(struct firefox_lib, path)},
        {"debugName", walk_text, offsetof(struct firefox_lib, debug_name)},
        {"codeId", walk_text, offsetof(struct firefox_lib, code_id)},
        {"breakpadId", walk_text, offsetof(struct firefox_lib, breakpad_id)},
        {"start", walk_number, offsetof(struct firefox_lib, start)},
        {"end", walk_number, offsetof(struct firefox_lib, end)},
        {"offset", walk_number, offsetof(struct firefox_lib, offset)},
    };
    struct firefox_libs *libs = to;
    struct firefox_lib lib = {0};
    if (!WALK_OBJECT(w, members, &lib)) return false;
    PP_PUSH(w->arena, libs->at, libs->n, libs->cap, lib);
    return true;
}

bool firefox_read_libs(struct json_walk *w, void *to) {
    if (json_read_peek(&w->j) != '[') return walk_skip(w);
    *(struct firefox_libs *)to = (struct firefox_libs){0};
    return walk_array(w, read_lib, to);
}

/* ---- mappings ---- */

static uint32_t lower_hex(struct profile_builder *b, struct pp_str s) {
    char text[64];
    if (s.len > sizeof text) return 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!text_is_hex(s.data[i])) return 0;
        text[i] = text_is_digit(s.data[i]) ? s.data[i] : (char)(s.data[i] | 0x20);
    }
    return builder_string(b, (struct pp_str){text, s.len});
}

/* As binaries have it: a program of Windows is known by the GUID of its PDB, which is the
 * Breakpad id without the age behind it; others by the code id. */
static uint32_t build_id_of(struct profile_builder *b, const struct firefox_lib *lib) {
    enum { GUID = 32 };
    if (!pp_str_has_suffix(lib->debug_name, PP_STR(".pdb"))) return lower_hex(b, lib->code_id);
    return lib->breakpad_id.len < GUID ? 0 : lower_hex(b, pp_str_slice(lib->breakpad_id, 0, GUID));
}

static uint64_t whole(double d) {
    return d > 0 && d < 0x1p63 ? (uint64_t)d : 0;
}

static uint32_t mapping_of(struct firefox_native *n, struct firefox_lib *lib) {
    struct profile_builder *b = n->b;
    if (lib->mapping) return lib->mapping - 1;
    struct pp_mapping m = {.id = (uint64_t)b->p.n_mappings + 1, .as_image = true};
    m.file = builder_string(b, lib->path.len ? lib->path : lib->name);
    m.build_id = build_id_of(b, lib);
    m.kernel_symbol = builder_kernel_symbol(b, m.file);
    m.start = whole(lib->start - lib->offset);
    m.limit = lib->end > lib->start ? whole(lib->end) : UINT64_MAX;
    uint64_t hash = hash_word(hash_seed(), (uint64_t)m.file << 32 | m.build_id);
    hash = hash_word(hash_word(hash, m.start), m.limit);
    for (struct index_probe i = index_probe(&n->mappings, hash); index_next(&n->mappings, &i);) {
        const struct pp_mapping *have = &b->p.mappings[i.position];
        if (have->file != m.file || have->build_id != m.build_id || have->start != m.start ||
            have->limit != m.limit)
            continue;
        lib->mapping = i.position + 1;
        return i.position;
    }
    index_add(&n->mappings, hash, b->p.n_mappings);
    lib->mapping = builder_add_mapping(b, &m) + 1;
    return lib->mapping - 1;
}

void firefox_main_lib(struct firefox_native *n, struct pp_str name) {
    for (size_t i = 0; i < n->libs->n && n->b->p.n_mappings == 0 && name.len; i++)
        if (pp_str_eq(n->libs->at[i].name, name)) mapping_of(n, &n->libs->at[i]);
}

/* ---- frames ---- */

static bool parse_address(struct pp_str name, uint64_t *ret_address) {
    return pp_str_has_prefix(name, PP_STR("0x")) &&
           text_u64(pp_str_slice(name, 2, name.len), 16, ret_address);
}

/* The library that a frame names itself, or by its function. */
static struct firefox_lib *named_lib(const struct firefox_libs *libs,
                                     const struct firefox_tables *t, size_t frame) {
    double at = firefox_cell(&t->frame_lib, (double)frame);
    if (!t->frame_lib.n) {
        double func = firefox_cell(&t->frame_func, (double)frame);
        at = firefox_cell(&t->resource_lib, firefox_cell(&t->func_resource, func));
    }
    return at >= 0 && at < (double)libs->n ? &libs->at[(size_t)at] : NULL;
}

static int by_start(const void *a, const void *b) {
    const struct firefox_lib *x = *(struct firefox_lib *const *)a;
    const struct firefox_lib *y = *(struct firefox_lib *const *)b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return (x > y) - (x < y);
}

static void sort_libs(struct firefox_libs *libs, struct pp_arena *arena) {
    libs->by_start = PP_NEW(arena, struct firefox_lib *, libs->n);
    for (size_t i = 0; i < libs->n; i++)
        libs->by_start[i] = &libs->at[i];
    if (libs->n) qsort(libs->by_start, libs->n, sizeof *libs->by_start, by_start);
}

static struct firefox_lib *lib_around(struct firefox_native *n, uint64_t address) {
    if (!n->libs->by_start) sort_libs(n->libs, n->scratch);
    size_t low = 0, high = n->libs->n; /* the first that begins behind it */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (whole(n->libs->by_start[mid]->start) <= address)
            low = mid + 1;
        else
            high = mid;
    }
    struct firefox_lib *lib = low ? n->libs->by_start[low - 1] : NULL;
    return lib && address < whole(lib->end) ? lib : NULL;
}

bool firefox_native_frame(struct firefox_native *n, const struct firefox_tables *t, size_t frame,
                          struct native_frame *ret) {
    double name = firefox_cell(&t->func_name, firefox_cell(&t->frame_func, (double)frame));
    double relative = firefox_cell(&t->frame_address, (double)frame);
    if (!(name >= 0 && name < (double)t->strings.n) ||
        !parse_address(t->strings.at[(size_t)name], &ret->address))
        return false;
    struct firefox_lib *lib = relative >= 0 ? named_lib(n->libs, t, frame) : NULL;
    if (lib)
        ret->address = whole(relative);
    else
        lib = lib_around(n, ret->address);
    ret->mapping = lib ? mapping_of(n, lib) : PP_NONE;
    return true;
}
