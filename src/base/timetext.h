/* Times and durations as Go prints them. */
#ifndef BASE_TIMETEXT_H
#define BASE_TIMETEXT_H

#include "base/out.h"

#include <stdint.h>

/* "2006-01-02 15:04:05 MST", local time, of nanoseconds since 1970. */
void time_short(struct out *o, int64_t nanos);

/* "2006-01-02 15:04:05.999999999 -0700 MST": the fraction without trailing zeros. */
void time_long(struct out *o, int64_t nanos);

/* "2006-01-02T15:04:05.999999999Z": RFC 3339, UTC, always with nine digits. */
void time_rfc3339(struct out *o, int64_t nanos);

/* "1h2m3.5s", "1.5µs", "0s"; no more than `max_runes` characters of it. */
void time_duration(struct out *o, int64_t nanos, size_t max_runes);

#endif
