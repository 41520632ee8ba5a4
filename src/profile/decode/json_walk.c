#include "profile/decode/json_walk.h"

#include "base/arena.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>

bool walk_wrong(struct json_walk *w, const char *why) {
    if (!w->why) w->why = why;
    return false;
}

bool walk_fail(const struct json_walk *w, const char *format, struct pp_error *err) {
    if (w->j.at >= w->j.text.len)
        return pp_fail(err, PP_E_FORMAT, "%s: the file ends too early, after %zu bytes", format,
                       w->j.text.len);
    return pp_fail(err, PP_E_FORMAT, "%s: %s at byte %zu", format, w->why ? w->why : "broken JSON",
                   w->j.at);
}

bool walk_skip(struct json_walk *w) {
    return json_read_skip(&w->j) || walk_wrong(w, "expected a value");
}

struct wanted {
    const struct walk_member *members;
    size_t n;
    void *to;
};

static bool read_member(struct json_walk *w, struct pp_str key, void *to_wanted) {
    const struct wanted *wanted = to_wanted;
    if (json_read_peek(&w->j) != 'n')
        for (size_t i = 0; i < wanted->n; i++)
            if (pp_str_eq(key, pp_str_from(wanted->members[i].key)))
                return wanted->members[i].read(w, (char *)wanted->to + wanted->members[i].place);
    return walk_skip(w);
}

bool walk_members(struct json_walk *w, walk_named read, void *to) {
    if (!json_read_take(&w->j, '{')) return walk_wrong(w, "expected an object");
    for (bool first = true, more;; first = false) {
        struct pp_str key;
        if (!json_read_member(&w->j, first, &key, w->arena, &more))
            return walk_wrong(w, "expected a name and ':', or '}'");
        if (!more) return true;
        if (!read(w, key, to)) return false;
    }
}

bool walk_object(struct json_walk *w, const struct walk_member *members, size_t n, void *to) {
    struct wanted wanted = {members, n, to};
    return walk_members(w, read_member, &wanted);
}

bool walk_array(struct json_walk *w, walk_value read, void *to) {
    if (!json_read_take(&w->j, '[')) return walk_wrong(w, "expected an array");
    for (bool first = true, more;; first = false) {
        if (!json_read_next(&w->j, ']', first, &more)) return walk_wrong(w, "expected ',' or ']'");
        if (!more) return true;
        if (!read(w, to)) return false;
    }
}

static bool to_number(struct json_walk *w, struct pp_str s, double *ret_d) {
    char buffer[64], *end = buffer;
    if (s.len == 0 || s.len >= sizeof buffer || text_is_blank(s.data[0]))
        return walk_wrong(w, "expected a number");
    memcpy(buffer, s.data, s.len);
    buffer[s.len] = '\0';
    double d = strtod(buffer, &end);
    if (*end || d != d) return walk_wrong(w, "expected a number");
    *ret_d = d;
    return true;
}

bool walk_double(struct json_walk *w, void *to_double) {
    struct pp_str s;
    double *to = to_double;
    if (json_read_word(&w->j, PP_STR("true"))) {
        *to = 1;
        return true;
    }
    if (json_read_word(&w->j, PP_STR("false"))) {
        *to = 0;
        return true;
    }
    if (!json_read_number(&w->j, &s)) return walk_wrong(w, "expected a number");
    return to_number(w, s, to);
}

bool walk_number(struct json_walk *w, void *to_double) {
    struct pp_str s;
    if (json_read_peek(&w->j) != '"') return walk_double(w, to_double);
    return walk_text(w, &s) && to_number(w, s, to_double);
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

bool walk_id(struct json_walk *w, void *to_str) {
    if (json_read_peek(&w->j) == '"') return walk_text(w, to_str);
    return json_read_number(&w->j, to_str) || walk_wrong(w, "expected a number");
}

bool walk_place(struct json_walk *w, void *to_size) {
    *(size_t *)to_size = w->j.at;
    return walk_skip(w);
}

bool walk_there(struct json_walk *w, size_t place, walk_value read, void *to) {
    size_t here = w->j.at;
    w->j.at = place;
    if (!read(w, to)) return false;
    w->j.at = here;
    return true;
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
