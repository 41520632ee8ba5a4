#include "driver/offer.h"

#include "base/safe.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/utf8.h"
#include "driver/host/sandbox.h"
#include "driver/loading.h"
#include "driver/offer_files.h"
#include "driver/shells.h"
#include "load/fetch.h"
#include "report/report.h"

#include <stdlib.h>
#include <sys/stat.h>

/* A profile that is read for a key must not keep whoever pressed it waiting. */
enum { MAX_FILE = 32 << 20 };

struct offer {
    struct out *o;
    const struct command_line *cl;
    size_t at;            /* of the word among the operands */
    struct pp_str before; /* of the word, what stays: "-peek=" */
    struct pp_str typed;  /* the rest */
    bool is_topic;        /* of -help: names alone */
    struct pp_arena *arena, *profile;
};

static void put(struct offer *s, struct pp_str word, const char *behind, const char *help) {
    if (!pp_str_has_prefix(word, s->typed) || !safe_is_plain(word)) return;
    out_str(s->o, s->before);
    out_str(s->o, word);
    out_printf(s->o, "%s\t%s\n", s->is_topic ? "" : behind, help ? help : "");
}

static void put_text(struct offer *s, const char *word, const char *help) {
    put(s, pp_str_from(word), "", help);
}

/* ---- flags ---- */

static void put_choices(struct offer *s, const char *list, const char *help) {
    for (struct pp_str c; next_choice(&list, &c);)
        put(s, c, "", help);
}

static void put_reports(struct offer *s) {
    for (size_t i = 0; i < s->cl->catalog.n_reports; i++) {
        const struct report_format *f = s->cl->catalog.reports[i];
        const char *behind = f->param && !(f->traits & REPORT_FREE_PARAM) ? "=" : "";
        put(s, pp_str_from(f->name), behind, f->help);
        if (f->alias) put(s, pp_str_from(f->alias), behind, f->help);
    }
}

static void put_settings(struct offer *s) {
    for (const struct setting *row = setting_table; row->name; row++) {
        const char *behind = row->kind == SETTING_BOOL ? "" : "=";
        if (row->choices)
            put_choices(s, row->choices, row->help);
        else
            put(s, pp_str_from(row->name), behind, row->help);
    }
}

static void put_flags(struct offer *s) {
    put_reports(s);
    for (size_t i = 0; i < s->cl->catalog.n_encoders; i++)
        put_text(s, s->cl->catalog.encoders[i]->name, s->cl->catalog.encoders[i]->help);
    put_settings(s);
    for (const struct own_flag *f = own_flags; f->name; f++)
        if (f->help) put(s, pp_str_from(f->name), f->arg && !f->is_free ? "=" : "", f->help);
}

/* What the flag of this name takes; NULL: nothing, or there is no such flag. ret_free: it need not
 * be there. */
static const char *taken_by(const struct offer *s, struct pp_str name, bool *ret_free) {
    const struct report_format *f = catalog_report(&s->cl->catalog, name);
    const struct setting *row = setting_find(name);
    *ret_free = f && (f->traits & REPORT_FREE_PARAM);
    if (f) return f->param;
    if (row && !row->choices) return row->kind == SETTING_BOOL ? NULL : row->arg;
    const struct own_flag *own = own_flag_find(name);
    *ret_free = own && own->is_free;
    return own ? own->arg : NULL;
}

static size_t dashes(struct pp_str word) {
    if (!word.len || word.data[0] != '-') return 0;
    return word.len > 1 && word.data[1] == '-' ? 2 : 1;
}

/* "-peek" "mai": the word is the value of the one before it. */
static const char *value_of_previous(const struct offer *s, size_t at) {
    struct pp_str word = at ? pp_str_from(s->cl->operands[at - 1]) : PP_STR("");
    bool is_free;
    if (!dashes(word) || memchr(word.data, '=', word.len)) return NULL;
    const char *arg = taken_by(s, pp_str_slice(word, dashes(word), word.len), &is_free);
    return is_free ? NULL : arg;
}

