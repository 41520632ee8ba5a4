#include "net/url.h"

#include "base/path.h"
#include "base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

/* The parts one after the other, terminated; a part may hold NUL. */
static struct pp_str concat(const struct pp_str *parts, size_t n, struct pp_arena *arena) {
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += parts[i].len;
    char *text = pp_arena_alloc(arena, 1, 1, len + 1);
    char *to = text;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len) memcpy(to, parts[i].data, parts[i].len);
        to += parts[i].len;
    }
    return (struct pp_str){text, len};
}

#define CONCAT(arena, ...)                                                                         \
    concat((const struct pp_str[]){__VA_ARGS__},                                                   \
           sizeof((const struct pp_str[]){__VA_ARGS__}) / sizeof(struct pp_str), (arena))

/* ---- escapes ---- */

/* What may stand for itself in a part of a URL, letters and digits aside. */
#define SAFE_PATH     "-_.~$&+,/:;=@"
#define SAFE_HOST     "-_.~!$&'()*+,;=:[]<>\""
#define SAFE_USER     "-_.~$&+,;="
#define SAFE_QUERY    "-_.~"
#define SAFE_FRAGMENT "-_.~$&+,/:;=?@!()*"

static bool is_safe(char c, const char *safe) {
    bool alphanumeric = text_is_letter(c) || text_is_digit(c);
    return alphanumeric || (c && strchr(safe, c));
}

static struct pp_str escape(struct pp_str s, const char *safe, struct pp_arena *arena) {
    char *out = pp_arena_alloc(arena, 1, 1, 3 * s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (is_safe((char)c, safe)) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = "0123456789ABCDEF"[c >> 4];
            out[n++] = "0123456789ABCDEF"[c & 15];
        }
    }
    return (struct pp_str){out, n};
}

/* The byte that "%XX" at the beginning of `s` means, or -1. */
static int escaped_byte(struct pp_str s) {
    if (s.len < 3 || !text_is_hex(s.data[1]) || !text_is_hex(s.data[2])) return -1;
    return (int)(text_digit_value(s.data[1]) << 4 | text_digit_value(s.data[2]));
}

static bool unescape(struct pp_str s, struct pp_str *ret, struct pp_arena *arena) {
    char *out = pp_arena_alloc(arena, 1, 1, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int byte = (unsigned char)s.data[i];
        if (byte == '%') {
            byte = escaped_byte(pp_str_slice(s, i, s.len));
            if (byte < 0) return false;
            i += 2;
        }
        out[n++] = (char)byte;
    }
    *ret = (struct pp_str){out, n};
    return true;
}

/* Unescapes a path or a fragment, and finds how it is written out: as it was where that is valid.
 */
static bool read_escaped(struct pp_str raw, const char *safe, struct pp_str *ret_plain,
                         struct pp_str *ret_text, struct pp_arena *arena) {
    if (!unescape(raw, ret_plain, arena)) return false;
    bool valid = true;
    for (size_t i = 0; i < raw.len; i++)
        valid = valid && (is_safe(raw.data[i], safe) || is_safe(raw.data[i], "%!'()*[]"));
    *ret_text = valid ? raw : escape(*ret_plain, safe, arena);
    return true;
}

/* ---- parts ---- */

static size_t find(struct pp_str s, char c) {
    const char *at = s.len ? memchr(s.data, c, s.len) : NULL;
    return at ? (size_t)(at - s.data) : s.len;
}

static size_t find_last(struct pp_str s, char c) {
    const char *at = s.len ? memrchr(s.data, c, s.len) : NULL;
    return at ? (size_t)(at - s.data) : s.len;
}

/* Cuts `s` before the first `c`; what follows it, or "". */
static struct pp_str cut(struct pp_str *s, char c) {
    size_t at = find(*s, c);
    struct pp_str rest = pp_str_slice(*s, at < s->len ? at + 1 : at, s->len);
    s->len = at;
    return rest;
}

static bool is_port(struct pp_str s) {
    if (s.len && s.data[0] != ':') return false;
    for (size_t i = 1; i < s.len; i++)
        if (!text_is_digit(s.data[i])) return false;
    return true;
}

