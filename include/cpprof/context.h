/* What the library may do on behalf of a program, and where it says things. Every call takes a
 * context. The library never prints, exits, aborts or installs a signal handler; it starts a thread
 * or a program, loads a library, opens a file that a profile names or asks a server only where its
 * context allows it. Exhausted memory is the error PP_E_MEMORY of the call that met it: nothing is
 * left of that call.
 *
 * Threads: a context is not changed by reading, asking and rendering, so any number of threads may
 * use one at once; pp_context_add_plugin must not run beside other calls. */
#ifndef CPPROF_CONTEXT_H
#define CPPROF_CONTEXT_H

#include "diag.h"
#include "error.h"
#include "limits.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pp_allow {
    PP_ALLOW_THREADS = 1 << 0,   /* threads, all of which have ended when the call returns */
    PP_ALLOW_FILES = 1 << 1,     /* binaries, debug files and sources that a profile names */
    PP_ALLOW_PROGRAMS = 1 << 2,  /* objdump for instructions, dot for pictures */
    PP_ALLOW_LIBRARIES = 1 << 3, /* optional libraries: ISA-L, liblzma, libdebuginfod */
    PP_ALLOW_NETWORK = 1 << 4    /* servers of debug information (needs PP_ALLOW_LIBRARIES) */
};

struct pp_context_options {
    size_t size;             /* sizeof(struct pp_context_options) */
    unsigned allow;          /* of enum pp_allow; 0: nothing of it */
    struct pp_diag diag;     /* warnings, a line each; may be called from the calling thread only */
    struct pp_limits limits; /* of what is read; 0: the default */
};

#define PP_CONTEXT_NO_LIMIT(name, value) 0,
#define PP_CONTEXT_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(struct pp_context_options), 0, {0, 0}, {                                            \
            PP_LIMITS(PP_CONTEXT_NO_LIMIT)                                                         \
        }                                                                                          \
    }

struct pp_context;

/* `options` may be NULL. NULL, with the reason, where there is no memory. The diag's user must live
 * as long as the context. */
PP_API struct pp_context *pp_context_new(const struct pp_context_options *options,
                                         struct pp_error *err);
PP_API void pp_context_free(struct pp_context *ctx); /* NULL is allowed; profiles live on */

/* Loads FILE.so (see plugin.h), whose reports, encoders and decoders are known from then on. This
 * is the caller's own wish, so no permission is asked. The library stays loaded. */
PP_API bool pp_context_add_plugin(struct pp_context *ctx, const char *file, struct pp_error *err);

#ifdef __cplusplus
}
#endif

#endif
