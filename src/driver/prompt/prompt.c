#include "driver/prompt/prompt.h"

#include "base/text.h"
#include "driver/ahead.h"
#include "driver/ask.h"
#include "driver/help.h"
#include "driver/nearest.h"
#include "driver/number.h"
#include "driver/overview.h"
#include "driver/prompt/command_lines.h"
#include "driver/report.h"
#include "driver/words.h"
#include "graph/sum_store.h"
#include "query/filters.h"
#include "report/header.h"

#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

enum { PROMPT_NODES = 10 };

struct session {
    struct command_line cl; /* settings as they have been changed so far */
    const struct fetched *fetched;
    const struct pp_profile *p; /* fetched->profile */
    struct viewers viewers;     /* that show reports */
    struct pp_arena arena;      /* of the settings' texts */
    bool is_ahead;              /* what the settings ask first is found out */
    bool quit;
};

/* Everything but reports goes where messages go: standard output is for reports. */
static void tell(struct session *s, struct out *text) {
    struct pp_str rest = out_text(text), line;
    while (text_next_line(&rest, &line))
        if (s->cl.env->diag.say)
            s->cl.env->diag.say(s->cl.env->diag.user, pp_arena_copy(&s->arena, line).data);
    out_close(text, NULL);
}

/* ---- settings ---- */

/* More words than the command line takes, since they are typed. */
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

static bool is_count(struct pp_str text, int *ret_n) {
    int64_t v;
    if (!text_i64(text, 10, &v) || v != (int)v) return false;
    *ret_n = (int)v;
    return true;
}

/* Whether the filters can be read: an error is said where it is made, not by each report. */
static bool check_filters(const struct settings *s, struct pp_error *err) {
    struct pp_arena scratch = {0};
    const struct pp_diag silent = {0};
    const struct pp_query q = ask_question(s);
    struct filters f;
    bool ok = filters_compile(&q, &f, &scratch, &silent, err);
    filters_done(&f);
    pp_arena_done(&scratch);
    return ok;
}

/* The value in the form that setting_set knows. */
static bool assign(struct session *s, const struct setting *row, struct pp_str value,
                   struct pp_error *err) {
    const char *text = pp_arena_copy(&s->arena, value).data;
    int n;
    bool on;
    if (row->at_start)
        return pp_fail(err, PP_E_USAGE, "%s is for the command line: the profile has been read",
                       row->name);
    if (row->kind == SETTING_INT && !is_count(value, &n))
        return pp_fail(err, PP_E_USAGE, "%s=%s: a whole number", row->name, text);
    if (row->kind == SETTING_INT) text = pp_arena_printf(&s->arena, "%d", n).data;
    if (row->kind == SETTING_BOOL && !prompt_bool(value, &on))
        return pp_fail(err, PP_E_USAGE, "%s=%s: true or false", row->name, text);
    if (row->kind == SETTING_BOOL) text = on ? "true" : "false";
    if (row->choices && !value.len)
        return pp_fail(err, PP_E_USAGE, "%s=: one of %s", row->name, row->choices);
    if (row->names == NAMES_SAMPLE_TYPES) {
        uint32_t type;
        if (!query_sample_type(s->p, text, &type, err)) return false;
        text = pp_arena_copy(&s->arena, pp_string(s->p, s->p->sample_types[type].type)).data;
    }
    struct settings changed = s->cl.settings;
    if (!setting_set(&changed, row, text, &s->arena, err)) return false;
    if (!check_filters(&changed, err)) { /* the words are those of what was typed */
        struct pp_str words = error_words(err, &changed, &s->arena);
        return pp_fail(err, PP_E_USAGE, "%.*s", PP_STR_ARG(words));
    }
    s->cl.settings = changed;
    s->is_ahead = false;
    return true;
}