/* ---- what the profile has ---- */

static bool is_small_file(const char *word) {
    struct stat st;
    return *word != '-' && stat(word, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAX_FILE;
}

static bool load_file(struct offer *s, char *word, struct fetched *ret_fetched) {
    char *argv[] = {(char[]){"cpprof"}, (char[]){"-top"}, (char[]){"-symbolize=none"}, word, NULL};
    struct command_line cl;
    struct world quiet = *s->cl->env;
    struct pp_error why;
    quiet.diag = (struct pp_diag){0};
    quiet.terminal = 0;
    struct load_options options;
    if (!flags_parse(argv, &quiet, &cl, s->arena, &why)) return false;
    sandbox_enter(&cl);
    return loading_options(&cl, &options, s->arena, &why) &&
           fetch_profile(&options, &quiet, ret_fetched, s->profile, &why);
}

/* The first of the words that is a profile: the flags' values stand before it. */
static bool load_named(struct offer *s, struct fetched *ret_fetched) {
    for (size_t i = s->cl->n_operands; i-- > 0;) {
        char *word = s->cl->operands[i];
        if (!is_small_file(word)) continue;
        if (load_file(s, word, ret_fetched)) return true;
        pp_arena_done(s->profile);
    }
    return false;
}

static bool names_source(const struct offer *s) {
    for (size_t i = 0; i < s->cl->n_operands; i++)
        if (i != s->at && *s->cl->operands[i] != '-' && !value_of_previous(s, i)) return true;
    return false;
}

/* Who types a flag's value has not come to the profile yet, and fish shows nothing behind the
 * cursor: then it is taken for the one in this folder that was written last. */
static bool load(struct offer *s, struct fetched *ret_fetched) {
    if (names_source(s)) return load_named(s, ret_fetched);
    char *newest = offer_newest(s->cl->env, s->arena);
    return newest && is_small_file(newest) && load_file(s, newest, ret_fetched);
}

static void put_types(struct offer *s, const struct pp_profile *p) {
    for (uint32_t t = 0; t < p->n_types; t++) {
        struct pp_str unit = pp_arena_copy(s->arena, pp_string(p, p->sample_types[t].unit));
        put(s, pp_string(p, p->sample_types[t].type), "", safe_is_plain(unit) ? unit.data : "");
    }
}

static bool stands_for_itself(char c) {
    return text_is_digit(c) || text_is_letter(c) || (c & 0x80) || strchr("_:/-,@%.", c);
}

/* As a regular expression that no shell has to quote: a dot for what is special to either. */
static struct pp_str as_regex(struct pp_str name, struct pp_arena *arena) {
    char *text = PP_NEW(arena, char, name.len + 1);
    for (size_t i = 0; i < name.len; i++)
        text[i] = name.data[i] && stands_for_itself(name.data[i]) ? name.data[i] : '.';
    return (struct pp_str){text, name.len};
}

struct names {
    struct pp_str *at;
    size_t n, cap;
};

/* Names that begin with what is typed; or from where they have it, since an expression may begin
 * anywhere. */
static void find_functions(struct offer *s, const struct pp_profile *p, bool inside,
                           struct names *names) {
    for (uint32_t i = 0; i < p->n_functions; i++) {
        struct pp_str name = as_regex(pp_string(p, p->functions[i].name), s->arena);
        if (inside) {
            const char *at =
                name.len ? memmem(name.data, name.len, s->typed.data, s->typed.len) : NULL;
            name = at ? pp_str_slice(name, (size_t)(at - name.data), name.len) : PP_STR("");
        }
        if (name.len && pp_str_has_prefix(name, s->typed))
            PP_PUSH(s->arena, names->at, names->n, names->cap, name);
    }
}

static int by_text(const void *a, const void *b, void *user) {
    (void)user;
    return pp_str_cmp(*(const struct pp_str *)a, *(const struct pp_str *)b);
}

static void put_functions(struct offer *s, const struct pp_profile *p) {
    struct names names = {0};
    find_functions(s, p, false, &names);
    if (!names.n && s->typed.len) find_functions(s, p, true, &names);
    sort_stable(names.at, names.n, sizeof *names.at, by_text, NULL);
    for (size_t i = 0; i < names.n; i++)
        if (!i || !pp_str_eq(names.at[i], names.at[i - 1])) put(s, names.at[i], "", NULL);
}

static void put_of_profile(struct offer *s,
                           void (*put_them)(struct offer *s, const struct pp_profile *p)) {
    struct fetched fetched;
    if (!load(s, &fetched)) return;
    put_them(s, &fetched.profile);
    fetched_done(&fetched);
}

/* ---- values ---- */

static void put_files(struct offer *s, enum offer_kind kind) {
    const struct offered_files files = {s->o, s->before, s->typed, kind, s->cl->env, s->arena};
    offer_files(&files);
}

/* What a flag takes, as its row says it. */
static void put_values(struct offer *s, const char *arg) {
    if (strstr(arg, "func_regex"))
        put_of_profile(s, put_functions);
    else if (!strcmp(arg, "name|n"))
        put_of_profile(s, put_types);
    else if (!strcmp(arg, "unit"))
        put_choices(s, "auto|minimum|ns|us|ms|s|hrs|B|kB|MB|GB|TB", NULL);
    else if (!strcmp(arg, "mode"))
        put_choices(s, "none|local|fastlocal|remote|force|demangle=none|demangle=full", NULL);
    else if (!strcmp(arg, "profile"))
        put_files(s, OFFER_PROFILES);
    else if (pp_str_has_prefix(pp_str_from(arg), PP_STR("dir")))
        put_files(s, OFFER_FOLDERS);
    else if (pp_str_has_prefix(pp_str_from(arg), PP_STR("file")) || !strcmp(arg, "<rules>"))
        put_files(s, OFFER_ALL);
    else if (!strcmp(arg, "name"))
        put_flags(s);
    else if (strchr(arg, '|') && !strchr(arg, '['))
        put_choices(s, arg, NULL);
}

static void put_word(struct offer *s) {
    struct pp_str word = s->typed;
    bool is_free;
    const char *arg = value_of_previous(s, s->at);
    const char *equals = word.len ? memchr(word.data, '=', word.len) : NULL;
    if (arg) {
        put_values(s, arg);
    } else if (dashes(word) && equals) {
        size_t split = (size_t)(equals - word.data);
        arg = taken_by(s, pp_str_slice(word, dashes(word), split), &is_free);
        s->before = pp_str_slice(word, 0, split + 1);
        s->typed = pp_str_slice(word, split + 1, word.len);
        s->is_topic = is_free;
        if (arg) put_values(s, arg);
    } else if (dashes(word)) {
        s->before = pp_str_slice(word, 0, dashes(word));
        s->typed = pp_str_slice(word, dashes(word), word.len);
        put_flags(s);
    } else {
        put_files(s, OFFER_PROFILES);
    }
}

bool offer_words(struct out *o, const struct command_line *cl, struct pp_error *err) {
    int64_t at;
    if (!text_i64(pp_str_from(cl->complete), 10, &at) || at < 0 || at > (int64_t)cl->n_operands)
        return pp_fail(err, PP_E_USAGE, "-complete=%s: no position of a word", cl->complete);
    struct pp_arena arena = {0}, profile = {0};
    struct offer s = {.o = o, .cl = cl, .at = (size_t)at, .arena = &arena, .profile = &profile};
    s.typed = pp_str_from((size_t)at < cl->n_operands ? cl->operands[at] : "");
    put_word(&s);
    pp_arena_done(&profile);
    pp_arena_done(&arena);
    return true;
}
