#include "profile/decode/otlp/otlp.h"

enum { N_LAYOUTS = 6, SURVEYED = 10000 /* samples that the choice goes by */ };

static const struct otlp_layout layout_table[N_LAYOUTS] = {
    {"1.4 or 1.5",
     OTLP_IN_PROFILE,
     false,
     {3, 4, 6, 9, 10, 7, 8, 0},
     {1, 2, 5, 11, 12, 13, 14, 15, 16, 0, 22, 17, 21},
     {0, 1, 2, 3, 4, 5, 6},
     5,
     4,
     "bbbbpbbbbbvvbvpvibvbbp",
     "vvppvp"},
    {"1.6",
     OTLP_IN_MESSAGE,
     false,
     {2, 3, 4, 5, 6, 7, 8, 0},
     {1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 14, 10, 13},
     {0, 1, 2, 3, 4, 5, 6},
     5,
     4,
     "bbpvvbvpvivbbp",
     "vvppvp"},
    {"1.7",
     OTLP_IN_DICTIONARY,
     false,
     {1, 2, 3, 4, 5, 6, 7, 0},
     {1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 14, 10, 13},
     {0, 1, 2, 3, 4, 5, 6},
     5,
     4,
     "bbpvvbvpvivbbp",
     "vvppvp"},
    {"1.8",
     OTLP_IN_DICTIONARY,
     true,
     {1, 2, 3, 4, 5, 6, 0, 7},
     {1, 2, 0, 3, 4, 5, 6, 7, 0, 0, 12, 8, 11},
     {1, 0, 0, 2, 3, 4, 5},
     4,
     0,
     "bbfvbvpivbbp",
     "vppvf"},
    {"1.9",
     OTLP_IN_DICTIONARY,
     true,
     {1, 2, 3, 4, 5, 6, 0, 7},
     {1, 2, 0, 3, 4, 5, 6, 0, 0, 0, 11, 7, 10},
     {1, 0, 0, 2, 3, 4, 5},
     4,
     0,
     "bbfvbvivbbp",
     "vppvf"},
    {"1.10 or later",
     OTLP_IN_DICTIONARY,
     true,
     {1, 2, 3, 4, 5, 6, 0, 7},
     {1, 2, 0, 3, 4, 5, 6, 0, 0, 0, 11, 7, 10},
     {1, 0, 0, 4, 2, 3, 5},
     4,
     0,
     "bbfvbvivbbp",
     "vpvpf"},
};

#define JSON_LAYOUT(name, home)                                                                    \
    {                                                                                              \
        name, home, false, {51, 52, 53, 54, 55, 56, 57, 58},                                       \
            {1, 2, 43, 3, 4, 5, 6, 40, 41, 42, 11, 7, 10}, {1, 21, 22, 4, 2, 3, 5}, 4, 21, "", ""  \
    }

static const struct otlp_layout json_layouts[] = {
    JSON_LAYOUT("1.4 or 1.5", OTLP_IN_PROFILE),
    JSON_LAYOUT("1.6", OTLP_IN_MESSAGE),
    JSON_LAYOUT("1.7 or later", OTLP_IN_DICTIONARY),
};

/* How badly the message fits a layout. */
struct survey {
    const struct otlp_layout *layout;
    uint32_t n[OTLP_N_TABLES]; /* entries */
    uint32_t n_indices;        /* of the profile at hand */
    uint64_t cost;
    unsigned n_samples;
    struct pp_arena scratch;
    struct otlp_numbers values, attributes, times;
};

enum { ODD = 1, UNLIKELY = 2, WRONG = 4 };

static unsigned kind_cost(const char *kinds, const struct wire_field *f) {
    char kind = f->number && f->number <= strlen(kinds) ? kinds[f->number - 1] : '-';
    uint64_t len = f->type == WIRE_BYTES ? f->value : 0;
    switch (kind) {
    case 'v':
        return f->type == WIRE_VARINT ? 0 : WRONG;
    case 'f':
        return f->type == WIRE_FIXED64 || (f->type == WIRE_BYTES && len % 8 == 0) ? 0 : WRONG;
    case 'p':
        return f->type == WIRE_BYTES ? 0 : f->type == WIRE_VARINT ? ODD : WRONG;
    case 'i':
        return f->type != WIRE_BYTES ? WRONG : len == 16 || len == 0 ? 0 : UNLIKELY;
    case 'b':
        return f->type == WIRE_BYTES ? 0 : WRONG;
    default:
        return WRONG;
    }
}

/* Attributes are distinct, exist, and number 0 is none. */
static unsigned attributes_cost(const struct survey *s) {
    unsigned cost = 0;
    for (size_t i = 0; i < s->attributes.n; i++) {
        if (s->attributes.at[i] >= s->n[OTLP_ATTRIBUTES]) return UNLIKELY;
        if (s->attributes.at[i] == 0 || (i && s->attributes.at[i] == s->attributes.at[i - 1]))
            cost = ODD;
    }
    return cost;
}

