/* Rust's legacy mangling: identifiers with their lengths, and escapes for what C++ names can't
 * hold. */
#include "symbol/demangle.h"

#include "base/text.h"

/* "17h", 16 hex digits, at least five of them different, "E"; then maybe a suffix from "." on. */
static bool strip_hash(struct pp_str *name) {
    if (!pp_str_has_prefix(*name, PP_STR("_ZN"))) return false;
    for (size_t i = name->len; i-- > 1;)
        if (name->data[i] == '.' && name->data[i - 1] == 'E') {
            name->len = i;
            break;
        }
    if (name->len <= 23 || name->data[name->len - 1] != 'E') return false;
    const char *hash = name->data + name->len - 20;
    unsigned seen = 0;
    if (memcmp(hash, "17h", 3) != 0) return false;
    for (int i = 3; i < 19; i++) {
        if (!text_is_lower_hex(hash[i])) return false;
        seen |= 1U << text_digit_value(hash[i]);
    }
    *name = pp_str_slice(*name, 3, name->len - 20);
    return __builtin_popcount(seen) >= 5;
}

/* An escape at the start of `id`: how long it is, 0 for none, and what it stands for. */
static size_t read_escape(struct pp_str id, char *ret_c) {
    static const char codes[][3] = {"SP", "BP", "RF", "LT", "GT", "LP", "RP"};
    if (id.len > 2 && id.data[1] == 'C' && id.data[2] == '$') {
        *ret_c = ',';
        return 3;
    }
    if (id.len > 4 && id.data[1] == 'u' && id.data[4] == '$') {
        if (id.data[2] < '2' || id.data[2] > '7' || !text_is_lower_hex(id.data[3])) return 0;
        *ret_c = (char)(text_digit_value(id.data[2]) << 4 | text_digit_value(id.data[3]));
        return 5;
    }
    if (id.len <= 3 || id.data[3] != '$') return 0;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (memcmp(id.data + 1, codes[i], 2) == 0) {
            *ret_c = "@*&<>()"[i];
            return 4;
        }
    return 0;
}

static size_t put_identifier(char *out, struct pp_str id) {
    size_t n = 0;
    if (pp_str_has_prefix(id, PP_STR("_$"))) id = pp_str_slice(id, 1, id.len);
    while (id.len) {
        size_t used = 1;
        if (id.data[0] == '$') {
            used = read_escape(id, &out[n]);
            if (used == 0) {
                memcpy(out + n, id.data, id.len);
                return n + id.len;
            }
            n++;
        } else if (pp_str_has_prefix(id, PP_STR(".."))) {
            out[n++] = ':';
            out[n++] = ':';
            used = 2;
        } else {
            out[n++] = id.data[0];
        }
        id = pp_str_slice(id, used, id.len);
    }
    return n;
}

bool demangle_rust_legacy(struct pp_str mangled, struct pp_arena *arena, struct pp_str *ret_name) {
    struct pp_str rest = mangled;
    if (!strip_hash(&rest)) return false;
    char *out = PP_NEW(arena, char, 2 * rest.len + 1);
    size_t n = 0;
    while (rest.len) {
        size_t len = 0, at = 0;
        while (at < rest.len && text_is_digit(rest.data[at]) && len < (1 << 24))
            len = 10 * len + (size_t)(rest.data[at++] - '0');
        if (at == 0) return false;
        if (at < rest.len && rest.data[at] == '_' && len) {
            at++;
            len--;
        }
        if (len > rest.len - at) return false;
        if (n) n += (size_t)(stpcpy(out + n, "::") - (out + n));
        n += put_identifier(out + n, pp_str_slice(rest, at, at + len));
        rest = pp_str_slice(rest, at + len, rest.len);
    }
    *ret_name = (struct pp_str){out, n};
    return true;
}
