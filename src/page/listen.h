/* The socket that the page is served at. */
#ifndef PAGE_LISTEN_H
#define PAGE_LISTEN_H

#include "base/arena.h"
#include "cpprof/error.h"

struct listening {
    int fd;
    struct pp_str name; /* of the host as it was given; "" if none was */
    struct pp_str url;  /* for a browser */
};

/* At "[host]:[port]": no host is this machine alone, no port any that is free. The texts live in
 * `arena`. */
bool listen_open(const char *where, struct listening *ret_at, struct pp_arena *arena,
                 struct pp_error *err);

#endif
