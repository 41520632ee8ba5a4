/* What the views of the page are made of, and reports for programs. */
#ifndef PAGE_VIEWS_H
#define PAGE_VIEWS_H

#include "page/answer.h"
#include "page/params.h"

/* A request on its way. */
struct page_call {
    const struct page_world *world;
    const struct page_request *request;
    struct page_answer *answer;
    struct params params;
    struct pp_arena *arena;        /* of this call */
    struct pp_arena *answer_arena; /* lives as long as the answer */
};

struct page_view;

/* By its name; NULL if there is none. */
const struct page_view *page_view_find(struct pp_str name);

/* "/ui/data/VIEW": what the front end draws, as JSON. */
bool page_view_data(struct page_call *c, struct pp_error *err);

/* "/api/REPORT[.json|.ndjson|.csv|...]": the bytes of -REPORT -json. */
bool page_report(struct page_call *c, struct pp_error *err);

#endif
