/* Compressed sections, unpacked: SHF_COMPRESSED with zlib or zstd, and .zdebug_*. (libelf 0.188
 * knows no zstd, and unpacks by writing into the image, which is read-only.) */
#ifndef SYMBOL_ELF_UNPACK_H
#define SYMBOL_ELF_UNPACK_H

#include "symbol/elf_file.h"

/* Whether any DWARF section that is of use to us is compressed, or still to be relocated. */
bool elf_is_packed(const struct elf_file *f);

/* An ELF file in memory with the useful DWARF sections of `f`, plain, and nothing else. */
bool elf_unpack(const struct elf_file *f, struct elf_file *ret_plain, struct pp_arena *arena,
                struct pp_error *err);

/* The same with this section alone, of whatever kind it is. */
bool elf_unpack_section(const struct elf_file *f, const struct elf_section *section,
                        struct elf_file *ret_plain, struct pp_arena *arena, struct pp_error *err);

/* The same in two stages, so that not all of it is in memory at once: the units' trees first; the
 * texts and line tables (.debug_str and .debug_line, which read as zeros until then) when the trees
 * have been read and may be dropped. `threads`: as in parallel_width. NULL: it failed. */
struct elf_unpacking *elf_unpack_begin(const struct elf_file *f, unsigned threads,
                                       struct elf_file *ret_plain, struct pp_arena *arena,
                                       struct pp_error *err);
bool elf_unpack_late(struct elf_unpacking *u, unsigned threads, struct pp_error *err);
void elf_unpack_drop_trees(struct elf_unpacking *u);
bool elf_unpack_trees(struct elf_unpacking *u, unsigned threads, struct pp_error *err); /* again */
struct pp_str elf_unpack_texts(const struct elf_unpacking *u); /* .debug_str */

/* Decompress exactly `to_size` bytes out of a part of the image, which then is not needed in memory
 * any more. */
bool elf_unpack_zlib(const struct image *image, struct pp_str from, unsigned char *to,
                     uint64_t to_size);
bool elf_unpack_zstd(const struct image *image, struct pp_str from, unsigned char *to,
                     uint64_t to_size);

/* Decompresses an xz stream (.gnu_debugdata) of unknown size. */
bool elf_unpack_xz(struct pp_str from, struct image *ret_image, struct pp_error *err);

#endif
