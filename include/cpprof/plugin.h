/* Reports, encoders and decoders from outside. A plug-in is a shared library that links nothing of
 * cpprof: it is handed a table of functions. It defines one function,
 *
 *     PP_API bool cpprof_plugin(const struct pp_host *host, struct pp_registry *registry,
 *                               struct pp_error *err);
 *
 * which adds its rows and returns true; or calls host->fail. Nothing is ever loaded by itself, nor
 * because a profile asks for it: the user names the file (cpprof -plugin=FILE.so, or
 * pp_context_add_plugin). A plug-in runs with all rights of the program.
 *
 * Compatibility: host->abi rises when something that was there changes or goes; then the plug-in
 * must refuse. The table only grows at its end: what a plug-in needs beyond its own header's
 * version it asks by host->size. Every struct that a plug-in gives begins with its size.
 *
 * What a function is given lives until it returns, unless said otherwise. Functions may be called
 * from several threads at once, for different calls. */
#ifndef CPPROF_PLUGIN_H
#define CPPROF_PLUGIN_H

#include "build.h"
#include "error.h"
#include "rows.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PP_PLUGIN_ABI 1

struct pp_registry; /* what is being loaded */
struct pp_question; /* a report that is asked for */
struct pp_output;   /* where text goes */
struct pp_rows;     /* where rows go */
struct pp_host;

/* A function of the profile, with its cost: what -top shows in a line. */
struct pp_node {
    size_t size;        /* sizeof(struct pp_node), set by the caller */
    struct pp_str name; /* of the function */
    struct pp_str file; /* ""; where all of its code agrees */
    int64_t flat, cum;  /* in the sample type's own unit */
};

struct pp_plugin_report {
    size_t size;                /* sizeof(struct pp_plugin_report) */
    const char *name, *help;    /* a flag's name; one line */
    unsigned version;           /* of its rows: the schema is "cpprof/NAME/VERSION" */
    const char *const *columns; /* of its rows; NULL: it has none */
    size_t n_columns;
    bool (*text)(const struct pp_host *host, struct pp_question *question, struct pp_output *out,
                 struct pp_error *err);
    bool (*rows)(const struct pp_host *host, struct pp_question *question, struct pp_rows *rows,
                 struct pp_error *err); /* NULL where there are no columns */
};

struct pp_plugin_encoder {
    size_t size;
    const char *name, *help;
    void (*begin)(const struct pp_host *host, const struct pp_table *table, struct pp_output *out);
    void (*row)(const struct pp_host *host, const struct pp_table *table,
                const struct pp_cell *cells, struct pp_output *out); /* n_columns of them */
    void (*end)(const struct pp_host *host, const struct pp_table *table, struct pp_output *out);
};

struct pp_plugin_decoder {
    size_t size;
    const char *name; /* for messages */
    /* Whether the beginning of a file (unpacked, up to 4096 bytes) looks like this format. */
    bool (*probe)(const void *head, size_t n);
    /* All of it, into a builder; false with PP_E_UNRECOGNIZED: not mine after all. */
    bool (*decode)(const struct pp_host *host, const void *bytes, size_t n,
                   struct pp_builder *builder, struct pp_error *err);
};

struct pp_host {
    size_t size; /* of this table, in bytes */
    unsigned abi;

    bool (*fail)(struct pp_error *err, enum pp_code code, const char *text); /* returns false */

    /* What is added must live as long as the plug-in is loaded: const data. */
    bool (*add_report)(struct pp_registry *registry, const struct pp_plugin_report *report,
                       struct pp_error *err);
    bool (*add_encoder)(struct pp_registry *registry, const struct pp_plugin_encoder *encoder,
                        struct pp_error *err);
    bool (*add_decoder)(struct pp_registry *registry, const struct pp_plugin_decoder *decoder,
                        struct pp_error *err);

    /* Of a report: the functions that the question leaves, most first; false past the last. */
    bool (*node)(struct pp_question *question, size_t at, struct pp_node *ret_node);
    int64_t (*total)(struct pp_question *question); /* what shares are shares of */
    struct pp_str (*sample_type)(struct pp_question *question);
    struct pp_str (*unit)(struct pp_question *question);
    const struct pp_profile *(*profile)(struct pp_question *question); /* after the filters */
    void *(*alloc)(struct pp_question *question,
                   size_t n); /* zeroed; lives as long as the report */

    /* Text. Failures to write are the program's to tell. */
    void (*put)(struct pp_output *out, const void *bytes, size_t n);
    /* A value in the unit that the user wants, padded on the left: "  1.20s". */
    void (*put_value)(struct pp_question *question, struct pp_output *out, int64_t value,
                      size_t width);

    /* Adds a row: as many cells as the report has columns. */
    void (*row)(struct pp_rows *rows, const struct pp_cell *cells);

    /* Of a decoder: build.h's functions of the same names. */
    bool (*add_sample_type)(struct pp_builder *b, const char *type, const char *unit,
                            struct pp_error *err);
    bool (*set_info)(struct pp_builder *b, const struct pp_build_info *info, struct pp_error *err);
    bool (*add_comment)(struct pp_builder *b, const char *text, struct pp_error *err);
    bool (*add_mapping)(struct pp_builder *b, const struct pp_build_mapping *m,
                        uint32_t *ret_mapping, struct pp_error *err);
    bool (*add_function)(struct pp_builder *b, const struct pp_build_function *f,
                         uint32_t *ret_function, struct pp_error *err);
    bool (*add_location)(struct pp_builder *b, const struct pp_build_location *l,
                         uint32_t *ret_location, struct pp_error *err);
    bool (*add_sample)(struct pp_builder *b, const struct pp_build_sample *s, struct pp_error *err);
};

#ifdef __cplusplus
}
#endif

#endif
