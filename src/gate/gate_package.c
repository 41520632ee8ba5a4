#include "gate/gate_package.h"

/* C++ and Rust: up to the last "::" outside of brackets, before the arguments. Operators with '<'
 * or '(' in their name end the search, which leaves them in their class. */
static struct pp_str by_colons(struct pp_str name) {
    size_t depth = 0, end = 0;
    for (size_t i = 0; i + 1 < name.len; i++) {
        char c = name.data[i];
        struct pp_str rest = pp_str_slice(name, i, name.len);
        if (depth == 0 && pp_str_has_prefix(rest, PP_STR("operator"))) break;
        if (c == '(' && !depth && !pp_str_has_prefix(rest, PP_STR("(anonymous namespace)"))) break;
        if (c == '<' || c == '(') depth++;
        if ((c == '>' || c == ')') && depth) depth--;
        if (depth == 0 && c == ':' && name.data[i + 1] == ':') end = i++;
    }
    return pp_str_slice(name, 0, end);
}

/* Go: up to the first dot after the last slash that is before any bracket. */
static struct pp_str by_dot(struct pp_str name) {
    size_t from = 0;
    for (size_t i = 0; i < name.len && name.data[i] != '[' && name.data[i] != '('; i++)
        if (name.data[i] == '/') from = i + 1;
    for (size_t i = from; i < name.len; i++)
        if (name.data[i] == '.') return pp_str_slice(name, 0, i);
    return PP_STR("");
}

struct pp_str gate_package(struct pp_str function) {
    struct pp_str outer = by_colons(function);
    return outer.len ? outer : by_dot(function);
}
