/* A string is a view: bytes and a length. It may hold any byte, NUL and invalid UTF-8 included, and
 * is not terminated. Whoever made it says how long it lives; an arena does, nearly always. */
#ifndef CPPROF_STR_H
#define CPPROF_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct pp_str {
    const char *data; /* may be NULL when len is 0 */
    size_t len;
};

#ifdef __cplusplus
#define PP_STR(literal) (pp_str{(literal), sizeof(literal) - 1})
#else
#define PP_STR(literal) ((struct pp_str){(literal), sizeof(literal) - 1})
#endif

/* For printf: "%.*s". Only for texts that are known to be short and free of NUL. */
#define PP_STR_ARG(s) ((int)(s).len), ((s).data ? (s).data : "")

static inline struct pp_str pp_str_from(const char *text) {
    struct pp_str s = {text, text ? strlen(text) : 0};
    return s;
}

static inline bool pp_str_eq(struct pp_str a, struct pp_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Byte order, then length: the order in which Go compares strings. */
static inline int pp_str_cmp(struct pp_str a, struct pp_str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.data, b.data, n) : 0;
    if (c) return c;
    return (a.len > b.len) - (a.len < b.len);
}

static inline struct pp_str pp_str_slice(struct pp_str s, size_t from, size_t to) {
    struct pp_str part = {s.data ? s.data + from : NULL, to - from};
    return part;
}

static inline bool pp_str_has_prefix(struct pp_str s, struct pp_str prefix) {
    return s.len >= prefix.len && pp_str_eq(pp_str_slice(s, 0, prefix.len), prefix);
}

static inline bool pp_str_has_suffix(struct pp_str s, struct pp_str suffix) {
    return s.len >= suffix.len && pp_str_eq(pp_str_slice(s, s.len - suffix.len, s.len), suffix);
}

#endif
