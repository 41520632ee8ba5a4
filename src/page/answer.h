/* What the page answers to a request: pure of sockets, so a test or a fuzzer asks it directly. A
 * handler is a row of a table. The world is const: any number of threads may ask at once. */
#ifndef PAGE_ANSWER_H
#define PAGE_ANSWER_H

#include "base/out.h"
#include "page/labels.h"
#include "profile/source_mark.h"
#include "query/query.h"

#include <pthread.h>

/* What is shown, and to whom. */
struct page_world {
    const struct pp_profile *profile;
    struct page_labels *labels; /* of the profile, which lacks them; NULL: it has them */
    struct query_host host;
    struct pp_query question;       /* what the command line asked */
    struct pp_str verdict;          /* the gate's table, where rules were given; or "" */
    const struct pp_str *courses;   /* by sample type: what a history says of it, or ""; or NULL */
    bool trims;                     /* the command line says how many rows are shown */
    struct source_marks sources;    /* one may be picked as a base */
    struct pp_str name;             /* the host that -http named; "" if none */
    struct pp_str token;            /* that a page of ours sends to change something */
    struct pp_str settings_file;    /* where configurations are kept; "": nowhere */
    uint64_t max_output;            /* bytes of an answer */
    pthread_mutex_t *one_at_a_time; /* for binaries, which are opened when they are asked for */
};

struct page_request {
    struct pp_str method, path, query; /* as they came: the path without, the query behind '?' */
    struct pp_str host, origin, site, token; /* headers; "" if absent */
};

struct page_answer {
    int status;
    const char *type;       /* Content-Type */
    struct pp_str location; /* of a redirect; "" */
    const char *file;       /* to be saved under this name; NULL */
    struct out body;        /* in memory */
    struct pp_arena arena;  /* of the texts above */
};

/* Whether the answer is made of the profile. Any other is the same in a world without one. */
bool page_asks_profile(const struct page_request *rq);

/* Never fails: what goes wrong is an answer, too. */
void page_answer(const struct page_world *w, const struct page_request *rq,
                 struct page_answer *ret_answer);
void page_answer_done(struct page_answer *a);

#endif
