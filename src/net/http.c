#include "net/http.h"

#include "base/arena.h"

#ifdef CPPROF_HAVE_CURL

#include "base/clock.h"
#include "base/library.h"
#include "net/url.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_REQUESTS = 10,       /* one after the other, by redirects */
    MAX_HEADERS = 256 << 10, /* bytes */
    ERROR_BODY = 512,        /* bytes of an error page that are shown */
    TICK_MS = 200
};

#define CURL_FUNCTIONS(X)                                                                          \
    X(global_init)                                                                                 \
    X(global_cleanup)                                                                              \
    X(easy_init)                                                                                   \
    X(easy_setopt)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_strerror)                                                                               \
    X(easy_cleanup)                                                                                \
    X(slist_append)                                                                                \
    X(slist_free_all)                                                                              \
    X(multi_init)                                                                                  \
    X(multi_add_handle)                                                                            \
    X(multi_remove_handle)                                                                         \
    X(multi_perform)                                                                               \
    X(multi_poll)                                                                                  \
    X(multi_info_read)                                                                             \
    X(multi_cleanup)

struct curl_api {
#define CURL_FIELD(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(CURL_FIELD)
#undef CURL_FIELD
};

struct http {
    struct curl_api curl;
    struct http_options options;
    struct curl_slist *headers[2][2]; /* of a GET and a POST; without and with those of the user */
    CURLM *multi;                     /* keeps connections from one run to the next */
    uint64_t held;                    /* bytes of all bodies */
    struct pp_arena arena;
};

/* A request on its way. */
struct transfer {
    struct http *h;
    struct http_request *rq;
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    struct url url;       /* of the present hop */
    struct url first;     /* of the first: where the user's headers may go */
    struct pp_str socket; /* of this machine; "": a network's */
    bool insecure, is_post;
    int n_requests;
    int64_t deadline; /* by clock_ms */
    long status;
    char reason[80]; /* "404 Not Found" */
    struct pp_str location;
    bool moved_on; /* the page of a redirect is not read to its end */
    bool from_pprof, plain_text, encoded, too_large;
    size_t header_bytes;
    struct pp_arena arena;
};

/* ---- the library ---- */

