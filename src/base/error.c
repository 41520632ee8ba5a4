/* Errors and diagnostics: texts are built here and printed elsewhere. */
#include "cpprof/error.h"
#include "cpprof/diag.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const code_texts[] = {
#define PP_ERROR_TEXT(code, text) text,
    PP_ERRORS(PP_ERROR_TEXT)
#undef PP_ERROR_TEXT
};

const char *pp_code_text(enum pp_code code) {
    return code_texts[code];
}

bool(pp_fail)(struct pp_error *err, enum pp_code code, const char *format, ...) {
    if (!err) return false;
    err->code = code;
    err->about = NULL;
    err->limit = 0;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}

bool(pp_pass)(struct pp_error *err, const struct pp_error *from) {
    if (err) *err = *from;
    return false;
}

bool(pp_about)(struct pp_error *err, const char *about) {
    if (err) err->about = about;
    return false;
}

bool(pp_fail_limit)(struct pp_error *err, const char *about, const char *what, uint64_t n,
                    uint64_t limit) {
    pp_fail(err, PP_E_LIMIT, "%s: %" PRIu64 ", more than %" PRIu64, what, n, limit);
    if (err) err->limit = limit;
    return pp_about(err, about);
}

bool(pp_wrap)(struct pp_error *err, const char *format, ...) {
    if (!err) return false;
    char inner[sizeof err->text], context[sizeof err->text];
    memcpy(inner, err->text, sizeof inner);
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);
    snprintf(err->text, sizeof err->text, "%.400s: %.590s", context, inner);
    return false;
}

void pp_say(const struct pp_diag *diag, const char *format, ...) {
    if (!diag || !diag->say) return;
    char line[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    diag->say(diag->user, line);
}
