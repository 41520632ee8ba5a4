#include "load/live.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/inflate.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/text.h"
#include "net/url.h"
#include "profile/edit.h"
#include "profile/view/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
    GRACE_MS = 5000, /* on top of the time that a profile takes */
    POST_MS = 60000,
    LEAST_HELD = 1 << 20, /* bytes */
    HELD_SHARE = 8,     /* all answers together may be this much smaller than a profile unpacked */
    SYMBOLS = 64 << 10, /* bytes of an answer about symbols, and */
    SYMBOL = 4 << 10,   /* for each address that it is asked about */
    LONGEST_GET = 8 << 10, /* bytes of addresses in a URL */
    LONGEST_SHOWN = 200    /* of a URL, in a message */
};

/* For what is no profile. */
static int64_t patience_of(const struct live *l) {
    int64_t timeout = l->options->timeout;
    return timeout > 0 ? timeout * 1000 : POST_MS + GRACE_MS;
}

/* ---- headers that the user wants to be sent ---- */

struct headers {
    const char **at;
    size_t n, cap;
};

/* A line each. */
static bool add_headers(struct headers *h, struct pp_str text, struct pp_arena *arena,
                        struct pp_error *err) {
    struct pp_str line;
    while (text_next_line(&text, &line)) {
        line = text_trim(line);
        if (!line.len) continue;
        const char *colon = memchr(line.data, ':', line.len);
        bool good = colon && colon > line.data;
        for (size_t i = 0; i < line.len; i++)
            good = good && (unsigned char)line.data[i] >= ' ' && line.data[i] != 0x7f;
        if (!good) return pp_fail(err, PP_E_USAGE, "-header: \"Name: value\", or @FILE");
        PP_PUSH(arena, h->at, h->n, h->cap, pp_arena_copy(arena, line).data);
    }
    return true;
}

static bool add_header_file(struct live *l, struct headers *h, const char *path,
                            struct pp_error *err) {
    const struct file_patience patience = {.max_bytes = 64 << 10, .ms = patience_of(l)};
    struct pp_str text;
    if (!file_read_within(path, &patience, &text, &l->arena, err))
        return pp_wrap(err, "-header=@%s", path);
    return add_headers(h, text, &l->arena, err);
}

/* From the command line, from files that it names, and from the environment: the latter two are not
 * seen by who lists the machine's processes. */
static bool read_headers(struct live *l, struct http_options *ret_options, struct pp_error *err) {
    const struct text_list *list = &l->options->header;
    struct headers h = {0};
    if (!add_headers(&h, world_variable(l->env, "CPPROF_HEADER"), &l->arena, err)) return false;
    for (size_t i = 0; i < list->n; i++)
        if (*list->at[i] == '@' ? !add_header_file(l, &h, list->at[i] + 1, err)
                                : !add_headers(&h, pp_str_from(list->at[i]), &l->arena, err))
            return false;
    ret_options->headers = h.at;
    ret_options->n_headers = h.n;
    return true;
}

/* ---- the library, on first use ---- */

static bool open_http(struct live *l, struct pp_error *err) {
    if (l->http) return true;
    const struct load_options *s = l->options;
    struct http_options options = {
        .tls_cert = s->tls_cert,
        .tls_key = s->tls_key,
        .tls_ca = s->tls_ca,
        .getenv = l->env->getenv,
        .max_held = l->max_bytes / HELD_SHARE,
    };
    if (options.max_held < LEAST_HELD) options.max_held = LEAST_HELD;
    if (!read_headers(l, &options, err)) return false;
    return http_open(&l->http, &options, err);
}

void live_done(struct live *l) {
    live_source_done(l, &l->ahead);
    http_close(l->http);
    pp_arena_done(&l->arena);
}

/* ---- what the user sees while waiting ---- */

