/* The binaries that a profile names, for the reports that look into them. */
#ifndef DRIVER_OBJECTS_H
#define DRIVER_OBJECTS_H

#include "driver/env.h"
#include "driver/settings.h"
#include "report/objects.h"

/* Nothing is opened before a report asks. Everything lives in `arena`; objects_done closes. */
struct pp_objects *objects_new(const struct settings *s, const struct driver_env *env,
                               struct pp_arena *arena);
void objects_done(struct pp_objects *objects); /* NULL is allowed */

#endif
