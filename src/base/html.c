#include "base/html.h"

#include "base/safe.h"

static const char *entity(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void put_piece(void *user, struct pp_str piece) {
    struct out *o = user;
    size_t plain = 0;
    for (size_t i = 0; i < piece.len; i++) {
        const char *name = entity(piece.data[i]);
        if (!name) continue;
        out_str(o, pp_str_slice(piece, plain, i));
        out_text0(o, name);
        plain = i + 1;
    }
    out_str(o, pp_str_slice(piece, plain, piece.len));
}

void html_put(struct out *o, struct pp_str text) {
    safe_text(text, true, put_piece, o);
}
