/* What symbolization finds out about one address. */
#ifndef SYMBOL_FRAME_H
#define SYMBOL_FRAME_H

#include "cpprof/str.h"

#include <stdbool.h>
#include <stdint.h>

struct frame {
    struct pp_str function, file; /* as in the file, not demangled; "" is unknown */
    int64_t line, column, start_line;
};

enum frame_source { FRAMES_NONE, FRAMES_SYMTAB, FRAMES_PCLNTAB, FRAMES_DWARF, FRAMES_PERF_MAP };

struct lookup {
    uint64_t address;     /* in the object file */
    struct frame *frames; /* innermost inlined call first */
    uint32_t n_frames;
    enum frame_source source;
};

#endif
