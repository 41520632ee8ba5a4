/* Regular expressions with Go's syntax and meaning, by RE2. A match takes linear time, whatever the
 * pattern; that matters because a profile brings patterns of its own. */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "cpprof/error.h"
#include "cpprof/str.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct regex;

/* Whether a character means something else than itself, unless a backslash stands before it. */
static inline bool regex_is_special(char c) {
    return c && strchr("\\.+*?()|[]{}^$", c);
}

/* NULL, with the reason, when the pattern is none that Go accepts. regex_free frees. */
struct regex *regex_compile(struct pp_str pattern, struct pp_error *err);

/* Whether the pattern occurs anywhere in the text. A byte that is no UTF-8 is the character U+FFFD.
 */
bool regex_matches(const struct regex *rx, struct pp_str text);

void regex_free(struct regex *rx);

#ifdef __cplusplus
}
#endif
#endif
