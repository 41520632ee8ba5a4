/* Instructions of a binary, by objdump or llvm-objdump, which are run without a shell. */
#ifndef SYMBOL_DISASM_H
#define SYMBOL_DISASM_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "cpprof/str.h"

#include <stdint.h>

struct disasm_tool {
    struct pp_str path;
    bool is_llvm;
};

struct disasm_inst {
    uint64_t address;
    struct pp_str text;
    struct pp_str function, file; /* "" is unknown */
    int64_t line;
};

/* Finds llvm-objdump (8.0 or newer) or GNU objdump. `tools` is google/pprof's -tools: directories
 * and TOOL:DIRECTORY, separated by commas; "" means PATH. */
bool disasm_find_tool(struct pp_str tools, struct disasm_tool *ret_tool, struct pp_arena *arena,
                      struct pp_error *err);

/* The instructions of the file from start up to (not including) end. */
bool disasm_run(const struct disasm_tool *tool, struct pp_str file, uint64_t start, uint64_t end,
                bool intel, struct disasm_inst **ret_insts, size_t *ret_n, struct pp_arena *arena,
                struct pp_error *err);

/* Reads what either program writes; the texts are views into it. */
void disasm_parse(struct pp_str listing, struct disasm_inst **ret_insts, size_t *ret_n,
                  struct pp_arena *arena);

#endif
