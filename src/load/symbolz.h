/* Function names from the server that a profile came from: addresses are sent to its /symbolz, or
 * /pprof/symbol, which answers with a line for each: "0x4004d6 name". Semantics of the reference's
 * internal/symbolz. */
#ifndef LOAD_SYMBOLZ_H
#define LOAD_SYMBOLZ_H

#include "load/live.h"
#include "symbol/demangle.h"

/* How a server is asked; live_post is one. */
typedef bool symbolz_post(void *user, const struct symbol_request *rq, struct pp_str *ret_answer,
                          struct pp_arena *arena, struct pp_error *err);

struct symbolz {
    const struct live_origin *origins; /* which mapping came from where */
    size_t n_origins;
    bool force; /* also mappings whose functions are known */
    enum demangle_mode demangle;
    symbolz_post *post;
    void *user;
};

/* Names the locations that have an address but no line. The result lives in `arena` and shares
 * tables with `p`, which is not changed. Locations whose address a server does not know stay as
 * they are. False, with the first reason, when some server did not answer as it should: it is not
 * asked again, and the result has what the others told. */
bool symbolz_symbolize(const struct pp_profile *p, const struct symbolz *z,
                       struct pp_profile *ret_profile, struct pp_arena *arena,
                       struct pp_error *err);

#endif
