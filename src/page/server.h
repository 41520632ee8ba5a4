/* Serves the page: a socket, libmicrohttpd in front of it, and threads that answer. */
#ifndef PAGE_SERVER_H
#define PAGE_SERVER_H

#include "page/answer.h"

struct page_server;

/* Listens at "[host]:[port]": no host is this machine alone, no port any that is free. The texts
 * live in `arena`. */
bool page_server_open(struct page_server **ret_server, const char *where, struct pp_arena *arena,
                      struct pp_error *err);

/* The address for a browser: "http://localhost:6060". */
struct pp_str page_server_url(const struct page_server *s);

/* The host that was named; "" if none was. */
struct pp_str page_server_name(const struct page_server *s);

/* Starts to answer what needs no profile, which may still be read: the page itself. All else waits.
 * Threads that are started here may do what the calling one may, and block the signals that it
 * does. */
bool page_server_begin(struct page_server *s, uint64_t max_output, struct pp_error *err);

/* After that: answers all until `stop` (a descriptor) can be read; < 0: for ever. */
bool page_server_run(struct page_server *s, const struct page_world *world, int stop,
                     struct pp_error *err);

/* Whatever was done with it; NULL is allowed. Who still waits is told that there is no profile. */
void page_server_close(struct page_server *s);

#endif
