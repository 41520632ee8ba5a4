/* See dwarf_handle.h. */
#include "symbol/dwarf_handle.h"

#include "base/scope.h"
#include "symbol/elf_build.h"

#include <elf.h>
#include <elfutils/libdw.h>
#include <libelf.h>
#include <stdlib.h>

static struct pp_str bytes_of(const struct elf_file *f, struct pp_str name) {
    const struct elf_section *s = elf_file_section(f, name);
    return s && s->packing == PACKED_NOT ? s->bytes : PP_STR("");
}

/* The lowest address of code: linkers leave the debug information of discarded functions at 0. */
static uint64_t code_start(const struct elf_file *f) {
    uint64_t lowest = UINT64_MAX;
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if ((s->flags & SHF_ALLOC) && (s->flags & SHF_EXECINSTR) && s->addr < lowest)
            lowest = s->addr;
    }
    for (uint32_t i = 0; i < f->n_segments && lowest == UINT64_MAX; i++)
        if (f->segments[i].type == PT_LOAD && (f->segments[i].flags & PF_X))
            lowest = f->segments[i].vaddr;
    return lowest == UINT64_MAX ? 0 : lowest;
}

static struct pp_str directory(struct pp_str path, struct pp_arena *arena) {
    const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;
    if (!slash) return PP_STR(".");
    return pp_arena_copy(arena, pp_str_slice(path, 0, (size_t)(slash - path.data) + 1));
}

bool dwarf_file_init(struct dwarf_file *ret_file, const struct elf_file *plain,
                     const struct elf_file *whole, struct pp_str path, struct pp_arena *arena) {
    struct pp_str info = bytes_of(plain, PP_STR(".debug_info"));
    struct dwarf_file f = {.elf = plain, .dir = directory(path, arena)};
    f.abbrev = bytes_of(plain, PP_STR(".debug_abbrev"));
    if (info.len == 0 || f.abbrev.len == 0) return false;
    f.lines.line = bytes_of(plain, PP_STR(".debug_line"));
    f.lines.line_str = bytes_of(plain, PP_STR(".debug_line_str"));
    f.lines.str = bytes_of(plain, PP_STR(".debug_str"));
    f.lines.big_endian = f.ranges.big_endian = plain->big_endian;
    f.lines.code_start = code_start(whole);
    f.ranges.addr = bytes_of(plain, PP_STR(".debug_addr"));
    f.ranges.ranges = bytes_of(plain, PP_STR(".debug_ranges"));
    f.ranges.rnglists = bytes_of(plain, PP_STR(".debug_rnglists"));
    f.work =
        8 * (info.len + f.abbrev.len + f.ranges.ranges.len + f.ranges.rnglists.len) + (1 << 20);
    *ret_file = f;
    return true;
}

/* libdw's own reaction to exhausted memory is exit(1). */
__attribute__((noreturn)) static void out_of_memory(void) {
    pp_out_of_memory(0);
}

static void end_elf(void *elf) {
    elf_file_release(elf);
}

static void end_dwarf(void *dwarf) {
    dwarf_end(dwarf);
}

static struct Dwarf *begin(struct Elf *elf) {
    struct Dwarf *dwarf = elf ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
    if (dwarf) dwarf_new_oom_handler(dwarf, out_of_memory);
    return dwarf;
}

/* An alternate without contents, so that libdw looks for none. */
static struct Elf *empty_alternate(struct dwarf_handle *h) {
    struct elf_part parts[] = {{PP_STR(".debug_line"), 1, NULL}, {PP_STR(".debug_str"), 1, NULL}};
    if (!elf_build(&h->empty, parts, 2, h->file->elf, NULL)) return NULL;
    struct elf_file f = {.image = h->empty};
    return elf_file_handle(&f);
}

bool dwarf_handle_open(struct dwarf_handle *ret_handle, const struct dwarf_file *file,
                       struct name_budget *names, struct pp_arena *arena) {
    struct dwarf_handle h = {.file = file, .arena = arena, .names_left = names};
    h.work_left = file->work;
    h.line_work_left = 8 * file->lines.line.len + (1 << 20);
    if (file->package) h.package_work_left = dwarf_package_work(file->package);
    h.elf = elf_file_handle(file->elf);
    h.marks[0] = scope_hold(end_elf, h.elf);
    h.dwarf = begin(h.elf);
    if (h.dwarf) h.marks[1] = scope_hold(end_dwarf, h.dwarf);
    h.alt_elf = file->alt ? elf_file_handle(file->alt) : empty_alternate(&h);
    h.marks[2] = scope_hold(end_elf, h.alt_elf);
    h.alt = begin(h.alt_elf);
    if (h.alt) h.marks[3] = scope_hold(end_dwarf, h.alt);
    if (!h.dwarf || !h.alt) {
        dwarf_handle_close(&h);
        return false;
    }
    dwarf_setalt(h.dwarf, h.alt);
    *ret_handle = h;
    return true;
}

void dwarf_handle_close(struct dwarf_handle *h) {
    for (size_t i = 0; i < 4; i++)
        scope_drop(h->marks[i]);
    if (h->dwarf) dwarf_end(h->dwarf);
    if (h->alt) dwarf_end(h->alt);
    elf_file_release(h->elf);
    elf_file_release(h->alt_elf);
    image_close(&h->empty);
    index_done(&h->name_index);
    dwarf_abbrevs_close(&h->abbrevs);
    *h = (struct dwarf_handle){0};
}

void dwarf_handle_move(struct dwarf_handle *h, struct name_budget *names, struct pp_arena *arena) {
    index_done(&h->name_index);
    h->name_index = (struct hash_index){0};
    h->names = NULL;
    h->n_names = h->cap_names = 0;
    h->names_left = names;
    h->arena = arena;
}
