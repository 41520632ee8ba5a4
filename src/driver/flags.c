#include "driver/flags.h"

#include "api/plugin.h"
#include "driver/nearest.h"
#include "driver/number.h"
#include "driver/shells.h"

#include <unistd.h>

const struct own_flag own_flags[] = {
#define OWN(name_, field_, ...)                                                                    \
    { name_, .offset = offsetof(struct command_line, field_), __VA_ARGS__ }
    OWN("help", help, .arg = "name", .is_free = true,
        .help = "This text; -help=top: about one report or flag"),
    OWN("h", help, .arg = "name", .is_free = true),
    OWN("man", manual, .help = "The same for man: cpprof -man | man -l -"),
    OWN("version", version, .help = "Name, version and commit; with -v all that it is made of"),
    OWN("v", verbose, .help = NULL),
    OWN("completion", completion, .arg = SHELL_NAMES, .help = "A completion script for the shell"),
    OWN("complete", complete, .arg = "n"),
#undef OWN
    {.name = NULL},
};

/* A flag that was recognized: one of these is set. */
struct flag {
    const struct setting *setting;
    bool is_choice; /* the flag is one of the setting's choices */
    const struct report_format *report;
    const struct encoder *encoder;
    const struct own_flag *own;
};

struct parser {
    struct command_line *cl;
    struct pp_arena *arena;
    struct pp_error *err;
    struct pp_str report_name, encoder_name; /* the flag that is in force */
    const struct report_format *empty;       /* "-peek=": asks for nothing */
    const struct setting *chosen_rows[8];    /* settings of which a choice was made */
    struct pp_str chosen[8];
    size_t n_chosen;
};

const struct own_flag *own_flag_find(struct pp_str name) {
    for (const struct own_flag *f = own_flags; f->name; f++)
        if (pp_str_eq(name, pp_str_from(f->name))) return f;
    return NULL;
}

static bool find_flag(const struct catalog *catalog, struct pp_str name, struct flag *ret_flag) {
    struct flag f = {0};
    f.encoder = catalog_encoder(catalog, name);
    if (!f.encoder) f.report = catalog_report(catalog, name);
    f.setting = setting_of_choice(name);
    f.is_choice = f.setting != NULL;
    if (!f.setting) f.setting = setting_find(name);
    if (f.setting && !f.is_choice && f.setting->choices) f.setting = NULL;
    f.own = own_flag_find(name);
    *ret_flag = f;
    return f.encoder || f.report || f.setting || f.own;
}

/* -gate or -gate=RULES, -help or -help=NAME */
static bool is_free(const struct flag *f) {
    if (f->own) return f->own->is_free;
    return f->report && (f->report->traits & REPORT_FREE_PARAM);
}

static bool is_boolean(const struct flag *f) {
    if (f->own) return f->own->is_free || !f->own->arg;
    if (f->report) return f->report->param == NULL || is_free(f);
    if (f->setting) return f->is_choice || f->setting->kind == SETTING_BOOL;
    return true;
}

/* ---- what is wrong ---- */

static bool unknown_flag(struct parser *p, struct pp_str name) {
    struct pp_str best = nearest_name(&p->cl->catalog, name, true);
    if (best.len)
        return pp_fail(p->err, PP_E_USAGE, "unknown flag -%.*s; did you mean -%.*s?",
                       PP_STR_ARG(name), PP_STR_ARG(best));
    return pp_fail(p->err, PP_E_USAGE, "unknown flag -%.*s; -help lists all", PP_STR_ARG(name));
}

/* Whether a name means something else than a report or an encoder. */
static bool is_taken(const char *name) {
    const struct catalog none = {0};
    struct flag f;
    return find_flag(&none, pp_str_from(name), &f) || setting_find(pp_str_from(name));
}

/* ---- taking one flag ---- */

