/* Where Go's sources lie, by the names that Go's compiler gives them: "fmt/print.go" of the
 * standard library, "host/mod@v1.0.0/x.go" of a module (both with -trimpath), or absolute names of
 * the machine where the program was built. https://go.dev/ref/mod#module-cache */
#ifndef REPORT_GO_SOURCE_H
#define REPORT_GO_SOURCE_H

#include "base/beneath.h"

/* Directories, or "" where there are none. */
struct go_dirs {
    struct pp_str root;         /* GOROOT, as the user says */
    struct pp_str module_cache; /* GOMODCACHE */
};

/* At most one; false when the name is none of a file that Go keeps. */
bool go_source_kept(const struct go_dirs *dirs, struct pp_str name, struct file_place *ret_place,
                    struct pp_arena *arena);

/* In a directory of the user's: a copy in DIR/vendor; and, where DIR/go.mod names the module that
 * the file is of, by what follows that name. */
enum { GO_SOURCES_OF_USER = 2 };
size_t go_source_of_user(struct pp_str dir, struct pp_str name,
                         struct file_place ret_places[GO_SOURCES_OF_USER], struct pp_arena *arena);

/* In GO/src, where GO is below a directory in which systems install Go and has a file VERSION of
 * it. The name is absolute and clean. */
bool go_source_installed(struct pp_str name, struct file_place *ret_place, struct pp_arena *arena);

#endif
