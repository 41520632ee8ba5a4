#include "base/lines.h"

static bool end(struct lines *l) {
    l->line = (struct pp_str){0};
    l->terminated = false;
    return false;
}

void lines_leave(const struct lines *l) {
    input_leave(l->in, l->start, l->at);
}

void lines_leave_rest(const struct lines *l) {
    input_leave(l->in, l->start, SIZE_MAX);
}

bool lines_next(struct lines *l) {
    struct input *in = l->in;
    size_t seen = 0;
    const char *newline = NULL;
    if (l->too_long) return end(l);
    for (;;) {
        size_t n = in->avail - l->at;
        if (l->max && n > l->max) n = l->max;
        if (n > seen) newline = memchr(in->data + l->at + seen, '\n', n - seen);
        seen = n;
        if (newline) break;
        if (l->max && seen == l->max) {
            l->too_long = true;
            return end(l);
        }
        if (!input_need(in, l->at + seen + 1)) break;
    }
    if (!newline && seen == 0) return end(l);
    size_t len = newline ? (size_t)(newline - in->data) - l->at : seen;
    l->start = l->at;
    l->at += len + (newline != NULL);
    l->terminated = newline != NULL;
    if (len && in->data[l->start + len - 1] == '\r') len--;
    l->line = (struct pp_str){in->data + l->start, len};
    return true;
}
