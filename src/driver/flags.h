/* The command line, by the rules of Go's flag package: one dash or two, -flag=value or -flag value,
 * booleans with '=' only; the first operand ends the flags, so does "--". */
#ifndef DRIVER_FLAGS_H
#define DRIVER_FLAGS_H

#include "base/world.h"
#include "driver/settings.h"
#include "query/catalog.h"

/* Flags of the program itself. */
struct own_flag {
    const char *name;
    size_t offset;    /* in struct command_line: of a text where something is taken, else a bool */
    const char *arg;  /* what it takes; NULL: nothing */
    const char *help; /* NULL: not for people */
    bool is_free;     /* nothing need be given: "" then */
};

extern const struct own_flag own_flags[]; /* ends with a NULL name */

/* NULL: there is none. */
const struct own_flag *own_flag_find(struct pp_str name);

struct command_line {
    struct settings settings;
    struct catalog catalog;             /* with what -plugin added */
    const struct report_format *report; /* NULL: none was asked for */
    const char *param;                  /* of -peek=PARAM */
    const struct encoder *encoder;      /* NULL: text */
    char **operands;
    size_t n_operands;
    const struct world *env; /* what is around the program that it was given to */
    bool trims;              /* a setting of trimming was given */
    bool manual, version, verbose;
    const char *help;       /* NULL: not asked for; "": all of it; else about this */
    const char *completion; /* a shell's name, or NULL */
    const char *complete;   /* the position of a word among the operands, or NULL */
};

/* argv ends with NULL and lives as long as the result. */
bool flags_parse(char **argv, const struct world *env, struct command_line *ret_cl,
                 struct pp_arena *arena, struct pp_error *err);

#endif
