/* Plug-ins (cpprof/plugin.h): loads one and adds its rows to a catalog. */
#ifndef API_PLUGIN_H
#define API_PLUGIN_H

#include "query/catalog.h"

/* `is_taken` (may be NULL): whether the program uses a name for something else. The plug-in stays
 * loaded; what is made for it lives in the catalog's arena. A failure adds nothing. */
bool plugin_load(struct catalog *c, const char *file, bool (*is_taken)(const char *name),
                 struct pp_error *err);

#endif