/* Escapes in a host name are for bytes above ASCII; in the zone of an address, for what a host
 * name may hold too. */
static bool host_is_well_formed(struct pp_str s, bool zone) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '%') {
            int byte = escaped_byte(pp_str_slice(s, i, s.len));
            if (byte < 0) return false;
            if (byte == '%') continue;
            if (zone ? byte != ' ' && !is_safe((char)byte, SAFE_HOST) : byte < 0x80) return false;
        } else if ((unsigned char)s.data[i] < 0x80 && !is_safe(s.data[i], SAFE_HOST)) {
            return false;
        }
    }
    return true;
}

static bool read_host(struct pp_str s, struct pp_str *ret_host, struct pp_arena *arena) {
    size_t zone = s.len, zone_end = zone;
    if (s.len && s.data[0] == '[') {
        size_t close = find_last(s, ']');
        if (close == s.len || !is_port(pp_str_slice(s, close + 1, s.len))) return false;
        struct pp_str address = pp_str_slice(s, 0, close);
        const char *at = memmem(address.data, address.len, "%25", 3);
        if (at) {
            zone = (size_t)(at - s.data);
            zone_end = close;
        }
    } else {
        size_t colon = find_last(s, ':');
        if (colon < s.len && !is_port(pp_str_slice(s, colon, s.len))) return false;
    }
    return host_is_well_formed(pp_str_slice(s, 0, zone), false) &&
           host_is_well_formed(pp_str_slice(s, zone, zone_end), true) &&
           host_is_well_formed(pp_str_slice(s, zone_end, s.len), false) &&
           unescape(s, ret_host, arena);
}

static bool read_credentials(struct pp_str s, struct url *u, struct pp_arena *arena) {
    for (size_t i = 0; i < s.len; i++)
        if (!is_safe(s.data[i], "-._:~!$&'()*+,;=%@")) return false;
    bool has_password = find(s, ':') < s.len;
    struct pp_str user, password = cut(&s, ':');
    if (!unescape(s, &user, arena) || !unescape(password, &password, arena)) return false;
    user = escape(user, SAFE_USER, arena);
    password = escape(password, SAFE_USER, arena);
    u->has_credentials = true;
    u->credentials = has_password ? CONCAT(arena, user, PP_STR(":"), password) : user;
    return true;
}

static bool read_authority(struct pp_str s, struct url *u, struct pp_arena *arena) {
    size_t at = find_last(s, '@');
    if (at < s.len) {
        if (!read_credentials(pp_str_slice(s, 0, at), u, arena)) return false;
        s = pp_str_slice(s, at + 1, s.len);
    }
    return read_host(s, &u->host, arena);
}

/* Takes "scheme:" off; false when the text begins with a colon. */
static bool take_scheme(struct pp_str *s, struct pp_str *ret_scheme, struct pp_arena *arena) {
    size_t n = 0;
    while (n < s->len &&
           (isalpha((unsigned char)s->data[n]) || (n > 0 && is_safe(s->data[n], "+-."))))
        n++;
    if (n == s->len || s->data[n] != ':') return true;
    if (n == 0) return false;
    char *scheme = pp_arena_alloc(arena, 1, 1, n + 1);
    for (size_t i = 0; i < n; i++)
        scheme[i] = (char)tolower((unsigned char)s->data[i]);
    *ret_scheme = (struct pp_str){scheme, n};
    *s = pp_str_slice(*s, n + 1, s->len);
    return true;
}

