/* An ELF image in memory that holds nothing but named sections: how unpacked contents, units out of
 * a package and decompressed files reach readers that want an ELF file. */
#ifndef SYMBOL_ELF_BUILD_H
#define SYMBOL_ELF_BUILD_H

#include "symbol/elf_file.h"

struct elf_part {
    struct pp_str name;
    uint64_t size;
    unsigned char *at; /* set by elf_build: write the contents here */
};

/* Lays the parts out; 64-bit, with the byte order and machine of `like`. */
bool elf_build(struct image *ret_image, struct elf_part *parts, size_t n,
               const struct elf_file *like, struct pp_error *err);

#endif
