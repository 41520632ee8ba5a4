/* Tables of a Firefox profile, by columns as the profiler's page keeps them. */
#ifndef PROFILE_FIREFOX_H
#define PROFILE_FIREFOX_H

#include "profile/decode/json_walk.h"

struct texts {
    struct pp_str *at;
    size_t n, cap;
};

/* A table by rows, as Firefox itself writes it: where its parts stand in the text; 0: nowhere. */
struct row_table {
    size_t schema_at, data_at;
};

struct firefox_tables {
    struct texts strings;
    struct walk_doubles func_name, func_file, func_source, func_line;
    struct walk_doubles
        source_file; /* since version 58 a function has a source, which has a file */
    struct walk_doubles func_resource, resource_lib;
    struct walk_doubles frame_func, frame_line, frame_column, frame_address;
    struct walk_doubles frame_lib; /* in newest versions, in place of a function's resource */
    struct walk_doubles stack_frame, stack_prefix;
    struct walk_doubles
        stack_offset; /* since version 66 in place of prefix: how far before it is */
    struct walk_doubles sample_stack, sample_weight;
    struct row_table frame_rows, stack_rows, sample_rows;
};

static inline double firefox_cell(const struct walk_doubles *column, double row) {
    return row >= 0 && row < (double)column->n ? column->at[(size_t)row] : -1;
}

/* Makes columns of the tables that are rows, and of names that hold the place. */
bool firefox_take_rows(struct json_walk *w, struct firefox_tables *t);

#endif
