/* What became of a window's totals and functions: their changes, told apart. */
#ifndef HISTORY_TREND_H
#define HISTORY_TREND_H

#include "history/change.h"
#include "history/history.h"
#include "history/whole.h"

enum trend_state {
    TREND_STAYS,
    TREND_BACK,    /* the next change takes it back, or it takes the one before back */
    TREND_MOVED,   /* other functions of the package, its caller or its callees have it: together
                      they cost what they did */
    TREND_BLESSED, /* made on purpose */
    TREND_WHOLE    /* all functions changed alike: it is no function's */
};

struct trend_change {
    struct change_point point;
    enum trend_state state;
    struct pp_str reason; /* of TREND_BLESSED */
};

/* Series 0 is the total; series i, functions[of[i]]. */
struct trend {
    const struct history_window *w;
    bool cum;
    uint32_t *of;
    struct change_series *series; /* as recorded */
    uint32_t n_series;
    struct whole whole;
    struct change_series *left;   /* without what all functions share, where that is smoother: in
                                     these are the changes */
    struct trend_change *changes; /* by series, then by time */
    uint32_t n_changes;
};

struct trend_options {
    bool cum;           /* of functions with their callees, not by themselves */
    double fraction;    /* functions below this share of the total are not looked at */
    const bool *wanted; /* by function: these are, however small, and no others; or NULL */
};

/* Lives in `arena`, and in the window. */
bool trend_find(const struct history_window *w, const struct trend_options *o,
                struct trend *ret_trend, struct pp_arena *arena, struct pp_error *err);

/* The runs that new ones are to be compared with: the newest before a rise of the total that nobody
 * blessed, at most `most` of them, none from before the last other change. */
void trend_stable(const struct history_window *w, uint32_t most, uint32_t *ret_from,
                  uint32_t *ret_to, struct pp_arena *arena);

#endif
