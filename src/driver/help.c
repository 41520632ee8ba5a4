#include "driver/help.h"

#include "driver/settings.h"
#include "report/report.h"

enum { COLUMN = 26 };

static const char *const group_titles[N_GROUPS] = {
    [GROUP_COMPARE] = "Compare:",
    [GROUP_VALUE] = "Which value:",
    [GROUP_FILTER] = "Which samples and frames:",
    [GROUP_LOOK] = "How it looks:",
    [GROUP_SOURCE] = "Sources and symbols:",
    [GROUP_LIMIT] = "Limits (profiles may come from strangers):",
};

static void put_entry(struct out *o, const char *dash, struct pp_str name, const char *arg,
                      const char *help) {
    size_t used = strlen(dash) + name.len + (arg ? strlen(arg) + 1 : 0);
    OUT_LIT(o, "  ");
    out_text0(o, dash);
    out_str(o, name);
    if (arg) {
        out_char(o, '=');
        out_text0(o, arg);
    }
    if (used >= COLUMN) {
        out_char(o, '\n');
        out_spaces(o, COLUMN + 2);
    } else {
        out_spaces(o, COLUMN - used);
    }
    out_text0(o, help);
    out_char(o, '\n');
}

static void put_reports(struct out *o, const char *dash) {
    for (size_t i = 0; report_table[i]; i++) {
        const struct report_format *f = report_table[i];
        put_entry(o, dash, pp_str_from(f->name), f->param, f->help);
        if (f->alias) put_entry(o, dash, pp_str_from(f->alias), f->param, "The same");
    }
}

static void put_setting(struct out *o, const char *dash, const struct setting *row) {
    if (!row->choices) {
        put_entry(o, dash, pp_str_from(row->name), row->arg, row->help);
        return;
    }
    out_printf(o, "  %s:\n", row->help);
    const char *list = row->choices;
    OUT_LIT(o, "    ");
    for (struct pp_str c; next_choice(&list, &c);) {
        out_text0(o, dash);
        out_str(o, c);
        out_char(o, *list ? ' ' : '\n');
    }
}

static void put_settings(struct out *o, const char *dash) {
    for (int group = 0; group < N_GROUPS; group++) {
        out_printf(o, "\n%s\n", group_titles[group]);
        for (const struct setting *row = setting_table; row->name; row++)
            if ((int)row->group == group) put_setting(o, dash, row);
    }
}

static const char intro[] =
    "usage: cpprof REPORT [flags] [binary] profile...\n"
    "\n"
    "  cpprof -top cpu.pb.gz                      the hot functions\n"
    "  cpprof -top -cum -focus=parse cpu.pb.gz    what parse costs with its callees\n"
    "  cpprof -top -sample_index=alloc_space heap.pb.gz\n"
    "  cpprof -top -diff_base=old.pb.gz new.pb.gz what became slower\n"
    "  cpprof -top -json cpu.pb.gz                the same table for a program\n"
    "  cpprof -json cpu.pb.gz                     the whole profile for a program\n"
    "  cpprof -proto -output=all.pb.gz a.pb.gz b.pb.gz   merged\n"
    "\n"
    "A profile is a file of google/pprof's format, gzip'd or not, or a server's URL; - is "
    "standard\n"
    "input, a directory all its files, @FILE the files of a list (@-: from standard input). The\n"
    "binary gives names to addresses. Flags have one dash or two, and come before the files.\n"
    "\n"
    "Reports (one at a time):\n";

void help_put(struct out *o) {
    out_text0(o, intro);
    put_reports(o, "-");
    OUT_LIT(o, "\nFormats (for reports that have rows):\n");
    for (size_t i = 0; encoder_table[i]; i++)
        put_entry(o, "-", pp_str_from(encoder_table[i]->name), NULL, encoder_table[i]->help);
    put_settings(o, "-");
    OUT_LIT(o, "\nThe program:\n");
    put_entry(o, "-", PP_STR("help"), NULL, "This text");
    put_entry(o, "-", PP_STR("version"), NULL, "Name and version");
    put_entry(o, "-", PP_STR("completion"), "bash|zsh", "A completion script for the shell");
    OUT_LIT(o, "\nExit status: 0 done; 2 failed, one line on standard error says why. With -gate: "
               "0 the rules\n"
               "hold, 1 one is broken, 2 failed, 3 the profiles cannot be compared.\n");
}

void help_put_commands(struct out *o) {
    OUT_LIT(o, "Commands:\n");
    put_reports(o, "");
    put_entry(o, "", PP_STR("o"), NULL, "All settings and their values");
    put_entry(o, "", PP_STR("q"), NULL, "Quit");
    OUT_LIT(o, "\nSettings, as in focus=main:\n");
    put_settings(o, "");
    OUT_LIT(o, "\n  :   clears focus, ignore, hide, tagfocus and tagignore\n");
}

bool help_put_topic(struct out *o, struct pp_str name) {
    const struct report_format *f = report_find(name);
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

static void put_flag_names(struct out *o) {
    for (size_t i = 0; report_table[i]; i++) {
        const struct report_format *f = report_table[i];
        out_printf(o, " -%s%s", f->name, f->param ? "=" : "");
        if (f->alias) out_printf(o, " -%s%s", f->alias, f->param ? "=" : "");
    }
    for (size_t i = 0; encoder_table[i]; i++)
        out_printf(o, " -%s", encoder_table[i]->name);
    for (const struct setting *row = setting_table; row->name; row++) {
        const char *list = row->choices;
        if (!list) out_printf(o, " -%s%s", row->name, row->kind == SETTING_BOOL ? "" : "=");
        for (struct pp_str c; next_choice(&list, &c);)
            out_printf(o, " -%.*s", PP_STR_ARG(c));
    }
    OUT_LIT(o, " -help -version -completion=");
}

bool help_completion(struct out *o, const char *shell, struct pp_error *err) {
    bool zsh = !strcmp(shell, "zsh");
    if (!zsh && strcmp(shell, "bash"))
        return pp_fail(err, PP_E_USAGE, "-completion=%s: bash or zsh", shell);
    if (zsh) OUT_LIT(o, "autoload -U +X bashcompinit && bashcompinit\n");
    OUT_LIT(o, "_cpprof() {\n"
               "    local word=${COMP_WORDS[COMP_CWORD]}\n"
               "    if [[ $word == -* ]]; then\n"
               "        compopt -o nospace 2>/dev/null\n"
               "        COMPREPLY=($(compgen -W \"");
    put_flag_names(o);
    OUT_LIT(o, "\" -- \"$word\"))\n"
               "    else\n"
               "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
               "    fi\n"
               "}\n"
               "complete -o filenames -F _cpprof cpprof\n");
    return true;
}
