#include "driver/version.h"

#include "base/library.h"
#include "base/parallel.h"
#include "driver/host/sandbox.h"

#include <limits.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* Declared here, since only its own file includes a library's header. */
extern const char *zlibVersion(void);
extern const char *ZSTD_versionString(void);
extern const char *protobuf_c_version(void);
extern const char *dwfl_version(void *session);

/* ---- what is loaded late ---- */

struct part {
    const char *name, *what;
    const char *files[2]; /* the first that is there */
    const char *version;  /* a function that tells it, or NULL */
    bool is_built_in;     /* whether the code that uses it is: CMake says HAVE_NAME=1 or 0 */
};

static const struct part parts[] = {
    {"curl",
     "profiles from servers",
     {LIBRARY_CURL, LIBRARY_CURL_GNUTLS},
     "curl_version",
     HAVE_CURL},
    {"microhttpd", "the page (-http)", {LIBRARY_MICROHTTPD}, "MHD_get_version", HAVE_MICROHTTPD},
    {"sqlite", "a history of runs", {LIBRARY_SQLITE}, "sqlite3_libversion", HAVE_SQLITE},
    {"edit", "editing at the prompt", {LIBRARY_EDIT}, NULL, HAVE_EDIT},
    {"lzma", "compressed symbols", {LIBRARY_LZMA}, "lzma_version_string", true},
    {"isal", "faster gzip", {LIBRARY_ISAL}, NULL, HAVE_ISAL},
    {"debuginfod", "debug information from servers", {LIBRARY_DEBUGINFOD}, NULL, true},
};

enum { N_PARTS = sizeof parts / sizeof *parts };

static void *part_open(const struct part *part) {
    void *library = NULL;
    for (size_t i = 0; part->is_built_in && !library && i < 2 && part->files[i]; i++)
        library = library_open(part->files[i]);
    return library;
}

/* "with curl, lzma" or "without isal". */
static void put_found(struct out *o, const char *word, bool found) {
    size_t n = 0;
    for (size_t i = 0; i < N_PARTS; i++)
        if ((part_open(&parts[i]) != NULL) == found)
            out_printf(o, "%s%s", n++ ? ", " : word, parts[i].name);
    if (n) out_char(o, '\n');
}

static void put_library(struct out *o, const struct part *part) {
    void *library = part_open(part);
    const char *(*version)(void);
    char path[PATH_MAX];
    out_printf(o, "  %-11s %-31s", part->name, part->what);
    if (!part->is_built_in) {
        OUT_LIT(o, "not built in\n");
    } else if (!library) {
        out_printf(o, "%s is not here\n", part->files[0]);
    } else {
        const char *file = library_path(library);
        out_text0(o, realpath(file, path) ? path : file);
        if (part->version && library_find(library, part->version, &version))
            out_printf(o, " (%s)", version());
        out_char(o, '\n');
    }
}

/* ---- all ---- */

static void put_program(struct out *o) {
    OUT_LIT(o, "built with  " COMPILER);
#ifdef __GLIBC__
    out_printf(o, ", glibc %d.%d; runs with glibc %s", __GLIBC__, __GLIBC_MINOR__,
               gnu_get_libc_version());
#endif
    out_printf(o, "\nlibraries   zlib %s, zstd %s, elfutils %s, protobuf-c %s, re2 (tells none)\n",
               zlibVersion(), ZSTD_versionString(), dwfl_version(NULL), protobuf_c_version());
}

static void put_machine(struct out *o) {
    long landlock = sandbox_version();
    if (landlock)
        out_printf(o, "sandbox     Landlock, version %ld\n", landlock);
    else
        OUT_LIT(o, "sandbox     none: this kernel has no Landlock, or this build does without\n");
    out_printf(o, "threads     %u\n", parallel_width(PARALLEL_MAX, 0));
}

void version_put(struct out *o, bool all) {
    OUT_LIT(o, "cpprof " CPPROF_VERSION ", commit " CPPROF_COMMIT "\n");
    if (!all) {
        put_found(o, "with ", true);
        put_found(o, "without ", false);
        return;
    }
    put_program(o);
    put_machine(o);
    OUT_LIT(o, "loaded when there is need:\n");
    for (size_t i = 0; i < N_PARTS; i++)
        put_library(o, &parts[i]);
}
