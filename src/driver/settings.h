/* Settings: what the user may choose, as plain data. One row of settings.def makes everything that
 * a setting needs; nothing here knows what a setting means. */
#ifndef DRIVER_SETTINGS_H
#define DRIVER_SETTINGS_H

#include "base/arena.h"
#include "base/text.h"
#include "cpprof/error.h"
#include "cpprof/str.h"

struct settings {
#define SETTING(type, name, ...) type name;
#include "driver/settings.def"
#undef SETTING
};

enum setting_kind { SETTING_BOOL, SETTING_INT, SETTING_REAL, SETTING_TEXT, SETTING_LIST };

enum setting_group {
    GROUP_COMPARE,
    GROUP_HISTORY,
    GROUP_VALUE,
    GROUP_FILTER,
    GROUP_LOOK,
    GROUP_SOURCE,
    GROUP_LIMIT,
    N_GROUPS
};

/* What in the profile a value of the setting names. */
enum setting_names { NAMES_NOTHING, NAMES_SAMPLE_TYPES, NAMES_FUNCTIONS };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;       /* in struct settings */
    const char *def;     /* the default as text; NULL: false, or an empty list */
    const char *arg;     /* what it takes, for the help; NULL for booleans */
    const char *choices; /* "a|b|c", or NULL */
    const char *help;
    enum setting_group group;
    bool trims; /* given, rows for databases are trimmed, too */
    enum setting_names names;
    const char *chooses; /* the sample type that a switch stands for; NULL: none */
    bool marks_default;  /* the prompt's list says when it has its default */
    bool at_start;       /* says how profiles are read: nothing to change at the prompt */
};

extern const struct setting setting_table[]; /* ends with a NULL name */

/* The setting of this name; NULL if there is none. */
const struct setting *setting_find(struct pp_str name);

/* The setting that has this text among its choices; NULL if there is none. */
const struct setting *setting_of_choice(struct pp_str choice);

/* Takes the first choice off a list "a|b|c"; false at its end. */
bool next_choice(const char **list, struct pp_str *ret_choice);

void settings_init(struct settings *s, struct pp_arena *arena);

/* Sets from text, as a command line has it; lists are added to. The text is kept by reference. */
bool setting_set(struct settings *s, const struct setting *row, const char *text,
                 struct pp_arena *arena, struct pp_error *err);

/* Whether this one, of kind SETTING_BOOL, is set. */
bool setting_is_on(const struct settings *s, const struct setting *row);

/* The value as text, for the prompt's list. */
struct pp_str setting_text(const struct settings *s, const struct setting *row,
                           struct pp_arena *arena);

#endif
