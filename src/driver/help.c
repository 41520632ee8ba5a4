#include "driver/help.h"

#include "base/text.h"
#include "base/utf8.h"
#include "driver/examples.h"
#include "driver/flags.h"
#include "driver/nearest.h"
#include "driver/settings.h"
#include "report/report.h"

enum { COLUMN = 26, WIDTH = 80 };

static const char *const group_titles[N_GROUPS] = {
    [GROUP_COMPARE] = "Compare",
    [GROUP_HISTORY] = "A history of runs",
    [GROUP_VALUE] = "Which value",
    [GROUP_FILTER] = "Which samples and frames",
    [GROUP_LOOK] = "How it looks",
    [GROUP_SOURCE] = "Sources and symbols",
    [GROUP_LIMIT] = "Limits (profiles may come from strangers)",
};

/* One text in two forms: for a terminal, and for man. */
struct page {
    struct out *o;
    const struct catalog *catalog;
    const char *dash; /* before a flag; "" at the prompt */
    bool roff;
};

static void put_text(const struct page *page, struct pp_str text) {
    for (size_t i = 0; i < text.len; i++) {
        bool is_special = page->roff && (text.data[i] == '-' || text.data[i] == '\\');
        if (is_special) out_char(page->o, '\\');
        out_char(page->o, is_special && text.data[i] == '\\' ? 'e' : text.data[i]);
    }
}

/* The words of a text from `column` on; what does not fit into a line goes on under `indent`. */
static void put_wrapped(const struct page *page, struct pp_str text, size_t column, size_t indent) {
    bool is_first = true;
    for (struct pp_str word; text_next_word(&text, &word); is_first = false) {
        size_t n = utf8_count(word);
        if (!is_first && column + 1 + n > WIDTH) {
            out_char(page->o, '\n');
            out_spaces(page->o, indent);
            column = indent;
        } else if (!is_first) {
            out_char(page->o, ' ');
            column++;
        }
        out_str(page->o, word);
        column += n;
    }
}

static void put_title(const struct page *page, const char *title) {
    out_text0(page->o, page->roff ? ".SH " : "\n");
    put_text(page, pp_str_from(title));
    out_text0(page->o, page->roff ? "\n" : ":\n");
}

static void put_paragraph(const struct page *page, const char *text) {
    OUT_LIT(page->o, "\n");
    if (page->roff) {
        OUT_LIT(page->o, "\\&"); /* a first dot is no command */
        put_text(page, pp_str_from(text));
    } else {
        put_wrapped(page, pp_str_from(text), 0, 0);
    }
    OUT_LIT(page->o, "\n");
}

static void put_words(const struct page *page, const char *dash, struct pp_str name,
                      const char *arg) {
    put_text(page, pp_str_from(dash));
    put_text(page, name);
    if (!arg) return;
    out_text0(page->o, page->roff ? "\\fR=\\fI" : "=");
    put_text(page, pp_str_from(arg));
}

static void put_named(const struct page *page, const char *dash, struct pp_str name,
                      const char *arg, const char *help) {
    struct out *o = page->o;
    if (page->roff) {
        OUT_LIT(o, ".TP\n\\fB");
        put_words(page, dash, name, arg);
        OUT_LIT(o, "\\fR\n");
        put_text(page, pp_str_from(help));
    } else {
        size_t used = strlen(dash) + name.len + (arg ? strlen(arg) + 1 : 0);
        OUT_LIT(o, "  ");
        put_words(page, dash, name, arg);
        if (used >= COLUMN) out_char(o, '\n');
        out_spaces(o, used >= COLUMN ? COLUMN + 2 : COLUMN - used);
        put_wrapped(page, pp_str_from(help), COLUMN + 2, COLUMN + 2);
    }
    out_char(o, '\n');
}

static void put_entry(const struct page *page, const char *name, const char *arg,
                      const char *help) {
    put_named(page, page->dash, pp_str_from(name), arg, help);
}

/* All, or those of the prompt. */
static void put_reports(const struct page *page, bool at_prompt) {
    for (size_t i = 0; i < page->catalog->n_reports; i++) {
        const struct report_format *f = page->catalog->reports[i];
        if (at_prompt && (f->traits & REPORT_RUNS)) continue;
        put_entry(page, f->name, f->param, f->help);
        if (f->alias) put_entry(page, f->alias, f->param, "The same");
    }
}

