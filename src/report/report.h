/* Reports. A report is one file and one line in formats.def: a const row that says everything the
 * program must know about it. Nothing outside that file asks for its name. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/arena.h"
#include "base/out.h"
#include "cpprof/diag.h"
#include "cpprof/error.h"
#include "graph/trim.h"
#include "history/history.h"
#include "profile/facts.h"
#include "profile/profile.h"
#include "profile/view/view.h"
#include "report/rows.h"
#include "report/source.h"
#include "symbol/objects.h"
#include "symbol/symbolize.h"

/* A look at runs while more of them are made. */
struct report_look {
    double share;    /* of the wrong verdicts that the rules allow: what this look may use up */
    bool is_last;    /* no more runs will be made */
    bool is_settled; /* found by the report: more runs would not change what it says */
};

/* What only a report that compares runs needs: its sources, each by itself, after the views, and
 * the rules. */
struct report_runs {
    const struct pp_profile *const *profiles; /* n[0] bases, then n[1] new ones */
    const struct pp_str *names;
    uint32_t n[2];
    bool is_history;                 /* the bases are sums: they have no callers and no labels */
    struct pp_str rules, rules_file; /* what -rules=FILE holds, and its name; or "" */
    bool exact_names;                /* whole names are compared, not keys (gate/identity.h) */
    const struct pp_str *benchmarks; /* what each run did: texts, as many as profiles; or NULL */
    bool in_turns;                   /* runs of both sides are pairs, in their order */
    struct report_look *look;        /* or NULL: these are all the runs that there will be */
};

/* What only a report that shows sources or instructions needs. */
struct report_listing {
    struct source_options sources;    /* where source files are */
    const struct pp_objects *objects; /* binaries; NULL: none may be opened */
    bool param_is_address;            /* the parameter is an address: */
    uint64_t param_address;
    uint32_t most; /* so many functions, those with the most flat cost first, or values of a label;
                      0: all, by name */
    bool intel_syntax;
    bool count_recursion; /* a recursive function counts once for each of its lines */
};

/* The terminal that the text goes to. */
struct report_screen {
    unsigned width; /* columns; 0: it goes elsewhere */
    bool color;     /* it shows colors */
    bool links;     /* it follows links to source lines */
};

/* What the page as one file holds besides what it finds itself. */
struct report_embedded {
    struct pp_str verdict, listing;   /* tables as the page reads them (page_data.h); or "" */
    struct pp_str courses;            /* what a history says (trend.h); or "" */
    const struct report_ctx **others; /* the same sources with one of them as the base, */
    const struct pp_str *names;       /* which has this name */
    uint32_t n;
};

/* What a report needs to know, resolved: no text that still has to be understood. */
struct report_ctx {
    const struct pp_profile *profile; /* after merging, symbolizing and the views */
    const struct pp_profile *full;    /* the same before its granularity; same strings. With
                                         REPORT_BY_GRAPH they are one */
    const struct report_format *format;
    struct pp_str source;             /* the first source's name, as the user gave it */
    struct profile_facts facts;       /* of the profile; compared with a base, of the new side */
    const struct profile_facts *base; /* of the base; NULL: there is none, or it is not known */
    const struct pp_str *labels;      /* of all rows, and of the whole: pairs of key and value */
    size_t n_labels;                  /* texts: twice the pairs */
    uint32_t type;                    /* which value of a sample */
    bool mean;                        /* divided by the first value */
    struct pp_str type_name;          /* "cpu"; "mean_cpu" */
    struct pp_str type_unit;          /* "nanoseconds" */
    struct pp_str unit;               /* to show values in; "minimum": choose */
    double ratio;                     /* values are shown times this, when it is positive */
    int64_t total;                    /* what shares are shares of */
    struct trim_options trim;
    uint32_t depth; /* levels of a call tree that are shown; 0: all */
    struct graph_options graph;
    bool compact_labels;
    const struct pp_str *filters; /* "focus=main", for the header */
    size_t n_filters;
    struct label_units label_units; /* in which labels that are numbers are shown */
    struct pp_str param;            /* of -peek=..: the text, and its expression */
    const struct regex *param_regex;
    bool exact_names;                   /* -diff compares whole names, not keys (gate/identity.h) */
    const struct report_paired *paired; /* with REPORT_PAIRS: what bears another name; or NULL */
    struct pp_str comparison; /* with what, and how: "-diff_base=old.pb.gz"; "": with nothing */
    uint32_t means_of[2]; /* runs that the base and the profile are sums of: -diff shows means */
    bool is_scaled;       /* to the base's total (-normalize): values are no sums of samples */
    struct report_listing listing;
    struct report_screen screen;
    const struct history_window *history;   /* of a report with REPORT_HISTORY; else NULL */
    const struct report_embedded *embedded; /* of a report with REPORT_EMBEDS; or NULL */
    const struct report_runs *runs;         /* of a report with REPORT_RUNS; else NULL */
    const struct symbol_report *symbols;    /* what became of each mapping */
    void *found;                            /* what the report's own `collect` found */
    bool as_rows;                           /* for machines: shown by an encoder */
    bool as_series;                         /* for databases: what is left out is a row, too */
    struct pp_arena *arena;                 /* lives as long as the report */
    const struct pp_diag *diag;
};

