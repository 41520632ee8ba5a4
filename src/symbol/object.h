/* A binary with all that is known about its addresses: symbol tables, DWARF (its own, or of a
 * separate file), a Go program's line table. Opened once, then read by several threads. */
#ifndef SYMBOL_OBJECT_H
#define SYMBOL_OBJECT_H

#include "symbol/debug_file.h"
#include "symbol/dwarf_units.h"
#include "symbol/elf_unpack.h"
#include "symbol/frame.h"
#include "symbol/gopclntab.h"
#include "symbol/symbol_index.h"
#include "symbol/symtab.h"

struct object {
    struct pp_arena arena;
    struct pp_str path;
    struct elf_file main;         /* the binary itself */
    struct elf_file debug, plain; /* its separate debug file; unpacked DWARF of either */
    struct elf_file alternate, alternate_plain;
    struct elf_file mini;                 /* the contents of .gnu_debugdata */
    struct symtab symbols, debug_symbols; /* of the binary; of the debug file or of `mini` */
    struct dwarf_file dwarf;
    struct dwarf_package package;
    bool has_dwarf;
    struct dwarf_units units;
    struct gopclntab pclntab;
    bool has_pclntab;
    struct elf_unpacking *unpacking; /* of `plain`; NULL: nothing is packed */
    enum { DWARF_TREES, DWARF_ALL, DWARF_TEXTS, DWARF_SOME_TEXTS } unpacked; /* what is there */
    bool symbols_loaded, go_loaded, debug_found, dwarf_loaded;
    unsigned threads; /* to unpack with; 0: as many as there are processors */
    uint64_t
        most_trees; /* bytes of packed trees that are unpacked as a whole; object_open sets it */
    struct debug_search search;
    struct pp_str debug_path, alternate_path, package_path; /* "" where there is none */
    struct pp_str alternate_missing; /* the alternate file that was named and is not here; "" */
    struct pp_str trouble;           /* why DWARF that is there can't be read; "" */
    struct symbol_index index;       /* what answers, where `is_indexed` */
    bool is_indexed, index_asked;
    struct pp_str index_path, index_trouble; /* the file; why it was ignored; "" */
};

/* Opens the binary only: enough for its build id and program headers. */
bool object_open(struct object *ret_object, struct pp_str path, struct pp_error *err);

/* Opens the binary of a build id as a server has it; another build is refused. */
bool object_fetch(struct object *ret_object, struct pp_str build_id, struct debug_search *search);

/* Opens what has the build id in the directories of debug files, or a server's debug file: the
 * debug file of a program that is gone, or the program. `path`: where it was. */
bool object_find(struct object *ret_object, struct pp_str build_id, struct pp_str path,
                 struct debug_search *search);

/* Reads the binary's own tables: symbols, and Go's line table. Loading again does nothing. */
void object_load_tables(struct object *o, bool fast);

/* Finds the separate debug file of a binary without DWARF, or its mini debug data, and reads the
 * symbols there. */
void object_find_debug(struct object *o, const struct debug_dirs *dirs);

/* Finds and indexes debug information. `fast`: symbol tables only. */
void object_load_debug(struct object *o, const struct debug_dirs *dirs, bool fast);

/* Tells which texts will be read, when the line tables are there; false: it can't be told. */
typedef bool object_wants(void *user, struct elf_wanted *ret_texts);

/* Where DWARF is packed not all of it is in memory at once: after object_load_debug the units'
 * trees are, after object_load_places the texts and line tables. False: they are broken, and so is
 * the DWARF. Of very many texts only those that `wants` names are there. */
bool object_load_places(struct object *o, object_wants *wants, void *user);

/* All of it at once, for who asks both of unit after unit. */
bool object_load_all(struct object *o);

/* What its answers come from. */
struct object_facts object_facts(const struct object *o);

/* The index turned out to be damaged: from here on the object answers by itself. */
void object_leave_index(struct object *o);

/* Whether Go's line table says as much about the address as DWARF does (from Go 1.20 on), without
 * anything to unpack or to search. */
bool object_prefers_go(const struct object *o, uint64_t address);

void object_close(struct object *o);

/* Completes a lookup that DWARF has been asked about already: names from the symbol table, a Go
 * program's line table. What it adds lives in `arena`. */
void object_finish(const struct object *o, struct lookup *l, struct name_budget *names,
                   struct pp_arena *arena);

#endif
