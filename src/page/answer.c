#include "page/answer.h"

#include "base/html.h"
#include "base/text.h"
#include "page/configs.h"
#include "page/params.h"
#include "page/views.h"
#include "profile/encode.h"
#include "web/web.h"

/* ---- who may ask ---- */

static struct pp_str without_port(struct pp_str host) {
    size_t at = host.len;
    while (at && text_is_digit(host.data[at - 1]))
        at--;
    return at && host.data[at - 1] == ':' ? pp_str_slice(host, 0, at - 1) : host;
}

/* "localhost", the name that -http gave, or an address: no name that a stranger's server could make
 * point here (DNS rebinding). */
static bool host_is_ours(const struct page_world *w, struct pp_str host) {
    host = without_port(host);
    if (!host.len) return false;
    if (pp_str_eq(host, PP_STR("localhost")) || (w->name.len && pp_str_eq(host, w->name)))
        return true;
    bool v6 = host.data[0] == '[' && host.data[host.len - 1] == ']';
    const char *letters = v6 ? "[]0123456789abcdefABCDEF:.%" : "0123456789.";
    for (size_t i = 0; i < host.len; i++)
        if (!host.data[i] || !strchr(letters, host.data[i])) return false;
    return true;
}

/* A change comes from a page of ours: it knows the token, and the browser agrees. */
static bool may_change(const struct page_world *w, const struct page_request *rq) {
    if (!w->token.len || !pp_str_eq(rq->token, w->token)) return false;
    if (rq->site.len && !pp_str_eq(rq->site, PP_STR("same-origin"))) return false;
    struct pp_str scheme = PP_STR("http://");
    if (!rq->origin.len) return true;
    return pp_str_has_prefix(rq->origin, scheme) &&
           pp_str_eq(pp_str_slice(rq->origin, scheme.len, rq->origin.len), rq->host);
}

/* ---- answers ---- */

static void say(struct page_answer *a, int status, const char *text) {
    a->status = status;
    a->type = "text/plain; charset=utf-8";
    out_text0(&a->body, text);
    out_char(&a->body, '\n');
}

static void answer_shell(struct page_call *c) {
    struct out *o = &c->answer->body;
    OUT_LIT(o, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n<title>cpprof</title>\n"
               "<link rel=\"stylesheet\" href=\"page.css\">\n"
               "<link rel=\"icon\" href=\"data:,\">\n</head>\n<body>\n"
               "<noscript>This page draws a profile with JavaScript, which is off.</noscript>\n"
               "<div id=\"page\"></div>\n<script src=\"page.js\"></script>\n</body>\n</html>\n");
    c->answer->type = "text/html; charset=utf-8";
}

static void answer_script(struct page_call *c) {
    c->answer->type = "text/javascript; charset=utf-8";
    out_str(&c->answer->body, web_text(&web_script));
}

static void answer_style(struct page_call *c) {
    c->answer->type = "text/css; charset=utf-8";
    out_str(&c->answer->body, web_text(&web_style));
}

static void fail(struct page_call *c, const struct pp_error *err) {
    out_close(&c->answer->body, NULL);
    out_open_memory(&c->answer->body);
    struct pp_str text = pp_str_from(err->text);
    if (err->about) text = pp_arena_printf(c->arena, "%s: %s", err->about, err->text);
    c->answer->file = NULL;
    say(c->answer, err->code == PP_E_NOT_FOUND ? 404 : 400, text.data);
}

static void answer_data(struct page_call *c) {
    struct pp_error err;
    c->answer->type = "application/json";
    if (!page_view_data(c, &err)) fail(c, &err);
}

static void answer_report(struct page_call *c) {
    struct pp_error err;
    if (!page_report(c, &err)) fail(c, &err);
}

static void answer_download(struct page_call *c) {
    struct pp_error err;
    c->answer->type = "application/vnd.google.protobuf+gzip";
    c->answer->file = "profile.pb.gz";
    const struct pp_profile *p = page_labels_of(c->world->labels, c->world->profile);
    if (!profile_write_gzip(p, &c->answer->body, &err)) fail(c, &err);
}

static void answer_save(struct page_call *c) {
    struct pp_error err;
    c->answer->type = "application/json";
    if (!configs_save(c->world, &c->params, c->arena, &err)) fail(c, &err);
}

static void answer_delete(struct page_call *c) {
    struct pp_error err;
    c->answer->type = "application/json";
    if (!configs_delete(c->world, &c->params, c->arena, &err)) fail(c, &err);
}

