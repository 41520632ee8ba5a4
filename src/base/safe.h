/* Text from strangers, made safe to show: what would move a cursor, change colours, reorder a line
 * or is no UTF-8 is written out as an escape (\x1b, \u202e). Newlines and tabs stay. */
#ifndef BASE_SAFE_H
#define BASE_SAFE_H

#include "cpprof/str.h"

#include <stdint.h>

/* Calls `put` with pieces of safe text. Returns how many bytes at the end were left: the start of a
 * character that is cut off there, unless `last`. */
size_t safe_text(struct pp_str text, bool last, void (*put)(void *user, struct pp_str piece),
                 void *user);

/* Whether a character only prints: no control but newline and tab, nothing that reorders a line. */
bool safe_is_harmless(uint32_t c);

/* Whether a name can be shown, and typed, as it is: on one line, not empty. */
bool safe_is_plain(struct pp_str name);

#endif
