/* Notes as the gABI has them: three words (name size, contents size, type), a name and contents,
 * both padded to the alignment of their segment or section. PT_NOTE segments are asked first, then
 * SHT_NOTE sections, as google/pprof does; damaged notes end the search. */
#include "symbol/elf_notes.h"

#include "base/text.h"

#include <elf.h>

enum { MAX_NOTE = 1 << 20 };

enum found { FOUND_NONE, FOUND_ONE, FOUND_BROKEN };

static uint64_t padded(uint64_t size, uint64_t alignment) {
    return alignment > 1 ? (size + alignment - 1) / alignment * alignment : size;
}

static enum found find_in(const struct elf_file *f, struct pp_str area, uint64_t align,
                          struct pp_str *ret_id) {
    enum found found = FOUND_NONE;
    if (align > 4096) return FOUND_BROKEN;
    for (size_t at = 0; at < area.len;) {
        if (area.len - at < 12) return FOUND_BROKEN;
        const char *note = area.data + at;
        uint64_t name_size = elf_u32(f, note), size = elf_u32(f, note + 4);
        uint32_t type = elf_u32(f, note + 8);
        if (name_size > MAX_NOTE || size > MAX_NOTE) return FOUND_BROKEN;
        uint64_t from = at + padded(12 + name_size, align);
        if (from > area.len || size > area.len - from) return FOUND_BROKEN;
        if (type == NT_GNU_BUILD_ID && name_size == 4 && memcmp(note + 12, "GNU", 4) == 0) {
            if (found == FOUND_ONE) return FOUND_BROKEN;
            *ret_id = pp_str_slice(area, from, from + size);
            found = FOUND_ONE;
        }
        at = from + padded(size, align);
    }
    return found;
}

bool elf_notes_find_id(struct pp_str notes, struct pp_str *ret_id) {
    const struct elf_file own = {.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__};
    return find_in(&own, notes, 4, ret_id) == FOUND_ONE;
}

bool elf_notes_is_id(struct pp_str text) {
    for (size_t i = 0; i < text.len; i++)
        if (!text_is_hex(text.data[i])) return false;
    return text.len >= 2;
}

struct pp_str elf_notes_hex(struct pp_str bytes, struct pp_arena *arena) {
    char *hex = PP_NEW(arena, char, 2 * bytes.len + 1);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        hex[2 * i] = "0123456789abcdef"[c >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[c & 15];
    }
    return (struct pp_str){hex, 2 * bytes.len};
}

struct pp_str elf_notes_build_id(const struct elf_file *f, struct pp_arena *arena) {
    struct pp_str id;
    for (uint32_t i = 0; i < f->n_segments; i++) {
        const struct elf_segment *s = &f->segments[i];
        if (s->type != PT_NOTE || s->offset > f->image.size) continue;
        uint64_t size = s->filesz;
        if (size > f->image.size - s->offset) size = f->image.size - s->offset;
        struct pp_str area = {(const char *)f->image.bytes + s->offset, size};
        enum found found = find_in(f, area, s->align, &id);
        if (found == FOUND_ONE) return elf_notes_hex(id, arena);
        if (found == FOUND_BROKEN) break; /* a debug file's segments may lie outside the file */
    }
    for (uint32_t i = 0; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if (s->type != SHT_NOTE) continue;
        enum found found = find_in(f, s->bytes, s->align, &id);
        if (found == FOUND_ONE) return elf_notes_hex(id, arena);
        if (found == FOUND_BROKEN) break;
    }
    return PP_STR("");
}
