#include "base/shortest.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

enum { MOST_DIGITS = 17 };

/* From 1e-4 on and below 1 all that is needed is exact in 128 bits: v = whole / 2^bits. */
struct fraction {
    wide scaled; /* whole * 10^places */
    uint64_t whole;
    int bits, places; /* places: v * 10^places has 17 digits */
};

static uint64_t power_of_ten(int n) {
    uint64_t p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

static bool is_in_reach(double v) {
    int exponent;
    return v >= 1e-4 && v < 1 && frexp(v, &exponent) != 0.5; /* neighbours of 0.5 are not alike */
}

static struct fraction split(double v) {
    int exponent, places = MOST_DIGITS + (v < 0.1) + (v < 0.01) + (v < 0.001);
    uint64_t whole = (uint64_t)ldexp(frexp(v, &exponent), 53);
    wide scaled = (wide)whole * power_of_ten(MOST_DIGITS);
    return (struct fraction){scaled * power_of_ten(places - MOST_DIGITS), whole, 53 - exponent,
                             places};
}

/* Rounded to so many digits; false: another double is nearer. */
static bool round_to(const struct fraction *f, int digits, uint64_t *ret_digits) {
    wide unit = (wide)power_of_ten(MOST_DIGITS - digits) << f->bits;
    wide half = (wide)power_of_ten(MOST_DIGITS) * power_of_ten(f->places - MOST_DIGITS) / 2;
    uint64_t down = (uint64_t)(f->scaled / unit);
    wide rest = f->scaled - down * unit;
    bool is_up = 2 * rest > unit || (2 * rest == unit && down % 2);
    wide off = is_up ? unit - rest : rest;
    *ret_digits = down + is_up;
    return off < half || (off == half && f->whole % 2 == 0);
}

static void write_fraction(char ret_text[SHORTEST_ROOM], double v) {
    const struct fraction f = split(v);
    uint64_t found, fewer;
    int digits = MOST_DIGITS;
    round_to(&f, digits, &found);
    while (digits > 1 && round_to(&f, digits - 1, &fewer)) {
        found = fewer;
        digits--;
    }
    snprintf(ret_text, SHORTEST_ROOM, "0.%0*llu", f.places - MOST_DIGITS + digits,
             (unsigned long long)found);
}

void shortest_write(char ret_text[SHORTEST_ROOM], double v) {
    if (is_in_reach(v)) {
        write_fraction(ret_text, v);
        return;
    }
    for (int digits = 1; digits <= MOST_DIGITS; digits++) {
        snprintf(ret_text, SHORTEST_ROOM, "%.*g", digits, v);
        if (strtod(ret_text, NULL) == v) break;
    }
}
