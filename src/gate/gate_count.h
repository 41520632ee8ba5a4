/* How many independent observations stand behind a value of a profile: the samples of a CPU
 * profile, the objects of a heap profile that were really sampled. */
#ifndef GATE_COUNT_H
#define GATE_COUNT_H

#include "profile/profile.h"

enum gate_counting_kind {
    GATE_COUNT_COLUMN,  /* another value of the sample is the number: samples, contentions */
    GATE_COUNT_SAMPLED, /* a heap's objects were multiplied by what the sampler missed: undone */
    GATE_COUNT_PERIOD,  /* the value divided by the period */
    GATE_COUNT_ROWS,    /* nothing is known: each sample is one */
};

struct gate_counting {
    enum gate_counting_kind kind;
    uint32_t type;    /* of the value */
    uint32_t objects; /* the column with numbers */
    uint32_t space;   /* of a heap: the column with bytes */
    double period;
};

struct gate_counting gate_counting(const struct pp_profile *p, uint32_t type);

/* The counts behind this sample's value; more than 0 when the value is not 0. */
double gate_count(const struct pp_profile *p, uint32_t sample, const struct gate_counting *c);

/* For a header: "samples", "sampled objects", "period", "rows". */
const char *gate_counting_name(const struct gate_counting *c);

#endif
