/* From an address of a running process to an address of its ELF file. A mapping says where the
 * loader put a part of the file; the program headers say where that part belongs. The rules, with
 * their guesses for kernels, are those of google/pprof, but each address is put into its own
 * segment where a mapping spans several. */
#ifndef SYMBOL_ADDRESS_H
#define SYMBOL_ADDRESS_H

#include "profile/profile.h"
#include "symbol/elf_file.h"

struct address_map {
    const struct elf_file *file;
    uint64_t start, limit, offset; /* the mapping */
    bool as_image;
    bool has_kernel_offset;
    uint64_t kernel_offset; /* of the symbol that a kernel's mapping starts at */
    bool guessed; /* the file is a debug file whose segments have no place in it: by the mapping */
    uint64_t guess;
};

/* What a profile's mapping says. */
struct address_mapping {
    uint64_t start, limit, offset;
    bool as_image;
    struct pp_str path;          /* tells a kernel by its name */
    struct pp_str kernel_symbol; /* what the mapping names after "[kernel.kallsyms]"; or "" */
};
struct address_mapping address_mapping_of(const struct pp_profile *p, const struct pp_mapping *m,
                                          struct pp_str path);

/* Fails when no base can be found for this mapping of this file at all. */
bool address_map_init(struct address_map *ret_map, const struct elf_file *file,
                      const struct address_mapping *mapping, struct pp_error *err);

/* False, with the reason, for a program that may be anywhere (PIE) where the profile has no mapping
 * that says where it was. */
bool address_map_is_placed(const struct address_map *map, struct pp_error *err);

/* The object's address. */
bool address_to_object(const struct address_map *map, uint64_t address, uint64_t *ret_address,
                       struct pp_error *err);

#endif
