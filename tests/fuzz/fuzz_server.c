/* What comes from outside besides profiles: a source's name as a URL, and behind a NUL what a
 * server answers when it is asked for symbols. */
#include "world.h"

#include "load/symbolz.h"
#include "net/url.h"

static bool post(void *user, const struct symbol_request *rq, struct pp_str *ret_answer,
                 struct pp_arena *arena, struct pp_error *err) {
    (void)arena;
    (void)err;
    touch(rq->url);
    touch(rq->addresses);
    *ret_answer = *(struct pp_str *)user;
    return true;
}

static void ask_url(struct pp_str text, struct pp_arena *arena) {
    struct url url;
    struct url_fetch fetch;
    if (url_parse(text, &url, arena)) touch(url_text(&url, arena));
    touch(url_text_to_show(text, arena));
    if (url_complete(text, 5, 0, &fetch, arena)) touch(fetch.url);
    touch(url_symbols(text, arena));
    url_is_absolute(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct pp_profile p, named;
    struct pp_str answer = {(const char *)data, size};
    struct pp_str text = next_part(&answer);
    ask_url(text, &arena);
    small_profile(&p, PP_STR("k"), PP_STR("v"), 1, &arena);
    const struct live_origin origin = {PP_STR("/bin/a"), PP_STR("http://h/pprof/heap"), 0x1000};
    const struct symbolz z = {
        .origins = &origin, .n_origins = 1, .force = true, .post = post, .user = &answer};
    if (symbolz_symbolize(&p, &z, &named, &arena, &err)) check_round_trip(&named);
    pp_arena_done(&arena);
    return 0;
}
