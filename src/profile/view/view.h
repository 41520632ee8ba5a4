/* Views: a profile derived from another one, which stays as it is. The result is a shallow copy: it
 * shares every table that did not change with the input, and takes those that did from `arena`; so
 * it lives no longer than either. Input and result may be the same variable.
 *
 * Stacks and label sets keep their positions, unless a comment says otherwise, and may repeat in a
 * view. A cut stack is a part of the frames of the input's stack; a location that lost lines is a
 * part of its lines: reach both through first and len, never by adding up.
 *
 * Regular expressions are asked once a name, whatever the number of samples. The order in which a
 * command applies views, and every rule, are those of google/pprof
 * (internal/driver/driver_focus.go, profile/filter.go, profile/prune.go). A function that returns
 * nothing cannot fail. */
#ifndef PROFILE_VIEW_H
#define PROFILE_VIEW_H

#include "base/arena.h"
#include "base/regex.h"
#include "cpprof/diag.h"
#include "cpprof/error.h"
#include "profile/profile.h"
#include "profile/view/blanks.h"

/* --- by name: of a function, of its file, or of the mapping's file (filter.c) --- */

struct name_filter { /* NULL: not asked for */
    const struct regex *focus, *ignore, *hide, *show;
};

struct name_matches { /* whether any location, used or not, matched */
    bool focus, ignore, hide, show;
};

/* Keeps the samples with a focused location and no ignored one; removes hidden lines, and lines
 * that are not shown, then locations that lost all their lines, then samples without any location.
 * All four in one pass: focus sees what hide removes. */
void view_filter_names(const struct pp_profile *p, const struct name_filter *filter,
                       struct pp_profile *ret_view, struct name_matches *ret_matches,
                       struct pp_arena *arena);

/* Drops what is above (rootwards of) the match that is nearest to the root, and samples without
 * one. Returns whether a location matched. */
bool view_show_from(const struct pp_profile *p, const struct regex *rx, struct pp_profile *ret_view,
                    struct pp_arena *arena);

/* --- pruning: names without their parameter list (prune.c) --- */

/* Drops the frames that match `drop` and not `keep` (may be NULL), and all that they call. Frames
 * at the root end that match stay, up to the first that does not. */
void view_prune(const struct pp_profile *p, const struct regex *drop, const struct regex *keep,
                struct pp_profile *ret_view, struct pp_arena *arena);

/* The same by the profile's own drop_frames and keep_frames, anchored at both ends. When one of
 * them is no regular expression nothing is done, silently, as in the reference. */
void view_prune_uninteresting(const struct pp_profile *p, struct pp_profile *ret_view,
                              struct pp_arena *arena);

/* Drops what the match nearest to the leaf calls, but not the match. */
void view_prune_from(const struct pp_profile *p, const struct regex *rx,
                     struct pp_profile *ret_view, struct pp_arena *arena);

/* --- granularity (aggregate.c) --- */

/* Those of a granularity ("functions", "filefunctions", "files", "lines", "addresses"; "" is
 * functions). Columns survive where `columns` asks for them, and with every address. PP_E_USAGE for
 * another name. */
bool view_blanks_of(struct pp_str granularity, bool inlines, bool columns,
                    struct view_blanks *ret_blanks, struct pp_error *err);

/* Blanks them. Locations stay apart. Tables are copied: a graph does the same for itself
 * (graph_options). */
void view_aggregate(const struct pp_profile *p, const struct view_blanks *blanks,
                    struct pp_profile *ret_view, struct pp_arena *arena);

/* --- labels (labels.c) --- */

struct label_unit {
    struct pp_str key, unit;
};

struct label_units {
    struct label_unit *at; /* sorted by key */
    uint32_t n;
};

/* The unit of each numeric label: the first one that a sample has; else "bytes" for "alignment" and
 * "request", else the key itself. Says which other units a key came with. */
void view_label_units(const struct pp_profile *p, struct label_units *ret_units,
                      struct pp_arena *arena, const struct pp_diag *diag);