/* "name", "name=value" or "name=value //: comment". False when it is no setting at all. */
static bool try_assign(struct session *s, struct pp_str line, bool *ret_ok, struct pp_error *err) {
    const char *equals = line.len ? memchr(line.data, '=', line.len) : NULL;
    size_t split = equals ? (size_t)(equals - line.data) : line.len;
    struct pp_str name = text_trim(pp_str_slice(line, 0, split));
    struct pp_str value = equals ? pp_str_slice(line, split + 1, line.len) : PP_STR("");
    const struct setting *choice = setting_of_choice(name), *row = setting_find(name);
    if (!choice && !row) return false;
    for (size_t i = value.len; i-- > 2;)
        if (!memcmp(value.data + i - 2, "//:", 3)) {
            value.len = i - 2;
            break;
        }
    value = text_trim(value);
    bool on = true;
    if (choice) { /* "cum", "cum=true" */
        bool is_bool = !equals || number_bool(pp_arena_copy(&s->arena, value).data, &on);
        *ret_ok = is_bool && on ? assign(s, choice, name, err)
                                : pp_fail(err, PP_E_USAGE, "%.*s: only true", PP_STR_ARG(name));
    } else if (!equals && row->kind != SETTING_BOOL && !row->at_start) {
        *ret_ok = pp_fail(err, PP_E_USAGE, "%s needs a value, as in %s=...", row->name, row->name);
    } else {
        *ret_ok = assign(s, row, value, err);
    }
    return true;
}

/* What stands behind a value in the list of settings. */
static void put_remark(struct session *s, struct out *o, const struct setting *row,
                       struct pp_str value) {
    const char *list = row->choices, *between = "//: [";
    if (row->marks_default && pp_str_eq(value, pp_str_from(row->def))) OUT_LIT(o, "//: default");
    for (struct pp_str choice; next_choice(&list, &choice); between = " | ") {
        out_text0(o, between);
        out_str(o, choice);
    }
    for (uint32_t t = 0; t < s->p->n_types && row->names == NAMES_SAMPLE_TYPES; t++) {
        out_text0(o, between);
        out_str(o, pp_string(s->p, s->p->sample_types[t].type));
        between = " | ";
    }
    if (*between == ' ') out_char(o, ']');
}

static void put_settings(struct session *s, struct out *o) {
    for (const struct setting *row = setting_table; row->name; row++) {
        if (row->at_start) continue;
        uint32_t type;
        struct pp_str value = setting_text(&s->cl.settings, row, &s->arena);
        if (row->names == NAMES_SAMPLE_TYPES && !value.len &&
            query_sample_type(s->p, "", &type, NULL))
            value = pp_string(s->p, s->p->sample_types[type].type);
        if (!value.len) value = row->choices ? PP_STR("(default)") : PP_STR("\"\"");
        OUT_LIT(o, "  ");
        out_left(o, pp_str_from(row->name), 25);
        OUT_LIT(o, " = ");
        out_left(o, value, 20);
        out_char(o, ' ');
        put_remark(s, o, row, value);
        out_char(o, '\n');
    }
}

/* ---- reports ---- */

static const char *join(struct session *s, const char *have, struct pp_str more) {
    if (!more.len) return have;
    if (!*have) return pp_arena_copy(&s->arena, more).data;
    return pp_arena_printf(&s->arena, "%s|%.*s", have, PP_STR_ARG(more)).data;
}

static bool fail_unknown(const struct catalog *catalog, struct pp_str word, struct pp_error *err) {
    static const struct pp_str own[] = {{"help", 4}, {"quit", 4}, {"exit", 4}, {"options", 7}};
    struct pp_str best = nearest_name(catalog, word, false);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (word.len > 1 && pp_str_has_prefix(own[i], word)) best = own[i];
    if (pp_str_eq(best, word))
        return pp_fail(err, PP_E_USAGE, "%.*s: nothing may follow it", PP_STR_ARG(word));
    if (best.len)
        return pp_fail(err, PP_E_USAGE, "no command or setting \"%.*s\"; did you mean %.*s?",
                       PP_STR_ARG(word), PP_STR_ARG(best));
    return pp_fail(err, PP_E_USAGE, "no command or setting \"%.*s\"; help lists them",
                   PP_STR_ARG(word));
}

