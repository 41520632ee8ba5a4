#include "cpprof/limits.h"

#include <stddef.h>

struct pp_limits pp_limits_or_default(const struct pp_limits *limits) {
    struct pp_limits all = {0};
    if (limits) all = *limits;
#define FILL(name, value)                                                                          \
    if (!all.name) all.name = (value);
    PP_LIMITS(FILL)
#undef FILL
    return all;
}
