/* HTTP requests, several at a time, through libcurl. The library is loaded here and not before: a
 * program that reads files only never pays for it. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "cpprof/error.h"
#include "cpprof/str.h"

#include <stdint.h>

struct http_options {
    const char *tls_cert, *tls_key, *tls_ca; /* files (PEM); "" or NULL: none */
    const char *(*getenv)(
        const char *name); /* as in Go: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, _DIR */
    uint64_t max_held;     /* bytes of all answers that are kept */
    const char *const *headers; /* "Name: value", for the host that is asked and no other */
    size_t n_headers;
};

struct http_request {
    const char *url;    /* of scheme http, https, https+insecure, which checks no certificate, or
                           http+unix (url_of_socket) */
    int64_t timeout_ms; /* for all of it, redirects included */
    bool is_post;
    struct pp_str post; /* what a POST sends */
    uint64_t max_body;  /* bytes of the answer; 0: what is left of max_held */

    /* The answer. A failure is in `err`; its text is one line. */
    bool ok;
    long status; /* 404; 0: none came */
    struct pp_error err;
    struct pp_str body; /* freed by http_request_done */
    bool is_gzip;       /* the body is packed for its way, whatever the profile in it is */
    bool is_measured;   /* the server told where it ends; else, that the connection did is all */
    size_t room;        /* of body */
};

struct http_progress {
    size_t n_done;
    void (*tick)(void *user,
                 const struct http_progress *progress); /* some times a second; or NULL */
    void *user;
};

struct http;

/* False when libcurl is not there or a TLS file can't be used. */
bool http_open(struct http **ret_http, const struct http_options *options, struct pp_error *err);
void http_close(struct http *h); /* NULL is fine */

/* Performs all of them at the same time and returns when each has an answer or has failed.
 * Redirects are followed as in Go: ten requests at most, to http and https only. `progress` may be
 * NULL. */
void http_run(struct http *h, struct http_request *requests, size_t n,
              struct http_progress *progress);

void http_request_done(struct http *h, struct http_request *rq);

#endif