bool url_parse(struct pp_str s, struct url *ret_url, struct pp_arena *arena) {
    struct url u = {0};
    struct pp_str raw_fragment = cut(&s, '#'), fragment;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f) return false;
    if (!read_escaped(raw_fragment, SAFE_FRAGMENT, &fragment, &u.fragment, arena) ||
        !take_scheme(&s, &u.scheme, arena))
        return false;
    u.empty_query = s.len && find(s, '?') == s.len - 1;
    u.query = cut(&s, '?');
    if (!s.len || s.data[0] != '/') {
        if (u.scheme.len) {
            u.opaque = s;
            *ret_url = u;
            return true;
        }
        if (find(s, ':') < find(s, '/')) return false;
    }
    if (pp_str_has_prefix(s, PP_STR("//")) &&
        (u.scheme.len || !pp_str_has_prefix(s, PP_STR("///")))) {
        struct pp_str authority = pp_str_slice(s, 2, s.len);
        authority.len = find(authority, '/');
        s = pp_str_slice(s, 2 + authority.len, s.len);
        if (!read_authority(authority, &u, arena)) return false;
    }
    if (!read_escaped(s, SAFE_PATH, &u.path, &u.path_text, arena)) return false;
    *ret_url = u;
    return true;
}

/* ---- references ---- */

/* Works "." and ".." in; the result begins with a slash, unless there is none. */
static struct pp_str without_dots(struct pp_str path, struct pp_arena *arena) {
    if (!path.len) return path;
    char *text = pp_arena_alloc(arena, 1, 1, path.len + 3), *out = text + 1;
    size_t n = 0;
    bool first = true, more = true, dots = false;
    while (more) {
        struct pp_str name = path;
        more = find(path, '/') < path.len;
        path = cut(&name, '/');
        bool up = pp_str_eq(name, PP_STR(".."));
        dots = up || pp_str_eq(name, PP_STR("."));
        if (up) {
            size_t slash = find_last((struct pp_str){out, n}, '/');
            first = slash == n;
            n = first ? 0 : slash;
            continue;
        }
        if (!dots && !first) out[n++] = '/';
        if (!dots && name.len) memcpy(out + n, name.data, name.len);
        if (!dots) n += name.len;
        first = false;
    }
    if (dots) out[n++] = '/';
    if (n && *out == '/') return (struct pp_str){out, n};
    *text = '/';
    return (struct pp_str){text, n + 1};
}

static struct pp_str beside(struct pp_str base, struct pp_str path, struct pp_arena *arena) {
    if (!path.len) return base;
    if (path.data[0] == '/') return path;
    size_t slash = find_last(base, '/');
    return CONCAT(arena, pp_str_slice(base, 0, slash < base.len ? slash + 1 : 0), path);
}

bool url_resolve(const struct url *base, struct pp_str reference, struct url *ret_url,
                 struct pp_arena *arena) {
    struct url u;
    if (!url_parse(reference, &u, arena)) return false;
    bool stands_alone = u.scheme.len || u.host.len || u.has_credentials;
    struct pp_str path = u.path_text;
    if (!stands_alone) {
        if (!path.len && !u.empty_query && !u.query.len) u.query = base->query;
        path = beside(base->path_text, path, arena);
        u.host = base->host;
        u.credentials = base->credentials;
        u.has_credentials = base->has_credentials;
    }
    if (!u.scheme.len) u.scheme = base->scheme;
    path = without_dots(path, arena);
    if (!read_escaped(path, SAFE_PATH, &u.path, &u.path_text, arena)) return false;
    *ret_url = u;
    return true;
}

struct pp_str url_text(const struct url *u, struct pp_arena *arena) {
    struct pp_str host = escape(u->host, SAFE_HOST, arena);
    bool slashes = !u->opaque.len && (host.len || u->has_credentials);
    bool slash = host.len && u->path_text.len && u->path_text.data[0] != '/';
    return CONCAT(arena, u->scheme, pp_str_from(u->scheme.len ? ":" : ""), u->opaque,
                  pp_str_from(slashes ? "//" : ""), u->credentials,
                  pp_str_from(u->has_credentials ? "@" : ""), host, pp_str_from(slash ? "/" : ""),
                  u->path_text, pp_str_from(u->empty_query || u->query.len ? "?" : ""), u->query,
                  pp_str_from(u->fragment.len ? "#" : ""), u->fragment);
}

struct pp_str url_text_to_show(struct pp_str url, struct pp_arena *arena) {
    struct url u;
    if (!url_parse(url, &u, arena)) return url;
    size_t colon = find(u.credentials, ':');
    if (colon < u.credentials.len)
        u.credentials = CONCAT(arena, pp_str_slice(u.credentials, 0, colon), PP_STR(":xxxxx"));
    return url_text(&u, arena);
}

