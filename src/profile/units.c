/* Source of names, factors and rules: internal/measurement of the reference. */
#include "profile/units.h"

#include <math.h>
#include <stdio.h>

struct unit {
    const char *name;       /* as printed */
    const char *aliases[3]; /* as read: lower case, singular */
    double factor;          /* in the family's base unit */
};

struct units_family {
    const struct unit *units; /* ends with a NULL name */
    struct unit fallback;     /* when the target is not of this family */
};

static const struct unit memory_units[] = {
    {"B", {"b", "byte"}, 1},
    {"kB", {"kb", "kbyte", "kilobyte"}, 0x1p10},
    {"MB", {"mb", "mbyte", "megabyte"}, 0x1p20},
    {"GB", {"gb", "gbyte", "gigabyte"}, 0x1p30},
    {"TB", {"tb", "tbyte", "terabyte"}, 0x1p40},
    {"PB", {"pb", "pbyte", "petabyte"}, 0x1p50},
    {0},
};

/* The sign for micro is never recognized by the reference, whose plural rule counts bytes; "μs"
 * alone is two letters but three bytes, and loses its "s". */
static const struct unit time_units[] = {
    {"ns", {"ns", "nanosecond"}, 1},    {"us", {"us", "microsecond"}, 1e3},
    {"ms", {"ms", "millisecond"}, 1e6}, {"s", {"s", "sec", "second"}, 1e9},
    {"hrs", {"hour", "hr"}, 3600e9},    {0},
};

static const struct unit compute_units[] = {
    {"n*GCU", {"nanogcu"}, 1e-9},  {"u*GCU", {"microgcu"}, 1e-6},
    {"m*GCU", {"milligcu"}, 1e-3}, {"GCU", {"gcu"}, 1},
    {"k*GCU", {"kilogcu"}, 1e3},   {"M*GCU", {"megagcu"}, 1e6},
    {"G*GCU", {"gigagcu"}, 1e9},   {"T*GCU", {"teragcu"}, 1e12},
    {"P*GCU", {"petagcu"}, 1e15},  {0},
};

static const struct units_family families[] = {
    {memory_units, {"B", {0}, 1}},
    {time_units, {"s", {0}, 1e9}},
    {compute_units, {"GCU", {0}, 1}},
};

enum { N_FAMILIES = sizeof families / sizeof *families };

static bool is_word(struct pp_str s, const char *word) {
    return pp_str_eq(s, pp_str_from(word));
}

enum { LONGEST_NAME = 16 };

/* In lower case and singular, as the tables have them; "" for what is in none. */
static struct pp_str plain_name(struct pp_str name, char lower[LONGEST_NAME]) {
    size_t n = name.len <= LONGEST_NAME ? name.len : 0;
    for (size_t i = 0; i < n; i++)
        lower[i] =
            (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] | 0x20 : name.data[i]);
    if (n > 2 && lower[n - 1] == 's') n--;
    return (struct pp_str){lower, n};
}

static const struct unit *find_unit(const struct units_family *family, struct pp_str plain) {
    if (plain.len == 0) return NULL;
    for (const struct unit *u = family->units; u->name; u++)
        for (size_t i = 0; i < 3 && u->aliases[i]; i++)
            if (*u->aliases[i] == *plain.data && is_word(plain, u->aliases[i])) return u;
    return NULL;
}

/* The largest unit in which the value is at least 1, or the fallback. */
static const struct unit *natural_unit(const struct units_family *family, double value) {
    const struct unit *best = NULL;
    for (const struct unit *u = family->units; u->name; u++)
        if (value / u->factor >= 1.0 && (!best || u->factor >= best->factor)) best = u;
    return best ? best : &family->fallback;
}

struct units_rule units_rule(struct pp_str from, struct pp_str to) {
    bool natural = is_word(to, "minimum") || is_word(to, "auto");
    char from_lower[LONGEST_NAME], to_lower[LONGEST_NAME];
    struct pp_str plain_from = plain_name(from, from_lower);
    for (size_t i = 0; i < N_FAMILIES; i++) {
        const struct units_family *family = &families[i];
        const struct unit *source = find_unit(family, plain_from);
        if (!source) continue;
        if (natural) return (struct units_rule){.family = family, .factor = source->factor};
        const struct unit *target = find_unit(family, plain_name(to, to_lower));
        if (!target) target = &family->fallback;
        return (struct units_rule){NULL, source->factor, target->factor, pp_str_from(target->name)};
    }
    bool plain = natural || is_word(to, "count") || is_word(to, "sample") || is_word(to, "unit");
    return (struct units_rule){NULL, 1, 1, plain ? PP_STR("") : to};
}

static double by_rule(const struct units_rule *rule, int64_t value, struct pp_str *ret_unit) {
    double base = (double)value * rule->factor, divisor = rule->divisor;
    *ret_unit = rule->unit;
    if (rule->family) {
        /* The least value has no magnitude in the reference. */
        double magnitude = value == INT64_MIN ? base : fabs(base);
        const struct unit *target = natural_unit(rule->family, magnitude);
        *ret_unit = pp_str_from(target->name);
        divisor = target->factor;
    }
    return base / divisor;
}

