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
    bool is_old; /* its listing of several functions may leave out a place that did not change */
};

struct disasm_inst {
    uint64_t address;
    struct pp_str text;
    struct pp_str function, file; /* "" is unknown */
    int64_t line;
    bool is_told; /* the function was written before this very instruction */
};

struct disasm_code {
    struct disasm_inst *insts;
    size_t n;
    bool is_nameless; /* what the instructions say of functions and places is not to be used */
};

/* Addresses of a file; end is not included. */
struct disasm_range {
    uint64_t start, end;
};

struct disasm_request {
    struct pp_str file;
    uint64_t file_size;
    const struct disasm_range *ranges; /* ascending */
    size_t n;
    bool intel;     /* syntax of x86 */
    bool no_places; /* neither functions nor lines are asked for */
};

/* Finds llvm-objdump (8.0 or newer) or GNU objdump. `tools` is google/pprof's -tools: directories
 * and TOOL:DIRECTORY, separated by commas; "" means PATH. */
bool disasm_find_tool(struct pp_str tools, struct disasm_tool *ret_tool, struct pp_arena *arena,
                      struct pp_error *err);

/* The instructions of each range: the same as if it were the only one, but the program, which reads
 * the whole file each time, is started once for neighbours, and about 512 times at most. Their
 * texts live in `arena`; more than half a gigabyte is PP_E_LIMIT. */
bool disasm_run(const struct disasm_tool *tool, const struct disasm_request *request,
                struct disasm_code *ret_codes, struct pp_arena *arena, struct pp_error *err);

/* Reads what either program writes; the texts live in `arena`. */
void disasm_parse(struct pp_str listing, struct disasm_code *ret_code, struct pp_arena *arena);

#endif
