/* See elf_unpack.h. A claimed size is believed within bounds; memory for it is only reserved, so a
 * lie costs address space and nothing else. */
#include "symbol/elf_unpack.h"

#include "base/parallel.h"
#include "symbol/elf_build.h"
#include "symbol/elf_relocate.h"

#include <elf.h>

enum { MAX_PARTS = 32, MAX_RATIO = 100 };

static const uint64_t always_allowed = UINT64_C(256) << 20, max_total = UINT64_C(16) << 30;

static const struct pp_str useful[] = {{"info", 4},     {"abbrev", 6},   {"line", 4},
                                       {"line_str", 8}, {"str", 3},      {"addr", 4},
                                       {"ranges", 6},   {"rnglists", 8}, {"str_offsets", 11},
                                       {"types", 5},    {"cu_index", 8}};

/* ".debug_info", ".zdebug_info", ".debug_info.dwo": what stands between; "" for other sections. */
static struct pp_str kind_of(struct pp_str name) {
    size_t from = 0;
    if (pp_str_has_prefix(name, PP_STR(".debug_"))) from = 7;
    if (pp_str_has_prefix(name, PP_STR(".zdebug_"))) from = 8;
    if (from == 0) return PP_STR("");
    struct pp_str kind = pp_str_slice(name, from, name.len);
    return pp_str_has_suffix(kind, PP_STR(".dwo")) ? pp_str_slice(kind, 0, kind.len - 4) : kind;
}

static bool is_useful(const struct elf_section *s) {
    struct pp_str kind = kind_of(s->name);
    for (size_t i = 0; i < sizeof useful / sizeof *useful; i++)
        if (pp_str_eq(kind, useful[i])) return s->bytes.len > 0;
    return false;
}

bool elf_is_packed(const struct elf_file *f) {
    if (f->type == ET_REL || f->is_other) return true;
    for (uint32_t i = 1; i < f->n_sections; i++)
        if (f->sections[i].packing != PACKED_NOT && is_useful(&f->sections[i])) return true;
    return false;
}

static bool size_is_sane(const struct elf_section *s) {
    return s->unpacked_size <= always_allowed || s->unpacked_size / MAX_RATIO <= s->bytes.len;
}

static bool unpack_section(const struct elf_file *f, const struct elf_section *s,
                           unsigned char *to) {
    size_t header = f->is_64 ? 24 : 12;
    switch (s->packing) {
    case PACKED_NOT:
        memcpy(to, s->bytes.data, s->bytes.len);
        return true;
    case PACKED_ZSTD:
        return elf_unpack_zstd(&f->image, pp_str_slice(s->bytes, header, s->bytes.len), to,
                               s->unpacked_size);
    case PACKED_ZLIB:
        return elf_unpack_zlib(&f->image, pp_str_slice(s->bytes, header, s->bytes.len), to,
                               s->unpacked_size);
    case PACKED_GNU_ZLIB: /* "ZLIB", the size */
        return elf_unpack_zlib(&f->image, pp_str_slice(s->bytes, 12, s->bytes.len), to,
                               s->unpacked_size);
    default:
        return false;
    }
}

/* ".zdebug_info" is ".debug_info" when it is unpacked. */
static struct pp_str plain_name(const struct elf_section *s, struct pp_arena *arena) {
    if (!pp_str_has_prefix(s->name, PP_STR(".zdebug_"))) return s->name;
    return pp_arena_printf(arena, ".%.*s", (int)s->name.len - 2, s->name.data + 2);
}

/* libdw opens nothing without units or lines; a dwz file may hold texts alone. */
static bool has_units(const struct elf_part *parts, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (pp_str_eq(kind_of(parts[i].name), PP_STR("info"))) return true;
    return false;
}

struct elf_unpacking {
    const struct elf_file *f;
    unsigned stages; /* that are unpacked at once */
    const struct elf_section *from[MAX_PARTS];
    struct elf_part parts[MAX_PARTS];
    bool failed[MAX_PARTS];
    size_t n; /* of `from` */
};

static bool add_part(struct elf_unpacking *u, const struct elf_section *s, uint64_t *total,
                     struct pp_arena *arena, struct pp_error *err) {
    uint64_t size = s->packing == PACKED_NOT ? s->bytes.len : s->unpacked_size;
    if (s->packing != PACKED_NOT && !size_is_sane(s))
        return pp_fail(err, PP_E_LIMIT, "%.*s claims to be %llu bytes long", PP_STR_ARG(s->name),
                       (unsigned long long)size);
    *total += size;
    if (*total > max_total) return pp_fail(err, PP_E_LIMIT, "compressed sections are too long");
    u->from[u->n] = s;
    u->parts[u->n++] = (struct elf_part){plain_name(s, arena), size, NULL};
    return true;
}

static bool choose_parts(struct elf_unpacking *u, struct pp_arena *arena, struct pp_error *err) {
    uint64_t total = 0;
    for (uint32_t i = 1; i < u->f->n_sections && u->n + 1 < MAX_PARTS; i++) {
        const struct elf_section *s = &u->f->sections[i];
        if (is_useful(s) && !add_part(u, s, &total, arena, err)) return false;
    }
    return true;
}

