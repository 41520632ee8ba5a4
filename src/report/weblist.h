/* What -weblist shows: source lines with the instructions made from them.
 *
 *   weblist_code   samples to addresses, addresses to instructions and their calls
 *   weblist_build  instructions to lines, lines to functions, functions to files
 *
 * Semantics: MakeWebList of the reference. An instruction that is in an inlined call stands at the
 * call's line, too, if both functions are of interest. */
#ifndef REPORT_WEBLIST_H
#define REPORT_WEBLIST_H

#include "base/intern.h"
#include "report/report.h"

struct weblist_call {
    struct pp_str file;
    int64_t line;
};

struct weblist_inst {
    uint64_t address, length; /* of the profile; bytes */
    uint64_t object_address;
    struct pp_str text; /* "" where no binary says */
    struct pp_str file; /* where it is, innermost */
    int64_t line;
    int64_t flat, cum;
};

/* An instruction at a source line. */
struct weblist_entry {
    uint32_t file;     /* in weblist.files */
    uint32_t function; /* in weblist.names */
    uint32_t inst;
    uint32_t order;
    int64_t line;
    const struct weblist_call *calls; /* inlined there, outermost first */
    uint32_t n_calls;
};

struct weblist_line {
    int64_t number, flat, cum;
    uint32_t first, n; /* in entries */
    uint32_t file, function;
};

struct weblist_function {
    struct pp_str name;
    uint32_t file;
    uint32_t first, n;  /* in lines: those with instructions */
    int64_t begin, end; /* lines to show, without the last */
    int64_t flat, cum;
};

struct weblist {
    const struct report_ctx *rc;
    struct pp_arena *arena;
    struct interner names; /* linkage names of functions */
    struct interner files;
    struct weblist_inst *insts;
    struct weblist_entry *entries;
    struct weblist_line *lines;
    struct weblist_function *functions; /* by file, then by line */
    uint32_t n_insts, n_entries, n_lines, n_functions;
    size_t cap_insts, cap_entries;

    /* by name: */
    bool *interest;
    struct pp_str *pretty; /* the readable name; data NULL: the same */
    size_t cap_interest, cap_pretty;
    uint32_t n_known; /* names of the profile; those that come later are of no interest */

    /* places of samples: distinct addresses, ascending */
    uint64_t *sites;
    int64_t *site_flat, *site_cum; /* each time that it is on a stack; cum: of count_recursion */
    uint32_t *site_of;             /* by location; PP_NONE */
    int64_t *weights;              /* by stack */
    uint32_t n_sites;
};

/* Finds instructions and entries. */
bool weblist_code(struct weblist *w, struct pp_error *err);

/* All of it. weblist_done also after a failure. */
bool weblist_build(struct weblist *w, const struct report_ctx *rc, struct pp_error *err);
void weblist_done(struct weblist *w);

#endif
