#include "profile/decode/json_walk.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>

bool walk_wrong(struct json_walk *w, const char *why) {
    if (!w->why) w->why = why;
    return false;
}

bool walk_fail(const struct json_walk *w, const char *format, struct pp_error *err) {
    return pp_fail(err, PP_E_FORMAT, "%s: %s at byte %zu", format, w->why ? w->why : "broken JSON",
                   w->j.at);
}

static bool read_member(struct json_walk *w, const struct walk_member *members, size_t n,
                        struct pp_str key, void *to) {
    if (json_read_peek(&w->j) != 'n')
        for (size_t i = 0; i < n; i++)
            if (pp_str_eq(key, pp_str_from(members[i].key)))
                return members[i].read(w, (char *)to + members[i].place);
    return json_read_skip(&w->j) || walk_wrong(w, "expected a value");
}

bool walk_object(struct json_walk *w, const struct walk_member *members, size_t n, void *to) {
    if (!json_read_take(&w->j, '{')) return walk_wrong(w, "expected an object");
    for (bool first = true, more;; first = false) {
        struct pp_str key;
        if (!json_read_next(&w->j, '}', first, &more)) return walk_wrong(w, "expected ',' or '}'");
        if (!more) return true;
        if (!json_read_string(&w->j, w->arena, &key) || !json_read_take(&w->j, ':'))
            return walk_wrong(w, "expected a name and ':'");
        if (!read_member(w, members, n, key, to)) return false;
    }
}

bool walk_array(struct json_walk *w, walk_value read, void *to) {
    if (!json_read_take(&w->j, '[')) return walk_wrong(w, "expected an array");
    for (bool first = true, more;; first = false) {
        if (!json_read_next(&w->j, ']', first, &more)) return walk_wrong(w, "expected ',' or ']'");
        if (!more) return true;
        if (!read(w, to)) return false;
    }
}

bool walk_double(struct json_walk *w, void *to_double) {
    struct pp_str s;
    char buffer[64], *end;
    double *to = to_double;
    if (json_read_word(&w->j, PP_STR("true"))) {
        *to = 1;
        return true;
    }
    if (json_read_word(&w->j, PP_STR("false"))) {
        *to = 0;
        return true;
    }
    if (!json_read_number(&w->j, &s) || s.len >= sizeof buffer)
        return walk_wrong(w, "expected a number");
    memcpy(buffer, s.data, s.len);
    buffer[s.len] = '\0';
    *to = strtod(buffer, &end);
    return *end == '\0' || walk_wrong(w, "expected a number");
}

int64_t walk_round(double d) {
    if (!(d > -0x1p63)) return d == d ? INT64_MIN : 0;
    return d >= 0x1p63 ? INT64_MAX : (int64_t)round(d);
}

bool walk_i64(struct json_walk *w, void *to_i64) {
    double d;
    if (!walk_double(w, &d)) return false;
    *(int64_t *)to_i64 = walk_round(d);
    return true;
}

bool walk_text(struct json_walk *w, void *to_str) {
    return json_read_string(&w->j, w->arena, to_str) || walk_wrong(w, "expected a string");
}

static bool read_double(struct json_walk *w, void *to) {
    struct walk_doubles *list = to;
    double d = NAN;
    if (json_read_peek(&w->j) == 'n' ? !json_read_word(&w->j, PP_STR("null")) : !walk_double(w, &d))
        return walk_wrong(w, "expected a number");
    PP_PUSH(w->arena, list->at, list->n, list->cap, d);
    return true;
}

bool walk_more_doubles(struct json_walk *w, void *to_doubles) {
    return walk_array(w, read_double, to_doubles);
}

bool walk_doubles(struct json_walk *w, void *to_doubles) {
    ((struct walk_doubles *)to_doubles)->n = 0;
    return walk_array(w, read_double, to_doubles);
}
