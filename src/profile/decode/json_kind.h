/* Which of the formats in JSON a source is: the first key at its top that only one of them has. */
#ifndef PROFILE_JSON_KIND_H
#define PROFILE_JSON_KIND_H

#include "base/input.h"

enum json_kind {
    JSON_OTHER,
    JSON_OTLP,
    JSON_PPROF,
    JSON_CPUPROFILE,  /* V8 */
    JSON_HEAPPROFILE, /* V8 */
    JSON_SPEEDSCOPE,
    JSON_FIREFOX,
    JSON_CHROME_TRACE,
    JSON_SNAPSHOT, /* of V8's heap: it has "nodes", but nobody reads it */
};

/* Waits for all of the source when it begins like JSON, else for a few bytes. */
enum json_kind json_kind_of(struct input *in);

#endif
