#include "load/live.h"

#include "base/clock.h"
#include "net/url.h"
#include "profile/edit.h"
#include "profile/view/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    GRACE_MS = 5000, /* on top of the time that the user or the URL asks for */
    POST_MS = 60000,
    MIN_MAX_BODY = 1 << 20, /* bytes */
    BODY_SHARE = 8          /* an answer may be this much smaller than a profile decompressed */
};

/* ---- the library, on first use ---- */

static bool open_http(struct live *l, struct pp_error *err) {
    if (l->http) return true;
    const struct settings *s = l->settings;
    struct http_options options = {
        .tls_cert = s->tls_cert,
        .tls_key = s->tls_key,
        .tls_ca = s->tls_ca,
        .getenv = l->env->getenv,
        .max_body = l->max_bytes / BODY_SHARE,
        .max_held = l->max_bytes,
    };
    if (options.max_body < MIN_MAX_BODY) options.max_body = MIN_MAX_BODY;
    return http_open(&l->http, &options, err);
}

void live_done(struct live *l) {
    live_source_done(l, &l->ahead);
    http_close(l->http);
    pp_arena_done(&l->arena);
}

/* ---- what the user sees while waiting ---- */

struct waiting {
    const struct driver_env *env;
    struct pp_str what;
    size_t n;
    int64_t since; /* clock_ms */
    int64_t shown; /* second that the line on the terminal shows; -1: there is none yet */
};

static void redraw(void *user, const struct http_progress *progress) {
    struct waiting *w = user;
    int64_t seconds = (clock_ms() - w->since) / 1000;
    if (seconds == w->shown) return;
    w->shown = seconds;
    struct winsize size;
    int columns = ioctl(w->env->terminal, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
    char state[64], line[1024];
    if (w->n > 1)
        snprintf(state, sizeof state, "%" PRId64 "s, %zu done: ", seconds, progress->n_done);
    else
        snprintf(state, sizeof state, "%" PRId64 "s: ", seconds);
    int n = snprintf(line, sizeof line, "\r\033[K%s%.*s", state, PP_STR_ARG(w->what));
    if (n > columns + 3) n = columns + 3;
    if (n > (int)sizeof line - 1) n = (int)sizeof line - 1;
    ssize_t written = write(w->env->terminal, line, (size_t)n);
    (void)written;
}

static void run(struct live *l, struct http_request *requests, size_t n, struct pp_str what) {
    struct waiting w = {.env = l->env, .what = what, .n = n, .since = clock_ms(), .shown = -1};
    struct http_progress progress = {.user = &w};
    bool visible = l->env->terminal > 0;
    if (visible) progress.tick = redraw;
    http_run(l->http, requests, n, &progress);
    if (!visible) return;
    ssize_t written = write(l->env->terminal, "\r\033[K", 4);
    (void)written;
}

static struct pp_str describe(struct live *l, const char *url, size_t n) {
    struct pp_str show = url_text_to_show(pp_str_from(url), &l->arena);
    struct pp_str seconds = PP_STR("");
    if (l->settings->seconds > 0)
        seconds = pp_arena_printf(&l->arena, "; please wait %ds", l->settings->seconds);
    if (n == 1)
        return pp_arena_printf(&l->arena, "Fetching profile over HTTP from %.*s%.*s",
                               PP_STR_ARG(show), PP_STR_ARG(seconds));
    return pp_arena_printf(&l->arena, "Fetching %zu profiles over HTTP, the first from %.*s%.*s", n,
                           PP_STR_ARG(show), PP_STR_ARG(seconds));
}

/* ---- sources ---- */

static void recognize(struct live *l, const char *name, struct live_source *ret) {
    struct stat st;
    struct url_fetch fetch;
    *ret = (struct live_source){0};
    if (!strcmp(name, "-") || stat(name, &st) == 0 ||
        !url_complete(pp_str_from(name), l->settings->seconds, l->settings->timeout, &fetch,
                      &l->arena))
        return;
    ret->url = fetch.url.data;
    ret->request.url = fetch.url.data;
    ret->request.timeout_ms = fetch.timeout_ms + GRACE_MS;
}

static void fetch_batch(struct live *l, struct live_source **sources, size_t n) {
    struct pp_error err;
    if (!open_http(l, &err)) {
        for (size_t i = 0; i < n; i++)
            sources[i]->request.err = err;
        return;
    }
    struct pp_arena scratch = {0};
    struct http_request *requests = PP_NEW(&scratch, struct http_request, n);
    for (size_t i = 0; i < n; i++)
        requests[i] = sources[i]->request;
    struct pp_str what = describe(l, sources[0]->url, n);
    if (l->env->terminal <= 0) pp_say(&l->env->diag, "%.*s", PP_STR_ARG(what));
    run(l, requests, n, what);
    for (size_t i = 0; i < n; i++)
        sources[i]->request = requests[i];
    pp_arena_done(&scratch);
}

/* Takes what was fetched ahead, if that is what is asked for; its turn comes once. */
static bool take_ahead(struct live *l, const char *name, struct live_source *ret) {
    if (name != l->ahead_name) return false;
    l->ahead_name = NULL;
    *ret = l->ahead;
    l->ahead = (struct live_source){0};
    return ret->url;
}

void live_fetch(struct live *l, const char *const *names, size_t n, struct live_source *ret) {
    struct pp_arena scratch = {0};
    struct live_source **batch = PP_NEW(&scratch, struct live_source *, n + 1);
    size_t n_batch = 0;
    for (size_t i = 0; i < n; i++) {
        if (take_ahead(l, names[i], &ret[i])) continue;
        recognize(l, names[i], &ret[i]);
        if (ret[i].url) batch[n_batch++] = &ret[i];
    }
    if (n_batch && l->ahead_name && !l->ahead.url) {
        recognize(l, l->ahead_name, &l->ahead);
        if (l->ahead.url) batch[n_batch++] = &l->ahead;
    }
    if (n_batch) fetch_batch(l, batch, n_batch);
    pp_arena_done(&scratch);
}

/* What an answer says. That the server may have packed it is no business of the profile's, which is
 * often gzip itself. */
static bool unpack(const struct http_request *rq, const struct pp_limits *limits,
                   struct input *unpacked, struct pp_str *ret_body, struct pp_error *err) {
    *ret_body = rq->body;
    if (!rq->ok) return pp_pass(err, &rq->err);
    if (!rq->is_gzip) return true;
    if (!input_open_memory(unpacked, rq->body, limits, err)) return false;
    *ret_body = input_all(unpacked);
    return input_finish(unpacked, err);
}

bool live_open(struct live_source *source, const struct pp_limits *limits, struct input *ret_in,
               struct pp_error *err) {
    struct pp_str body;
    if (unpack(&source->request, limits, &source->unpacked, &body, err) &&
        input_open_memory(ret_in, body, limits, err))
        return true;
    live_close(source);
    return false;
}

void live_close(struct live_source *source) {
    input_close(&source->unpacked);
}

void live_source_done(struct live *l, struct live_source *source) {
    if (l->http && source->url) http_request_done(l->http, &source->request);
    *source = (struct live_source){0};
}

/* ---- mappings ---- */

void live_remember(struct live *l, const struct live_source *source, struct pp_profile *p,
                   struct pp_arena *arena) {
    struct pp_str url = pp_str_from(source->url);
    struct pp_mapping *mappings = profile_own_mappings(p, arena);
    uint32_t url_id = 0;
    l->any = true;
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct pp_mapping *m = &mappings[i];
        if (!m->build_id && !m->file) {
            if (!url_id) url_id = profile_string(p, url, arena);
            m->file = url_id;
        }
        struct pp_str key = pp_string(p, m->build_id ? m->build_id : m->file);
        struct live_origin origin = {pp_arena_copy(&l->arena, key), url, m->start};
        PP_PUSH(&l->arena, l->origins, l->n_origins, l->cap_origins, origin);
    }
}