/* "" for a key that is no numeric label. */
struct pp_str label_units_find(const struct label_units *units, struct pp_str key);

struct tag_name_filter { /* NULL: not asked for */
    const struct regex *show, *hide;
};

struct tag_name_matches {
    bool show, hide;
};

/* Removes the labels whose key does not match `show` or matches `hide`. */
void view_filter_tag_names(const struct pp_profile *p, const struct tag_name_filter *filter,
                           struct pp_profile *ret_view, struct tag_name_matches *ret_matches,
                           struct pp_arena *arena);

/* Gives each sample the text label key=value, instead of those it has of that key. */
void view_set_label(const struct pp_profile *p, struct pp_str key, struct pp_str value,
                    struct pp_profile *ret_view, struct pp_arena *arena);

/* Removes the text labels of this key. */
void view_remove_label(const struct pp_profile *p, struct pp_str key, struct pp_profile *ret_view,
                       struct pp_arena *arena);

/* --- by label value (tag_filter.c) --- */

/* "[KEY=]RANGE" with 32kb, 4mb:, :64kb or 12kb:64mb; or "[KEY=]REGEX,REGEX...". */
struct tag_filter {
    struct pp_str key;   /* "": any */
    struct pp_str value; /* what is asked of it */
    bool is_range;
    double low, high;
    struct pp_str unit; /* of low and high */
    struct regex **rx;
    uint32_t n_rx;
};

/* `option` is the setting's name, for messages. The texts and the filter's table live in `arena`;
 * tag_filter_done frees the expressions. */
bool tag_filter_compile(const char *option, struct pp_str text, struct tag_filter *ret_filter,
                        struct pp_arena *arena, struct pp_error *err);
void tag_filter_done(struct tag_filter *filter);

struct tag_filters { /* NULL: not asked for */
    const struct tag_filter *focus, *ignore;
    const struct label_units *units; /* of the profile's labels */
};

struct tag_filter_matches {
    bool focus, ignore;
};

/* Keeps the samples that `focus` matches and `ignore` does not. Without a key the text "key:value"
 * must match every expression; with one, the value must match any. */
void view_filter_tags(const struct pp_profile *p, const struct tag_filters *filters,
                      struct pp_profile *ret_view, struct tag_filter_matches *ret_matches,
                      struct pp_arena *arena);

/* --- labels as frames (tagroot.c) --- */

struct tag_frames {
    struct pp_str root, leaf; /* comma lists of keys; the first is nearest to the root */
    struct pp_str unit;       /* the unit in which numbers are shown, as in units.h */
};

struct tag_frames_matches { /* whether a sample has such a label */
    bool root, leaf;
};

/* Adds to each sample a frame for each key: a function named by the label's values, in a "file"
 * named by the key. Stacks are made anew; false when they get too many. */
bool view_add_tag_frames(const struct pp_profile *p, const struct tag_frames *frames,
                         struct pp_profile *ret_view, struct tag_frames_matches *ret_matches,
                         struct pp_arena *arena);

/* --- proportion (proportion.c) --- */

struct view_cuts {        /* 0: nothing was cut */
    uint64_t name, calls; /* the longest that a name and a location's inlined calls are now */
};

/* Cuts names, and outer callers of very many inlined calls in one place, where a report that shows
 * them each time would be many times larger than the profile; no name of 1024 bytes, no location of
 * 128 calls. `has_tables`: it shows functions and locations once, and only labels each time. */
void view_keep_in_proportion(const struct pp_profile *p, bool has_tables,
                             struct pp_profile *ret_view, struct view_cuts *ret_cuts,
                             struct pp_arena *arena);

/* Whether it may: there are such names or locations. */
bool view_may_be_cut(const struct pp_profile *p);

/* --- for the files that implement views (view.c) --- */

/* Keeps the samples for which keep[column[sample]] is not 0; `column` is one of the view's. */
void view_select(struct pp_profile *view, const uint32_t *column, const uint8_t *keep,
                 struct pp_arena *arena);

#endif
