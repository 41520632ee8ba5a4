/* Compressed sections, unpacked: SHF_COMPRESSED with zlib or zstd, and .zdebug_*. (libelf 0.188
 * knows no zstd, and unpacks by writing into the image, which is read-only.) */
#ifndef SYMBOL_ELF_UNPACK_H
#define SYMBOL_ELF_UNPACK_H

#include "symbol/elf_file.h"
#include "symbol/elf_stretches.h"

/* Whether any DWARF section that is of use to us is compressed, or still to be relocated. */
bool elf_is_packed(const struct elf_file *f);

/* An ELF file in memory with the useful DWARF sections of `f`, plain, and nothing else. */
bool elf_unpack(const struct elf_file *f, struct elf_file *ret_plain, struct pp_arena *arena,
                struct pp_error *err);

/* The same with this section alone, of whatever kind it is. */
bool elf_unpack_section(const struct elf_file *f, const struct elf_section *section,
                        struct elf_file *ret_plain, struct pp_arena *arena, struct pp_error *err);

struct elf_unpack_options {
    unsigned threads;                /* as in parallel_width */
    uint64_t most_trees, most_texts; /* bytes that are unpacked as a whole */
};

/* Of some texts their offsets in .debug_str, sorted. */
struct elf_wanted {
    const uint64_t *at;
    size_t n;
};

/* The same in two stages, so that not all of it is in memory at once: the units' trees first; the
 * texts and line tables (.debug_str and .debug_line, which read as zeros until then) when the trees
 * have been read and may be dropped. NULL: it failed; else elf_unpack_end frees. */
struct elf_unpacking *elf_unpack_begin(const struct elf_file *f,
                                       const struct elf_unpack_options *opt,
                                       struct elf_file *ret_plain, struct pp_arena *arena,
                                       struct pp_error *err);
bool elf_unpack_late(struct elf_unpacking *u, struct pp_error *err);
bool elf_unpack_lines(struct elf_unpacking *u, struct pp_error *err); /* without the texts */
bool elf_unpack_some(struct elf_unpacking *u, const struct elf_wanted *texts, struct pp_error *err);
void elf_unpack_drop_trees(struct elf_unpacking *u);
bool elf_unpack_trees(struct elf_unpacking *u, struct pp_error *err); /* again */
struct pp_str elf_unpack_texts(const struct elf_unpacking *u);        /* .debug_str */
bool elf_unpack_has_many_texts(const struct elf_unpacking *u);        /* than most_texts */
void elf_unpack_end(struct elf_unpacking *u);                         /* NULL is allowed */

/* Where the trees are too large to be there as a whole: who reads a unit holds it. NULL where they
 * are there, as they are from elf_unpack_whole_trees on. */
struct elf_stretches *elf_unpack_stretches(const struct elf_unpacking *u);
bool elf_unpack_whole_trees(struct elf_unpacking *u, struct pp_error *err);

/* Decompress exactly `to_size` bytes out of a part of the image, which then is not needed in memory
 * any more. */
bool elf_unpack_zlib(const struct image *image, struct pp_str from, unsigned char *to,
                     uint64_t to_size);
bool elf_unpack_zstd(const struct image *image, struct pp_str from, unsigned char *to,
                     uint64_t to_size);

/* Decompresses an xz stream (.gnu_debugdata) of unknown size. */
bool elf_unpack_xz(struct pp_str from, struct image *ret_image, struct pp_error *err);

#endif
