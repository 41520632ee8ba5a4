#ifndef PROFILE_VIEW_BLANKS_H
#define PROFILE_VIEW_BLANKS_H

#include <stdbool.h>

/* What a granularity does not tell apart; of a location without inlines only the outermost line is
 * left. None of them: everything stays as it is. */
struct view_blanks {
    bool function, filename, line, column, address, inlines;
};

#endif