static void put_setting(const struct page *page, const struct setting *row) {
    struct out *o = page->o;
    if (!row->choices) {
        put_entry(page, row->name, row->arg, row->help);
        return;
    }
    struct out words; /* what may be chosen */
    out_open_memory(&words);
    const char *list = row->choices;
    for (struct pp_str c; next_choice(&list, &c);)
        out_printf(&words, "%s%.*s%s", page->dash, PP_STR_ARG(c), *list ? " " : "");
    if (page->roff) {
        OUT_LIT(o, ".TP\n\\fB");
        put_text(page, out_text(&words));
        out_printf(o, "\\fR\n%s\n", row->help);
    } else {
        OUT_LIT(o, "  ");
        put_wrapped(page, pp_str_from(row->help), 2, 2);
        OUT_LIT(o, ":\n    ");
        put_wrapped(page, out_text(&words), 4, 4);
        out_char(o, '\n');
    }
    out_close(&words, NULL);
}

static void put_settings(const struct page *page, bool at_prompt) {
    for (int group = 0; group < N_GROUPS; group++) {
        bool is_first = true;
        for (const struct setting *row = setting_table; row->name; row++) {
            if ((int)row->group != group || (at_prompt && row->at_start)) continue;
            if (is_first) put_title(page, group_titles[group]);
            is_first = false;
            put_setting(page, row);
        }
    }
}

static const struct {
    const char *name, *what;
} variables[] = {
    {"PPROF_BINARY_PATH", "Where binaries are, dir:dir (default: ~/pprof/binaries)"},
    {"PPROF_TMPDIR", "Where profiles from servers are kept (default: ~/pprof)"},
    {"PPROF_TOOLS", "Where objdump is, as -tools"},
    {"DEBUGINFOD_URLS", "Servers that -debuginfod asks"},
    {"XDG_CACHE_HOME", "Where indexes of binaries are, in cpprof/symbols (default: ~/.cache)"},
    {"CPPROF_HEADER", "Headers to send to servers, a line each"},
    {"GOROOT, GOPATH", "Where -list also looks for Go's sources"},
    {"BROWSER", "What shows -web and -weblist"},
    {"NO_COLOR", "No colours on a terminal"},
    {"TZ", "The zone of times in headers"},
    {"TMPDIR", "Where viewers' files are (default: /tmp)"},
};

static const char about[] =
    "A profile is a file of google/pprof's format, perf.data, OTLP, JFR, of V8, gperftools, Java, "
    "jemalloc or folded stacks and more, compressed or not; a server's URL; - for standard input; "
    "a directory for all its "
    "files; @FILE for the files of a list (@-: from standard input). Several are merged. The "
    "binary gives names to addresses. Flags have one dash or two, and come before the files. "
    "Without a report, commands are read: help lists them.";

static const char exit_status[] =
    "0 done; 2 failed, one line on standard error says why. With -gate: 0 the rules hold, 1 one "
    "is broken, 2 failed, 3 the profiles cannot be compared.";

static void put_examples(const struct page *page) {
    for (const struct example *e = example_table; e->is_first; e++) {
        struct pp_str command = pp_str_from(e->command);
        if (page->roff) {
            put_named(page, "", command, NULL, e->what);
            continue;
        }
        out_printf(page->o, "  %s\n        %s\n", e->command, e->what);
    }
}

static void put_flags(const struct page *page) {
    put_title(page, "Reports (one at a time)");
    put_reports(page, false);
    put_title(page, "Formats (for reports that have rows)");
    for (size_t i = 0; i < page->catalog->n_encoders; i++)
        put_entry(page, page->catalog->encoders[i]->name, NULL, page->catalog->encoders[i]->help);
    put_settings(page, false);
    put_title(page, "The program");
    for (const struct own_flag *f = own_flags; f->name; f++)
        if (f->help) put_entry(page, f->name, f->is_free ? NULL : f->arg, f->help);
    put_title(page, "Environment");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        put_named(page, "", pp_str_from(variables[i].name), NULL, variables[i].what);
    put_title(page, "Exit status");
    put_paragraph(page, exit_status);
}

static void help_put(struct out *o, const struct catalog *catalog) {
    const struct page page = {o, catalog, "-", false};
    OUT_LIT(o, "usage: cpprof REPORT [flags] [binary] profile...\n\n");
    put_examples(&page);
    put_paragraph(&page, about);
    put_flags(&page);
}

