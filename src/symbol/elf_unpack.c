/* See elf_unpack.h. A claimed size is believed within bounds; memory for it is only reserved, so a
 * lie costs address space and nothing else. */
#include "symbol/elf_unpack.h"

#include "base/parallel.h"
#include "symbol/elf_build.h"
#include "symbol/elf_reader.h"
#include "symbol/elf_relocate.h"

#include <elf.h>

enum { MAX_PARTS = 32, MAX_RATIO = 100 };

/* What may be unpacked as a whole is so many stretches, of which so many are kept. */
enum { STRETCHES = 48, KEPT = 32 };

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

/* What is compressed, behind the header: Elf64_Chdr, Elf32_Chdr, or "ZLIB" and the size. */
static struct pp_str packed_bytes(const struct elf_file *f, const struct elf_section *s) {
    size_t header = f->is_64 && s->packing != PACKED_GNU_ZLIB ? 24 : 12;
    return pp_str_slice(s->bytes, header, s->bytes.len);
}

static bool unpack_section(const struct elf_file *f, const struct elf_section *s,
                           unsigned char *to) {
    switch (s->packing) {
    case PACKED_NOT:
        memcpy(to, s->bytes.data, s->bytes.len);
        return true;
    case PACKED_ZSTD:
        return elf_unpack_zstd(&f->image, packed_bytes(f, s), to, s->unpacked_size);
    case PACKED_ZLIB:
    case PACKED_GNU_ZLIB:
        return elf_unpack_zlib(&f->image, packed_bytes(f, s), to, s->unpacked_size);
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
    struct elf_unpack_options opt;
    struct elf_stretches *stretches; /* what has .debug_info instead; or NULL */
    const struct elf_wanted *wanted; /* of .debug_str; NULL: all */
    unsigned stages;                 /* that are unpacked at once */
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

/* Whether .debug_info has so much that it is unpacked by stretches. */
static bool goes_by_stretches(const struct elf_unpacking *u, const struct elf_section *s) {
    bool packed = s->packing != PACKED_NOT && s->packing != PACKED_UNKNOWN;
    return u->opt.most_trees && packed && u->f->type != ET_REL &&
           s->unpacked_size > u->opt.most_trees && pp_str_eq(kind_of(s->name), PP_STR("info"));
}

static bool open_stretches(struct elf_unpacking *u, const struct elf_section *s,
                           const struct elf_part *part) {
    const struct elf_packed packed = {.file = u->f,
                                      .section = s,
                                      .bytes = packed_bytes(u->f, s),
                                      .to = part->at,
                                      .size = part->size,
                                      .stretch = u->opt.most_trees / STRETCHES,
                                      .kept = KEPT};
    if (!u->stretches) u->stretches = elf_stretches_open(&packed);
    return u->stretches != NULL;
}

/* Copies a text that goes on into a piece of its section. */
struct text_copier {
    const struct elf_wanted *wanted;
    size_t next;  /* of the wanted ones */
    bool in_text; /* one goes on at the piece's beginning */
};

static void copy_texts(struct text_copier *c, const unsigned char *piece, uint64_t at, size_t n,
                       unsigned char *to) {
    const struct elf_wanted *w = c->wanted;
    for (size_t from = 0; from < n;) {
        while (!c->in_text && c->next < w->n && w->at[c->next] < at + from)
            c->next++;
        if (!c->in_text && (c->next == w->n || w->at[c->next] >= at + n)) return;
        if (!c->in_text) from = (size_t)(w->at[c->next] - at);
        const unsigned char *nul = memchr(piece + from, 0, n - from);
        size_t end = nul ? (size_t)(nul - piece) + 1 : n;
        memcpy(to + from, piece + from, end - from);
        c->in_text = !nul;
        from = end;
    }
}

static bool unpack_texts(const struct elf_unpacking *u, const struct elf_section *s,
                         const struct elf_part *part, const struct inflate_kind *kind) {
    enum { PIECE = 1 << 18 };
    struct elf_reader r;
    struct text_copier c = {.wanted = u->wanted};
    if (!elf_reader_open(&r, kind, &u->f->image, packed_bytes(u->f, s))) return false;
    unsigned char *room = pp_malloc(PIECE);
    bool ok = true;
    while (ok && r.out_at < part->size) {
        uint64_t at = r.out_at;
        size_t n = part->size - at < PIECE ? (size_t)(part->size - at) : PIECE;
        ok = elf_reader_read(&r, room, n);
        if (ok) copy_texts(&c, room, at, n, part->at + at);
    }
    ok = ok && elf_reader_is_over(&r);
    elf_reader_close(&r);
    pp_free(room);
    return ok;
}

/* The texts that are wanted; nobody reads the others. */
static bool unpack_some(const struct elf_unpacking *u, const struct elf_section *s,
                        const struct elf_part *part) {
    const struct inflate_kind *kinds[2];
    size_t n = u->wanted && u->f->type != ET_REL
                   ? elf_reader_kinds(s->packing, packed_bytes(u->f, s), kinds)
                   : 0;
    for (size_t i = 0; i < n; i++)
        if (unpack_texts(u, s, part, kinds[i])) return true;
    return false;
}

static void unpack_one(void *user, unsigned worker, size_t task) {
    const struct selection *these = user;
    struct elf_unpacking *u = these->u;
    size_t at = these->parts[task];
    const struct elf_section *s = u->from[at];
    const struct elf_part *part = &u->parts[at];
    (void)worker;
    if (goes_by_stretches(u, s) && open_stretches(u, s, part)) return;
    if (unpack_some(u, s, part)) return;
    u->failed[at] = !unpack_section(u->f, s, part->at) ||
                    (u->f->type == ET_REL &&
                     !elf_relocate(u->f, (uint32_t)(s - u->f->sections), part->at, part->size));
}

static bool unpack_selected(struct selection *these, struct pp_error *err) {
    struct elf_unpacking *u = these->u;
    parallel_run(parallel_width(these->n, u->opt.threads), these->n, unpack_one, these);
    for (size_t i = 0; i < u->n; i++)
        if (u->failed[i])
            return pp_fail(err, PP_E_FORMAT, "%.*s cannot be decompressed",
                           PP_STR_ARG(u->from[i]->name));
    return true;
}

/* The trees; what only their names and places take; and the rest. */
enum stage { STAGE_TREES = 1, STAGE_TEXTS = 2, STAGE_LINES = 4, STAGE_OTHERS = 8 };

static enum stage stage_of(struct pp_str section) {
    struct pp_str kind = kind_of(section);
    if (pp_str_eq(kind, PP_STR("info"))) return STAGE_TREES;
    if (pp_str_eq(kind, PP_STR("str"))) return STAGE_TEXTS;
    return pp_str_eq(kind, PP_STR("line")) ? STAGE_LINES : STAGE_OTHERS;
}

static struct selection select_stages(struct elf_unpacking *u, unsigned stages) {
    struct selection these = {.u = u};
    for (size_t i = 0; i < u->n; i++)
        if (stage_of(u->parts[i].name) & stages) these.parts[these.n++] = i;
    return these;
}

static bool unpack_stages(struct elf_unpacking *u, unsigned stages, struct pp_error *err) {
    struct selection these = select_stages(u, stages);
    return unpack_selected(&these, err);
}

bool elf_unpack_late(struct elf_unpacking *u, struct pp_error *err) {
    return unpack_stages(u, STAGE_TEXTS | STAGE_LINES, err);
}

bool elf_unpack_lines(struct elf_unpacking *u, struct pp_error *err) {
    return unpack_stages(u, STAGE_LINES, err);
}

bool elf_unpack_some(struct elf_unpacking *u, const struct elf_wanted *texts,
                     struct pp_error *err) {
    u->wanted = texts;
    bool ok = unpack_stages(u, STAGE_TEXTS, err);
    u->wanted = NULL;
    return ok;
}

void elf_unpack_drop_trees(struct elf_unpacking *u) {
    struct selection trees = select_stages(u, STAGE_TREES);
    if (u->stretches) elf_stretches_drop(u->stretches);
    for (size_t i = 0; i < trees.n && !u->stretches; i++) {
        const struct elf_part *part = &u->parts[trees.parts[i]];
        image_drop((struct pp_str){(const char *)part->at, part->size});
    }
}

bool elf_unpack_trees(struct elf_unpacking *u, struct pp_error *err) {
    return u->stretches || unpack_stages(u, STAGE_TREES, err);
}

struct elf_stretches *elf_unpack_stretches(const struct elf_unpacking *u) {
    return u->stretches;
}

bool elf_unpack_whole_trees(struct elf_unpacking *u, struct pp_error *err) {
    elf_unpack_end(u);
    u->opt.most_trees = 0;
    return elf_unpack_trees(u, err);
}

void elf_unpack_end(struct elf_unpacking *u) {
    if (!u) return;
    elf_stretches_close(u->stretches);
    u->stretches = NULL;
}

struct pp_str elf_unpack_texts(const struct elf_unpacking *u) {
    for (size_t i = 0; i < u->n; i++)
        if (stage_of(u->parts[i].name) == STAGE_TEXTS)
            return (struct pp_str){(const char *)u->parts[i].at, u->parts[i].size};
    return PP_STR("");
}

bool elf_unpack_has_many_texts(const struct elf_unpacking *u) {
    return elf_unpack_texts(u).len > u->opt.most_texts;
}

/* ---- the whole ---- */

static bool unpack(struct elf_unpacking *u, struct elf_file *ret_plain, struct pp_arena *arena,
                   struct pp_error *err) {
    struct image image;
    size_t n = u->n;
    if (!has_units(u->parts, n)) u->parts[n++] = (struct elf_part){PP_STR(".debug_line"), 1, NULL};
    if (!elf_build(&image, u->parts, n, u->f, err)) return false;
    if (!unpack_stages(u, u->stages, err)) {
        elf_unpack_end(u);
        image_close(&image);
        return false;
    }
    return elf_file_open_image(ret_plain, image, arena, err);
}

bool elf_unpack(const struct elf_file *f, struct elf_file *ret_plain, struct pp_arena *arena,
                struct pp_error *err) {
    struct elf_unpacking u = {
        .f = f, .opt.threads = 1, .stages = STAGE_TREES | STAGE_TEXTS | STAGE_LINES | STAGE_OTHERS};
    return choose_parts(&u, arena, err) && unpack(&u, ret_plain, arena, err);
}

bool elf_unpack_section(const struct elf_file *f, const struct elf_section *section,
                        struct elf_file *ret_plain, struct pp_arena *arena, struct pp_error *err) {
    struct elf_unpacking u = {.f = f, .opt.threads = 1, .stages = stage_of(section->name)};
    uint64_t total = 0;
    return add_part(&u, section, &total, arena, err) && unpack(&u, ret_plain, arena, err);
}

struct elf_unpacking *elf_unpack_begin(const struct elf_file *f,
                                       const struct elf_unpack_options *opt,
                                       struct elf_file *ret_plain, struct pp_arena *arena,
                                       struct pp_error *err) {
    struct elf_unpacking *u = PP_NEW(arena, struct elf_unpacking, 1);
    *u = (struct elf_unpacking){.f = f, .opt = *opt, .stages = STAGE_TREES | STAGE_OTHERS};
    bool ok = choose_parts(u, arena, err) && unpack(u, ret_plain, arena, err);
    return ok ? u : NULL;
}
