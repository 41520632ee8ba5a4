/* Units of measurement: scaling and texts, as the reference has them (its package measurement).
 * Families: memory (B .. PB), time (ns .. hrs), compute (n*GCU .. P*GCU); any other unit is kept as
 * it is and never scaled. Names are read in any case, with or without one plural "s". */
#ifndef PROFILE_UNITS_H
#define PROFILE_UNITS_H

#include "base/out.h"
#include "cpprof/str.h"

#include <stdint.h>

/* `value` in unit `from`, expressed in unit `to`; "minimum" or "auto" choose the largest unit of
 * the family that leaves at least 1. ret_unit lives as long as `to` or forever; it is "" for
 * counts. */
double units_scale(int64_t value, struct pp_str from, struct pp_str to, struct pp_str *ret_unit);

/* How values go from one unit to another, for many of them. `unit` lives as long as `to` or
 * forever. */
struct units_rule {
    const struct units_family *family; /* each value chooses its unit there; or NULL */
    double factor, divisor;
    struct pp_str unit;
};
struct units_rule units_rule(struct pp_str from, struct pp_str to);

/* Whether two units belong to one family, or are the same text. */
bool units_compatible(struct pp_str a, struct pp_str b);

/* A unit that values are shown in: one of it is `factor` of the values' own. */
struct units_step {
    struct pp_str name;
    double factor;
};
enum { UNITS_STEPS = 9 };

/* The units that values in unit `from` are shown in, smallest first: those of its family where `to`
 * leaves the choice ("minimum", "auto"), else `to` alone. Returns how many; at least one. */
size_t units_steps(struct pp_str from, struct pp_str to, struct units_step ret_steps[UNITS_STEPS]);

/* A short text that needs no memory; what does not fit of a long unit is cut. */
struct units_text {
    char text[512];
    size_t len;
};

/* "1.50s", "10MB", "0": at most two decimals, none when they are 00. */
void units_label(int64_t value, struct pp_str from, struct pp_str to, struct units_text *ret_text);

void units_label_by(int64_t value, const struct units_rule *rule, struct units_text *ret_text);

/* "12.34%", "  100%", " 0.5%": the magnitude of value/total in at least six columns. */
void units_percentage(int64_t value, int64_t total, struct units_text *ret_text);

static inline struct pp_str units_str(const struct units_text *t) {
    return (struct pp_str){t->text, t->len};
}

#endif