void help_put_manual(struct out *o, const struct catalog *catalog) {
    const struct page page = {o, catalog, "-", true};
    OUT_LIT(o, ".TH CPPROF 1 \"\" \"cpprof " CPPROF_VERSION "\"\n"
               ".SH NAME\ncpprof \\- reads profiles as pprof does, compares them, judges them\n"
               ".SH SYNOPSIS\n\\fBcpprof\\fR [\\fIREPORT\\fR] [\\fIflags\\fR] [\\fIbinary\\fR] "
               "\\fIprofile\\fR...\n.SH DESCRIPTION\n");
    put_paragraph(&page, about);
    put_title(&page, "Examples");
    put_examples(&page);
    put_flags(&page);
}

void help_put_commands(struct out *o, const struct catalog *catalog) {
    const struct page page = {o, catalog, "", false};
    put_title(&page, "Commands");
    put_reports(&page, true);
    put_entry(&page, "o", NULL, "All settings and their values");
    put_entry(&page, "help", NULL, "This text; help top: about one of them");
    put_entry(&page, "q", NULL, "Quit");
    OUT_LIT(o, "\nWords behind a report: a number limits its rows, a word focuses, -word ignores,\n"
               "-cum sorts by it, >file writes. Settings, as in focus=main:\n");
    put_settings(&page, true);
    OUT_LIT(o, "\n  :   clears focus, ignore, hide, tagfocus and tagignore\n");
}

bool help_put_topic(struct out *o, const struct catalog *catalog, struct pp_str name) {
    const struct report_format *f = catalog_report(catalog, name);
    if (f) {
        out_printf(o, "%s\n", f->help);
        if (f->usage) out_printf(o, "%s\n", f->usage);
        return true;
    }
    const struct setting *row = setting_find(name);
    if (!row) row = setting_of_choice(name);
    if (row) out_printf(o, "%s\n", row->help);
    return row != NULL;
}

/* ---- one report or flag ---- */

struct topic {
    const char *arg;  /* what it takes; NULL: nothing */
    const char *help; /* NULL: there is no such thing */
    const struct setting *choice, *row;
    const char *usage; /* at the prompt; NULL: not there */
};

static struct topic find_topic(const struct catalog *catalog, struct pp_str name) {
    const struct report_format *f = catalog_report(catalog, name);
    const struct encoder *encoder = catalog_encoder(catalog, name);
    const struct setting *choice = setting_of_choice(name), *row = setting_find(name);
    const struct own_flag *own = own_flag_find(name);
    struct topic t = {0};
    if (f)
        t = (struct topic){.arg = f->param, .help = f->help, .usage = f->usage};
    else if (encoder)
        t.help = encoder->help;
    else if (choice)
        t.choice = choice, t.help = choice->help;
    else if (row && !row->choices)
        t.row = row, t.help = row->help, t.arg = row->kind == SETTING_BOOL ? NULL : row->arg;
    else if (own && own->help)
        t = (struct topic){.arg = own->arg, .help = own->help};
    return t;
}

static void put_flag(struct out *o, const struct topic *t, struct pp_str name) {
    out_printf(o, "-%.*s%s%s", PP_STR_ARG(name), t->arg ? "=" : "", t->arg ? t->arg : "");
}

static void put_usage(struct out *o, const struct topic *t, struct pp_str name) {
    const char *list = t->choice ? t->choice->choices : NULL;
    put_flag(o, t, name);
    out_printf(o, "\n    %s\n", t->help);
    if (t->row && t->row->def && *t->row->def) out_printf(o, "    Default: %s\n", t->row->def);
    if (list) OUT_LIT(o, "    One of");
    for (struct pp_str c; next_choice(&list, &c);)
        out_printf(o, " -%.*s%s", PP_STR_ARG(c), *list ? "" : "\n");
}

static void put_examples_of(struct out *o, struct pp_str name) {
    OUT_LIT(o, "\nExamples:\n");
    for (const struct example *e = example_table; *e->command; e++)
        if (example_uses(e, name)) out_printf(o, "  %s\n        %s\n", e->command, e->what);
}

bool help_show(struct out *o, const struct catalog *catalog, const char *name,
               struct pp_error *err) {
    while (*name == '-')
        name++;
    struct pp_str topic = pp_str_from(name);
    if (!topic.len) {
        help_put(o, catalog);
        return true;
    }
    const struct topic t = find_topic(catalog, topic);
    if (!t.help) {
        struct pp_str best = nearest_name(catalog, topic, true);
        return pp_fail(err, PP_E_USAGE, "-help=%s: no report and no flag%s%.*s%s", name,
                       best.len ? "; did you mean " : "", PP_STR_ARG(best), best.len ? "?" : "");
    }
    put_usage(o, &t, topic);
    put_examples_of(o, topic);
    if (t.usage) out_printf(o, "\nAt the prompt:\n%s\n", t.usage);
    return true;
}
