// The one C++ file: RE2 behind three C functions.
extern "C" {
#include "base/regex.h"
#include "base/arena.h"
#include "base/scope.h"
#include "base/utf8.h"
}

#include <re2/re2.h>

#include <new>
#include <string>

struct regex {
    RE2 re;
    struct scope_mark *mark;
    regex(const re2::StringPiece &pattern, const RE2::Options &options)
        : re(pattern, options), mark(nullptr) {
    }
};

// Go reads what RE2 of this age does not ((?<name>...)), and refuses what RE2 accepts (\C).
static bool to_re2(struct pp_str pattern, std::string *ret_re2) {
    std::string &out = *ret_re2;
    bool in_quote = false;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.data[i];
        out += c;
        if (c == '\\' && i + 1 < pattern.len) {
            char next = pattern.data[++i];
            out += next;
            if (in_quote ? next == 'E' : next == 'Q')
                in_quote = !in_quote;
            else if (!in_quote && next == 'C')
                return false;
        } else if (!in_quote && c == '(' && i + 3 < pattern.len && pattern.data[i + 1] == '?' &&
                   pattern.data[i + 2] == '<') {
            out += "?P<";
            i += 2;
        }
    }
    return true;
}

static struct regex *compile(struct pp_str pattern, struct pp_error *err) {
    std::string text;
    if (!to_re2(pattern, &text)) {
        pp_fail(err, PP_E_USAGE, "invalid escape sequence: `\\C`");
        return nullptr;
    }
    RE2::Options options;
    options.set_log_errors(false);
    struct regex *rx = new regex(text, options);
    if (!rx->re.ok()) {
        pp_fail(err, PP_E_USAGE, "%s: `%.*s`", rx->re.error().c_str(),
                (int)(rx->re.error_arg().size() < 200 ? rx->re.error_arg().size() : 200),
                rx->re.error_arg().data());
        delete rx;
        return nullptr;
    }
    return rx;
}

static void undo(void *rx) {
    delete static_cast<struct regex *>(rx);
}

// RE2 and the standard library throw when memory is exhausted; an exception must not leave this
// file, nor a jump an exception's handler.
struct regex *regex_compile(struct pp_str pattern, struct pp_error *err) {
    struct regex *rx = nullptr;
    bool exhausted = false;
    try {
        rx = compile(pattern, err);
    } catch (const std::bad_alloc &) {
        exhausted = true;
    }
    if (exhausted) pp_out_of_memory(0);
    if (rx) rx->mark = scope_hold(undo, rx);
    return rx;
}

static bool is_ascii(struct pp_str s) {
    unsigned char any = 0;
    for (size_t i = 0; i < s.len; i++)
        any |= (unsigned char)s.data[i];
    return any < 0x80;
}

static bool matches(const struct regex *rx, struct pp_str text) {
    re2::StringPiece piece(text.data, text.len);
    if (is_ascii(text)) return RE2::PartialMatch(piece, rx->re);
    std::string valid;
    while (text.len) {
        size_t len;
        char buffer[4];
        size_t n = utf8_encode(utf8_decode(text, &len), buffer);
        valid.append(buffer, n);
        text = pp_str_slice(text, len, text.len);
    }
    return RE2::PartialMatch(valid, rx->re);
}

bool regex_matches(const struct regex *rx, struct pp_str text) {
    bool found = false, exhausted = false;
    try {
        found = matches(rx, text);
    } catch (const std::bad_alloc &) {
        exhausted = true;
    }
    if (exhausted) pp_out_of_memory(0);
    return found;
}

void regex_free(struct regex *rx) {
    if (rx) scope_drop(rx->mark);
    delete rx;
}
