#include "symbol/symbolize_mode.h"

#include <strings.h>

static bool is_word(struct pp_str s, const char *word) {
    return s.len == strlen(word) && strncasecmp(s.data, word, s.len) == 0;
}

/* "demangle=full", or as the reference has it "full" alone. */
static bool read_demangle(struct symbolize_mode *m, struct pp_str word) {
    static const char *const names[] = {"default", "templates", "full", "none"};
    static const enum demangle_mode modes[] = {DEMANGLE_DEFAULT, DEMANGLE_TEMPLATES, DEMANGLE_FULL,
                                               DEMANGLE_NONE};
    if (word.len > 9 && strncasecmp(word.data, "demangle=", 9) == 0)
        word = pp_str_slice(word, 9, word.len);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!is_word(word, names[i])) continue;
        if (i > 0) {
            m->demangle = modes[i];
            m->again = true;
        }
        return true;
    }
    return false;
}

static bool read_word(struct symbolize_mode *m, struct pp_str word) {
    if (word.len == 0) return true;
    if (is_word(word, "none") || is_word(word, "no")) return m->none = true;
    if (is_word(word, "force")) return m->force = m->again = true;
    bool fast = is_word(word, "fastlocal"), remote = is_word(word, "remote");
    if (fast) m->fast = true;
    if (!fast && !remote && !is_word(word, "local")) return read_demangle(m, word);
    m->remote = remote;
    m->local = !remote;
    return true;
}

struct symbolize_mode symbolize_parse_mode(const char *text, const struct pp_diag *diag) {
    struct symbolize_mode m = {.local = true, .remote = true};
    for (struct pp_str rest = pp_str_from(text); !m.none;) {
        const char *colon = rest.len ? memchr(rest.data, ':', rest.len) : NULL;
        size_t len = colon ? (size_t)(colon - rest.data) : rest.len;
        if (!read_word(&m, pp_str_slice(rest, 0, len)))
            pp_say(diag,
                   "how to symbolize: ignoring \"%.*s\"; known are none, local, fastlocal, "
                   "remote, force and demangle=none|full|templates|default",
                   (int)len, rest.data);
        if (!colon) break;
        rest = pp_str_slice(rest, len + 1, rest.len);
    }
    return m;
}
