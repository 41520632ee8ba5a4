/* Compressed trees (.debug_info) that are too large to be in memory as a whole. They are unpacked
 * once from beginning to end, of which nothing stays but the first bytes of each unit and, every so
 * many bytes, the state of the decompressor. From then on whoever reads a unit holds its bytes: the
 * stretches that they lie in are unpacked again, where they are not there any more. */
#ifndef SYMBOL_ELF_STRETCHES_H
#define SYMBOL_ELF_STRETCHES_H

#include "symbol/elf_file.h"

/* So much of each unit is always there. */
enum { ELF_UNIT_HEAD = 2048 };

struct elf_stretches;

/* What is unpacked, and where to: memory of image_reserve. */
struct elf_packed {
    const struct elf_file *file;
    const struct elf_section *section; /* compressed by zlib or zstd */
    struct pp_str bytes;               /* of it, behind its header */
    unsigned char *to;
    uint64_t size;    /* when it is unpacked */
    uint64_t stretch; /* bytes of one */
    size_t kept;      /* so many stay unpacked that nobody holds */
};

/* NULL where it can't be unpacked, or is not a row of units. */
struct elf_stretches *elf_stretches_open(const struct elf_packed *packed);
void elf_stretches_close(struct elf_stretches *s); /* NULL is allowed */

/* From hold to release the bytes are there. By several threads at once. False: they are not, and
 * nothing is held. */
bool elf_stretches_hold(struct elf_stretches *s, uint64_t from, uint64_t to);
void elf_stretches_release(struct elf_stretches *s, uint64_t from, uint64_t to);

/* Keeps nothing that nobody holds. */
void elf_stretches_drop(struct elf_stretches *s);

#endif
