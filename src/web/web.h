/* The page's front end, as it stands in this folder, embedded into the program: one script of all
 * modules and one style sheet. The hashes are what a Content-Security-Policy names. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "cpprof/str.h"

struct web_file {
    const unsigned char *bytes;
    size_t len;
    const char *hash; /* "sha256-..." */
};

extern const struct web_file web_script, web_style;

static inline struct pp_str web_text(const struct web_file *f) {
    return (struct pp_str){(const char *)f->bytes, f->len};
}

#endif