static bool set_report(struct parser *p, struct pp_str name, const struct report_format *report,
                       const char *param, bool on) {
    bool same = pp_str_eq(p->report_name, name);
    if (!on) {
        if (same) p->report_name = (struct pp_str){0};
        return true;
    }
    if (p->report_name.len && !same)
        return pp_fail(p->err, PP_E_USAGE, "-%.*s and -%.*s: one report at a time",
                       PP_STR_ARG(p->report_name), PP_STR_ARG(name));
    p->report_name = name;
    p->cl->report = report;
    p->cl->param = report->param ? param : NULL;
    return true;
}

static bool set_encoder(struct parser *p, struct pp_str name, const struct encoder *encoder,
                        bool on) {
    bool same = pp_str_eq(p->encoder_name, name);
    if (on && p->encoder_name.len && !same)
        return pp_fail(p->err, PP_E_USAGE, "-%.*s and -%.*s: one format at a time",
                       PP_STR_ARG(p->encoder_name), PP_STR_ARG(name));
    if (on)
        p->encoder_name = name;
    else if (same)
        p->encoder_name = (struct pp_str){0};
    p->cl->encoder = p->encoder_name.len ? encoder : NULL;
    return true;
}

static bool set_choice(struct parser *p, struct pp_str name, const struct setting *row, bool on) {
    size_t i = 0;
    while (i < p->n_chosen && p->chosen_rows[i] != row)
        i++;
    if (i == sizeof p->chosen / sizeof *p->chosen)
        return false; /* more such settings than places */
    if (i == p->n_chosen) p->chosen[p->n_chosen] = (struct pp_str){0};
    p->chosen_rows[i] = row;
    p->n_chosen += i == p->n_chosen;
    bool same = pp_str_eq(p->chosen[i], name);
    if (!on) {
        if (same) p->chosen[i] = (struct pp_str){0};
        const char *back = p->chosen[i].len ? p->chosen[i].data : row->def;
        return setting_set(&p->cl->settings, row, back, p->arena, p->err);
    }
    if (p->chosen[i].len && !same)
        return pp_fail(p->err, PP_E_USAGE, "-%.*s and -%.*s: one at a time",
                       PP_STR_ARG(p->chosen[i]), PP_STR_ARG(name));
    p->chosen[i] = pp_arena_copy(p->arena, name);
    return setting_set(&p->cl->settings, row, p->chosen[i].data, p->arena, p->err);
}

/* `on`: what the value says where it is one that a boolean takes, which a text is not. */
static bool take_own(struct command_line *cl, const struct own_flag *own, const char *value,
                     bool is_text, bool on) {
    void *field = (char *)cl + own->offset;
    const char *empty = on ? "" : NULL;
    if (!own->arg)
        *(bool *)field = on;
    else
        *(const char **)field = own->is_free && !is_text ? empty : value;
    return true;
}

static bool take(struct parser *p, struct pp_str name, const struct flag *f, const char *value) {
    bool on = true;
    bool is_text = is_free(f) && !number_bool(value, &on);
    if (is_text && f->report) return set_report(p, name, f->report, value, true);
    if (is_boolean(f) && !is_text && !number_bool(value, &on))
        return pp_fail(p->err, PP_E_USAGE, "-%.*s=%s: true or false", PP_STR_ARG(name), value);
    if (f->own) return take_own(p->cl, f->own, value, is_text, on);
    if (f->encoder) return set_encoder(p, name, f->encoder, on);
    if (is_free(f)) return set_report(p, name, f->report, NULL, on);
    if (f->report && f->report->param && !*value) p->empty = f->report;
    if (f->report) return set_report(p, name, f->report, value, f->report->param ? *value : on);
    if (f->is_choice) return set_choice(p, name, f->setting, on);
    p->cl->trims |= f->setting->trims;
    return setting_set(&p->cl->settings, f->setting, value, p->arena, p->err);
}

