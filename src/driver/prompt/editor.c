/* See editor.h. libedit is loaded when somebody sits at the prompt. */
#include "driver/prompt/editor.h"

#ifdef CPPROF_HAVE_EDIT

#include "base/arena.h"
#include "base/library.h"
#include "base/out.h"
#include "base/utf8.h"
#include "driver/prompt/complete.h"
#include "driver/prompt/prompt.h"

#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char file[] = LIBRARY_EDIT;

enum { KEPT_LINES = 1000, SHOWN_WORDS = 50 };

struct editor {
    const struct pp_profile *p;
    const struct catalog *catalog;
    int terminal;
    FILE *streams[2]; /* what is typed, what is shown; with descriptors of their own */
    EditLine *line;
    History *history;
    locale_t locale; /* the user's: which bytes make a character; only while a line is edited */
    struct {
        __typeof__(el_init) *el_init;
        __typeof__(el_end) *el_end;
        __typeof__(el_set) *el_set;
        __typeof__(el_gets) *el_gets;
        __typeof__(el_line) *el_line;
        __typeof__(el_insertstr) *el_insertstr;
        __typeof__(el_deletestr) *el_deletestr;
        __typeof__(el_source) *el_source;
        __typeof__(history_init) *history_init;
        __typeof__(history_end) *history_end;
        __typeof__(history) *history;
    } call;
};

static bool load(struct editor *e) {
    void *library = library_open(file);
#define FIND(name) library_find(library, #name, &e->call.name)
    return library && FIND(el_init) && FIND(el_end) && FIND(el_set) && FIND(el_gets) &&
           FIND(el_line) && FIND(el_insertstr) && FIND(el_deletestr) && FIND(el_source) &&
           FIND(history_init) && FIND(history_end) && FIND(history);
#undef FIND
}

static char *prompt_text(EditLine *line) {
    (void)line;
    static char text[] = PROMPT;
    return text;
}

static void show_words(const struct editor *e, const struct completion *c) {
    struct out o;
    out_open_fd(&o, e->terminal);
    out_char(&o, '\n');
    for (size_t i = 0; i < c->n && i < SHOWN_WORDS; i++) {
        OUT_LIT(&o, "  ");
        out_str(&o, c->words[i]);
        out_char(&o, '\n');
    }
    if (c->n > SHOWN_WORDS) out_printf(&o, "  and %zu more\n", c->n - SHOWN_WORDS);
    out_close(&o, NULL);
}

/* Types the rest of the word; true if that changed the line. */
static bool type_word(struct editor *e, const struct completion *c, struct pp_str typed,
                      struct pp_arena *arena) {
    struct pp_str word = completion_common(c);
    bool ends = c->n == 1 && !pp_str_has_suffix(word, PP_STR("="));
    const char *text = pp_arena_printf(arena, "%.*s%s", PP_STR_ARG(word), ends ? " " : "").data;
    if ((c->inside && c->n > 1) || pp_str_eq(pp_str_from(text), typed)) return false;
    if (mbstowcs(NULL, text, 0) == (size_t)-1) return false; /* not in the user's characters */
    e->call.el_deletestr(e->line, (int)utf8_count(typed));
    e->call.el_insertstr(e->line, text);
    return true;
}

/* Tab. Where nothing can be typed for the user, the choice is shown. */
static unsigned char complete_word(EditLine *line, int key) {
    __typeof__(el_get) *get;
    struct editor *e;
    (void)key;
    if (!library_find(library_open(file), "el_get", &get) || get(line, EL_CLIENTDATA, &e) != 0)
        return CC_ERROR;
    const LineInfo *at = e->call.el_line(line);
    struct pp_str before = {at->buffer, (size_t)(at->cursor - at->buffer)};
    struct pp_arena arena = {0};
    struct completion c;
    before = pp_arena_copy(&arena, before); /* libedit's own changes as words are typed */
    complete(e->p, e->catalog, before, &c, &arena);
    unsigned char next = CC_ERROR;
    if (c.n && type_word(e, &c, pp_str_slice(before, c.from, before.len), &arena)) {
        next = CC_REFRESH;
    } else if (c.n) {
        show_words(e, &c);
        next = CC_REDISPLAY;
    }
    pp_arena_done(&arena);
    return next;
}

