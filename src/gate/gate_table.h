/* What every function costs in every run: the numbers that the gate's rules ask about. */
#ifndef GATE_TABLE_H
#define GATE_TABLE_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "gate/gate_count.h"
#include "gate/gate_stats.h"
#include "profile/profile.h"

struct gate_benches;
struct graph_options;

/* The profiles to compare, each by itself: n[GATE_OLD] old ones, then n[GATE_NEW] new ones. */
struct gate_input {
    const struct pp_profile *const *profiles;
    const struct pp_str *names; /* of the sources, for messages */
    const uint32_t *merged;     /* how many runs each of them holds; 1 for a plain profile */
    uint32_t n[2];              /* profiles, not runs */
    const struct gate_benches *benches; /* what each of them did; or NULL */
    bool exact_names;                  /* functions are told apart by their whole names, not keys */
    const struct graph_options *paths; /* how they are trimmed */
};

struct gate_function {
    struct pp_str name, file; /* as the newest run that has them writes them */
    struct pp_str was;        /* its name in the newest run of the base; or "" */
    struct pp_str key;        /* what it is compared by (identity.h) */
    int64_t start_line;
    uint32_t named_by;  /* 1 + the profile that `name` is of */
    bool is_helper;     /* helper.h; or inlined: */
    bool is_inlined;    /* one side alone has it, and never but as inlined code */
    bool is_new;        /* the base does not have it */
    bool is_renumbered; /* the base has it under another number (numbering.h) */
    uint32_t took;      /* such a function, most of what `self` has of them; or 0 */
    double took_value;
};

/* Sums over the samples of each run. A series' arrays have a value a run; a profile that was merged
 * from k runs counts as k equal ones. */
struct gate_table {
    const struct gate_input *input;
    struct pp_str type, unit; /* "cpu", "nanoseconds": the finest of the profiles' */
    uint32_t n[2], n_runs, n_functions;
    uint32_t n_profiles;
    uint32_t *column;                   /* by profile: its first run */
    struct gate_counting *counting;     /* by profile */
    double *work;                       /* by profile: how much a run did, of the base's mean */
    double *scale;                      /* by profile: into `unit`, for the mean of the work */
    struct gate_function *functions;    /* [0] is what has no name */
    uint32_t **rows;                    /* by profile: the function of each of its own */
    struct gate_series *by[GATE_COSTS]; /* by cost, by function */
    struct gate_series total;
    double unnamed[2]; /* share of each side's total whose leaf has no name */
    struct pp_arena *arena;
};

/* Functions are told apart as gate_names.h says. Reads the values of the type with this name. Fails
 * with PP_E_INCOMPATIBLE where a profile has no such type, or values that are negative. Lives in
 * `arena`. */
bool gate_table_build(struct gate_table *ret_table, const struct gate_input *input,
                      struct pp_str type, struct pp_arena *arena, struct pp_error *err);

/* Makes it the table of another sample type of its profiles, which are all of one side: what their
 * functions are known by stays. Fails as above, and changes nothing then. */
bool gate_table_retype(struct gate_table *table, struct pp_str type, struct pp_error *err);

/* What the samples cost together that pass through a marked function (cum), or belong to one. */
struct gate_series gate_table_group(const struct gate_table *t, const bool *marked,
                                    enum gate_cost cost);

/* The side of a profile. */
int gate_table_side(const struct gate_table *t, uint32_t at);

/* The mean of a side's runs; 0 where there are none. */
double gate_table_mean(const struct gate_table *t, const struct gate_series *s, int side);

/* A distinct stack of a profile, as functions: leaf first, inlined calls one by one. */
struct gate_stack {
    const uint32_t *rows;
    const int64_t *lines; /* where each is; 0: unknown */
    size_t n;
    size_t own;   /* whose `self` it is: the leaf, or who called the helpers there */
    double value; /* per run of its side */
    int side;
};

void gate_table_each_stack(const struct gate_table *t,
                           void (*visit)(void *user, const struct gate_stack *stack), void *user);

/* The same for samples with this label; `matches` decides by its value. */
struct gate_series gate_table_label(const struct gate_table *t, struct pp_str key,
                                    bool (*matches)(void *user, struct pp_str value), void *user,
                                    bool *ret_any);

#endif
