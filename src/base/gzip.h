/* Writing gzip. */
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include "base/out.h"

struct gzip;

enum gzip_effort {
    GZIP_SMALL,
    GZIP_SOON, /* a quarter of the time for a twentieth more: somebody waits */
};

/* A compressor in front of `out`; no name and no time in the header, so the bytes depend on the
 * data alone. NULL when there is no memory for it. */
struct gzip *gzip_open(struct out *out, enum gzip_effort effort);
void gzip_write(struct gzip *gz, struct pp_str bytes);

/* Ends the member and frees the compressor; failures of `out` are its own. */
void gzip_close(struct gzip *gz);

#endif