/* The report that a line begins with, taken off it: "top 10", "top10". */
static const struct report_format *take_report(struct session *s, struct pp_str *line,
                                               struct pp_error *err) {
    struct pp_str word;
    text_next_word(line, &word);
    const struct report_format *f = catalog_report(&s->cl.catalog, word);
    size_t n = word.len;
    while (n && text_is_digit(word.data[n - 1]))
        n--;
    if (!f && n < word.len) f = catalog_report(&s->cl.catalog, pp_str_slice(word, 0, n));
    if (f && !catalog_report(&s->cl.catalog, word)) /* "peek2" is "peek 2" */
        *line = pp_arena_printf(&s->arena, "%.*s %.*s", (int)(word.len - n), word.data + n,
                                PP_STR_ARG(*line));
    const char *text = pp_arena_copy(&s->arena, word).data;
    if (f && (f->traits & REPORT_RUNS)) {
        pp_fail(err, PP_E_USAGE, "%s compares sources, which are merged here: cpprof -%s ...", text,
                f->name);
        return NULL;
    }
    const struct setting *row = f ? NULL : setting_find(word);
    if (row)
        pp_fail(err, PP_E_USAGE, "did you mean %s=%.*s?", text, PP_STR_ARG(text_trim(*line)));
    else if (!f)
        fail_unknown(&s->cl.catalog, word, err);
    return f;
}

