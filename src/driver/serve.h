/* -http: the page, served until the program is told to end. */
#ifndef DRIVER_SERVE_H
#define DRIVER_SERVE_H

#include "base/world.h"
#include "driver/flags.h"

bool driver_serve(const struct command_line *cl, struct pp_error *err);

#endif
