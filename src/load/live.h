/* Sources that are URLs: recognized, fetched, remembered for the symbols that their servers tell.
 */
#ifndef LOAD_LIVE_H
#define LOAD_LIVE_H

#include "base/arena.h"
#include "base/input.h"
#include "base/world.h"
#include "load/options.h"
#include "net/http.h"
#include "profile/profile.h"

/* A mapping as a server's profile had it. */
struct live_origin {
    struct pp_str key; /* build id, else file, else the URL itself */
    struct pp_str url;
    uint64_t start;
};

struct live_answer {
    struct http_request request;
    struct input unpacked; /* of an answer packed for its way, while it is open */
};

struct live_source {
    const char *url; /* NULL: no URL, and no answer */
    struct live_answer *answer;
};

struct live {
    const struct load_options *options;
    const struct world *env;
    uint64_t max_bytes; /* of a profile after decompression */
    struct http *http;  /* NULL until a URL is given */
    struct live_origin *origins;
    size_t n_origins, cap_origins;
    const char *ahead_name; /* fetched together with the first batch, asked for later; or NULL */
    struct live_source ahead;
    bool any;                  /* a profile came from a server */
    struct progress *progress; /* a line that makes room for that of a request; or NULL */
    struct pp_arena arena;
};

/* The answers that are still there are freed too. */
void live_done(struct live *l);

/* Finds the URLs among the names: what is a file is none. Fetches them, all at the same time, and
 * says so. `ret` has an entry a name; a failure is in its request. */
void live_fetch(struct live *l, const char *const *names, size_t n, struct live_source *ret);

/* The answer as an input, or why there is none. live_close, after input_close, is for any source;
 * the answer can be opened again. */
bool live_open(struct live_source *source, const struct pp_limits *limits, struct input *ret_in,
               struct pp_error *err);
void live_close(struct live_source *source);
void live_source_done(struct live *l, struct live_source *source);

/* Remembers where the profile's mappings came from. One without build id and file gets the URL as
 * its file, so that it stays apart from those of other servers. */
void live_remember(struct live *l, const struct live_source *source, struct pp_profile *p,
                   struct pp_arena *arena);

/* Takes that back, and with it, as the reference does, every other mapping's file that is a URL. */
void live_forget(struct pp_profile *p, struct pp_arena *arena);

struct symbol_request {
    struct pp_str url;
    struct pp_str addresses; /* "0x4004d6+0x400512" */
};

/* Asks a server about symbols. The answer lives in `arena`. */
bool live_post(struct live *l, const struct symbol_request *rq, struct pp_str *ret_answer,
               struct pp_arena *arena, struct pp_error *err);

#endif
