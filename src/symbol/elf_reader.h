/* A compressed section from its beginning to its end, a piece at a time, out of a file's image. */
#ifndef SYMBOL_ELF_READER_H
#define SYMBOL_ELF_READER_H

#include "base/inflate.h"
#include "symbol/elf_file.h"

struct elf_reader {
    const struct inflate_kind *kind;
    const struct image *image;
    struct pp_str from; /* what is compressed, behind its header */
    void *state;        /* NULL: closed */
    size_t in_at;
    uint64_t out_at;
    bool ended;
};

/* The kinds that can read a section, the best one first; how many. */
size_t elf_reader_kinds(enum elf_packing packing, struct pp_str from,
                        const struct inflate_kind *ret_kinds[static 2]);

/* False: there is no such decompressor here. */
bool elf_reader_open(struct elf_reader *ret_reader, const struct inflate_kind *kind,
                     const struct image *image, struct pp_str from);
void elf_reader_close(struct elf_reader *r);

/* Another one at the same place, in `ret_copy`; false where this kind has none. */
bool elf_reader_copy(const struct elf_reader *r, struct elf_reader *ret_copy);

/* Exactly n bytes; false where there are fewer. What was read of the file is given back. */
bool elf_reader_read(struct elf_reader *r, unsigned char *to, size_t n);

/* Whether all has been read, and its checksum is right. */
bool elf_reader_is_over(struct elf_reader *r);

#endif