static bool load_curl(struct curl_api *curl, struct pp_error *err) {
    void *library = library_open(LIBRARY_CURL);
    if (!library) library = library_open(LIBRARY_CURL_GNUTLS);
    if (!library)
        return pp_fail(err, PP_E_UNSUPPORTED,
                       "fetching a URL needs " LIBRARY_CURL " (Debian: apt-get install libcurl4)");
#define CURL_LOAD(name)                                                                            \
    if (!library_find(library, "curl_" #name, &curl->name))                                        \
        return pp_fail(err, PP_E_UNSUPPORTED, "this libcurl is too old: it lacks curl_" #name);
    CURL_FUNCTIONS(CURL_LOAD)
#undef CURL_LOAD
    return true;
}

static bool is_set(const char *text) {
    return text && *text;
}

/* A file that the library opens by its name, and reads without looking at the clock: a FIFO would
 * keep it for ever. */
static bool check_file(const char *file, const char *name, struct pp_error *err) {
    struct stat st;
    if (!is_set(file)) return true;
    if (stat(file, &st) != 0 || access(file, R_OK) != 0)
        return pp_fail(err, PP_E_IO, "%s=%s can't be read: %s", name, file, strerror(errno));
    return S_ISREG(st.st_mode) ||
           pp_fail(err, PP_E_UNSUPPORTED, "%s=%s is not a regular file", name, file);
}

static const char *environment(const struct http_options *o, const char *name, const char *other) {
    const char *value = o->getenv ? o->getenv(name) : NULL;
    if (!is_set(value) && o->getenv) value = o->getenv(other);
    return is_set(value) ? value : "";
}

static const char *ca_file_of(const struct http_options *o) {
    return environment(o, "SSL_CERT_FILE", "");
}

static bool check_tls(const struct http_options *o, struct pp_error *err) {
    if (is_set(o->tls_cert) != is_set(o->tls_key))
        return pp_fail(err, PP_E_USAGE, "-tls_cert and -tls_key: one of them needs the other");
    return check_file(o->tls_cert, "-tls_cert", err) && check_file(o->tls_key, "-tls_key", err) &&
           check_file(o->tls_ca, "-tls_ca", err) &&
           (is_set(o->tls_ca) || check_file(ca_file_of(o), "SSL_CERT_FILE", err));
}

bool http_open(struct http **ret_http, const struct http_options *options, struct pp_error *err) {
    struct curl_api curl;
    if (!check_tls(options, err) || !load_curl(&curl, err)) return false;
    if (curl.global_init(CURL_GLOBAL_ALL) != CURLE_OK)
        return pp_fail(err, PP_E_UNSUPPORTED, "libcurl can't be used: its initialization failed");
    struct http *h = pp_malloc(sizeof *h);
    *h = (struct http){.curl = curl, .options = *options, .multi = curl.multi_init()};
    for (int own = 0; own < 2; own++) {
        struct curl_slist *list = curl.slist_append(NULL, "Content-Type: application/octet-stream");
        h->headers[1][own] = curl.slist_append(list, "Expect:");
        for (size_t i = 0; own && i < options->n_headers; i++)
            for (int post = 0; post < 2; post++)
                h->headers[post][1] = curl.slist_append(h->headers[post][1], options->headers[i]);
    }
    *ret_http = h;
    return true;
}

void http_close(struct http *h) {
    if (!h) return;
    for (int i = 0; i < 4; i++)
        h->curl.slist_free_all(h->headers[i / 2][i % 2]);
    h->curl.multi_cleanup(h->multi);
    h->curl.global_cleanup();
    pp_arena_done(&h->arena);
    pp_free(h);
}

/* ---- what arrives ---- */

static bool is_redirect(const struct transfer *t) {
    return t->status == 301 || t->status == 302 || t->status == 303 || t->status == 307 ||
           t->status == 308;
}

static bool is_header(struct pp_str line, struct pp_str name) {
    return line.len >= name.len && strncasecmp(line.data, name.data, name.len) == 0;
}

/* What stands behind the header's name. */
static struct pp_str value_of(struct pp_str line) {
    const char *colon = memchr(line.data, ':', line.len);
    size_t at = colon ? (size_t)(colon - line.data) + 1 : line.len;
    while (at < line.len && strchr(" \t", line.data[at]))
        at++;
    while (line.len > at && strchr(" \t\r\n", line.data[line.len - 1]))
        line.len--;
    return pp_str_slice(line, at, line.len);
}

static size_t on_header(char *data, size_t size, size_t n, void *user) {
    struct transfer *t = user;
    struct pp_str line = {data, size * n};
    t->header_bytes += line.len;
    if (t->header_bytes > MAX_HEADERS) return 0;
    if (pp_str_has_prefix(line, PP_STR("HTTP/"))) {
        t->status = 0;
        t->from_pprof = t->plain_text = t->encoded = t->rq->is_gzip = t->rq->is_measured = false;
        t->location = PP_STR("");
        snprintf(t->reason, sizeof t->reason, "%.*s", PP_STR_ARG(line));
        size_t version = strcspn(t->reason, " ");
        version += strspn(t->reason + version, " ");
        memmove(t->reason, t->reason + version, sizeof t->reason - version);
        t->reason[strcspn(t->reason, "\r\n")] = 0;
        t->status = strtol(t->reason, NULL, 10);
        if (t->status == 101) return 0; /* nobody asked for another protocol */
    } else if (is_header(line, PP_STR("Content-Length:"))) {
        t->rq->is_measured = true;
    } else if (is_header(line, PP_STR("Transfer-Encoding:"))) {
        t->rq->is_measured |= is_header(value_of(line), PP_STR("chunked"));
    } else if (is_header(line, PP_STR("X-Go-Pprof:"))) {
        t->from_pprof = true;
    } else if (is_header(line, PP_STR("Content-Type:"))) {
        t->plain_text = memmem(line.data, line.len, "text/plain", 10) != NULL;
    } else if (is_header(line, PP_STR("Content-Encoding:")) && !t->encoded) {
        struct pp_str coding = value_of(line);
        t->encoded = true;
        t->rq->is_gzip = coding.len == 4 && is_header(coding, PP_STR("gzip"));
    } else if (is_header(line, PP_STR("Location:")) && !t->location.len) {
        t->location = pp_arena_copy(&t->arena, value_of(line));
    }
    return line.len;
}

/* Room for `more` bytes; false when a limit forbids them. */
static bool grow_body(struct transfer *t, size_t more) {
    struct http_request *rq = t->rq;
    uint64_t most = t->h->options.max_held, own = rq->max_body ? rq->max_body : most;
    if (more > own || rq->body.len > own - more || more > most || t->h->held > most - more) {
        t->too_large = true;
        return false;
    }
    if (rq->body.len + more > rq->room) {
        rq->room = pp_arena_next_capacity(rq->room, rq->body.len + more);
        rq->body.data = pp_realloc((char *)(uintptr_t)rq->body.data, rq->room);
    }
    t->h->held += more;
    return true;
}

static size_t on_body(char *data, size_t size, size_t n, void *user) {
    struct transfer *t = user;
    size_t len = size * n, keep = len;
    if (is_redirect(t) && t->location.len) {
        t->moved_on = true;
        return 0;
    }
    if (t->status != 200) {
        if (t->rq->body.len >= ERROR_BODY) return 0;
        if (keep > ERROR_BODY - t->rq->body.len) keep = ERROR_BODY - t->rq->body.len;
    }
    if (!keep) return len;
    if (!grow_body(t, keep)) return 0;
    memcpy((char *)(uintptr_t)t->rq->body.data + t->rq->body.len, data, keep);
    t->rq->body.len += keep;
    return len;
}

void http_request_done(struct http *h, struct http_request *rq) {
    h->held -= rq->body.len;
    pp_free((char *)(uintptr_t)rq->body.data);
    rq->body = (struct pp_str){0};
    rq->room = 0;
}

/* ---- what is sent ---- */

static bool fail(struct transfer *t, enum pp_code code, const char *text) {
    return pp_fail(&t->rq->err, code, "%s", text);
}

static bool has_scheme(const struct transfer *t, const char *scheme) {
    return pp_str_eq(t->url.scheme, pp_str_from(scheme));
}

/* As in Go: no proxy for this machine itself, and none by ALL_PROXY. */
static void set_proxy(struct transfer *t) {
    __typeof__(curl_easy_setopt) *set = t->h->curl.easy_setopt;
    const struct http_options *o = &t->h->options;
    const char *proxy = "";
    if (has_scheme(t, "https"))
        proxy = environment(o, "HTTPS_PROXY", "https_proxy");
    else if (!*environment(o, "REQUEST_METHOD", "REQUEST_METHOD"))
        proxy = environment(o, "HTTP_PROXY", "http_proxy");
    const char *none = environment(o, "NO_PROXY", "no_proxy");
    struct pp_str no_proxy =
        pp_arena_printf(&t->arena, "localhost,127.0.0.0/8,::1%s%s", *none ? "," : "", none);
    set(t->easy, CURLOPT_PROXY, proxy);
    set(t->easy, CURLOPT_NOPROXY, strcmp(none, "*") ? no_proxy.data : "*");
}

static void set_tls(struct transfer *t) {
    __typeof__(curl_easy_setopt) *set = t->h->curl.easy_setopt;
    const struct http_options *o = &t->h->options;
    if (is_set(o->tls_cert)) {
        set(t->easy, CURLOPT_SSLCERT, o->tls_cert);
        set(t->easy, CURLOPT_SSLKEY, o->tls_key);
        set(t->easy, CURLOPT_KEYPASSWD, ""); /* else the terminal is asked for it, without end */
    }
    const char *file = ca_file_of(o), *dir = environment(o, "SSL_CERT_DIR", "");
    if (is_set(o->tls_ca)) {
        set(t->easy, CURLOPT_CAINFO, o->tls_ca);
        set(t->easy, CURLOPT_CAPATH, NULL);
    } else {
        if (*file) set(t->easy, CURLOPT_CAINFO, file);
        if (*dir) set(t->easy, CURLOPT_CAPATH, dir);
    }
    if (t->insecure) {
        set(t->easy, CURLOPT_SSL_VERIFYPEER, 0L);
        set(t->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    } else {
        set(t->easy, CURLOPT_SSL_VERIFYPEER, 1L);
        set(t->easy, CURLOPT_SSL_VERIFYHOST, 2L);
    }
}

/* What the user wants to be sent with a request stays with its host, and is not sent in clear when
 * the host was asked in secret. */
static bool is_first_host(const struct transfer *t) {
    return pp_str_eq(t->url.host, t->first.host) && pp_str_eq(t->url.scheme, t->first.scheme);
}

static void set_method(struct transfer *t) {
    __typeof__(curl_easy_setopt) *set = t->h->curl.easy_setopt;
    set(t->easy, CURLOPT_HTTPHEADER, t->h->headers[t->is_post][is_first_host(t)]);
    set(t->easy, CURLOPT_UNIX_SOCKET_PATH,
        t->socket.len ? pp_arena_copy(&t->arena, t->socket).data : NULL);
    if (t->is_post) {
        set(t->easy, CURLOPT_POST, 1L);
        set(t->easy, CURLOPT_POSTFIELDS, t->rq->post.data ? t->rq->post.data : "");
        set(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->rq->post.len);
    } else {
        set(t->easy, CURLOPT_HTTPGET, 1L);
    }
}

static void set_once(struct transfer *t) {
    __typeof__(curl_easy_setopt) *set = t->h->curl.easy_setopt;
    set(t->easy, CURLOPT_PRIVATE, t);
    set(t->easy, CURLOPT_ERRORBUFFER, t->error);
    set(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    set(t->easy, CURLOPT_HEADERDATA, t);
    set(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    set(t->easy, CURLOPT_WRITEDATA, t);
    set(t->easy, CURLOPT_NOSIGNAL, 1L);
    set(t->easy, CURLOPT_PATH_AS_IS, 1L);
    set(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    set(t->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    set(t->easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    set(t->easy, CURLOPT_QUICK_EXIT, 1L); /* else a slow name server is waited for after all */
    set(t->easy, CURLOPT_USERAGENT, "cpprof/" CPPROF_VERSION);
}

/* Sends the request to t->url; false, with the reason in the request, if that can't be. */
static bool send_request(struct transfer *t) {
    int64_t left = t->deadline - clock_ms();
    if (left <= 0) return fail(t, PP_E_IO, "the server took too long to answer (-timeout)");
    bool first = t->n_requests++ == 0;
    if (first && has_scheme(t, URL_INSECURE)) {
        t->url.scheme = PP_STR("https");
        t->insecure = true;
    }
    if (first && !url_take_socket(&t->url, &t->socket, &t->arena))
        return fail(t, PP_E_FORMAT, "the URL names no socket");
    if (first) t->first = t->url;
    if (!has_scheme(t, "http") && !has_scheme(t, "https"))
        return pp_fail(&t->rq->err, PP_E_USAGE, "%s \"%.*s\": only http and https can be fetched",
                       first ? "unsupported protocol" : "redirected to protocol",
                       PP_STR_ARG(t->url.scheme));
    if (!t->url.host.len) return fail(t, PP_E_FORMAT, "redirected to a URL without a host");
    t->status = 0;
    t->header_bytes = 0;
    t->moved_on = false;
    *t->error = 0;
    t->h->curl.easy_setopt(t->easy, CURLOPT_URL, url_text(&t->url, &t->arena).data);
    t->h->curl.easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, left < INT_MAX ? (long)left : INT_MAX);
    set_proxy(t);
    set_tls(t);
    set_method(t);
    return t->h->curl.multi_add_handle(t->h->multi, t->easy) == CURLM_OK ||
           fail(t, PP_E_IO, "libcurl refuses the request");
}

/* Goes where the server points to; false when the transfer has ended. */
static bool follow(struct transfer *t) {
    struct url to;
    if (t->n_requests == MAX_REQUESTS) return fail(t, PP_E_IO, "stopped after 10 redirects");
    if (!url_resolve(&t->url, t->location, &to, &t->arena))
        return fail(t, PP_E_FORMAT, "redirected to a malformed URL");
    if (!pp_str_eq(to.host, t->url.host)) {
        t->insecure = false;
        t->socket = PP_STR("");
    }
    if (t->status < 304) t->is_post = false;
    t->url = to;
    return send_request(t);
}

/* ---- how it ended ---- */

/* The same request by a program that lets itself be changed. */
static void say_curl(struct transfer *t) {
    const struct pp_str insecure = PP_STR(URL_INSECURE);
    struct pp_str show = url_text_to_show(pp_str_from(t->rq->url), &t->arena);
    bool unchecked = pp_str_has_prefix(show, insecure);
    if (unchecked) show = pp_str_slice(show, insecure.len, show.len);
    size_t at = strlen(t->rq->err.text);
    snprintf(t->rq->err.text + at, sizeof t->rq->err.text - at,
             "; to see or change what is sent: curl %s%.*s' | cpprof -top -",
             unchecked ? "--insecure 'https" : "'", PP_STR_ARG(show));
}

/* An error page of net/http/pprof tells why, as one line; of another one its first line may. */
static void fail_by_status(struct transfer *t) {
    char text[ERROR_BODY + 1] = "";
    size_t len = t->encoded ? 0 : t->rq->body.len;
    const char *body = t->rq->body.data;
    bool whole = t->from_pprof && t->plain_text;
    for (; len && (unsigned char)*body <= ' '; len--)
        body++;
    const char *end = len && !whole ? memchr(body, '\n', len) : NULL;
    if (end) len = (size_t)(end - body);
    while (len && (unsigned char)body[len - 1] <= ' ')
        len--;
    if (len) memcpy(text, body, len);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) text[i] = ' ';
    pp_fail(&t->rq->err, PP_E_IO, "server response: %s%s%s", t->reason, *text ? " - " : "", text);
    if (whole) return;
    say_curl(t);
}

/* What libcurl says of a header that it does not want to hold; from 8.6 on CURLE_TOO_LARGE. */
static bool is_long_line(const struct transfer *t, CURLcode code) {
    return t->rq->body.len == 0 && (code == CURLE_OUT_OF_MEMORY || (int)code == 100);
}

static void fail_too_large(struct transfer *t) {
    uint64_t own = t->rq->max_body, all = t->h->options.max_held;
    bool is_own = own && t->rq->body.len + CURL_MAX_WRITE_SIZE > own;
    pp_fail(&t->rq->err, PP_E_LIMIT, "the server%s more than %llu bytes%s",
            is_own ? " sends" : "s send", (unsigned long long)(is_own ? own : all),
            is_own ? "" : " in all");
}

static void judge(struct transfer *t, CURLcode code) {
    struct http_request *rq = t->rq;
    rq->status = t->status;
    if (t->too_large)
        fail_too_large(t);
    else if (t->header_bytes > MAX_HEADERS || is_long_line(t, code))
        fail(t, PP_E_LIMIT, "the server's headers don't end");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        pp_fail(&rq->err, PP_E_IO, "the server took longer than %.3gs (-timeout)",
                (double)rq->timeout_ms / 1000);
    else if (t->status && t->status != 200 && !is_redirect(t))
        fail_by_status(t);
    else if (code != CURLE_OK && t->socket.len)
        pp_fail(&rq->err, PP_E_IO, "socket %.*s: %s", PP_STR_ARG(t->socket),
                t->h->curl.easy_strerror(code));
    else if (code != CURLE_OK)
        pp_fail(&rq->err, PP_E_IO, "http fetch: %s",
                *t->error ? t->error : t->h->curl.easy_strerror(code));
    else if (t->status != 200)
        fail_by_status(t);
    else
        rq->ok = true;
}

/* Whether the transfer is over. */
static bool ended(struct transfer *t, CURLcode code) {
    t->h->curl.multi_remove_handle(t->h->multi, t->easy);
    if (is_redirect(t) && t->location.len && (code == CURLE_OK || t->moved_on)) return !follow(t);
    judge(t, code);
    return true;
}

static void end(struct transfer *t) {
    if (!t->rq->ok) http_request_done(t->h, t->rq);
    t->h->curl.easy_cleanup(t->easy);
    pp_arena_done(&t->arena);
}

static bool begin(struct transfer *t) {
    t->easy = t->h->curl.easy_init();
    if (!t->easy) return fail(t, PP_E_IO, "libcurl is out of memory");
    t->deadline = clock_ms() + t->rq->timeout_ms;
    t->is_post = t->rq->is_post;
    set_once(t);
    if (!url_parse(pp_str_from(t->rq->url), &t->url, &t->arena))
        return fail(t, PP_E_FORMAT, "the URL is malformed");
    return send_request(t);
}

/* Takes what has finished; returns how many transfers are over. */
static size_t reap(struct http *h) {
    size_t n = 0;
    int left;
    for (CURLMsg *m; (m = h->curl.multi_info_read(h->multi, &left));) {
        if (m->msg != CURLMSG_DONE) continue;
        CURLcode code = m->data.result;
        char *t = NULL;
        h->curl.easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        if (!ended((struct transfer *)(void *)t, code)) continue;
        end((struct transfer *)(void *)t);
        n++;
    }
    return n;
}

void http_run(struct http *h, struct http_request *requests, size_t n,
              struct http_progress *progress) {
    struct pp_arena arena = {0};
    struct transfer *transfers = PP_NEW(&arena, struct transfer, n);
    size_t n_done = 0;
    for (size_t i = 0; i < n; i++) {
        transfers[i] = (struct transfer){.h = h, .rq = &requests[i]};
        requests[i].ok = false;
        if (begin(&transfers[i])) continue;
        end(&transfers[i]);
        n_done++;
    }
    while (n_done < n) {
        int running;
        h->curl.multi_perform(h->multi, &running);
        n_done += reap(h);
        if (progress && progress->tick) {
            progress->n_done = n_done;
            progress->tick(progress->user, progress);
        }
        if (n_done < n) h->curl.multi_poll(h->multi, NULL, 0, TICK_MS, NULL);
    }
    pp_arena_done(&arena);
}

#else

bool http_open(struct http **ret_http, const struct http_options *options, struct pp_error *err) {
    (void)ret_http;
    (void)options;
    return pp_fail(err, PP_E_UNSUPPORTED,
                   "this cpprof was built without libcurl and can't fetch URLs");
}

void http_close(struct http *h) {
    (void)h;
}

void http_run(struct http *h, struct http_request *requests, size_t n,
              struct http_progress *progress) {
    (void)h;
    (void)progress;
    for (size_t i = 0; i < n; i++)
        requests[i].ok = false;
}

void http_request_done(struct http *h, struct http_request *rq) {
    (void)h;
    rq->body = (struct pp_str){0};
}

#endif
