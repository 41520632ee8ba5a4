#include "report/markdown_text.h"

#include "base/path.h"
#include "base/safe.h"
#include "base/utf8.h"

/* Within a code span nothing is markup but the backtick, and in a table the bar, which is escaped
 * there alone: elsewhere the escape would be shown. What is no UTF-8 becomes U+FFFD: GitHub's
 * parser ends the table there, and its interface refuses the comment. */
static void put_code(struct out *o, struct pp_str s, bool in_table) {
    while (s.len) {
        size_t len;
        char bytes[4];
        uint32_t c = utf8_decode(s, &len);
        s = pp_str_slice(s, len, s.len);
        if (c == '|' && in_table) out_char(o, '\\');
        if (c == '`') c = '\'';
        if (c < 0x20) c = ' ';
        if (safe_is_harmless(c))
            out_bytes(o, bytes, utf8_encode(c, bytes));
        else
            out_printf(o, "\\u%04x", c);
    }
}

static void put_span(struct out *o, struct pp_str s, size_t longest, bool in_table) {
    size_t n = utf8_count(s);
    out_char(o, '`');
    if (n <= longest) {
        put_code(o, s, in_table);
    } else {
        struct pp_str tail = utf8_skip(s, n - longest / 2);
        put_code(o, pp_str_slice(s, 0, s.len - utf8_skip(s, longest / 2 - 1).len), in_table);
        OUT_LIT(o, "\u2026");
        put_code(o, tail, in_table);
    }
    out_char(o, '`');
}

void markdown_code(struct out *o, struct pp_str s, size_t longest) {
    put_span(o, s, longest, false);
}

void markdown_cell(struct out *o, struct pp_str s, size_t longest) {
    put_span(o, s, longest, true);
}

void markdown_path(struct out *o, struct pp_str path, size_t longest) {
    markdown_cell(o, path_end(path), longest);
}