/* The words after a report's name: a number, >file, -cum, -ignore, focus. */
static bool take_arguments(struct session *s, struct command_line *cl, struct pp_str line,
                           struct pp_error *err) {
    const char *focus = "", *ignore = "";
    for (struct pp_str word; text_next_word(&line, &word);) {
        if (is_count(word, &cl->settings.nodecount)) continue;
        if (word.data[0] == '|')
            return pp_fail(err, PP_E_USAGE, "a pipe is the shell's: top >FILE writes a file");
        if (word.data[0] == '>') {
            struct pp_str file = pp_str_slice(word, 1, word.len);
            if (!file.len && !text_next_word(&line, &file))
                return pp_fail(err, PP_E_USAGE, "> needs a file's name");
            cl->settings.output = pp_arena_copy(&s->arena, file).data;
        } else if (pp_str_eq(word, PP_STR("-cum")) || pp_str_eq(word, PP_STR("--cum"))) {
            cl->settings.sort = "cum";
        } else if (word.data[0] == '-') {
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

/* The first of profile001.svg, profile002.svg ... that is not there: what is not for a terminal has
 * no other place at the prompt. */
static const char *free_name(struct session *s, const char *suffix, struct pp_error *err) {
    enum { LAST = 9999 };
    for (int i = 1; i <= LAST; i++) {
        const char *name = pp_arena_printf(&s->arena, "profile%03d.%s", i, suffix).data;
        if (faccessat(AT_FDCWD, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0) return name;
    }
    pp_fail(err, PP_E_IO, "profile001.%s to profile%d.%s are there already; >FILE names another",
            suffix, (int)LAST, suffix);
    return NULL;
}

static bool run_report(struct session *s, struct pp_str line, struct pp_error *err) {
    struct command_line cl = s->cl;
    struct pp_str word;
    cl.report = take_report(s, &line, err);
    if (!cl.report) return false;
    if (cl.report->param) {
        if (!text_next_word(&line, &word))
            return pp_fail(err, PP_E_USAGE, "%s needs %s", cl.report->name, cl.report->param);
        cl.param = pp_arena_copy(&s->arena, word).data;
    }
    if (!take_arguments(s, &cl, line, err)) return false;
    if (cl.settings.nodecount == -1 && (cl.report->traits & REPORT_PROMPT_SHORT))
        cl.settings.nodecount = PROMPT_NODES;
    if ((cl.report->traits & REPORT_FILE) && !*cl.settings.output)
        cl.settings.output = free_name(s, cl.report->suffix, err);
    return cl.settings.output && driver_report(&cl, s->fetched, &s->viewers, err);
}

/* ---- commands ---- */

static bool run_help(struct session *s, struct pp_str topic, struct pp_error *err) {
    struct out o;
    out_open_memory(&o);
    topic = text_trim(topic);
    bool ok = true;
    if (!topic.len)
        help_put_commands(&o, &s->cl.catalog);
    else if (!help_put_topic(&o, &s->cl.catalog, topic))
        ok = pp_fail(err, PP_E_USAGE, "no command or setting \"%.*s\"", PP_STR_ARG(topic));
    tell(s, &o);
    return ok;
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
            s->is_ahead = false;
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
        s->is_ahead = false;
        return true;
    }
    if (try_sample_type(s, line) || try_assign(s, line, &ok, err)) return ok;
    text_next_word(&rest, &word);
    if (pp_str_eq(word, PP_STR("q")) || pp_str_eq(word, PP_STR("quit")) ||
        pp_str_eq(word, PP_STR("exit"))) {
        s->quit = true;
        return true;
    }
    if (pp_str_eq(word, PP_STR("help"))) return run_help(s, rest, err);
    if (pp_str_eq(word, PP_STR("o")) || pp_str_eq(word, PP_STR("options"))) {
        struct out o;
        out_open_memory(&o);
        put_settings(s, &o);
        tell(s, &o);
        return true;
    }
    return run_report(s, line, err);
}

/* What was read, as the lines above -top say it. */
static bool greet(struct session *s, struct pp_error *err) {
    struct command_line cl = s->cl;
    struct pp_arena arena = {0};
    struct asked a;
    struct out o;
    cl.report = catalog_report(&s->cl.catalog, PP_STR("top"));
    out_open_memory(&o);
    bool ok = ask(&cl, s->fetched, &a, &arena, err);
    if (ok) {
        const struct report_ctx *rc = &a.query.rc;
        put_profile_labels(&o, rc, rc->unit);
        if (rc->total == 0 && s->p->n_types > 1)
            OUT_LIT(&o, "No samples were found with the default sample value type; "
                        "sample_index= chooses another.\n");
        if (s->cl.env->in_is_terminal)
            OUT_LIT(&o, "Commands, as in top10 (help: all of them, o: the settings, q: the end)\n");
    }
    tell(s, &o);
    asked_done(&a);
    pp_arena_done(&arena);
    return ok;
}

static struct ahead *look_ahead(struct session *s, struct pp_arena *arena) {
    struct command_line cl = s->cl;
    struct pp_error err = {0};
    struct ahead_question *of = PP_NEW(arena, struct ahead_question, 1);
    of->p = s->p;
    of->question = ask_question(&s->cl.settings);
    cl.report = catalog_report(&s->cl.catalog, PP_STR("top"));
    if (!ask_host(&cl, s->fetched, &of->host, arena, &err)) return NULL;
    return ahead_begin(ahead_reports, of, AHEAD_AS_OTHERS);
}

/* While the next command is typed, what it is likely to need is found out. */
static bool next_line(struct session *s, struct command_lines *lines, struct pp_str *ret_line,
                      struct pp_error *err) {
    struct pp_arena arena = {0};
    bool looks = !s->is_ahead && ahead_is_worth(s->p) && !command_lines_has_next(lines);
    struct ahead *ahead = looks ? look_ahead(s, &arena) : NULL;
    bool ok = command_lines_next(lines, ret_line, err);
    if (looks) s->is_ahead = ahead_end(ahead);
    pp_arena_done(&arena);
    return ok;
}

static void tell_error(struct session *s, const struct pp_error *why) {
    pp_say(&s->cl.env->diag, "%s", error_words(why, &s->cl.settings, &s->arena).data);
}

bool prompt(const struct command_line *cl, const struct fetched *fetched, struct pp_error *err) {
    struct fetched kept = *fetched;
    kept.sums = sum_store_open(&kept.profile);
    struct session s = {.cl = *cl, .fetched = &kept, .p = &kept.profile};
    struct command_lines lines;
    struct pp_str line;
    struct pp_error why = {0};
    s.cl.settings.compact_labels = true;
    if (cl->env->in_is_terminal && !greet(&s, &why)) tell_error(&s, &why);
    command_lines_open(&lines, cl->env, s.p, &s.cl.catalog);
    bool is_silent = !cl->env->in_is_terminal;
    while (!s.quit && next_line(&s, &lines, &line, err)) {
        why = (struct pp_error){0};
        line = text_trim(line);
        if (line.len && is_silent && !greet(&s, &why)) tell_error(&s, &why);
        if (line.len) is_silent = false;
        if (line.len && !run_line(&s, line, &why)) tell_error(&s, &why);
    }
    if (is_silent && err->code == PP_E_NONE) overview_show(&s.cl, fetched, err);
    command_lines_close(&lines);
    viewers_close(&s.viewers);
    sum_store_close(kept.sums);
    pp_arena_done(&s.arena);
    return err->code == PP_E_NONE;
}