struct waiting {
    const struct world *env;
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
    char state[64], line[1024];
    if (w->n > 1)
        snprintf(state, sizeof state, "%" PRId64 "s, %zu done: ", seconds, progress->n_done);
    else
        snprintf(state, sizeof state, "%" PRId64 "s: ", seconds);
    int n = snprintf(line, sizeof line, "%s%.*s", state, PP_STR_ARG(w->what));
    if (n > (int)sizeof line - 1) n = (int)sizeof line - 1;
    progress_draw(w->env->terminal, (struct pp_str){line, (size_t)n});
}

static void run(struct live *l, struct http_request *requests, size_t n, struct pp_str what) {
    struct waiting w = {.env = l->env, .what = what, .n = n, .since = clock_ms(), .shown = -1};
    struct http_progress progress = {.user = &w};
    bool visible = l->env->terminal > 0;
    if (visible) progress.tick = redraw;
    progress_hide(l->progress, true);
    http_run(l->http, requests, n, &progress);
    if (visible) progress_clear(l->env->terminal);
    progress_hide(l->progress, false);
}

/* What it takes, as far as it is known: a CPU profile that nobody gave a time takes the server's.
 */
static struct pp_str describe_wait(struct live *l, struct pp_str url) {
    if (l->options->seconds > 0)
        return pp_arena_printf(&l->arena, "; please wait %ds", l->options->seconds);
    if (pp_str_has_suffix(url, PP_STR("/debug/pprof/profile")))
        return PP_STR("; Go's servers take 30s for it, -seconds=N changes that");
    return PP_STR("");
}

static struct pp_str describe(struct live *l, const char *url, size_t n) {
    struct pp_str show = url_text_to_show(pp_str_from(url), &l->arena);
    struct pp_str seconds = describe_wait(l, pp_str_from(url));
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
    if (!strcmp(name, "-") || stat(name, &st) == 0) return;
    struct pp_str source = pp_str_from(name);
    url_of_socket(source, &source, &l->arena);
    if (!url_complete(source, l->options->seconds, l->options->timeout, &fetch, &l->arena)) return;
    ret->url = fetch.url.data;
    ret->answer = pp_calloc(1, sizeof *ret->answer);
    ret->answer->request.url = fetch.url.data;
    ret->answer->request.timeout_ms = fetch.timeout_ms + (l->options->timeout > 0 ? 0 : GRACE_MS);
}

static void warn_of_insecure(const struct live *l, struct live_source *const *sources, size_t n) {
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any = any || pp_str_has_prefix(pp_str_from(sources[i]->url), PP_STR(URL_INSECURE ":"));
    const char *ca = l->options->tls_ca;
    if (any && ca && *ca)
        pp_say(&l->env->diag, URL_INSECURE " checks no certificate: -tls_ca is of no use to it");
}