double units_scale(int64_t value, struct pp_str from, struct pp_str to, struct pp_str *ret_unit) {
    const struct units_rule rule = units_rule(from, to);
    return by_rule(&rule, value, ret_unit);
}

size_t units_steps(struct pp_str from, struct pp_str to, struct units_step ret_steps[UNITS_STEPS]) {
    char lower[LONGEST_NAME];
    struct pp_str plain = plain_name(from, lower);
    bool natural = is_word(to, "minimum") || is_word(to, "auto");
    for (size_t i = 0; natural && i < N_FAMILIES; i++) {
        const struct unit *own = find_unit(&families[i], plain);
        size_t n = 0;
        for (const struct unit *u = families[i].units; own && u->name; u++)
            ret_steps[n++] = (struct units_step){pp_str_from(u->name), u->factor / own->factor};
        if (own) return n;
    }
    struct units_step *only = &ret_steps[0];
    double one = units_scale(1, from, to, &only->name);
    only->factor = one != 0 ? 1 / one : 1;
    return 1;
}

bool units_compatible(struct pp_str a, struct pp_str b) {
    if (pp_str_eq(a, b)) return true;
    char a_lower[LONGEST_NAME], b_lower[LONGEST_NAME];
    struct pp_str plain_a = plain_name(a, a_lower), plain_b = plain_name(b, b_lower);
    for (size_t i = 0; i < N_FAMILIES; i++)
        if (find_unit(&families[i], plain_a) && find_unit(&families[i], plain_b)) return true;
    return false;
}

/* Writes v as "%.2f" does, rounded exactly; returns the length. */
static size_t put_two_decimals(char *to, size_t room, double v) {
    if (!(fabs(v) < 0x1p50)) return (size_t)snprintf(to, room, "%.2f", v);
    uint64_t bits, hundredths = 0;
    memcpy(&bits, &v, sizeof bits);
    /* |v| = mantissa * 2^-shift; what is nearer to 0 than 2^-1022 has no such first bit, and is 0.
     */
    uint64_t mantissa = (bits & 0xfffffffffffff) | 1ULL << 52, n = mantissa * 100;
    unsigned shift = 1075 - (bits >> 52 & 0x7ff);
    if (shift < 63) {
        uint64_t half = UINT64_C(1) << (shift - 1), rest = n & (half * 2 - 1);
        hundredths = n >> shift;
        hundredths += rest > half || (rest == half && (hundredths & 1));
    }
    char digits[24], *at = digits + sizeof digits;
    unsigned fraction = (unsigned)(hundredths % 100);
    *--at = (char)('0' + fraction % 10);
    *--at = (char)('0' + fraction / 10);
    *--at = '.';
    uint64_t whole = hundredths / 100;
    do
        *--at = (char)('0' + whole % 10);
    while (whole /= 10);
    if (signbit(v)) *--at = '-';
    size_t len = (size_t)(digits + sizeof digits - at);
    memcpy(to, at, len);
    return len;
}

void units_label_by(int64_t value, const struct units_rule *rule, struct units_text *ret_text) {
    struct pp_str unit;
    double scaled = by_rule(rule, value, &unit);
    ret_text->len = put_two_decimals(ret_text->text, sizeof ret_text->text, scaled);
    if (pp_str_has_suffix(units_str(ret_text), PP_STR(".00"))) ret_text->len -= 3;
    if (is_word(units_str(ret_text), "0") || is_word(units_str(ret_text), "-0")) {
        ret_text->text[0] = '0';
        ret_text->len = 1;
        return;
    }
    size_t room = sizeof ret_text->text - ret_text->len;
    size_t n = unit.len < room ? unit.len : room;
    if (n) memcpy(ret_text->text + ret_text->len, unit.data, n);
    ret_text->len += n;
}

void units_label(int64_t value, struct pp_str from, struct pp_str to, struct units_text *ret_text) {
    const struct units_rule rule = units_rule(from, to);
    units_label_by(value, &rule, ret_text);
}

void units_percentage(int64_t value, int64_t total, struct units_text *ret_text) {
    double ratio = total ? fabs((double)value / (double)total) * 100 : 0;
    char digits[512];
    size_t len;
    if (ratio >= 99.95 && ratio <= 100.05) {
        len = (size_t)snprintf(digits, sizeof digits, "100");
    } else if (ratio > 0 && ratio < 0.1) {
        len = (size_t)snprintf(digits, sizeof digits, "%.2g", ratio);
    } else {
        len = put_two_decimals(digits, sizeof digits, ratio);
        while (ratio < 1 && (digits[len - 1] == '0' || digits[len - 1] == '.') && len > 1)
            len--;
    }
    size_t pad = len < 5 ? 5 - len : 0;
    memset(ret_text->text, ' ', pad);
    memcpy(ret_text->text + pad, digits, len);
    ret_text->text[pad + len] = '%';
    ret_text->len = pad + len + 1;
}
