/* The answer to a profile without a report: what it is, and what to type next. */
#ifndef DRIVER_OVERVIEW_H
#define DRIVER_OVERVIEW_H

#include "base/world.h"
#include "driver/flags.h"
#include "load/fetch.h"

bool overview_show(const struct command_line *cl, const struct fetched *f, struct pp_error *err);

#endif