/* ---- queries ---- */

struct parameter {
    struct pp_str key, value;
    size_t order;
};

static int compare_parameters(const void *a, const void *b) {
    const struct parameter *x = a, *y = b;
    int c = pp_str_cmp(x->key, y->key);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

struct parameters {
    struct parameter *at;
    size_t n, cap;
};

static struct pp_str spaced(struct pp_str s, struct pp_arena *arena) {
    s = pp_arena_copy(arena, s);
    char *text = (char *)(uintptr_t)s.data;
    for (size_t i = 0; i < s.len; i++)
        if (text[i] == '+') text[i] = ' ';
    return s;
}

/* What can't be read is left out, as in the reference. */
static void read_query(struct pp_str query, struct parameters *ps, struct pp_arena *arena) {
    while (query.len) {
        struct pp_str key = query;
        query = cut(&key, '&');
        if (!key.len || find(key, ';') < key.len) continue;
        struct pp_str value = cut(&key, '=');
        struct parameter p = {.order = ps->n};
        if (unescape(spaced(key, arena), &p.key, arena) &&
            unescape(spaced(value, arena), &p.value, arena))
            PP_PUSH(arena, ps->at, ps->n, ps->cap, p);
    }
}

static const struct parameter *find_parameter(const struct parameters *ps, struct pp_str key) {
    for (size_t i = 0; i < ps->n; i++)
        if (pp_str_eq(ps->at[i].key, key)) return &ps->at[i];
    return NULL;
}

static void set_parameter(struct parameters *ps, struct pp_str key, struct pp_str value,
                          struct pp_arena *arena) {
    size_t n = 0;
    for (size_t i = 0; i < ps->n; i++)
        if (!pp_str_eq(ps->at[i].key, key)) ps->at[n++] = ps->at[i];
    ps->n = n;
    struct parameter p = {key, value, SIZE_MAX};
    PP_PUSH(arena, ps->at, ps->n, ps->cap, p);
}

static size_t put_escaped(char *to, struct pp_str s, struct pp_arena *arena) {
    struct pp_str escaped = escape(s, SAFE_QUERY " ", arena);
    for (size_t i = 0; i < escaped.len; i++)
        to[i] = escaped.data[i] == ' ' ? '+' : escaped.data[i];
    return escaped.len;
}

static struct pp_str write_query(struct parameters *ps, struct pp_arena *arena) {
    if (ps->n) qsort(ps->at, ps->n, sizeof *ps->at, compare_parameters);
    size_t room = 1;
    for (size_t i = 0; i < ps->n; i++)
        room += 3 * (ps->at[i].key.len + ps->at[i].value.len) + 2;
    char *text = pp_arena_alloc(arena, 1, 1, room);
    size_t n = 0;
    for (size_t i = 0; i < ps->n; i++) {
        if (i) text[n++] = '&';
        n += put_escaped(text + n, ps->at[i].key, arena);
        text[n++] = '=';
        n += put_escaped(text + n, ps->at[i].value, arena);
    }
    return (struct pp_str){text, n};
}

/* A decimal number of 32 bits with an optional sign; 0 for anything else. */
static int64_t query_number(struct pp_str s) {
    size_t at = s.len && (s.data[0] == '-' || s.data[0] == '+');
    if (at == s.len) return 0;
    int64_t v = 0;
    for (; at < s.len; at++) {
        if (!text_is_digit(s.data[at]) || v > INT32_MAX) return 0;
        v = v * 10 + (s.data[at] - '0');
    }
    if (s.data[0] == '-') return -v < INT32_MIN ? 0 : -v;
    return v > INT32_MAX ? 0 : v;
}

/* ---- the rules ---- */

bool url_complete(struct pp_str source, int64_t seconds, int64_t timeout,
                  struct url_fetch *ret_fetch, struct pp_arena *arena) {
    struct url u;
    bool ok = url_parse(source, &u, arena);
    /* host:port/path reads as scheme:opaque. */
    if (!ok || (!u.host.len && u.scheme.len && !pp_str_eq(u.scheme, PP_STR("file"))))
        ok = url_parse(CONCAT(arena, PP_STR("http://"), source), &u, arena);
    if (!ok || !u.host.len) return false;
    /* As `go tool pprof`: a server alone means what it spends its time on. */
    if (!u.path.len || pp_str_eq(u.path, PP_STR("/")))
        u.path = u.path_text = PP_STR("/debug/pprof/profile");
    struct parameters ps = {0};
    read_query(u.query, &ps, arena);
    const struct parameter *given = find_parameter(&ps, PP_STR("seconds"));
    if (seconds > 0)
        set_parameter(&ps, PP_STR("seconds"), pp_arena_printf(arena, "%" PRId64, seconds), arena);
    else if (given)
        seconds = query_number(given->value);
    u.query = write_query(&ps, arena);
    ret_fetch->url = url_text(&u, arena);
    ret_fetch->timeout_ms = timeout > 0 ? timeout * 1000 : seconds > 0 ? seconds * 1500 : 60000;
    return true;
}

/* The paths of gperftools' servers, which answer under /pprof/symbol. */
static bool is_gperftools_path(struct pp_str path) {
    static const char *const ends[] = {"/pprof/heap", "/pprof/growth", "/pprof/profile",
                                       "/pprof/pmuprofile", "/pprof/contention"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (pp_str_has_suffix(path, pp_str_from(ends[i]))) return true;
    return false;
}

struct pp_str url_symbols(struct pp_str source, struct pp_arena *arena) {
    struct url u;
    if (!url_parse(source, &u, arena) || !u.host.len) return PP_STR("");
    bool go = u.path.len && memmem(u.path.data, u.path.len, "/debug/pprof/", 13);
    const char *name = go || is_gperftools_path(u.path) ? "/../symbol" : "/../symbolz";
    u.path = path_clean(CONCAT(arena, u.path, pp_str_from(name)), arena);
    u.path_text = escape(u.path, SAFE_PATH, arena);
    u.query = PP_STR("");
    return url_text(&u, arena);
}

bool url_of_socket(struct pp_str source, struct pp_str *ret_url, struct pp_arena *arena) {
    static const struct pp_str schemes[] = {{"http+unix://", 12}, {"unix://", 7}, {"unix:", 5}};
    struct pp_str rest = {0}, socket, path;
    for (size_t i = 0; i < 3 && !rest.len; i++)
        if (pp_str_has_prefix(source, schemes[i]))
            rest = pp_str_slice(source, schemes[i].len, source.len);
    const char *colon = rest.len ? memmem(rest.data, rest.len, ":/", 2) : NULL;
    if (colon) {
        socket = pp_str_slice(rest, 0, (size_t)(colon - rest.data));
        path = pp_str_slice(rest, socket.len + 1, rest.len);
    } else { /* "%2Frun%2Fx.sock/debug/..." */
        size_t slash = rest.len && rest.data[0] == '/' ? rest.len : find(rest, '/');
        socket = pp_str_slice(rest, 0, slash);
        path = pp_str_slice(rest, slash, rest.len);
    }
    if (!socket.len || !unescape(socket, &socket, arena)) return false;
    *ret_url = CONCAT(arena, PP_STR("http+unix://"), escape(socket, SAFE_USER, arena),
                      PP_STR("@localhost"), path);
    return true;
}

bool url_take_socket(struct url *u, struct pp_str *ret_socket, struct pp_arena *arena) {
    if (!pp_str_eq(u->scheme, PP_STR("http+unix"))) return true;
    u->scheme = PP_STR("http");
    bool ok = u->credentials.len && unescape(u->credentials, ret_socket, arena);
    u->has_credentials = false;
    u->credentials = PP_STR("");
    return ok && !memchr(ret_socket->data, 0, ret_socket->len);
}

bool url_is_absolute(struct pp_str text) {
    struct pp_arena scratch = {0};
    struct url u;
    bool absolute = url_parse(text, &u, &scratch) && u.scheme.len > 0;
    pp_arena_done(&scratch);
    return absolute;
}