static FILE *stream_on(int fd, const char *mode) {
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = own >= 0 ? fdopen(own, mode) : NULL;
    if (!stream && own >= 0) close(own);
    return stream;
}

static bool set_up(struct editor *e, int in) {
    HistEvent event;
    FILE *typed = e->streams[0] = stream_on(in, "r");
    FILE *shown = e->streams[1] = stream_on(e->terminal, "w");
    if (!typed || !shown) return false;
    e->line = e->call.el_init("cpprof", typed, shown, shown);
    e->history = e->call.history_init();
    if (!e->line || !e->history) return false;
    e->call.history(e->history, &event, H_SETSIZE, KEPT_LINES);
    e->call.history(e->history, &event, H_SETUNIQUE, 1);
    e->call.el_set(e->line, EL_CLIENTDATA, e);
    e->call.el_set(e->line, EL_PROMPT, prompt_text);
    e->call.el_set(e->line, EL_SIGNAL, 1); /* the terminal is as it was when a signal ends us */
    e->call.el_set(e->line, EL_HIST, e->call.history, e->history);
    e->call.el_set(e->line, EL_EDITOR, "emacs");
    e->call.el_set(e->line, EL_ADDFN, "complete-word", "Complete a word", complete_word);
    e->call.el_source(e->line, NULL);
    e->call.el_set(e->line, EL_BIND, "^I", "complete-word", NULL); /* "bind -v" forgets them */
    e->call.el_set(e->line, EL_BIND, "^R", "em-inc-search-prev", NULL);
    return true;
}

/* UTF-8 where the user's has ASCII alone or is not installed: names are shown as that anyway. */
static locale_t open_locale(void) {
    locale_t users = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (users && strcmp(nl_langinfo_l(CODESET, users), "ANSI_X3.4-1968") != 0) return users;
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!utf8) return users;
    if (users) freelocale(users);
    return utf8;
}

struct editor *editor_open(const struct pp_profile *p, const struct catalog *catalog,
                           const struct world *env) {
    struct editor *e = pp_calloc(1, sizeof *e);
    e->p = p;
    e->catalog = catalog;
    e->terminal = env->terminal;
    e->locale = open_locale();
    locale_t before = e->locale ? uselocale(e->locale) : (locale_t)0;
    bool ok = load(e) && set_up(e, env->in);
    if (before) uselocale(before);
    if (ok) return e;
    editor_close(e);
    return NULL;
}

bool editor_line(struct editor *e, struct pp_str *ret_line) {
    int len = 0;
    HistEvent event;
    locale_t before = e->locale ? uselocale(e->locale) : (locale_t)0;
    const char *line = e->call.el_gets(e->line, &len);
    bool ok = line && len > 0;
    if (ok && len > 1) e->call.history(e->history, &event, H_ENTER, line);
    if (before) uselocale(before);
    if (ok) *ret_line = (struct pp_str){line, (size_t)len - (line[len - 1] == '\n')};
    return ok;
}

void editor_close(struct editor *e) {
    if (e->line) e->call.el_end(e->line);
    if (e->history) e->call.history_end(e->history);
    for (size_t i = 0; i < 2; i++)
        if (e->streams[i]) fclose(e->streams[i]);
    if (e->locale) freelocale(e->locale);
    pp_free(e);
}

#else

struct editor *editor_open(const struct pp_profile *p, const struct catalog *catalog,
                           const struct world *env) {
    (void)p;
    (void)env;
    return NULL;
}

bool editor_line(struct editor *e, struct pp_str *ret_line) {
    (void)e;
    (void)ret_line;
    return false;
}

void editor_close(struct editor *e) {
    (void)e;
}

#endif
