/* Line tables, DWARF 2 to 5. A table is a program that emits rows; instead of keeping rows, it is
 * run once for all sorted addresses that are asked, and keeps only their answers. (libdw keeps
 * every row of every table it has read until the handle is closed.) */
#ifndef SYMBOL_DWARF_LINES_H
#define SYMBOL_DWARF_LINES_H

#include "base/arena.h"
#include "symbol/dwarf_read.h"
#include "symbol/name_budget.h"

struct dwarf_line_sections {
    struct pp_str line, line_str, str;
    bool big_endian;
    uint64_t code_start; /* sequences that begin below it belong to no code (discarded sections) */
};

struct dwarf_line_file {
    struct pp_str name;
    uint64_t dir;
};

struct dwarf_line_table {
    struct dwarf_cursor program;
    uint16_t version;
    uint8_t min_instruction, opcode_base, line_range;
    int8_t line_base;
    const unsigned char *operand_counts; /* of opcodes 1 to opcode_base - 1 */
    struct pp_str *dirs;
    struct dwarf_line_file *files;
    size_t n_dirs, n_files;
    bool uses_texts; /* some of their names are in .debug_str */
};

struct dwarf_line_lookup {
    uint64_t address;
    uint64_t sequence_end; /* of the sequence that answered; UINT64_MAX: none did */
    uint32_t file, line, column;
};

/* Reads the header at `offset` of the line section; false when it is broken. */
bool dwarf_lines_open(struct dwarf_line_table *ret_table, const struct dwarf_line_sections *in,
                      uint64_t offset, struct pp_arena *arena);

/* Answers the lookups, which are sorted by address and have sequence_end UINT64_MAX. */
void dwarf_lines_find(const struct dwarf_line_table *t, const struct dwarf_line_sections *in,
                      struct dwarf_line_lookup *lookups, size_t n, struct pp_arena *scratch);

/* Calls `see` for the address of every row: where answers may change. */
void dwarf_lines_each(const struct dwarf_line_table *t, const struct dwarf_line_sections *in,
                      void (*see)(void *user, uint64_t address), void *user);

/* Calls `see` for every sequence, a stretch of code that the table has lines of. */
void dwarf_lines_sequences(const struct dwarf_line_table *t, const struct dwarf_line_sections *in,
                           void (*see)(void *user, uint64_t start, uint64_t end), void *user);

/* The path of a file by its number in the table; "" when there is none, or no room for it.
 * `unit_dir` is the unit's DW_AT_comp_dir. */
struct pp_str dwarf_lines_path(const struct dwarf_line_table *t, uint64_t file,
                               struct pp_str unit_dir, struct name_budget *names,
                               struct pp_arena *arena);

#endif
