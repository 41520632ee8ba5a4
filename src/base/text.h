/* Reading numbers and words out of text, by the rules of Go's strings and strconv. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "cpprof/str.h"

#include <stddef.h>
#include <stdint.h>

/* Texts in an order; who has the list owns neither. */
struct text_list {
    const char **at;
    size_t n;
};

static inline bool text_is_digit(char c) {
    return c >= '0' && c <= '9';
}

static inline bool text_is_letter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool text_is_hex(char c) {
    return text_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What a digit of any base up to 16 stands for; 99 for what is none. */
static inline unsigned text_digit_value(char c) {
    if (text_is_digit(c)) return (unsigned)(c - '0');
    return text_is_hex(c) ? (unsigned)((c | 0x20) - 'a') + 10 : 99;
}

static inline bool text_is_lower_hex(char c) {
    return text_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* What `\s` matches: no vertical tab. */
static inline bool text_is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Without the white space (Unicode's) at both ends. */
struct pp_str text_trim(struct pp_str s);

/* Takes the next word off a line, with the white space before it; false at its end. */
bool text_next_word(struct pp_str *line, struct pp_str *ret_word);

/* Takes the next line off a text, without its newline; false at the text's end. */
bool text_next_line(struct pp_str *text, struct pp_str *ret_line);

/* The first place at or after `from` where `what` stands, or SIZE_MAX. */
size_t text_find(struct pp_str s, struct pp_str what, size_t from);

static inline bool text_contains(struct pp_str s, struct pp_str what) {
    return text_find(s, what, 0) != SIZE_MAX;
}

/* Steps over `literal` at *at, if it stands there. */
bool text_skip(struct pp_str s, size_t *at, struct pp_str literal);

/* Steps over any number of `c`; returns how many. */
size_t text_skip_all(struct pp_str s, size_t *at, char c);

/* The digits at *at, steps over them; "" when there are none. */
struct pp_str text_digits(struct pp_str s, size_t *at);

/* Moves *at to the next digit, or returns false. */
bool text_seek_digit(struct pp_str s, size_t *at);

/* The whole text as a number. Base 0 tells the base by the prefix 0x, 0o, 0b or 0 and lets '_'
 * stand between digits; base 10 and 16 take digits alone. False when it is no number or does not
 * fit. */
bool text_u64(struct pp_str s, unsigned base, uint64_t *ret_v);
bool text_i64(struct pp_str s, unsigned base, int64_t *ret_v);

#endif
