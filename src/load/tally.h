/* What went wrong with which of many sources, in one line however many they are. */
#ifndef LOAD_TALLY_H
#define LOAD_TALLY_H

#include "base/arena.h"
#include "cpprof/diag.h"
#include "cpprof/error.h"
#include "profile/profile.h"

enum { TALLY_REASONS = 4, TALLY_WIDTHS = 16, TALLY_TEXT = 240 };

struct tally_group {
    char text[TALLY_TEXT];
    const char *first; /* a source's name */
    size_t n;
};

/* Sources that have as many sample types. */
struct tally_width {
    uint32_t n_types;
    const char *first;
    size_t n;
};

/* Copying it keeps a state to return to. */
struct tally {
    const char *what; /* "source", "base" */
    bool strict;      /* whatever is wrong with one is an error */
    const struct pp_diag *diag;
    size_t n_read, n_failed, n_other_reasons, n_of_other_widths;
    size_t n_runs; /* that the profiles read hold (profile/runs.h) */
    struct tally_group reasons[TALLY_REASONS];
    size_t n_reasons;
    struct tally_width widths[TALLY_WIDTHS];
    size_t n_widths;
    struct tally_group notes[TALLY_REASONS];
    size_t n_notes, n_other_notes;
    size_t n_doubts, n_told; /* of sources that were read nevertheless; that were said before */
};

/* `name` lives as long as the tally. */
void tally_failed(struct tally *t, const char *name, const struct pp_error *why);
/* Whether what is wrong with a source that was read was said already, when it was read before. */
bool tally_was_told(struct tally *t);
/* Back to what it was before those sources that must be read again. */
void tally_return(struct tally *t, const struct tally *before);
void tally_note(struct tally *t, const char *name, const char *note); /* "": none */
void tally_read(struct tally *t, const char *name, const struct pp_profile *p);

/* Says what was left out and whose sample types were cut to those of `merged`, which is NULL when
 * nothing could be read: that is an error. */
bool tally_report(const struct tally *t, const struct pp_profile *merged, struct pp_error *err);

#endif
