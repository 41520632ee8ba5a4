/* Source files that a profile names, by line.
 *
 * A name is looked up as the reference does: what -trim_path says is cut off; a relative name is
 * searched in each directory of the search path, and from its parents on.
 *
 * Names come from strangers, so a file is only read below one of these directories, without leaving
 * it by ".." or a link (base/beneath.h): those of the search path; where system headers are; where
 * Go keeps sources (report/go_source.h). A search path of "/" lifts it. */
#ifndef REPORT_SOURCE_H
#define REPORT_SOURCE_H

#include "base/intern.h"
#include "cpprof/error.h"
#include "report/go_source.h"

#include <stdint.h>

struct source_options {
    struct pp_str path;    /* directories, separated by ':'; never empty */
    struct pp_str current; /* the current directory */
    struct pp_str trim;    /* prefixes to cut off, separated by ':' */
    struct go_dirs go;
    bool none; /* read no file */
};

struct source_file {
    bool is_read;
    struct pp_str *lines; /* without line ends; line 1 is the first */
    size_t n_lines;
    struct pp_str path;  /* where it was read */
    struct pp_str error; /* why there are none; "" when all is well */
};

/* Files that were read, by the name in the profile. */
struct source_reader {
    const struct source_options *opt;
    struct interner names;
    struct source_file *files;
    size_t cap;
    uint64_t bytes; /* read so far */
    uint64_t shown; /* of what source_may_show granted */
    struct pp_arena *arena;
};

void source_reader_init(struct source_reader *r, const struct source_options *opt,
                        struct pp_arena *arena);
void source_reader_done(struct source_reader *r);

/* Reads the file the first time. Valid until the next call. */
const struct source_file *source_find(struct source_reader *r, struct pp_str name);

/* The same if it was asked for before; else NULL. */
const struct source_file *source_known(struct source_reader *r, struct pp_str name);

/* False when the file has no such line. */
bool source_line(const struct source_file *f, int64_t number, struct pp_str *ret_line);

/* What the lines from `first` up to `last`, which the file has, take in a listing. */
uint64_t source_extent(const struct source_file *f, int64_t first, int64_t last);

/* A file of n lines may be asked for by n functions, so what is long is shown a few times and not
 * once for each. Whether `bytes` more are granted: four times of what was read are. */
bool source_may_show(struct source_reader *r, uint64_t bytes);

/* A line to show; the start of a very long one that is not granted any more. */
struct pp_str source_shown(struct source_reader *r, struct pp_str line);

#endif
