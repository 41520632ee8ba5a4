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

struct disasm_code {
    struct disasm_inst *insts;
    size_t n;
};

/* Which instructions. */
struct disasm_range {
    struct pp_str file;
    uint64_t start, end; /* addresses of the file; end is not included */
    bool intel;          /* syntax of x86 */
};

/* Finds llvm-objdump (8.0 or newer) or GNU objdump. `tools` is google/pprof's -tools: directories
 * and TOOL:DIRECTORY, separated by commas; "" means PATH. */
bool disasm_find_tool(struct pp_str tools, struct disasm_tool *ret_tool, struct pp_arena *arena,
                      struct pp_error *err);

/* The instructions that are asked for, in the order of the file. */
bool disasm_run(const struct disasm_tool *tool, const struct disasm_range *range,
                struct disasm_code *ret_code, struct pp_arena *arena, struct pp_error *err);

/* Reads what either program writes; the texts are views into it. */
void disasm_parse(struct pp_str listing, struct disasm_code *ret_code, struct pp_arena *arena);

#endif