void live_forget(struct pp_profile *p, struct pp_arena *arena) {
    bool any = false;
    for (uint32_t i = 0; i < p->n_mappings && !any; i++)
        any = !p->mappings[i].build_id && url_is_absolute(pp_string(p, p->mappings[i].file));
    if (!any) return;
    struct pp_mapping *mappings = profile_own_mappings(p, arena);
    for (uint32_t i = 0; i < p->n_mappings; i++)
        if (!mappings[i].build_id && url_is_absolute(pp_string(p, mappings[i].file)))
            mappings[i].file = 0;
}

bool live_post(struct live *l, struct pp_str url, struct pp_str text, struct pp_str *ret_answer,
               struct pp_arena *arena, struct pp_error *err) {
    if (!open_http(l, err)) return false;
    int64_t timeout_ms = l->settings->timeout > 0 ? (int64_t)l->settings->timeout * 1000 : POST_MS;
    struct http_request rq = {
        .url = pp_arena_copy(arena, url).data,
        .timeout_ms = timeout_ms + GRACE_MS,
        .is_post = true,
        .post = text,
    };
    const struct pp_limits limits = {.max_bytes = l->max_bytes};
    struct pp_str show = url_text_to_show(url, arena), answer;
    struct input unpacked = {0};
    run(l, &rq, 1, pp_arena_printf(arena, "Asking for symbols at %.*s", PP_STR_ARG(show)));
    bool ok = unpack(&rq, &limits, &unpacked, &answer, err);
    if (ok)
        *ret_answer = pp_arena_copy(arena, answer);
    else
        pp_wrap(err, "http post %.*s", PP_STR_ARG(show));
    input_close(&unpacked);
    http_request_done(l->http, &rq);
    return ok;
}
