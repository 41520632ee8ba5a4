/* See dwarf_split.h. */
#include "symbol/dwarf_split.h"

#include "symbol/elf_build.h"
#include "symbol/elf_unpack.h"

#include <dwarf.h>

static struct pp_str last_part(struct pp_str path) {
    const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;
    return slash ? pp_str_slice(path, (size_t)(slash - path.data) + 1, path.len) : path;
}

static bool is_absolute(struct pp_str path) {
    return path.len && path.data[0] == '/';
}

static struct pp_str join(struct pp_arena *arena, struct pp_str dir, struct pp_str name) {
    if (dir.len == 0 || is_absolute(name)) return pp_arena_copy(arena, name);
    return pp_arena_join(arena, dir, '/', name);
}

/* The plain version of a file that has just been opened: itself, or an unpacked one beside it. */
static bool unpack(struct dwarf_split *s, struct pp_arena *arena) {
    if (!elf_is_packed(&s->files[0])) return true;
    return elf_unpack(&s->files[0], &s->files[1], arena, NULL);
}

static struct pp_str bytes_of(const struct elf_file *f, struct pp_str name) {
    const struct elf_section *s = elf_file_section(f, name);
    return s ? s->bytes : PP_STR("");
}

/* The unit of the skeleton's id in the file that the split handle is open on. */
static bool find_unit(struct dwarf_split *s, const struct dwarf_unit *skeleton) {
    Dwarf_CU *cu = NULL;
    Dwarf_Die die;
    Dwarf_Half version;
    uint8_t type;
    while (dwarf_get_units(s->handle.dwarf, cu, &cu, &version, &type, &die, NULL) == 0) {
        if (!dwarf_handle_work(&s->handle, 1)) return false;
        if (dwarf_tag(&die) != DW_TAG_compile_unit) continue;
        uint64_t id = 0;
        bool has_id = version >= 5 ? dwarf_cu_info(cu, NULL, NULL, NULL, NULL, &id, NULL, NULL) == 0
                                   : die_find_number(&die, DW_AT_GNU_dwo_id, &id);
        if (has_id && skeleton->has_split_id && id != skeleton->split_id) continue;
        return dwarf_unit_open(&s->unit, &s->handle, dwarf_dieoffset(&die));
    }
    return false;
}

/* Addresses and, before version 5, ranges are in the skeleton's file. */
static void borrow_from_skeleton(struct dwarf_split *s, const struct dwarf_unit *skeleton) {
    struct dwarf_range_unit *r = &s->unit.ranges;
    Dwarf_Die die = skeleton->die;
    r->in.addr = skeleton->ranges.in.addr;
    r->in.ranges = skeleton->ranges.in.ranges;
    r->addr_base = skeleton->ranges.addr_base;
    r->base = skeleton->ranges.base;
    die_find_number(&die, DW_AT_GNU_ranges_base, &r->ranges_base);
}

/* The skeleton's unit in a plain file that `s` owns; closes `s` when it isn't there. */
static bool open_unit(struct dwarf_split *s, const struct dwarf_unit *skeleton,
                      const struct elf_file *plain, struct pp_str rnglists,
                      struct pp_arena *arena) {
    const struct dwarf_file *whole = skeleton->handle->file;
    struct pp_str info = bytes_of(plain, PP_STR(".debug_info.dwo"));
    s->file.elf = plain;
    s->file.abbrev = bytes_of(plain, PP_STR(".debug_abbrev.dwo"));
    s->file.lines.big_endian = s->file.ranges.big_endian = plain->big_endian;
    s->file.lines.code_start = whole->lines.code_start;
    s->file.ranges.rnglists = rnglists;
    s->file.work =
        8 * (info.len + s->file.abbrev.len + rnglists.len + whole->ranges.ranges.len) + (1 << 20);
    if (dwarf_handle_open(&s->handle, &s->file, skeleton->handle->names_left, arena) &&
        find_unit(s, skeleton)) {
        borrow_from_skeleton(s, skeleton);
        return true;
    }
    dwarf_split_close(s);
    return false;
}

static bool open_at(struct dwarf_split *s, const struct dwarf_unit *skeleton, struct pp_str path,
                    struct pp_arena *arena) {
    *s = (struct dwarf_split){0};
    if (!elf_file_open(&s->files[0], pp_arena_copy(arena, path).data, arena, NULL)) return false;
    if (!unpack(s, arena)) {
        dwarf_split_close(s);
        return false;
    }
    const struct elf_file *plain = s->files[1].elf ? &s->files[1] : &s->files[0];
    return open_unit(s, skeleton, plain, bytes_of(plain, PP_STR(".debug_rnglists.dwo")), arena);
}

/* An image of the unit's own tree; strings and ranges stay where they are. */
static bool build_image(struct dwarf_split *s, const struct dwarf_package_unit *u,
                        const struct elf_file *like, struct pp_arena *arena) {
    struct elf_part parts[] = {{PP_STR(".debug_info.dwo"), u->info.len, NULL},
                               {PP_STR(".debug_abbrev.dwo"), u->abbrev.len, NULL}};
    struct image image;
    if (!elf_build(&image, parts, 2, like, NULL)) return false;
    memcpy(parts[0].at, u->info.data, u->info.len);
    memcpy(parts[1].at, u->abbrev.data, u->abbrev.len);
    return elf_file_open_image(&s->files[0], image, arena, NULL);
}

static bool open_in_package(struct dwarf_split *s, const struct dwarf_unit *skeleton,
                            struct pp_arena *arena) {
    struct dwarf_handle *h = skeleton->handle;
    const struct dwarf_package *p = h->file->package;
    struct dwarf_package_unit unit;
    *s = (struct dwarf_split){0};
    if (!p || !skeleton->has_split_id || !dwarf_package_find(p, skeleton->split_id, &unit))
        return false;
    uint64_t cost = unit.info.len + unit.abbrev.len;
    if (cost > h->package_work_left) return false;
    h->package_work_left -= cost;
    if (!build_image(s, &unit, &p->files[0], arena)) return false;
    s->file.str = p->str;
    s->file.str_offsets = unit.str_offsets;
    return open_unit(s, skeleton, &s->files[0], unit.rnglists, arena);
}

bool dwarf_split_open(struct dwarf_split *ret_split, const struct dwarf_unit *skeleton,
                      struct pp_arena *arena) {
    if (open_in_package(ret_split, skeleton, arena)) return true;
    struct pp_str name = skeleton->split_name, dir = skeleton->handle->file->dir;
    if (name.len == 0) return false;
    struct pp_str compiled = join(arena, skeleton->dir, name);
    struct pp_str places[] = {join(arena, dir, last_part(name)), join(arena, dir, name), compiled,
                              join(arena, dir, compiled)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (open_at(ret_split, skeleton, places[i], arena)) return true;
    return false;
}

void dwarf_split_close(struct dwarf_split *s) {
    dwarf_handle_close(&s->handle);
    elf_file_close(&s->files[1]);
    elf_file_close(&s->files[0]);
}
