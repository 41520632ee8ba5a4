/* A question about a loaded profile: which samples and frames count, which value, how much of it is
 * shown. Plain data: the same words that google/pprof's flags use, with the same meaning. A report
 * (report.h) answers it. */
#ifndef CPPROF_QUERY_H
#define CPPROF_QUERY_H

#include <stdbool.h>
#include <stddef.h>

/* X(type, name, default). A text that is NULL means "". Expressions are RE2's; the texts belong to
 * the caller and live as long as what is made from them. */
#define PP_QUERY(X)                                                                                \
    /* Filters, applied in this order; "" filters nothing. By name of a function, its source file, \
     * or the binary: */                                                                           \
    X(const char *, focus, "")     /* only samples that pass through a match */                    \
    X(const char *, ignore, "")    /* no samples that pass through a match */                      \
    X(const char *, hide, "")      /* takes matching frames out of the stacks */                   \
    X(const char *, show, "")      /* keeps only matching frames in the stacks */                  \
    X(const char *, show_from, "") /* cuts what is above the highest match */                      \
    /* By label, "[KEY=]REGEX,..." or a range of a number, "[KEY=]1kb:10kb": */                    \
    X(const char *, tagfocus, "")   /* only samples with a matching label */                       \
    X(const char *, tagignore, "")  /* no samples with a matching label */                         \
    X(const char *, prune_from, "") /* cuts what is below the lowest match */                      \
    X(const char *, tagshow, "")    /* keeps only labels whose key matches */                      \
    X(const char *, taghide, "")    /* drops labels whose key matches */                           \
    /* Lists of label keys, "KEY,KEY", whose values become frames before all filters: */           \
    X(const char *, tagroot, "")                                                                   \
    X(const char *, tagleaf, "")                                                                   \
    /* The value: */                                                                               \
    X(const char *, sample_index, "") /* a sample type, or its position from 0; "": the default */ \
    X(bool, mean, false)              /* divided by the first value (the count) */                 \
    X(double, divide_by, 1)           /* values are shown divided by this; not 0 */                \
    X(const char *, unit, "minimum")  /* to show values in; "minimum" chooses one, "auto" each */  \
    X(bool, drop_negative, false)     /* leaves out what became less */                            \
    X(bool, relative_percentages, false) /* shares are of what the filters left */                 \
    /* What is told apart: */                                                                      \
    X(const char *, granularity, "") /* functions, filefunctions, files, lines, addresses; "": the \
                                        report's own */                                            \
    X(bool, noinlines, false)        /* inlined calls count as their caller */                     \
    X(bool, showcolumns, false)      /* column numbers with line numbers */                        \
    /* How much is shown: */                                                                       \
    X(bool, trim, true)           /* honours the next three */                                     \
    X(int, nodecount, -1)         /* at most so many nodes; 0: all; -1: the report's own number */ \
    X(double, nodefraction, .005) /* hides nodes below this share of the total */                  \
    X(double, edgefraction, .001) /* the same for edges */                                         \
    X(const char *, sort, "flat") /* "flat" or "cum" */                                            \
    X(bool, call_tree, false)     /* a node for each way to reach a function */                    \
    /* How it looks: */                                                                            \
    X(bool, compact_labels, false)   /* fewer lines above a report */                              \
    X(bool, intel_syntax, false)     /* instructions in Intel's syntax */                          \
    X(bool, count_recursion, false)  /* listings count a recursive function once a line */         \
    X(const char *, source_path, "") /* where source files are, "DIR:DIR" */                       \
    X(const char *, trim_path, "")   /* prefixes to take off source paths, "DIR:DIR" */            \
    X(int, depth, 0)                 /* levels of a call tree that are shown; 0: all */

struct pp_query {
    size_t size; /* sizeof(struct pp_query), as the caller was compiled */
#define PP_QUERY_FIELD(type, name, def) type name;
    PP_QUERY(PP_QUERY_FIELD)
#undef PP_QUERY_FIELD
};

/* struct pp_query q = PP_QUERY_INIT; */
#define PP_QUERY_DEFAULT(type, name, def) def,
#define PP_QUERY_INIT                                                                              \
    { sizeof(struct pp_query), PP_QUERY(PP_QUERY_DEFAULT) }

#endif
