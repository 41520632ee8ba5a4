/* Files by build id from the servers in DEBUGINFOD_URLS, through libdebuginfod. The library is
 * loaded when it is asked for and never before; it keeps what it fetches in the user's cache. */
#ifndef SYMBOL_DEBUGINFOD_H
#define SYMBOL_DEBUGINFOD_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "cpprof/str.h"

#include <stdint.h>

struct debuginfod_client;

struct debuginfod {
    struct debuginfod_client *(*begin)(void);
    void (*end)(struct debuginfod_client *);
    int (*find_debuginfo)(struct debuginfod_client *, const unsigned char *id, int, char **path);
    int (*find_executable)(struct debuginfod_client *, const unsigned char *id, int, char **path);
    void (*set_progressfn)(struct debuginfod_client *,
                           int (*)(struct debuginfod_client *, long, long));
    unsigned seconds;
    uint64_t max_bytes; /* of one file, as it is sent */
    int64_t deadline;   /* milliseconds of CLOCK_MONOTONIC */
    bool owns_process;  /* max_bytes holds for what is unpacked, too: while a file is fetched, no
                           thread of the process may write more. The caller sets it. */
};

/* Loads the library; all fetches together may take `seconds` from now on, and each `max_bytes`.
 * False, with what to do about it, when it is not installed or no server is set. */
bool debuginfod_open(struct debuginfod *ret_servers, unsigned seconds, uint64_t max_bytes,
                     struct pp_error *err);

enum debuginfod_kind { DEBUGINFOD_DEBUGINFO, DEBUGINFOD_EXECUTABLE };

struct debuginfod_file {
    enum debuginfod_kind kind;
    struct pp_str id; /* of the build, in hex */
};

/* Fetches a file and says where it lies. It is a stranger's: whoever opens it compares its build
 * id. May be called from several threads. */
bool debuginfod_fetch(const struct debuginfod *servers, struct debuginfod_file file,
                      struct pp_str *ret_path, struct pp_arena *arena, struct pp_error *err);

#endif
