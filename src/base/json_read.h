/* Reading JSON without building it: the caller walks the text and says what it expects next. A call
 * that fails leaves the place (`at`) where the text went wrong. Nothing recurses. */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include "base/arena.h"

struct json_read {
    struct pp_str text;
    size_t at;
};

/* What comes next: one of { [ " t f n 0 ('0' for any number), or NUL at the end and for what no
 * value begins with. */
char json_read_peek(struct json_read *j);

/* Takes this character. */
bool json_read_take(struct json_read *j, char c);

/* Steps to the next member or element, over the comma; `*more` is whether there is one before
 * `close`, which is taken. `first` is whether none has been read so far. */
bool json_read_next(struct json_read *j, char close, bool first, bool *more);

/* Steps to the next member of an object, over the comma, its name and the ':'; `*more` as above. */
bool json_read_member(struct json_read *j, bool first, struct pp_str *ret_name,
                      struct pp_arena *arena, bool *more);

/* A string without its escapes, in the arena when there were any; lone surrogates become U+FFFD. */
bool json_read_string(struct json_read *j, struct pp_arena *arena, struct pp_str *ret_s);

/* A number as it stands. */
bool json_read_number(struct json_read *j, struct pp_str *ret_s);

/* A word: true, false or null. */
bool json_read_word(struct json_read *j, struct pp_str word);

/* A value of any kind and depth. */
bool json_read_skip(struct json_read *j);

/* Nothing but white space is left. */
bool json_read_end(struct json_read *j);

#endif
