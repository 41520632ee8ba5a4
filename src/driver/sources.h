/* Where source files are, on this machine. */
#ifndef DRIVER_SOURCES_H
#define DRIVER_SOURCES_H

#include "base/world.h"
#include "driver/settings.h"
#include "report/source.h"

/* From the settings and the environment: PWD, GOROOT, GOPATH, GOMODCACHE, HOME. */
void sources_resolve(const struct settings *s, const struct world *env,
                     struct source_options *ret_options, struct pp_arena *arena);

#endif
