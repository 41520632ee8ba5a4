/* See elf_unpack.h. A claimed size is believed within bounds; memory for it is only reserved, so a
 * lie costs address space and nothing else. */
#include "symbol/elf_unpack.h"

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
    if (f->type == ET_REL) return true;
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
        return elf_unpack_zstd(pp_str_slice(s->bytes, header, s->bytes.len), to, s->unpacked_size);
    case PACKED_ZLIB:
        return elf_unpack_zlib(pp_str_slice(s->bytes, header, s->bytes.len), to, s->unpacked_size);
    case PACKED_GNU_ZLIB: /* "ZLIB", the size */
        return elf_unpack_zlib(pp_str_slice(s->bytes, 12, s->bytes.len), to, s->unpacked_size);
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

bool elf_unpack(const struct elf_file *f, struct elf_file *ret_plain, struct pp_arena *arena,
                struct pp_error *err) {
    struct elf_part parts[MAX_PARTS];
    const struct elf_section *from[MAX_PARTS];
    size_t n = 0;
    uint64_t total = 0;
    for (uint32_t i = 1; i < f->n_sections && n < MAX_PARTS; i++) {
        const struct elf_section *s = &f->sections[i];
        if (!is_useful(s)) continue;
        uint64_t size = s->packing == PACKED_NOT ? s->bytes.len : s->unpacked_size;
        if (s->packing != PACKED_NOT && !size_is_sane(s))
            return pp_fail(err, PP_E_LIMIT, "%.*s claims to be %llu bytes long",
                           PP_STR_ARG(s->name), (unsigned long long)size);
        total += size;
        if (total > max_total) return pp_fail(err, PP_E_LIMIT, "compressed sections are too long");
        from[n] = s;
        parts[n++] = (struct elf_part){plain_name(s, arena), size, NULL};
    }
    size_t n_own = n;
    if (!has_units(parts, n) && n < MAX_PARTS)
        parts[n++] = (struct elf_part){PP_STR(".debug_line"), 1, NULL};
    struct image image;
    if (!elf_build(&image, parts, n, f, err)) return false;
    for (size_t i = 0; i < n_own; i++)
        if (!unpack_section(f, from[i], parts[i].at) ||
            (f->type == ET_REL &&
             !elf_relocate(f, (uint32_t)(from[i] - f->sections), parts[i].at, parts[i].size))) {
            image_close(&image);
            return pp_fail(err, PP_E_FORMAT, "%.*s cannot be decompressed",
                           PP_STR_ARG(from[i]->name));
        }
    return elf_file_open_image(ret_plain, image, arena, err);
}
