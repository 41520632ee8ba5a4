/* Errors and diagnostics: texts are built here and printed elsewhere. */
#include "cpprof/error.h"
#include "cpprof/diag.h"

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
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
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
