/* What a profile from a stranger may cost, and a report of it. A field that is 0 means its default.
 * An error that a limit causes has the code PP_E_LIMIT and names the flag that raises it. */
#ifndef CPPROF_LIMITS_H
#define CPPROF_LIMITS_H

#include <stdint.h>

#define PP_LIMITS(X)                                                                               \
    X(max_bytes, UINT64_C(8) << 30)   /* of one source, decompressed */                            \
    X(max_ratio, 1000)                /* decompressed to compressed, past the first 64 MB */       \
    X(max_samples, UINT64_C(1) << 30) /* of one source */                                          \
    X(max_depth, UINT64_C(1) << 20)   /* frames of one sample */                                   \
    X(max_string, UINT64_C(16) << 20) /* bytes of one name */                                      \
    X(max_labels, UINT64_C(1) << 16)  /* labels of one sample */                                   \
    X(max_output, UINT64_C(1) << 30)  /* bytes of one report */

struct pp_limits {
#define PP_LIMIT_FIELD(name, value) uint64_t name;
    PP_LIMITS(PP_LIMIT_FIELD)
#undef PP_LIMIT_FIELD
};

/* The same with every 0 replaced by its default. `limits` may be NULL: all defaults. */
struct pp_limits pp_limits_or_default(const struct pp_limits *limits);

#endif
