/* A request to the page, line by line: method, path, query, Host, Origin, Sec-Fetch-Site, token;
 * parts end with NUL. Whatever it is, there is an answer, and a change is made by nobody who has
 * not the token. */
#include "world.h"

#include "page/answer.h"
#include "profile/source_mark.h"

#include <stdlib.h>

static struct pp_profile profile;
static uint8_t *source_of_sample;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const struct page_world *world_of_the_page(void) {
    static struct pp_arena arena;
    static const struct pp_str names[] = {{"a", 1}, {"b", 1}};
    static const uint32_t runs[] = {1, 3};
    static struct page_world w;
    if (w.profile) return &w;
    small_profile(&profile, PP_STR("k"), PP_STR("v"), 1, &arena);
    source_of_sample = PP_NEW(&arena, uint8_t, profile.n_samples);
    if (profile.n_samples) source_of_sample[profile.n_samples - 1] = 1;
    const struct pp_query question = PP_QUERY_INIT;
    w = (struct page_world){
        .profile = &profile,
        .question = question,
        .verdict = PP_STR("{}"),
        .sources = {names, runs, 2, source_of_sample},
        .name = PP_STR("here"),
        .token = PP_STR("token"),
        .settings_file = PP_STR(""),
        .one_at_a_time = &lock,
    };
    return &w;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_str rest = {(const char *)data, size};
    struct page_request rq;
    struct pp_str *const parts[] = {&rq.method, &rq.path, &rq.query, &rq.host,
                                    &rq.origin, &rq.site, &rq.token};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = next_part(&rest);
    struct page_answer a;
    page_answer(world_of_the_page(), &rq, &a);
    if (a.status < 200 || a.status > 599 || !a.type) abort();
    touch(out_text(&a.body));
    touch(a.location);
    page_answer_done(&a);
    return 0;
}