enum report_trait {
    REPORT_KEEP_ALL = 1 << 0,     /* -nodecount and the fractions do not apply */
    REPORT_OBJECT_NAMES = 1 << 1, /* functions of different binaries stay apart */
    REPORT_FILE = 1 << 2,         /* for a file or a program, not for a terminal */
    REPORT_CALL_TREE = 1 << 3,    /* honours -call_tree */
    REPORT_PICTURE = 1 << 4,      /* the graph is for drawing */
    REPORT_TAG_ARGS = 1 << 5,     /* at the prompt, words filter labels instead of functions */
    REPORT_PROMPT_SHORT = 1 << 6, /* ten nodes at the prompt, unless told otherwise */
    REPORT_OUTSIDE = 1 << 7,      /* starts other programs */
    REPORT_SAFE = 1 << 8,         /* our own text: names are made safe to show, in a pipe too */
    REPORT_SOURCES = 1 << 9,      /* reads source files */
    REPORT_COMPARES = 1 << 10,    /* tells the base's samples apart, whatever flag named it */
    REPORT_RUNS = 1 << 11,        /* compares sources: nothing is merged, every base counts */
    REPORT_FREE_PARAM = 1 << 12,  /* its parameter is no expression, and may be left out */
    REPORT_FEW_EDGES = 1 << 13,   /* of edges it only says which nodes are inlined calls */
    REPORT_OBJECTS = 1 << 14,     /* looks into binaries */
    REPORT_NO_INLINES = 1 << 15,  /* inlined calls count as their caller, */
    REPORT_INLINES = 1 << 16,     /* or never do, whatever the user wants */
    REPORT_PLAIN_NAMES = 1 << 17, /* for a compiler: no name is demangled */
    REPORT_NAMES_ONCE = 1 << 18,  /* writes tables of names, each name once, */
    REPORT_LABELS_EACH = 1 << 21, /* but labels with each sample */
    REPORT_HISTORY = 1 << 22,     /* about a history: there is no profile */
    REPORT_EMBEDS = 1 << 19,      /* holds other reports, too (report_embedded) */
    REPORT_BY_GRAPH = 1 << 23,    /* the graph alone says which places are told apart */
    REPORT_NO_LABELS = 1 << 24,   /* shows nothing that labels say */
    REPORT_EACH_SOURCE = 1 << 20, /* sources stay apart, unless they are compared with a base */
    REPORT_PAIRS = 1 << 25,       /* the base's functions bear the names that they have now, */
    REPORT_PAIR_GROUPS = 1 << 26, /* and those of which it is not sure which is which one name */
};

