/* The counts behind values. Go and gperftools write heap profiles whose objects are already
 * multiplied by 1 / (1 - exp(-size / rate)); size = bytes / objects survives that, so the factor
 * can be undone. */
#include "gate/gate_count.h"

#include <math.h>

static struct pp_str type_name(const struct pp_profile *p, uint32_t type) {
    return pp_string(p, p->sample_types[type].type);
}

static bool has_unit(const struct pp_profile *p, uint32_t type, const char *unit) {
    return pp_str_eq(pp_string(p, p->sample_types[type].unit), pp_str_from(unit));
}

static uint32_t find_type(const struct pp_profile *p, struct pp_str prefix, struct pp_str suffix) {
    for (uint32_t i = 0; i < p->n_types; i++) {
        struct pp_str name = type_name(p, i);
        if (name.len == prefix.len + suffix.len && pp_str_has_prefix(name, prefix) &&
            pp_str_has_suffix(name, suffix))
            return i;
    }
    return PP_NONE;
}

/* "alloc_objects" and "alloc_space" belong together, and so on. */
static bool find_heap(const struct pp_profile *p, struct gate_counting *c) {
    static const char *const ends[] = {"objects", "space"};
    struct pp_str name = type_name(p, c->type);
    if (p->period <= 1 || !pp_str_eq(pp_string(p, p->period_type.type), PP_STR("space")))
        return false;
    for (int i = 0; i < 2; i++) {
        struct pp_str end = pp_str_from(ends[i]);
        if (!pp_str_has_suffix(name, end)) continue;
        struct pp_str prefix = pp_str_slice(name, 0, name.len - end.len);
        c->objects = find_type(p, prefix, PP_STR("objects"));
        c->space = find_type(p, prefix, PP_STR("space"));
        return c->objects != PP_NONE && c->space != PP_NONE;
    }
    return false;
}

/* perf's "NAME_event", a sum of periods, stands beside "NAME_sample". */
static uint32_t find_samples(const struct pp_profile *p, uint32_t type) {
    const struct pp_str name = type_name(p, type), end = PP_STR("event");
    if (!pp_str_has_suffix(name, PP_STR("_event"))) return PP_NONE;
    return find_type(p, pp_str_slice(name, 0, name.len - end.len), PP_STR("sample"));
}

struct gate_counting gate_counting(const struct pp_profile *p, uint32_t type) {
    struct gate_counting c = {.type = type, .period = (double)p->period};
    c.kind = GATE_COUNT_SAMPLED;
    if (find_heap(p, &c)) return c;
    c.kind = GATE_COUNT_COLUMN;
    c.objects = find_samples(p, type);
    if (c.objects != PP_NONE) return c;
    c.objects = type;
    if (has_unit(p, type, "count")) return c;
    for (c.objects = 0; c.objects < p->n_types; c.objects++)
        if (has_unit(p, c.objects, "count")) return c;
    const struct pp_value_type *t = &p->sample_types[type];
    c.kind = p->period > 0 && p->period_type.unit == t->unit ? GATE_COUNT_PERIOD : GATE_COUNT_ROWS;
    return c;
}

static double sampled_objects(double objects, double space, double period) {
    if (objects <= 0) return space / period;
    return objects * -expm1(-space / objects / period);
}

double gate_count(const struct pp_profile *p, uint32_t sample, const struct gate_counting *c) {
    double value = fabs((double)pp_value(p, sample, c->type)), n = 1; /* a base's are negative */
    switch (c->kind) {
    case GATE_COUNT_COLUMN:
        n = fabs((double)pp_value(p, sample, c->objects));
        break;
    case GATE_COUNT_PERIOD:
        n = value / c->period;
        break;
    case GATE_COUNT_ROWS:
        break;
    case GATE_COUNT_SAMPLED:
        n = sampled_objects(fabs((double)pp_value(p, sample, c->objects)),
                            fabs((double)pp_value(p, sample, c->space)), c->period);
        break;
    }
    if (value > 0 && !(n > 0)) n = 1;
    return n;
}

const char *gate_counting_name(const struct gate_counting *c) {
    static const char *const names[] = {"counts", "sampled objects", "period", "rows"};
    return names[c->kind];
}
