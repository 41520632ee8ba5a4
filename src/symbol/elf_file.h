/* An ELF file, read through libelf: its segments, sections, notes and symbols as plain tables.
 * Names and bytes are views into the image. Whatever a table claims is checked against the size of
 * the file: a section that lies outside has no bytes. */
#ifndef SYMBOL_ELF_FILE_H
#define SYMBOL_ELF_FILE_H

#include "base/arena.h"
#include "symbol/image.h"

struct Elf;

struct elf_segment {
    uint32_t type, flags; /* PT_*, PF_* */
    uint64_t offset, vaddr, filesz, memsz, align;
};

enum { ELF_FAR_BITS = 40 };

enum elf_packing { PACKED_NOT, PACKED_ZLIB, PACKED_ZSTD, PACKED_GNU_ZLIB, PACKED_UNKNOWN };

struct elf_section {
    struct pp_str name;
    uint32_t type; /* SHT_* */
    uint32_t link, info;
    uint64_t flags, size, align;
    uint64_t addr; /* in a relocatable file: as the kernel lays a module's code out, beginning at 0;
                      what is no such code is at 1 << ELF_FAR_BITS or above */
    struct pp_str bytes; /* as in the file; empty for SHT_NOBITS */
    enum elf_packing packing;
    uint64_t unpacked_size; /* as claimed */
};

struct elf_symbol {
    uint64_t value, size; /* value: an address, also in a relocatable file */
    struct pp_str name;
    uint8_t type, binding; /* STT_*, STB_* */
    uint32_t section;      /* 0: undefined, or not in a section */
};

struct elf_file {
    struct image image;
    struct Elf *elf;        /* NULL where is_other */
    bool is_other;          /* it is no ELF file, but is read like one; see other_file.h */
    uint16_t type, machine; /* ET_*, EM_* */
    bool is_64, big_endian;
    struct elf_segment *segments;
    struct elf_section *sections; /* [0] is the empty one */
    uint32_t n_segments, n_sections;
    struct pp_str build_id; /* lower-case hex, "" when there is none */
    uint64_t load_base;     /* the address that its linker gave it: of its first segment */
    const struct elf_symbol *other_symbols;
    size_t n_other_symbols; /* is_other */
};

/* Opens a file by its path, or takes over an image (also on failure). Tables live in `arena`;
 * elf_file_close frees the rest. */
bool elf_file_open(struct elf_file *ret_file, const char *path, struct pp_arena *arena,
                   struct pp_error *err);
bool elf_file_open_image(struct elf_file *ret_file, struct image image, struct pp_arena *arena,
                         struct pp_error *err);
void elf_file_close(struct elf_file *f);

/* Another libelf handle on the same image, for a thread of its own; elf_file_release frees. */
struct Elf *elf_file_handle(const struct elf_file *f);
void elf_file_release(struct Elf *elf);

/* Whether it was opened. */
static inline bool elf_file_is_open(const struct elf_file *f) {
    return f->image.bytes != NULL;
}

/* What kind of compression a section has, from its name, flags and first bytes. */
void elf_section_read_packing(const struct elf_file *f, struct elf_section *s);

/* The first section of that name that has bytes, or NULL. */
const struct elf_section *elf_file_section(const struct elf_file *f, struct pp_str name);

/* Whether it has the code of its sections, not only their headers as a separate debug file has. */
bool elf_file_has_code(const struct elf_file *f);

/* The segment that .text is loaded by, or NULL. */
const struct elf_segment *elf_file_text_segment(const struct elf_file *f);

/* Where the bytes of the address lie in the file; empty when nowhere. */
struct pp_str elf_file_at(const struct elf_file *f, uint64_t address);

/* Calls `see` for the symbols of a SHT_SYMTAB or SHT_DYNSYM section, in order; stops on false. */
void elf_file_each_symbol(const struct elf_file *f, const struct elf_section *table,
                          bool (*see)(void *user, const struct elf_symbol *symbol), void *user);

/* The contents of .gnu_debuglink or .gnu_debugaltlink: a file name and what follows it. */
bool elf_file_link(const struct elf_file *f, struct pp_str section, struct pp_str *ret_name,
                   struct pp_str *ret_rest);

uint16_t elf_u16(const struct elf_file *f, const void *at);
uint32_t elf_u32(const struct elf_file *f, const void *at);
uint64_t elf_u64(const struct elf_file *f, const void *at);

#endif
