/* Symbolizing a profile: its addresses become functions, files, lines and inlined calls, and
 * mangled names become readable. The modes and every flag that is set on a mapping are
 * google/pprof's.
 *
 * What its symbolizer does and we don't: an address of which nothing is known gets no line, where
 * the reference adds a line with an empty function. */
#ifndef SYMBOL_SYMBOLIZE_H
#define SYMBOL_SYMBOLIZE_H

#include "base/arena.h"
#include "cpprof/diag.h"
#include "cpprof/error.h"
#include "profile/profile.h"
#include "symbol/binaries.h"

struct symbolize_options {
    const char *mode;          /* of -symbolize: words separated by colons */
    bool plain_names;          /* demangle none, whatever the mode says */
    struct binaries *binaries; /* where they are and how they are looked for */
    const char *perf_map;      /* a file; see perf_map.h; NULL or "": none */
    int64_t taken;             /* when the profile was taken, in ns since 1970; 0: unknown */
    void (*progress)(void *user, size_t done, size_t total); /* from any thread; or NULL */
    void *user;
    const struct pp_diag *diag;
};

/* What became of a mapping. */
enum symbol_outcome {
    SYMBOLS_UNUSED,     /* no location is in it */
    SYMBOLS_PRESENT,    /* the profile came with names */
    SYMBOLS_OFF,        /* not asked for */
    SYMBOLS_NO_FILE,    /* the profile names no file */
    SYMBOLS_NOT_A_FILE, /* code of the kernel, or made at run time */
    SYMBOLS_REMOTE,     /* the file's name is a URL */
    SYMBOLS_UNREADABLE,
    SYMBOLS_WRONG_BUILD,
    SYMBOLS_READ,
    SYMBOLS_PERF_MAP, /* made at run time, and the perf map was asked */
    SYMBOLS_KERNEL,   /* the kernel's own list of its symbols was asked */
    /* Rows that are of no mapping: */
    SYMBOLS_NO_MAPPING, /* addresses that no mapping covers */
    SYMBOLS_NO_STACK    /* samples without any address */
};

/* What would help, or what to know about the names; the words are in report/symbol_tips.c. */
enum symbol_tip_code {
    TIP_UNUSED,
    TIP_PRESENT,
    TIP_OFF,
    TIP_NO_FILE,
    TIP_MEMORY,      /* memory without a file */
    TIP_PAGES,       /* the kernel's own pages in a process */
    TIP_KERNEL,      /* the kernel or a module of it */
    TIP_SOME_KERNEL, /* no build id tells which; about: the name of its list */
    TIP_KERNEL_LINES,
    TIP_PERF_MAP_GONE,
    TIP_PERF_MAP_GAPS, /* n addresses are not in the perf map */
    TIP_REMOTE,
    TIP_UNREADABLE,
    TIP_WRONG_BUILD,
    TIP_BROKEN_DWARF,  /* about: why */
    TIP_SPLIT_MISSING, /* n units */
    TIP_DWZ_MISSING,   /* about: the file that holds what is missing */
    TIP_SOME_LINES,
    TIP_NO_LINES,
    TIP_STRIPPED,
    TIP_NO_PROGRAM, /* only the debug file was found */
    TIP_BEHIND,     /* about: the file whose mapping ends before the addresses */
    TIP_NO_MAPPING,
    TIP_NEWER,  /* the file was changed after the profile was taken, and no build id tells more */
    TIP_MISFIT, /* n of the addresses are in no function: perhaps another build */
    TIP_OTHER_SIZE, /* the mapping has n bytes, the file's code `of` */
    TIP_NO_STACK    /* n of `of` samples */
};

struct symbol_tip {
    enum symbol_tip_code code;
    struct pp_str about;
    uint64_t n, of;
};

enum { SYMBOL_TIPS = 4 };

struct symbol_row {
    struct pp_str file, build_id; /* as the profile has them, after binaries were located */
    enum symbol_outcome outcome;
    struct pp_str file_build_id; /* of the file that was read; "" when it has none */
    bool id_matches;             /* both have one, and they are equal */
    const struct pp_str *looked; /* places of debug information, and what came of each */
    size_t n_looked;
    struct pp_str found; /* what the names came from, for a person */
    struct pp_str why;   /* why the file could not be read; "" */
    struct symbol_tip tips[SYMBOL_TIPS];
    uint32_t n_tips;
    uint32_t n_addresses, n_dwarf, n_symtab, n_pclntab, n_perf_map, n_none,
        n_named; /* n_named: had lines */
};

struct symbol_report {
    struct symbol_row *rows; /* a row a mapping, in the profile's order; then those of none */
    uint32_t n;
    bool incomplete; /* names are missing because a file could not be read */
};

struct symbolized {
    struct pp_profile profile;
    struct symbol_report report;
};

/* The result lives in `a` and shares tables with `p`, which is not changed. A file that can't be
 * read is a warning and a row, not a failure; but a perf map, which the user has named, must be
 * read. */
bool symbolize(const struct pp_profile *p, const struct symbolize_options *opt,
               struct symbolized *ret, struct pp_arena *a, struct pp_error *err);

#endif
