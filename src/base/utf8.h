/* UTF-8, as Go reads it: a byte that is no part of a valid sequence is one invalid character. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "cpprof/str.h"

#include <stdint.h>

#define UTF8_INVALID 0xFFFDU

/* The character at the start of `s` (len > 0) and how many bytes it takes. An invalid byte gives
 * UTF8_INVALID and 1. */
uint32_t utf8_decode(struct pp_str s, size_t *ret_len);

/* Writes the character to `buffer`; returns the bytes used (1 to 4). */
size_t utf8_encode(uint32_t c, char buffer[4]);

/* The most bytes up to `most` (less than s.len) that end with a whole character. */
size_t utf8_floor(struct pp_str s, size_t most);

/* What follows the first `n` characters. */
struct pp_str utf8_skip(struct pp_str s, size_t n);

/* How many characters `s` holds. */
size_t utf8_count(struct pp_str s);

#endif
