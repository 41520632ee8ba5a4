/* Mutates valid profiles: ids, counts, values, labels, names. */
#include "world.h"

#include "profile/encode.h"

#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static int64_t odd_number(uint32_t *state) {
    static const int64_t odd[] = {0,         1,       -1,         INT64_MAX,
                                  INT64_MIN, 1 << 20, 1000000007, (int64_t)1 << 53};
    return odd[random_below(state, sizeof odd / sizeof *odd)];
}

static void mutate_one(struct pp_profile *p, uint32_t *state) {
    uint32_t string = random_below(state, p->n_strings);
    switch (random_below(state, 12)) {
    case 0:
        if (p->n_samples)
            p->values[random_below(state, p->n_samples * p->n_types)] = odd_number(state);
        break;
    case 1:
        if (p->n_frames) {
            uint32_t at = random_below(state, p->n_frames);
            pp_frame_put(p->frames, at, random_below(state, p->n_locations));
        }
        break;
    case 2:
        if (p->n_samples)
            p->sample_stack[random_below(state, p->n_samples)] = random_below(state, p->n_stacks);
        break;
    case 3:
        if (p->n_samples)
            p->sample_labels[random_below(state, p->n_samples)] =
                random_below(state, p->n_label_sets);
        break;
    case 4:
        if (p->n_functions) p->functions[random_below(state, p->n_functions)].name = string;
        break;
    case 5:
        if (p->n_functions) p->functions[random_below(state, p->n_functions)].filename = string;
        break;
    case 6:
        if (p->n_places)
            p->places[random_below(state, p->n_places)].line = odd_number(state);
        else if (p->n_lines)
            p->lines[random_below(state, p->n_lines)].place = random_below(state, PP_FAR_PLACE);
        break;
    case 7:
        if (p->n_locations)
            p->locations[random_below(state, p->n_locations)].address = (uint64_t)odd_number(state);
        break;
    case 8:
        if (p->n_mappings)
            p->mappings[random_below(state, p->n_mappings)].limit = (uint64_t)odd_number(state);
        break;
    case 9:
        if (p->n_types) p->sample_types[random_below(state, p->n_types)].unit = string;
        break;
    case 10:
        p->duration_nanos = odd_number(state);
        break;
    default:
        p->drop_frames = string;
        break;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    uint32_t state = seed;
    struct pp_arena arena = {0};
    struct pp_profile p;
    size_t written = 0;
    if (random_below(&state, 2) && decode_any(data, size, &p, &arena)) {
        for (uint32_t n = 1 + random_below(&state, 6); n > 0; n--)
            mutate_one(&p, &state);
        struct out out;
        out_open_memory(&out);
        profile_write_plain(&p, &out);
        struct pp_str bytes = out_text(&out);
        if (bytes.len <= max_size) {
            memcpy(data, bytes.data, bytes.len);
            written = bytes.len;
        }
        out_close(&out, NULL);
    }
    pp_arena_done(&arena);
    return written ? written : LLVMFuzzerMutate(data, size, max_size);
}
