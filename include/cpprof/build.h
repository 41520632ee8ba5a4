/* Making a profile from nothing: for profilers. Texts, stacks and label sets are kept once however
 * often they come. A builder belongs to one thread at a time. Everything is copied. */
#ifndef CPPROF_BUILD_H
#define CPPROF_BUILD_H

#include "profile.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pp_builder;

/* NULL, with the reason, where there is no memory. A builder that ran out of memory later gives
 * PP_E_MEMORY and stays usable. */
PP_API struct pp_builder *pp_builder_new(struct pp_context *ctx, struct pp_error *err);
PP_API void pp_builder_free(struct pp_builder *b); /* NULL is allowed */

/* One value a sample has, "cpu" in "nanoseconds"; all of them before the first sample. */
PP_API bool pp_builder_add_sample_type(struct pp_builder *b, const char *type, const char *unit,
                                       struct pp_error *err);

struct pp_build_info {
    size_t size;                                                 /* sizeof(struct pp_build_info) */
    const char *period_type, *period_unit, *default_sample_type; /* NULL: "" */
    int64_t period, time_nanos, duration_nanos;
};
PP_API bool pp_builder_set_info(struct pp_builder *b, const struct pp_build_info *info,
                                struct pp_error *err);
PP_API bool pp_builder_add_comment(struct pp_builder *b, const char *text, struct pp_error *err);

struct pp_build_mapping {
    size_t size; /* sizeof(struct pp_build_mapping) */
    uint64_t start, limit, offset;
    const char *file, *build_id; /* build_id: lower-case hex; NULL: unknown */
};
/* ret_mapping may be NULL. */
PP_API bool pp_builder_add_mapping(struct pp_builder *b, const struct pp_build_mapping *m,
                                   uint32_t *ret_mapping, struct pp_error *err);
/* The executable mappings of a process, from a file in the form of /proc/PID/maps. */
PP_API bool pp_builder_add_maps(struct pp_builder *b, const char *path, struct pp_error *err);
/* Those of this process, as the loader knows them (dl_iterate_phdr), with their build ids. */
PP_API bool pp_builder_add_own_mappings(struct pp_builder *b, struct pp_error *err);

struct pp_build_function {
    size_t size;                               /* sizeof(struct pp_build_function) */
    const char *name, *system_name, *filename; /* NULL: "" */
    int64_t start_line;
};
/* The same one when an equal one is there. */
PP_API bool pp_builder_add_function(struct pp_builder *b, const struct pp_build_function *f,
                                    uint32_t *ret_function, struct pp_error *err);

struct pp_build_location {
    size_t size; /* sizeof(struct pp_build_location) */
    uint64_t address;
    uint32_t mapping;                 /* PP_NOWHERE: the one that the address lies in, if any */
    const struct pp_line_view *lines; /* inlined calls first; none: named later, by its address */
    uint32_t n_lines;
};
/* The same one when an equal one is there. */
PP_API bool pp_builder_add_location(struct pp_builder *b, const struct pp_build_location *l,
                                    uint32_t *ret_location, struct pp_error *err);

struct pp_build_label {
    const char *key;
    const char *text; /* NULL: a number */
    int64_t num;
    const char *unit; /* of a number; NULL: none */
};
struct pp_build_sample {
    size_t size;               /* sizeof(struct pp_build_sample) */
    const uint32_t *locations; /* leaf first */
    uint32_t n_locations;
    const int64_t *values; /* as many as there are sample types */
    const struct pp_build_label *labels;
    uint32_t n_labels;
};
PP_API bool pp_builder_add_sample(struct pp_builder *b, const struct pp_build_sample *s,
                                  struct pp_error *err);

/* Checks and hands over. The builder is freed in any case. */
PP_API bool pp_builder_finish(struct pp_builder *b, struct pp_profile **ret_profile,
                              struct pp_error *err);

#ifdef __cplusplus
}
#endif

#endif
