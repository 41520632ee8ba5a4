/* The command line, by the rules of Go's flag package: one dash or two, -flag=value or -flag value,
 * booleans with '=' only; the first operand ends the flags, so does "--". */
#ifndef DRIVER_FLAGS_H
#define DRIVER_FLAGS_H

#include "driver/settings.h"
#include "query/catalog.h"

struct command_line {
    struct settings settings;
    struct catalog catalog;             /* with what -plugin added */
    const struct report_format *report; /* NULL: none was asked for */
    const char *param;                  /* of -peek=PARAM */
    const struct encoder *encoder;      /* NULL: text */
    char **operands;
    size_t n_operands;
    bool trims; /* a setting of trimming was given */
    bool help, manual, version;
    const char *completion; /* a shell's name, or NULL */
};

/* argv ends with NULL and lives as long as the result. */
bool flags_parse(char **argv, struct command_line *ret_cl, struct pp_arena *arena,
                 struct pp_error *err);

#endif