/* One argument that begins with a dash; takes its value from the next where it needs one. */
static bool parse_flag(struct parser *p, char ***argv) {
    const char *arg = **argv;
    const char *start = arg + (arg[1] == '-' ? 2 : 1);
    size_t len = (size_t)(strchrnul(start, '=') - start);
    struct pp_str name = {start, len};
    if (len == 0 || *start == '-') return pp_fail(p->err, PP_E_USAGE, "bad flag syntax: %s", arg);
    struct flag f;
    if (!find_flag(&p->cl->catalog, name, &f)) return unknown_flag(p, name);
    const char *value = start[len] == '=' ? start + len + 1 : NULL;
    if (!value && is_boolean(&f)) {
        value = "true";
    } else if (!value) {
        value = *++*argv;
        if (!value) return pp_fail(p->err, PP_E_USAGE, "-%.*s needs a value", PP_STR_ARG(name));
    }
    return take(p, name, &f, value);
}

static bool choose_report(struct parser *p) {
    struct command_line *cl = p->cl;
    if (!p->report_name.len) cl->report = NULL;
    if (!cl->report && p->empty)
        return pp_fail(p->err, PP_E_USAGE, "-%s= needs %s", p->empty->name, p->empty->param);
    if (cl->report || !cl->encoder) return true;
    cl->report = catalog_report(&cl->catalog, pp_str_from(cl->encoder->name));
    if (!cl->report)
        return pp_fail(p->err, PP_E_USAGE, "-%s says how, not what: add a report, as in -top -%s",
                       cl->encoder->name, cl->encoder->name);
    cl->encoder = NULL;
    return true;
}

/* A report, an encoder or a decoder is added before any flag is understood: its name may stand
 * before the plug-in's. */
static bool add_plugins(struct parser *p, char **argv) {
    for (; *argv && (*argv)[0] == '-' && (*argv)[1] && strcmp(*argv, "--") != 0; argv++) {
        const char *name = *argv + ((*argv)[1] == '-' ? 2 : 1);
        if (strncmp(name, "plugin", 6) != 0) continue;
        const char *file = name[6] == '=' ? name + 7 : name[6] ? NULL : argv[1];
        if (file && !plugin_load(&p->cl->catalog, file, is_taken, p->err))
            return pp_wrap(p->err, "-plugin");
    }
    return true;
}

/* `cpprof top FILE`, as other programs have commands: -top was meant. */
static bool check_first(const struct parser *p) {
    const char *name = p->cl->operands[0];
    struct flag f;
    if (!name || p->report_name.len || !find_flag(&p->cl->catalog, pp_str_from(name), &f) ||
        access(name, F_OK) == 0)
        return true;
    return pp_fail(p->err, PP_E_USAGE, "%s: no such file; did you mean -%s?", name, name);
}

/* Go's rule: what stands behind the first file is a file. */
static bool check_operands(const struct command_line *cl, struct pp_error *err) {
    for (size_t i = 1; i < cl->n_operands; i++) {
        const char *name = cl->operands[i];
        if (name[0] == '-' && name[1] && access(name, F_OK) != 0)
            return pp_fail(err, PP_E_USAGE, "%s: flags come before files", name);
    }
    return true;
}

bool flags_parse(char **argv, const struct world *env, struct command_line *ret_cl,
                 struct pp_arena *arena, struct pp_error *err) {
    struct parser p = {.cl = ret_cl, .arena = arena, .err = err};
    *ret_cl = (struct command_line){.env = env};
    settings_init(&ret_cl->settings, arena);
    catalog_init(&ret_cl->catalog, arena);
    if (*argv && !add_plugins(&p, argv + 1)) return false;
    bool ended = false; /* by "--" */
    for (argv++; *argv && (*argv)[0] == '-' && (*argv)[1] && !ended; argv++) {
        ended = !strcmp(*argv, "--");
        if (ended) continue;
        if (!parse_flag(&p, &argv)) return false;
    }
    ret_cl->operands = argv;
    for (; *argv; argv++)
        ret_cl->n_operands++;
    return (ended || (check_first(&p) && check_operands(ret_cl, err))) && choose_report(&p);
}