struct report_format {
    const char *name;        /* command and flag: "top" */
    const char *alias;       /* a second one, or NULL: "text" */
    const char *help;        /* one line */
    const char *usage;       /* more, for the prompt's help; or NULL */
    const char *param;       /* what -name=PARAM takes, "<func_regex>"; or NULL */
    const char *granularity; /* the level that it needs, or NULL: the user's */
    int node_count;          /* nodes shown when the user does not say; 0: all */
    unsigned traits;
    const char *suffix; /* of a file for its output: "pb.gz" */
    const char *filter; /* of a picture: the option of dot that makes it; or NULL */
    /* Commands that show the output, unless it is written to a file; the first that there is is
     * taken.
     * "$X" stands for an environment variable's value. Ends with NULL; or NULL. */
    const char *const *viewers;
    /* What the report is about, found out once, whichever way it is shown: becomes rc->found, lives
     * in rc->arena. NULL: all of it is in rc. A failure leaves nothing to close. */
    bool (*collect)(const struct report_ctx *rc, void **ret_found, struct pp_error *err);
    void (*close)(void *found); /* frees what is not in the arena; or NULL */
    /* The text; NULL where `encoder` is not. A failure comes before the first byte. */
    bool (*render)(const struct report_ctx *rc, struct out *out, struct pp_error *err);
    /* The same in Markdown, for encoders that are for people; NULL: as rows. */
    bool (*markdown)(const struct report_ctx *rc, struct out *out, struct pp_error *err);
    /* The same facts as rows, between the table's begin and end; or NULL, and then no table. */
    bool (*rows)(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err);
    const struct report_table *table;
    const struct encoder *encoder; /* of rows that nobody asked for as text; NULL: `render` */
    /* The exit status that the facts ask for; NULL: 0. */
    int (*status)(const void *found);
};

enum { MAX_FIELDS = 24 };

struct report_fields {
    struct pp_field at[MAX_FIELDS];
    size_t n;
};

/* The shape of a report's rows. Its schema is "cpprof/NAME/VERSION". */
struct report_table {
    unsigned version; /* rises when the shape changes */
    bool is_series;   /* for databases, each row says what it is of (series.h) */
    const char *name; /* where several reports share a shape; NULL: the report's */
    const char *const *columns;
    size_t n_columns;
    size_t (*n_columns_now)(const struct report_ctx *rc); /* where the last may be missing; NULL */
    const char *const *shown; /* the columns for people (markdown); NULL: all */
    size_t n_shown;
    const struct report_metrics *metrics; /* for monitoring; NULL: it has none */
    /* The facts about the whole; NULL: those about the profile (fields_of_profile). */
    void (*fields)(const struct report_ctx *rc, struct report_fields *ret_fields);
};

#define REPORT(id) extern const struct report_format id##_report;
#include "report/formats.def"
#undef REPORT

/* All reports, in the order of the help; ends with NULL. */
extern const struct report_format *const report_table[];

/* Viewers of web pages. */
extern const char *const browser_commands[];

/* By name or alias; NULL if there is none. */
const struct report_format *report_find(struct pp_str name);

/* What a report that compares may ask for besides 0. */
enum { STATUS_BROKEN = 1, STATUS_IMPOSSIBLE = 3 };

/* Collects and shows: by the encoder, or as text if that is NULL. ret_status (may be NULL): the
 * report's exit status, set on success. */
bool report_write(const struct report_ctx *rc, const struct encoder *encoder, struct out *out,
                  int *ret_status, struct pp_error *err);

/* The graph of this report, trimmed. */
void report_graph(const struct report_ctx *rc, struct graph *g, struct trim_result *ret_trim);

/* The same as a report's `collect` and `close`. */
struct report_graph {
    struct graph g;
    struct trim_result trim;
};
bool report_collect_graph(const struct report_ctx *rc, void **ret_found, struct pp_error *err);
void report_close_graph(void *found);

/* The scaled value, as people read it, beside the number. */
struct pp_cell cell_value(const struct report_ctx *rc, struct pp_str unit, int64_t value);

/* When a profile was taken, as RFC 3339; null where that is not known. */
struct pp_cell cell_time(int64_t nanos, struct pp_arena *arena);

void fields_add(struct report_fields *fields, const char *group, const char *name,
                struct pp_cell value);

/* The facts about the profile that every table begins with, and how many nodes were left out. */
void fields_of_side(const struct report_ctx *rc, const struct profile_facts *facts,
                    const char *group, struct report_fields *ret_fields);
void fields_of_profile(const struct report_ctx *rc, struct report_fields *ret_fields);
void fields_of_graph(const struct report_ctx *rc, struct report_fields *ret_fields);

/* The sum of |value| over all samples; with samples of a diff base among them, over those. */
int64_t report_total(const struct pp_profile *p, uint32_t type, bool mean);

#endif
