#include "base/path.h"

#include <stdint.h>

struct pp_str path_clean(struct pp_str path, struct pp_arena *arena) {
    if (path.len == 0) return PP_STR(".");
    bool rooted = path.data[0] == '/';
    char *out = pp_arena_alloc(arena, 1, 1, path.len + 1);
    size_t n = 0;      /* bytes of `out` */
    size_t parent = 0; /* what stands before can't be taken back by ".." */
    if (rooted) out[n++] = '/';
    parent = n;
    for (size_t i = 0; i < path.len;) {
        size_t end = i;
        while (end < path.len && path.data[end] != '/')
            end++;
        struct pp_str part = pp_str_slice(path, i, end);
        i = end + 1;
        if (part.len == 0 || pp_str_eq(part, PP_STR("."))) continue;
        if (pp_str_eq(part, PP_STR(".."))) {
            if (n > parent) {
                while (n > parent && out[n - 1] != '/')
                    n--;
                if (n > parent) n--;
                continue;
            }
            if (rooted) continue;
        }
        if (n > (rooted ? 1U : 0U)) out[n++] = '/';
        memcpy(out + n, part.data, part.len);
        n += part.len;
        if (pp_str_eq(part, PP_STR(".."))) parent = n;
    }
    if (n == 0) return PP_STR(".");
    return (struct pp_str){out, n};
}

struct pp_str path_base(struct pp_str path) {
    if (path.len == 0) return PP_STR(".");
    while (path.len && path.data[path.len - 1] == '/')
        path.len--;
    if (path.len == 0) return PP_STR("/");
    size_t from = path.len;
    while (from && path.data[from - 1] != '/')
        from--;
    return pp_str_slice(path, from, path.len);
}

struct pp_str path_end(struct pp_str path) {
    enum { NAMES = 2 };
    size_t at = path.len, n = 0;
    while (at > 0 && !(path.data[at - 1] == '/' && ++n == NAMES))
        at--;
    return pp_str_slice(path, at, path.len);
}

struct pp_str path_dir(struct pp_str path, struct pp_arena *arena) {
    size_t to = path.len;
    while (to && path.data[to - 1] != '/')
        to--;
    return path_clean(pp_str_slice(path, 0, to), arena);
}

struct pp_str path_join(struct pp_str a, struct pp_str b, struct pp_arena *arena) {
    if (!a.len && !b.len) return PP_STR("");
    if (!a.len) return path_clean(b, arena);
    if (!b.len) return path_clean(a, arena);
    return path_clean(pp_arena_join(arena, a, '/', b), arena);
}

/* "C:" before a slash of either kind. */
static bool has_drive(struct pp_str path) {
    if (path.len < 3) return false;
    unsigned char letter = (unsigned char)path.data[0] | 0x20;
    return letter >= 'a' && letter <= 'z' && path.data[1] == ':' &&
           (path.data[2] == '\\' || path.data[2] == '/');
}

bool path_below(struct pp_str path, struct pp_str dir, struct pp_str *ret_rest) {
    size_t n = pp_str_eq(dir, PP_STR("/")) ? 0 : dir.len;
    if (!pp_str_has_prefix(path, pp_str_slice(dir, 0, n)) || path.len <= n + 1 ||
        path.data[n] != '/')
        return false;
    *ret_rest = pp_str_slice(path, n + 1, path.len);
    return true;
}

bool path_list_next(struct pp_str *list, struct pp_str *ret_part) {
    if (!list->data) return false;
    size_t from = has_drive(*list) ? 2 : 0;
    struct pp_str rest = pp_str_slice(*list, from, list->len);
    const char *colon = rest.len ? memchr(rest.data, ':', rest.len) : NULL;
    size_t end = colon ? (size_t)(colon - list->data) : list->len;
    *ret_part = pp_str_slice(*list, 0, end);
    *list = colon ? pp_str_slice(*list, end + 1, list->len) : (struct pp_str){0};
    return true;
}

static bool is_windows(struct pp_str path) {
    if (has_drive(path)) return true;
    return path.len && path.data[0] != '/' && memchr(path.data, '\\', path.len);
}

struct pp_str path_to_slashes(struct pp_str path, struct pp_arena *arena) {
    if (!is_windows(path)) return path;
    struct pp_str copy = pp_arena_copy(arena, path);
    char *text = (char *)(uintptr_t)copy.data;
    for (size_t i = 0; i < copy.len; i++)
        if (text[i] == '\\') text[i] = '/';
    return copy;
}
