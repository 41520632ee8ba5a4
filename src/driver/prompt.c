#include "driver/prompt.h"

#include "driver/help.h"
#include "driver/number.h"
#include "driver/report.h"
#include "driver/resolve.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PROMPT_NODES = 10, LONGEST_LINE = 1 << 20 };

struct session {
    struct command_line cl; /* settings as they have been changed so far */
    const struct fetched *fetched;
    const struct pp_profile *p; /* fetched->profile */
    const struct driver_env *env;
    struct pp_arena arena; /* of the settings' texts */
    bool quit;
};

/* ---- lines ---- */

struct reader {
    int fd;
    char *buffer;
    size_t n, at, cap;
    bool ended;
};

/* The next line without its newline; false at the end. */
static bool read_line(struct reader *r, struct pp_str *ret_line, struct pp_error *err) {
    for (;;) {
        char *start = r->buffer + r->at;
        char *newline = r->n > r->at ? memchr(start, '\n', r->n - r->at) : NULL;
        if (newline || (r->ended && r->n > r->at)) {
            size_t len = newline ? (size_t)(newline - start) : r->n - r->at;
            *ret_line = (struct pp_str){start, len};
            r->at += len + (newline != NULL);
            return true;
        }
        if (r->ended) return false;
        memmove(r->buffer, start, r->n - r->at);
        r->n -= r->at;
        r->at = 0;
        if (r->n == r->cap) return pp_fail(err, PP_E_LIMIT, "a command is longer than a megabyte");
        ssize_t n = read(r->fd, r->buffer + r->n, r->cap - r->n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return pp_fail(err, PP_E_IO, "reading commands: %s", strerror(errno));
        r->n += (size_t)n;
        r->ended = n == 0;
    }
}

static struct pp_str trim(struct pp_str s) {
    while (s.len && isspace((unsigned char)s.data[0]))
        s = pp_str_slice(s, 1, s.len);
    while (s.len && isspace((unsigned char)s.data[s.len - 1]))
        s.len--;
    return s;
}

static bool next_word(struct pp_str *line, struct pp_str *ret_word) {
    *line = trim(*line);
    size_t n = 0;
    while (n < line->len && !isspace((unsigned char)line->data[n]))
        n++;
    *ret_word = pp_str_slice(*line, 0, n);
    *line = pp_str_slice(*line, n, line->len);
    return n > 0;
}

/* ---- settings ---- */

static bool prompt_bool(struct pp_str text, bool *ret_v) {
    static const char *const words[] = {"yes", "y", "no", "n"};
    char lower[8] = "";
    if (text.len >= sizeof lower) return false;
    for (size_t i = 0; i < text.len; i++)
        lower[i] = (char)tolower((unsigned char)text.data[i]);
    *ret_v = true;
    if (!*lower) return true;
    for (size_t i = 0; i < 4; i++)
        if (!strcmp(lower, words[i])) {
            *ret_v = i < 2;
            return true;
        }
    return number_bool(lower, ret_v);
}

static bool assign(struct session *s, const struct setting *row, struct pp_str value,
                   struct pp_error *err) {
    const char *text = pp_arena_copy(&s->arena, value).data;
    if (row->kind == SETTING_LIST)
        return pp_fail(err, PP_E_USAGE, "%s is a flag of the command line", row->name);
    if (row->kind == SETTING_BOOL) {
        bool v;
        if (!prompt_bool(value, &v))
            return pp_fail(err, PP_E_USAGE, "%s=%s: true or false", row->name, text);
        text = v ? "true" : "false";
    }
    if (!strcmp(row->name, "sample_index")) {
        uint32_t type;
        if (!resolve_sample_index(s->p, text, &type, err)) return false;
        text = pp_arena_copy(&s->arena, pp_string(s->p, s->p->sample_types[type].type)).data;
    }
    return setting_set(&s->cl.settings, row, text, &s->arena, err);
}

/* "name", "name=value" or "name=value //: comment". False when it is no setting at all. */
static bool try_assign(struct session *s, struct pp_str line, bool *ret_ok, struct pp_error *err) {
    const char *equals = line.len ? memchr(line.data, '=', line.len) : NULL;
    size_t split = equals ? (size_t)(equals - line.data) : line.len;
    struct pp_str name = trim(pp_str_slice(line, 0, split));
    struct pp_str value = equals ? pp_str_slice(line, split + 1, line.len) : PP_STR("");
    const struct setting *choice = setting_of_choice(name), *row = setting_find(name);
    if (!choice && !row) return false;
    for (size_t i = value.len; i-- > 2;)
        if (!memcmp(value.data + i - 2, "//:", 3)) {
            value.len = i - 2;
            break;
        }
    value = trim(value);
    bool on = true;
    if (choice) {
        bool is_bool = prompt_bool(value, &on);
        *ret_ok = is_bool && on ? assign(s, choice, name, err)
                                : pp_fail(err, PP_E_USAGE, "%.*s: only true", PP_STR_ARG(name));
    } else if (!equals && row->kind != SETTING_BOOL) {
        *ret_ok = pp_fail(err, PP_E_USAGE, "%s needs a value, as in %s=...", row->name, row->name);
    } else {
        *ret_ok = assign(s, row, value, err);
    }
    return true;
}

static void put_settings(struct session *s, struct out *o) {
    for (const struct setting *row = setting_table; row->name; row++) {
        if (row->kind == SETTING_LIST) continue;
        struct pp_str value = setting_text(&s->cl.settings, row, &s->arena);
        out_printf(o, "  %-25s = %-20.*s %s%s\n", row->name, PP_STR_ARG(value),
                   row->choices ? "//: " : "", row->choices ? row->choices : "");
    }
}

/* ---- reports ---- */

static const char *join(struct session *s, const char *have, struct pp_str more) {
    if (!*have) return pp_arena_copy(&s->arena, more).data;
    return pp_arena_printf(&s->arena, "%s|%.*s", have, PP_STR_ARG(more)).data;
}

static const struct report_format *find_report(struct pp_str word, struct pp_str *ret_number) {
    const struct report_format *f = report_find(word);
    *ret_number = (struct pp_str){0};
    if (f) return f;
    size_t n = word.len;
    while (n && isdigit((unsigned char)word.data[n - 1]))
        n--;
    *ret_number = pp_str_slice(word, n, word.len); /* top10 */
    return n < word.len ? report_find(pp_str_slice(word, 0, n)) : NULL;
}

/* The words after a report's name: a number, >file, -cum, -ignore, focus. */
static bool take_arguments(struct session *s, struct command_line *cl, struct pp_str line,
                           struct pp_error *err) {
    const char *focus = "", *ignore = "";
    for (struct pp_str word; next_word(&line, &word);) {
        const char *text = pp_arena_copy(&s->arena, word).data;
        int64_t number;
        if (isdigit((unsigned char)*text) && number_int(text, &number) && number == (int)number) {
            cl->settings.nodecount = (int)number;
        } else if (*text == '>') {
            struct pp_str file = pp_str_slice(word, 1, word.len);
            if (!file.len && !next_word(&line, &file))
                return pp_fail(err, PP_E_USAGE, "> needs a file's name");
            cl->settings.output = pp_arena_copy(&s->arena, file).data;
        } else if (!strcmp(text, "-cum") || !strcmp(text, "--cum")) {
            cl->settings.sort = "cum";
        } else if (*text == '-') {
            ignore = join(s, ignore, pp_str_slice(word, 1, word.len));
        } else {
            focus = join(s, focus, word);
        }
    }
    bool tags = cl->report->traits & REPORT_TAG_ARGS;
    if (*focus) *(tags ? &cl->settings.tagfocus : &cl->settings.focus) = focus;
    if (*ignore) *(tags ? &cl->settings.tagignore : &cl->settings.ignore) = ignore;
    return true;
}

static bool run_report(struct session *s, struct pp_str line, struct pp_error *err) {
    struct command_line cl = s->cl;
    struct pp_str word, number;
    next_word(&line, &word);
    cl.report = find_report(word, &number);
    if (!cl.report) {
        const char *value = pp_arena_copy(&s->arena, word).data;
        return pp_fail(err, PP_E_USAGE, "no command or setting \"%s\"; help lists them", value);
    }
    int64_t count;
    if (number.len && number_int(pp_arena_copy(&s->arena, number).data, &count) &&
        count == (int)count)
        cl.settings.nodecount = (int)count;
    if (cl.report->param) {
        if (!next_word(&line, &word))
            return pp_fail(err, PP_E_USAGE, "%s needs %s", cl.report->name, cl.report->param);
        cl.param = pp_arena_copy(&s->arena, word).data;
    }
    if (!take_arguments(s, &cl, line, err)) return false;
    if (cl.settings.nodecount == -1 && (cl.report->traits & REPORT_PROMPT_SHORT))
        cl.settings.nodecount = PROMPT_NODES;
    return driver_report(&cl, s->fetched, s->env, err);
}

static bool run_help(struct session *s, struct pp_str topic, struct pp_error *err) {
    struct out o;
    out_open_fd(&o, s->env->out);
    bool ok = true;
    topic = trim(topic);
    if (!topic.len)
        help_put_commands(&o);
    else if (!help_put_topic(&o, topic))
        ok = pp_fail(err, PP_E_USAGE, "no command or setting \"%.*s\"", PP_STR_ARG(topic));
    return out_close(&o, ok ? err : NULL) && ok;
}

/* Sample types are commands too: NAME, total_NAME, mean_NAME choose one. */
static bool try_sample_type(struct session *s, struct pp_str line) {
    static const char *const prefixes[] = {"", "total_", "mean_"};
    for (uint32_t t = 0; t < s->p->n_types; t++) {
        struct pp_str type = pp_string(s->p, s->p->sample_types[t].type);
        for (size_t i = 0; i < 3; i++) {
            struct pp_str prefix = pp_str_from(prefixes[i]);
            if (!type.len || line.len != prefix.len + type.len ||
                !pp_str_has_prefix(line, prefix) || !pp_str_has_suffix(line, type))
                continue;
            s->cl.settings.sample_index = pp_arena_copy(&s->arena, type).data;
            if (i) s->cl.settings.mean = i == 2;
            return true;
        }
    }
    return false;
}

static bool run_line(struct session *s, struct pp_str line, struct pp_error *err) {
    struct pp_str rest = line, word;
    bool ok = true;
    if (pp_str_eq(line, PP_STR(":"))) {
        struct settings *set = &s->cl.settings;
        set->focus = set->ignore = set->hide = set->tagfocus = set->tagignore = "";
        return true;
    }
    if (try_sample_type(s, line) || try_assign(s, line, &ok, err)) return ok;
    next_word(&rest, &word);
    if (pp_str_eq(word, PP_STR("q")) || pp_str_eq(word, PP_STR("quit")) ||
        pp_str_eq(word, PP_STR("exit"))) {
        s->quit = true;
        return true;
    }
    if (pp_str_eq(word, PP_STR("help"))) return run_help(s, rest, err);
    if (pp_str_eq(word, PP_STR("o")) || pp_str_eq(word, PP_STR("options"))) {
        struct out o;
        out_open_fd(&o, s->env->out);
        put_settings(s, &o);
        return out_close(&o, err);
    }
    return run_report(s, line, err);
}

bool prompt(const struct command_line *cl, const struct fetched *fetched,
            const struct driver_env *env, struct pp_error *err) {
    struct session s = {.cl = *cl, .fetched = fetched, .p = &fetched->profile, .env = env};
    struct reader r = {.fd = env->in, .cap = LONGEST_LINE};
    struct pp_str line;
    r.buffer = pp_malloc(r.cap);
    s.cl.settings.compact_labels = true;
    struct pp_error broken = {0};
    while (!s.quit && read_line(&r, &line, &broken)) {
        struct pp_error why = {0};
        line = trim(line);
        if (line.len && !run_line(&s, line, &why)) pp_say(&env->diag, "%s", why.text);
    }
    free(r.buffer);
    pp_arena_done(&s.arena);
    return broken.code == PP_E_NONE || pp_fail(err, broken.code, "%s", broken.text);
}
