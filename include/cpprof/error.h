/* How a function fails: it returns false, leaves its outputs untouched and fills the caller's
 * error. The text is one line for a person: what is wrong, where, and where possible what to do
 * about it. */
#ifndef CPPROF_ERROR_H
#define CPPROF_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#define PP_ERRORS(X)                                                                               \
    X(PP_E_NONE, "no error")                                                                       \
    X(PP_E_IO, "input or output failed")                                                           \
    X(PP_E_CLOSED, "nobody reads the output any more")                                             \
    X(PP_E_FORMAT, "malformed input")                                                              \
    X(PP_E_UNRECOGNIZED, "unrecognized format")                                                    \
    X(PP_E_LIMIT, "a limit was exceeded")                                                          \
    X(PP_E_USAGE, "wrong usage")                                                                   \
    X(PP_E_NOT_FOUND, "nothing matched")                                                           \
    X(PP_E_INCOMPATIBLE, "profiles cannot be compared")                                            \
    X(PP_E_UNSUPPORTED, "not supported")                                                           \
    X(PP_E_MEMORY, "out of memory")                                                                \
    X(PP_E_DENIED, "the caller does not allow it")

enum pp_code {
#define PP_ERROR_CODE(code, text) code,
    PP_ERRORS(PP_ERROR_CODE)
#undef PP_ERROR_CODE
};

struct pp_error {
    enum pp_code code;
    const char *about; /* the field of struct pp_query or struct pp_limits that caused it, or the
                          report whose parameter did; NULL: none. A literal. */
    uint64_t limit;    /* PP_E_LIMIT: what is allowed */
    char text[1000];   /* terminated; a longer message is cut */
};

/* Sets code and text; returns false, so that `return pp_fail(...)` reads well. `err` may be NULL.
 */
bool pp_fail(struct pp_error *err, enum pp_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Hands on an error that a callee filled; returns false. */
bool pp_pass(struct pp_error *err, const struct pp_error *from);

/* Says what the error is about; keeps code and text; returns false. */
bool pp_about(struct pp_error *err, const char *about);

/* The same for a limit that was exceeded: PP_E_LIMIT with "what: n, more than limit". */
bool pp_fail_limit(struct pp_error *err, const char *about, const char *what, uint64_t n,
                   uint64_t limit);

/* Puts "context: " before the text; keeps the code; returns false. */
bool pp_wrap(struct pp_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__ /* which can't see in another file that these always return false */
#define pp_fail(...)       ((pp_fail)(__VA_ARGS__) && false)
#define pp_wrap(...)       ((pp_wrap)(__VA_ARGS__) && false)
#define pp_pass(...)       ((pp_pass)(__VA_ARGS__) && false)
#define pp_about(...)      ((pp_about)(__VA_ARGS__) && false)
#define pp_fail_limit(...) ((pp_fail_limit)(__VA_ARGS__) && false)
#endif

/* The text of a code itself, e.g. "malformed input". */
const char *pp_code_text(enum pp_code code);

#endif
