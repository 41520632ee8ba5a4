/* Which library this is. */
#ifndef CPPROF_VERSION_H
#define CPPROF_VERSION_H

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0": of the library that runs, which may be newer than the headers (semantic versions). */
PP_API const char *pp_version(void);

#ifdef __cplusplus
}
#endif

#endif
