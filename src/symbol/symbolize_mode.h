/* The words of -symbolize. */
#ifndef SYMBOL_SYMBOLIZE_MODE_H
#define SYMBOL_SYMBOLIZE_MODE_H

#include "cpprof/diag.h"
#include "symbol/demangle.h"

struct symbolize_mode {
    bool none, local, remote, fast;
    bool force; /* also by a file of another build */
    bool again; /* also what has names: `force`, or another way to demangle */
    enum demangle_mode demangle;
};

/* Words that are not known are said and ignored. */
struct symbolize_mode symbolize_parse_mode(const char *text, const struct pp_diag *diag);

#endif
