/* A file that appears whole or not at all: written beside its name, and put there at the end.
 * Whatever ends the program before, nothing is left behind where the file system knows files
 * without a name. Two who write the same file do not disturb each other: the later one stays.
 * The folder is looked up once, when the file is opened: who puts a link or another folder in its
 * place meanwhile moves neither the file nor what it takes to write it. */
#ifndef BASE_WHOLE_FILE_H
#define BASE_WHOLE_FILE_H

#include "base/arena.h"
#include "cpprof/error.h"

struct whole_file {
    int fd;     /* to write to */
    int folder; /* that the names are in */
    bool unnamed;
    struct pp_str target, name, temporary; /* the first one as it was given, for messages */
};

/* `mode`: the permissions of the new file. What it points to lives in `arena`. */
bool whole_file_open(struct whole_file *ret_file, struct pp_str target, unsigned mode,
                     struct pp_arena *arena, struct pp_error *err);

/* Closes it; puts it in place if `ok`, and else leaves no trace. */
bool whole_file_close(struct whole_file *f, bool ok, struct pp_arena *arena, struct pp_error *err);

/* The permissions of a new file, as the umask has them. */
unsigned whole_file_mode(void);

#endif
