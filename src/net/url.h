/* URLs as text: what a person types, completed to what is fetched. Pure: no look at files or
 * network. The rules of reading and writing are those of Go's net/url (RFC 3986 with its habits);
 * those of completing are the reference's (internal/driver/fetch.go, internal/symbolz). */
#ifndef NET_URL_H
#define NET_URL_H

#include "base/arena.h"
#include "cpprof/str.h"

#include <stdint.h>

struct url {
    struct pp_str scheme;      /* lower case; "" when there is none */
    struct pp_str opaque;      /* of scheme:opaque, what has no leading slash */
    struct pp_str credentials; /* user or user:password, escaped as written out */
    struct pp_str host;        /* with its port; unescaped */
    struct pp_str path;        /* unescaped */
    struct pp_str path_text;   /* escaped, as written where that was valid */
    struct pp_str query;       /* as written, without '?' */
    struct pp_str fragment;    /* escaped, without '#' */
    bool has_credentials;      /* these may be empty: http://@host */
    bool empty_query;          /* a '?' with nothing behind it */
};

/* False when Go's url.Parse would fail. Parts refer to `text` or live in `arena`. */
bool url_parse(struct pp_str text, struct url *ret_url, struct pp_arena *arena);

/* Where `reference`, which stands in what `base` gave, leads to: no dots are left in its path.
 * False when it is malformed. */
bool url_resolve(const struct url *base, struct pp_str reference, struct url *ret_url,
                 struct pp_arena *arena);

/* The whole as text, terminated by a NUL that is not counted. */
struct pp_str url_text(const struct url *u, struct pp_arena *arena);

/* The same with the password, if there is one, as "xxxxx". */
struct pp_str url_text_to_show(struct pp_str url, struct pp_arena *arena);

/* A source that is a socket of this machine: "http+unix:///run/x.sock:/debug/pprof/heap", the same
 * with "unix:", or "http+unix://%2Frun%2Fx.sock/debug/pprof/heap", as a URL whose user is the
 * socket. False for any other. url_take_socket turns such a URL, once parsed, into one of http; it
 * leaves others as they are, and is false where there is no socket's name. */
bool url_of_socket(struct pp_str source, struct pp_str *ret_url, struct pp_arena *arena);
bool url_take_socket(struct url *u, struct pp_str *ret_socket, struct pp_arena *arena);

/* What a source that is no file means; a server without a path is asked for its CPU profile.
 * `seconds` and `timeout` are what the user asked for, or not positive. False when the source can't
 * be a URL. */
struct url_fetch {
    struct pp_str url; /* terminated */
    int64_t timeout_ms;
};
bool url_complete(struct pp_str source, int64_t seconds, int64_t timeout,
                  struct url_fetch *ret_fetch, struct pp_arena *arena);

/* Where the server of this profile tells symbols; "" when `source` has no host. */
struct pp_str url_symbols(struct pp_str source, struct pp_arena *arena);

/* The scheme of https without a look at the certificate. */
#define URL_INSECURE "https+insecure"

/* Whether the text has a scheme. */
bool url_is_absolute(struct pp_str text);

#endif