static void survey_sample(struct survey *s, struct wire sample) {
    const uint8_t *numbers = s->layout->sample;
    uint64_t one[OTLP_N_SAMPLE_FIELDS] = {0};
    struct wire_field f;
    s->values.n = s->attributes.n = s->times.n = 0;
    struct otlp_numbers *lists[OTLP_N_SAMPLE_FIELDS] = {[OTLP_VALUES] = &s->values,
                                                        [OTLP_SAMPLE_ATTRIBUTES] = &s->attributes,
                                                        [OTLP_TIMESTAMPS] = &s->times};
    while (sample.at < sample.end && wire_field(&sample, &f)) {
        s->cost += kind_cost(s->layout->sample_kinds, &f);
        int field = otlp_field(numbers, OTLP_N_SAMPLE_FIELDS, f.number);
        if (field < 0) continue;
        bool fixed = field == OTLP_TIMESTAMPS && s->layout->fixed_times;
        if (lists[field] && !otlp_numbers_add(lists[field], &f, fixed, &s->scratch))
            s->cost += WRONG;
        else if (!lists[field])
            one[field] = f.value;
    }
    s->cost += attributes_cost(s);
    bool no_link = one[OTLP_LINK] && one[OTLP_LINK] >= s->n[OTLP_LINKS];
    bool no_stack = numbers[OTLP_STACK] && one[OTLP_STACK] >= s->n[OTLP_STACKS];
    bool no_range = numbers[OTLP_START] && one[OTLP_START] + one[OTLP_LENGTH] > s->n_indices;
    bool nothing = !s->values.n && !s->times.n;
    bool uneven = s->values.n > 1 && s->times.n && s->values.n != s->times.n;
    s->cost += UNLIKELY * (unsigned)(no_link + no_stack + no_range + nothing) + uneven;
}

static void survey_profile(struct survey *s, struct wire profile) {
    const uint8_t *numbers = s->layout->profile;
    struct otlp_numbers indices = {0};
    struct wire_field f;
    for (struct wire w = profile; w.at < w.end && wire_field(&w, &f);) {
        s->cost += kind_cost(s->layout->profile_kinds, &f);
        if (numbers[OTLP_INDICES] && f.number == numbers[OTLP_INDICES])
            otlp_numbers_add(&indices, &f, false, &s->scratch);
    }
    s->n_indices = (uint32_t)indices.n;
    for (struct wire w = profile; w.at < w.end && wire_field(&w, &f) && s->n_samples < SURVEYED;)
        if (f.number == numbers[OTLP_SAMPLES] && f.type == WIRE_BYTES) {
            s->n_samples++;
            survey_sample(s, f.bytes);
        }
}

/* Calls for each message number 2 of each message number 2: the profiles of ResourceProfiles. */
static void survey_resource(struct survey *s, struct wire resource) {
    struct wire_field scope, profile;
    while (resource.at < resource.end && wire_field(&resource, &scope))
        if (scope.number == 2 && scope.type == WIRE_BYTES)
            while (scope.bytes.at < scope.bytes.end && wire_field(&scope.bytes, &profile))
                if (profile.number == 2 && profile.type == WIRE_BYTES)
                    survey_profile(s, profile.bytes);
}

static void count_tables(struct survey *s, struct wire dictionary) {
    struct wire_field f;
    while (dictionary.at < dictionary.end && wire_field(&dictionary, &f)) {
        int table = otlp_field(s->layout->tables, OTLP_N_TABLES, f.number);
        if (table >= 0) s->n[table]++;
    }
}

static uint64_t cost_of(const struct otlp_layout *layout, struct wire message) {
    struct survey s = {.layout = layout};
    struct wire_field f;
    for (struct wire w = message; w.at < w.end && wire_field(&w, &f);)
        if (f.number == 2 && f.type == WIRE_BYTES) count_tables(&s, f.bytes);
    for (struct wire w = message; w.at < w.end && wire_field(&w, &f);)
        if (f.number == 1 && f.type == WIRE_BYTES) survey_resource(&s, f.bytes);
    pp_arena_done(&s.scratch);
    return s.cost;
}

bool otlp_is_resource(struct wire message) {
    struct wire_field f;
    if (message.at == message.end) return false;
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return false;
        if (f.type != WIRE_BYTES && f.number <= 3) return false;
    }
    return true;
}

/* Where the tables stand, by the fields at the top; false when this is no such message. */
static bool home_of(struct wire message, uint64_t first_table, enum otlp_home *ret_home) {
    bool any = false;
    struct wire_field f;
    *ret_home = OTLP_IN_PROFILE;
    while (message.at < message.end) {
        if (!wire_field(&message, &f) || f.type != WIRE_BYTES) return false;
        if (f.number == 1) {
            if (!otlp_is_resource(f.bytes)) return false;
            any = true;
        } else if (f.number == 2 && *ret_home == OTLP_IN_PROFILE) {
            *ret_home = OTLP_IN_DICTIONARY;
        } else if (f.number >= first_table && f.number < first_table + OTLP_N_TABLES) {
            *ret_home = OTLP_IN_MESSAGE;
        }
    }
    return any;
}

const struct otlp_layout *otlp_layout_of(struct wire message) {
    enum otlp_home home;
    if (!home_of(message, 3, &home)) return NULL;
    const struct otlp_layout *best = NULL;
    uint64_t least = UINT64_MAX;
    for (size_t i = N_LAYOUTS; i-- > 0;) { /* the newest of several that fit as well */
        if (layout_table[i].home != home) continue;
        uint64_t cost = cost_of(&layout_table[i], message);
        if (cost < least) best = &layout_table[i];
        if (cost < least) least = cost;
    }
    return best;
}

const struct otlp_layout *otlp_json_layout(struct wire message) {
    enum otlp_home home;
    return home_of(message, 51, &home) ? &json_layouts[home] : NULL;
}

bool otlp_numbers_add(struct otlp_numbers *list, const struct wire_field *f, bool fixed,
                      struct pp_arena *arena) {
    if (f->type != WIRE_BYTES) {
        PP_PUSH(arena, list->at, list->n, list->cap, f->value);
        return true;
    }
    struct wire w = f->bytes;
    while (w.at < w.end) {
        uint64_t v;
        if (fixed && w.end - w.at < 8) return false;
        if (fixed) {
            v = wire_fixed(w.at, 8);
            w.at += 8;
        } else if (!wire_varint(&w, &v)) {
            return false;
        }
        PP_PUSH(arena, list->at, list->n, list->cap, v);
    }
    return true;
}
