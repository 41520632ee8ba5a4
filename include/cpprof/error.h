/* How a function fails: it returns false, leaves its outputs untouched and fills the caller's
 * error. The text is one line for a person: what is wrong, where, and where possible what to do
 * about it. */
#ifndef CPPROF_ERROR_H
#define CPPROF_ERROR_H

#include <stdbool.h>

#define PP_ERRORS(X)                                                                               \
    X(PP_E_NONE, "no error")                                                                       \
    X(PP_E_IO, "input or output failed")                                                           \
    X(PP_E_FORMAT, "malformed input")                                                              \
    X(PP_E_UNRECOGNIZED, "unrecognized format")                                                    \
    X(PP_E_LIMIT, "a limit was exceeded")                                                          \
    X(PP_E_USAGE, "wrong usage")                                                                   \
    X(PP_E_NOT_FOUND, "nothing matched")                                                           \
    X(PP_E_INCOMPATIBLE, "profiles cannot be compared")                                            \
    X(PP_E_UNSUPPORTED, "not supported")

enum pp_code {
#define PP_ERROR_CODE(code, text) code,
    PP_ERRORS(PP_ERROR_CODE)
#undef PP_ERROR_CODE
};

struct pp_error {
    enum pp_code code;
    char text[1000]; /* terminated; a longer message is cut */
};

/* Sets code and text; returns false, so that `return pp_fail(...)` reads well. `err` may be NULL.
 */
bool pp_fail(struct pp_error *err, enum pp_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text; keeps the code; returns false. */
bool pp_wrap(struct pp_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__ /* which can't see in another file that these always return false */
#define pp_fail(...) ((pp_fail)(__VA_ARGS__) && false)
#define pp_wrap(...) ((pp_wrap)(__VA_ARGS__) && false)
#endif

/* The text of a code itself, e.g. "malformed input". */
const char *pp_code_text(enum pp_code code);

#endif
