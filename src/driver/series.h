/* One table of several parts: each sample type (-sample_index=all), each source (-by_source). */
#ifndef DRIVER_SERIES_H
#define DRIVER_SERIES_H

#include "base/world.h"
#include "driver/flags.h"

/* Whether the command asks for it. */
bool driver_wants_series(const struct command_line *cl);

/* Reads the sources and writes the table. */
bool driver_series(const struct command_line *cl, struct pp_error *err);

#endif
