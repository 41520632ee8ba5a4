/* What is asked of the loader, as plain data: which sources, what becomes of them. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include "base/pairs.h"
#include "base/text.h"
#include "cpprof/limits.h"
#include "symbol/index_store.h"

#include <stddef.h>

/* Fields that have the name and the meaning of a setting (driver/settings.def). Texts may be "". */
#define PP_LOAD(X)                                                                                 \
    X(bool, normalize)                                                                             \
    X(bool, strict)     /* a source that is left out, or cut, is an error */                       \
    X(bool, timestamps) /* decoders keep when each sample was taken, as a label */                 \
    X(bool, all_frames) /* the profile's own wish to drop frames is not followed */                \
    X(bool, debuginfod)                                                                            \
    X(const char *, symbolize)                                                                     \
    X(const char *, perf_map)                                                                      \
    X(const char *, buildid)                                                                       \
    X(const char *, add_comment)                                                                   \
    X(int, seconds)                                                                                \
    X(int, timeout)                                                                                \
    X(const char *, tls_cert)                                                                      \
    X(const char *, tls_key)                                                                       \
    X(const char *, tls_ca)                                                                        \
    X(struct text_list, header)

struct profile_decoder;

struct load_options {
#define LOAD_FIELD(type, name) type name;
    PP_LOAD(LOAD_FIELD)
#undef LOAD_FIELD
    const char *const *sources; /* the first of several is the binary if it is one */
    size_t n_sources;
    const char *base;       /* what the profile is compared with; NULL: nothing */
    bool base_marked;       /* its samples get the label pprof::base */
    struct text_list bases; /* all there are: of runs, which are not merged, or of `compares` */
    struct pairs labels;    /* that all samples get */
    struct pp_limits limits;
    bool compares;            /* base and sources stay apart: nothing is subtracted */
    bool no_labels;           /* nothing asks for them */
    bool sums_only;           /* nothing asks for more than what places sum up */
    bool labels_later;        /* somebody may ask for them, but nobody has: see fetched.kept */
    bool plain_names;         /* names as a linker has them */
    bool keeps_binaries;      /* reports look into the binaries, too */
    bool tells_sources;       /* of a few sources, which one a sample came from */
    struct index_store index; /* of what was learned of binaries */
    const struct profile_decoder *const *decoders; /* of plug-ins */
    size_t n_decoders;
};

#endif
