/* Profiles: read, combined, looked at. A profile is never changed once it is there: what derives
 * one gives a new one, which owns all its memory. Any number of threads may use one at once. */
#ifndef CPPROF_PROFILE_H
#define CPPROF_PROFILE_H

#include "context.h"
#include "str.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pp_profile;

PP_API void pp_profile_free(struct pp_profile *p); /* NULL is allowed */

/* ---- reading: every format that the program reads, and gzip or zstd around it ---- */

/* The bytes are not needed afterwards. `name` stands for the source in errors. */
PP_API bool pp_profile_read_memory(struct pp_context *ctx, const void *bytes, size_t n,
                                   const char *name, struct pp_profile **ret_profile,
                                   struct pp_error *err);
/* Reads to the end; the descriptor stays the caller's. */
PP_API bool pp_profile_read_fd(struct pp_context *ctx, int fd, const char *name,
                               struct pp_profile **ret_profile, struct pp_error *err);
PP_API bool pp_profile_read_file(struct pp_context *ctx, const char *path,
                                 struct pp_profile **ret_profile, struct pp_error *err);

/* ---- combining ---- */

/* The sum of n >= 1 profiles, cut to their common sample types and brought to the finest units. */
PP_API bool pp_profile_merge(struct pp_context *ctx, const struct pp_profile *const *profiles,
                             size_t n, struct pp_profile **ret_profile, struct pp_error *err);

enum pp_subtract_flags {
    PP_SUBTRACT_NORMALIZE = 1 << 0, /* scales each type of p to the base's sum first */
    PP_SUBTRACT_MARK = 1 << 1       /* the base's samples stay apart (pprof::base=true), so that
                                       shares are of the base, and "diff" can tell both sides */
};

/* p minus base. */
PP_API bool pp_profile_subtract(struct pp_context *ctx, const struct pp_profile *p,
                                const struct pp_profile *base, unsigned flags,
                                struct pp_profile **ret_profile, struct pp_error *err);

/* Every value times the factor of its sample type (as many as there are types), rounded. */
PP_API bool pp_profile_scale(struct pp_context *ctx, const struct pp_profile *p,
                             const double *factors, struct pp_profile **ret_profile,
                             struct pp_error *err);

/* ---- names for addresses ---- */

struct pp_symbolize_options {
    size_t size;      /* sizeof(struct pp_symbolize_options) */
    const char *mode; /* "", "fastlocal", "force", "none"; with ":demangle=none|full|templates" */
    const char *debug_dirs; /* "DIR:DIR": where binaries and debug files are besides the usual
                               places; NULL: none */
    const char *perf_map;   /* a file of names of code made at run time (/tmp/perf-PID.map); NULL */
};

/* Needs PP_ALLOW_FILES. A binary that can't be read is no failure: the report "symbols" of the
 * result says what became of each. `options` may be NULL. */
PP_API bool pp_profile_symbolize(struct pp_context *ctx, const struct pp_profile *p,
                                 const struct pp_symbolize_options *options,
                                 struct pp_profile **ret_profile, struct pp_error *err);

/* ---- looking: nothing is copied, and texts live as long as the profile ---- */

struct pp_profile_info {
    size_t size; /* sizeof(struct pp_profile_info), set by the caller */
    uint32_t n_sample_types, n_samples, n_locations, n_functions, n_mappings, n_comments;
    uint32_t default_sample_type; /* position */
    struct pp_str period_type, period_unit;
    int64_t period;
    int64_t time_nanos;     /* since 1970, UTC; 0: unknown */
    int64_t duration_nanos; /* 0: unknown */
};
PP_API void pp_profile_get_info(const struct pp_profile *p, struct pp_profile_info *ret_info);

/* Positions count from 0; one that does not exist gives false, and the result is untouched. */

struct pp_type_view {
    struct pp_str type, unit; /* "cpu", "nanoseconds" */
};
PP_API bool pp_profile_sample_type(const struct pp_profile *p, uint32_t at,
                                   struct pp_type_view *ret_type);
PP_API bool pp_profile_comment(const struct pp_profile *p, uint32_t at, struct pp_str *ret_text);

struct pp_sample_view {
    const int64_t *values; /* n_sample_types */
    uint32_t depth;        /* locations of its stack */
    uint32_t n_labels;
};
PP_API bool pp_profile_sample(const struct pp_profile *p, uint32_t at,
                              struct pp_sample_view *ret_sample);
/* The location at `depth` of a sample's stack: 0 is the leaf. */
PP_API bool pp_profile_sample_location(const struct pp_profile *p, uint32_t sample, uint32_t depth,
                                       uint32_t *ret_location);

struct pp_label_view {
    struct pp_str key;
    struct pp_str text; /* of a text label */
    struct pp_str unit; /* of a number; "" */
    int64_t num;
    bool is_num;
};
PP_API bool pp_profile_sample_label(const struct pp_profile *p, uint32_t sample, uint32_t at,
                                    struct pp_label_view *ret_label);

struct pp_location_view {
    uint64_t id; /* as in the file */
    uint64_t address;
    uint32_t mapping; /* PP_NOWHERE: none */
    uint32_t n_lines; /* 0: no name is known; more than one: inlined calls */
};
#define PP_NOWHERE UINT32_MAX
PP_API bool pp_profile_location(const struct pp_profile *p, uint32_t at,
                                struct pp_location_view *ret_location);

struct pp_line_view {
    uint32_t function;
    int64_t line, column; /* 0: unknown */
};
/* The innermost inlined call first, its caller last. */
PP_API bool pp_profile_location_line(const struct pp_profile *p, uint32_t location, uint32_t at,
                                     struct pp_line_view *ret_line);

struct pp_function_view {
    uint64_t id;
    struct pp_str name, system_name, filename; /* system_name: as the linker knows it */
    int64_t start_line;
};
PP_API bool pp_profile_function(const struct pp_profile *p, uint32_t at,
                                struct pp_function_view *ret_function);

struct pp_mapping_view {
    uint64_t id, start, limit, offset; /* [start, limit) holds the file from offset on */
    struct pp_str file, build_id;
};
PP_API bool pp_profile_mapping(const struct pp_profile *p, uint32_t at,
                               struct pp_mapping_view *ret_mapping);

#ifdef __cplusplus
}
#endif

#endif
