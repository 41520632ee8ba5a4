/* See listen.h. */
#include "page/listen.h"

#include "base/text.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static bool split(const char *where, const char **ret_host, const char **ret_port,
                  struct pp_arena *arena, struct pp_error *err) {
    const char *colon = strrchr(where, ':');
    if (!colon || (*where == '[' && colon[-1] != ']'))
        return pp_fail(err, PP_E_USAGE, "-http=%s: not [host]:[port]", where);
    struct pp_str host = {where, (size_t)(colon - where)};
    if (host.len > 1 && *host.data == '[')
        host = pp_str_slice(host, 1, host.len - 1);
    else if (host.len && memchr(host.data, ':', host.len))
        return pp_fail(err, PP_E_USAGE, "-http=%s: an IPv6 address stands in brackets", where);
    char *end;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end || port > 65535 || (colon[1] && !text_is_digit(colon[1])))
        return pp_fail(err, PP_E_USAGE, "-http=%s: the port is no number below 65536", where);
    *ret_host = pp_arena_copy(arena, host).data;
    *ret_port = colon[1] ? colon + 1 : "0";
    return true;
}

static int listen_at(const struct addrinfo *a) {
    int one = 1, fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) return fd;
    close(fd);
    return -1;
}

static unsigned port_of(int fd) {
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char port[16] = "";
    if (getsockname(fd, (struct sockaddr *)&address, &len) == 0)
        getnameinfo((struct sockaddr *)&address, len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    return (unsigned)strtoul(port, NULL, 10);
}

bool listen_open(const char *where, struct listening *ret_at, struct pp_arena *arena,
                 struct pp_error *err) {
    const char *host = "", *port = "";
    if (!split(where, &host, &port, arena, err)) return false;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int code = getaddrinfo(*host ? host : "127.0.0.1", port, *host ? &hints : NULL, &list);
    if (code) return pp_fail(err, PP_E_IO, "-http=%s: %s", where, gai_strerror(code));
    int fd = -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        fd = listen_at(a);
    int reason = errno;
    freeaddrinfo(list);
    if (fd < 0) return pp_fail(err, PP_E_IO, "-http=%s: %s", where, strerror(reason));
    bool v6 = strchr(host, ':') != NULL;
    struct pp_str name = v6 ? pp_arena_printf(arena, "[%s]", host) : pp_str_from(host);
    *ret_at = (struct listening){
        fd, name,
        pp_arena_printf(arena, "http://%s:%u", *host ? name.data : "localhost", port_of(fd))};
    return true;
}