static void redirect(struct page_call *c, int status, const char *to) {
    const struct page_request *rq = c->request;
    c->answer->status = status;
    c->answer->type = "text/plain; charset=utf-8";
    c->answer->location = pp_arena_printf(c->answer_arena, "%s%s%.*s", to, rq->query.len ? "?" : "",
                                          PP_STR_ARG(rq->query));
}

/* ---- the table ---- */

static const struct handler {
    const char *path; /* one that ends with '*' stands for all that begin so */
    const char *method;
    void (*answer)(struct page_call *c);
    int status; /* of a redirect */
    const char *to;
    bool asks_profile;
} handlers[] = {
    {"/", "GET", NULL, 307, "/ui", false},
    {"/ui", "GET", NULL, 301, "/ui/", false},
    {"/ui/", "GET", NULL, 301, "flamegraph", false},
    {"/ui/flamegraph2", "GET", NULL, 301, "flamegraph", false},
    {"/ui/flamegraphold", "GET", NULL, 301, "flamegraph", false},
    {"/ui/page.js", "GET", answer_script, 0, NULL, false},
    {"/ui/page.css", "GET", answer_style, 0, NULL, false},
    {"/ui/download", "GET", answer_download, 0, NULL, true},
    {"/ui/saveconfig", "POST", answer_save, 0, NULL, true},
    {"/ui/deleteconfig", "POST", answer_delete, 0, NULL, true},
    {"/ui/data/*", "GET", answer_data, 0, NULL, true},
    {"/api/*", "GET", answer_report, 0, NULL, true},
};

static bool is_path(const struct handler *h, struct pp_str path) {
    size_t len = strlen(h->path);
    if (h->path[len - 1] != '*') return pp_str_eq(path, pp_str_from(h->path));
    return path.len > len - 1 && !memcmp(path.data, h->path, len - 1);
}

static const struct handler *find_handler(struct pp_str path) {
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        if (is_path(&handlers[i], path)) return &handlers[i];
    return NULL;
}

bool page_asks_profile(const struct page_request *rq) {
    const struct handler *h = find_handler(rq->path);
    return h && h->asks_profile;
}

static bool is_get(const struct page_request *rq) {
    return pp_str_eq(rq->method, PP_STR("GET")) || pp_str_eq(rq->method, PP_STR("HEAD"));
}

static void handle(struct page_call *c, const struct handler *h) {
    const struct page_request *rq = c->request;
    bool change = !strcmp(h->method, "POST");
    if (change ? !pp_str_eq(rq->method, PP_STR("POST")) : !is_get(rq))
        say(c->answer, 405, change ? "only POST changes something" : "only GET");
    else if (change && !may_change(c->world, rq))
        say(c->answer, 403, "changes are made by this page alone");
    else if (h->answer)
        h->answer(c);
    else
        redirect(c, h->status, h->to);
}

/* A handler's, or the page, which shows the view that its address names. */
static void dispatch(struct page_call *c) {
    const struct page_request *rq = c->request;
    const struct handler *h = find_handler(rq->path);
    struct pp_str ui = PP_STR("/ui/");
    struct pp_str view =
        pp_str_has_prefix(rq->path, ui) ? pp_str_slice(rq->path, ui.len, rq->path.len) : PP_STR("");
    if (h)
        handle(c, h);
    else if (page_view_find(view) && is_get(rq))
        answer_shell(c);
    else
        say(c->answer, 404, "no such page");
}

void page_answer(const struct page_world *w, const struct page_request *rq,
                 struct page_answer *ret_answer) {
    struct pp_arena arena = {0};
    struct pp_error err;
    struct params *params = PP_NEW(&arena, struct params, 1);
    *ret_answer = (struct page_answer){.status = 200, .type = "text/plain; charset=utf-8"};
    out_open_memory(&ret_answer->body);
    out_limit(&ret_answer->body, w->max_output);
    struct page_call c = {.world = w,
                          .request = rq,
                          .answer = ret_answer,
                          .arena = &arena,
                          .answer_arena = &ret_answer->arena};
    if (!host_is_ours(w, rq->host))
        say(ret_answer, 403, "this address is not of this server");
    else if (!params_parse(rq->query, params, &arena, &err))
        fail(&c, &err);
    else {
        c.params = *params;
        dispatch(&c);
        if (!out_check(&ret_answer->body, &err)) fail(&c, &err);
    }
    pp_arena_done(&arena);
}

void page_answer_done(struct page_answer *a) {
    out_close(&a->body, NULL);
    pp_arena_done(&a->arena);
}