static void fetch_batch(struct live *l, struct live_source **sources, size_t n) {
    struct pp_error err;
    warn_of_insecure(l, sources, n);
    if (!open_http(l, &err)) {
        for (size_t i = 0; i < n; i++)
            sources[i]->answer->request.err = err;
        return;
    }
    struct pp_arena scratch = {0};
    struct http_request *requests = PP_NEW(&scratch, struct http_request, n);
    for (size_t i = 0; i < n; i++)
        requests[i] = sources[i]->answer->request;
    struct pp_str what = describe(l, sources[0]->url, n);
    if (l->env->terminal <= 0) pp_say(&l->env->diag, "%.*s", PP_STR_ARG(what));
    run(l, requests, n, what);
    for (size_t i = 0; i < n; i++)
        sources[i]->answer->request = requests[i];
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

/* Whether a connection that broke would be seen: by the length that the server told, or by what is
 * packed, which has its own. */
static bool shows_its_end(const struct http_request *rq) {
    return rq->is_measured || rq->is_gzip || inflate_kind_of(rq->body);
}

bool live_open(struct live_source *source, const struct pp_limits *limits, struct input *ret_in,
               struct pp_error *err) {
    struct pp_str body;
    const struct http_request *rq = &source->answer->request;
    if (!unpack(rq, limits, &source->answer->unpacked, &body, err) ||
        !input_open_memory(ret_in, body, limits, err)) {
        live_close(source);
        return false;
    }
    if (!shows_its_end(rq))
        pp_fail(&ret_in->doubt, PP_E_FORMAT,
                "the server does not say how long its answer is; it may be cut off after %zu bytes",
                body.len);
    return true;
}

void live_close(struct live_source *source) {
    if (source->answer) input_close(&source->answer->unpacked);
}

void live_source_done(struct live *l, struct live_source *source) {
    if (l->http && source->url) http_request_done(l->http, &source->answer->request);
    pp_free(source->answer);
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

/* One question about symbols. `ret_status`: the server's. */
static bool ask(struct live *l, struct http_request *rq, struct pp_str *ret_answer,
                struct pp_arena *arena, struct pp_error *err) {
    const struct pp_limits limits = {.max_bytes = rq->max_body};
    struct pp_str show = url_text_to_show(pp_str_from(rq->url), arena), answer;
    if (show.len > LONGEST_SHOWN) show.len = LONGEST_SHOWN;
    struct input unpacked = {0};
    rq->timeout_ms = patience_of(l);
    run(l, rq, 1, pp_arena_printf(arena, "Asking for symbols at %.*s", PP_STR_ARG(show)));
    bool ok = unpack(rq, &limits, &unpacked, &answer, err);
    if (ok)
        *ret_answer = pp_arena_copy(arena, answer);
    else
        pp_wrap(err, "http %s %.*s", rq->is_post ? "post" : "get", PP_STR_ARG(show));
    input_close(&unpacked);
    http_request_done(l->http, rq);
    return ok;
}

/* What an answer may take: a line an address. */
static uint64_t longest_answer(const struct symbol_request *rq) {
    uint64_t n_addresses = 1;
    for (size_t i = 0; i < rq->addresses.len; i++)
        n_addresses += rq->addresses.data[i] == '+';
    return SYMBOLS + SYMBOL * n_addresses;
}

/* Newer servers of Go answer a GET alone, with the addresses in the URL: as many at a time as fit.
 */
static bool ask_by_get(struct live *l, const struct symbol_request *whole,
                       struct pp_str *ret_answer, struct pp_arena *arena, struct pp_error *err) {
    struct pp_str text = whole->addresses;
    struct out all;
    out_open_memory(&all);
    bool ok = true;
    while (ok && text.len) {
        size_t n = text.len;
        if (n > LONGEST_GET) {
            const char *plus = memrchr(text.data, '+', LONGEST_GET);
            n = plus ? (size_t)(plus - text.data) : n;
        }
        struct pp_str part = pp_str_slice(text, 0, n), answer;
        text = pp_str_slice(text, n < text.len ? n + 1 : n, text.len);
        struct http_request rq = {
            .url =
                pp_arena_printf(arena, "%.*s?%.*s", PP_STR_ARG(whole->url), PP_STR_ARG(part)).data,
            .max_body = longest_answer(whole)};
        ok = ask(l, &rq, &answer, arena, err);
        if (ok) out_str(&all, answer);
    }
    if (ok) *ret_answer = pp_arena_copy(arena, out_text(&all));
    out_close(&all, NULL);
    return ok;
}

bool live_post(struct live *l, const struct symbol_request *rq, struct pp_str *ret_answer,
               struct pp_arena *arena, struct pp_error *err) {
    enum { NOT_ALLOWED = 405 };
    struct http_request post = {
        .url = pp_arena_copy(arena, rq->url).data,
        .is_post = true,
        .post = rq->addresses,
        .max_body = longest_answer(rq),
    };
    if (!open_http(l, err)) return false;
    if (ask(l, &post, ret_answer, arena, err)) return true;
    return post.status == NOT_ALLOWED && ask_by_get(l, rq, ret_answer, arena, err);
}