/* ---- parts, each by a thread ---- */

struct selection {
    struct elf_unpacking *u;
    size_t parts[MAX_PARTS], n;
};

static void unpack_one(void *user, unsigned worker, size_t task) {
    const struct selection *these = user;
    struct elf_unpacking *u = these->u;
    size_t at = these->parts[task];
    const struct elf_section *s = u->from[at];
    const struct elf_part *part = &u->parts[at];
    (void)worker;
    u->failed[at] = !unpack_section(u->f, s, part->at) ||
                    (u->f->type == ET_REL &&
                     !elf_relocate(u->f, (uint32_t)(s - u->f->sections), part->at, part->size));
}

static bool unpack_selected(struct selection *these, unsigned threads, struct pp_error *err) {
    struct elf_unpacking *u = these->u;
    parallel_run(parallel_width(these->n, threads), these->n, unpack_one, these);
    for (size_t i = 0; i < u->n; i++)
        if (u->failed[i])
            return pp_fail(err, PP_E_FORMAT, "%.*s cannot be decompressed",
                           PP_STR_ARG(u->from[i]->name));
    return true;
}

/* The trees, what only their names and places take, and the rest. */
enum stage { STAGE_TREES = 1, STAGE_LATE = 2, STAGE_BOTH = 4 };

static enum stage stage_of(struct pp_str section) {
    struct pp_str kind = kind_of(section);
    if (pp_str_eq(kind, PP_STR("info"))) return STAGE_TREES;
    bool late = pp_str_eq(kind, PP_STR("str")) || pp_str_eq(kind, PP_STR("line"));
    return late ? STAGE_LATE : STAGE_BOTH;
}

static struct selection select_stages(struct elf_unpacking *u, unsigned stages) {
    struct selection these = {.u = u};
    for (size_t i = 0; i < u->n; i++)
        if (stage_of(u->parts[i].name) & stages) these.parts[these.n++] = i;
    return these;
}

bool elf_unpack_late(struct elf_unpacking *u, unsigned threads, struct pp_error *err) {
    struct selection late = select_stages(u, STAGE_LATE);
    return unpack_selected(&late, threads, err);
}

void elf_unpack_drop_trees(struct elf_unpacking *u) {
    struct selection trees = select_stages(u, STAGE_TREES);
    for (size_t i = 0; i < trees.n; i++) {
        const struct elf_part *part = &u->parts[trees.parts[i]];
        image_drop((struct pp_str){(const char *)part->at, part->size});
    }
}

bool elf_unpack_trees(struct elf_unpacking *u, unsigned threads, struct pp_error *err) {
    struct selection trees = select_stages(u, STAGE_TREES);
    return unpack_selected(&trees, threads, err);
}

struct pp_str elf_unpack_texts(const struct elf_unpacking *u) {
    for (size_t i = 0; i < u->n; i++)
        if (pp_str_eq(kind_of(u->parts[i].name), PP_STR("str")))
            return (struct pp_str){(const char *)u->parts[i].at, u->parts[i].size};
    return PP_STR("");
}

/* ---- the whole ---- */

static bool unpack(struct elf_unpacking *u, unsigned threads, struct elf_file *ret_plain,
                   struct pp_arena *arena, struct pp_error *err) {
    struct image image;
    size_t n = u->n;
    if (!has_units(u->parts, n)) u->parts[n++] = (struct elf_part){PP_STR(".debug_line"), 1, NULL};
    if (!elf_build(&image, u->parts, n, u->f, err)) return false;
    struct selection these = select_stages(u, u->stages);
    if (!unpack_selected(&these, threads, err)) {
        image_close(&image);
        return false;
    }
    return elf_file_open_image(ret_plain, image, arena, err);
}

bool elf_unpack(const struct elf_file *f, struct elf_file *ret_plain, struct pp_arena *arena,
                struct pp_error *err) {
    struct elf_unpacking u = {.f = f, .stages = STAGE_TREES | STAGE_LATE | STAGE_BOTH};
    return choose_parts(&u, arena, err) && unpack(&u, 1, ret_plain, arena, err);
}

bool elf_unpack_section(const struct elf_file *f, const struct elf_section *section,
                        struct elf_file *ret_plain, struct pp_arena *arena, struct pp_error *err) {
    struct elf_unpacking u = {.f = f, .stages = stage_of(section->name)};
    uint64_t total = 0;
    return add_part(&u, section, &total, arena, err) && unpack(&u, 1, ret_plain, arena, err);
}

struct elf_unpacking *elf_unpack_begin(const struct elf_file *f, unsigned threads,
                                       struct elf_file *ret_plain, struct pp_arena *arena,
                                       struct pp_error *err) {
    struct elf_unpacking *u = PP_NEW(arena, struct elf_unpacking, 1);
    *u = (struct elf_unpacking){.f = f, .stages = STAGE_TREES | STAGE_BOTH};
    bool ok = choose_parts(u, arena, err) && unpack(u, threads, ret_plain, arena, err);
    return ok ? u : NULL;
}
