#include "report/inlined.h"

#include "base/regex.h"
#include "base/sort.h"

enum { MOST_NAMES = 5 };

/* Functions of one name (instances of a template) are one. */
struct caller {
    uint32_t name; /* string id */
    int64_t weight;
};

/* The name of the function whose code the location is in, if a call that matches is inlined there.
 */
static uint32_t caller_at(const struct pp_profile *p, const struct pp_location *l,
                          const bool *matches) {
    bool found = false;
    for (uint32_t i = 0; i + 1 < l->n_lines; i++)
        found |= matches[p->lines[l->first_line + i].function];
    return found ? p->functions[p->lines[l->first_line + l->n_lines - 1].function].name : PP_NONE;
}

static int by_weight(const void *left, const void *right, void *user) {
    const struct caller *a = left, *b = right;
    const struct pp_profile *p = user;
    if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
    return pp_str_cmp(pp_string(p, a->name), pp_string(p, b->name));
}

/* What the calls in each function's code weigh. */
static void weigh(const struct report_ctx *rc, const uint32_t *callers, struct caller *at) {
    const struct pp_profile *p = rc->full;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t value = pp_value(p, i, rc->type);
        struct pp_stack stack = p->stacks[p->sample_stack[i]];
        for (uint32_t k = 0; k < stack.len; k++) {
            uint32_t name = callers[pp_frame(p, stack.first + k)];
            if (name != PP_NONE)
                at[name].weight = num_add(at[name].weight, value < 0 ? -value : value);
        }
    }
}

static struct pp_str list(const struct pp_profile *p, const struct caller *at, uint32_t n,
                          struct pp_arena *arena) {
    struct pp_str text = PP_STR("");
    for (uint32_t i = 0; i < n && i < MOST_NAMES; i++)
        text = pp_arena_printf(arena, "%.*s%s%.*s", PP_STR_ARG(text), i ? ", " : "",
                               PP_STR_ARG(pp_string(p, at[i].name)));
    if (n > MOST_NAMES)
        text =
            pp_arena_printf(arena, "%.*s and %u more", PP_STR_ARG(text), (unsigned)n - MOST_NAMES);
    return text;
}

struct pp_str inlined_into(const struct report_ctx *rc, const struct regex *rx) {
    const struct pp_profile *p = rc->full;
    struct pp_arena scratch = {0};
    bool *matches = PP_NEW(&scratch, bool, p->n_functions);
    uint32_t *callers = PP_NEW(&scratch, uint32_t, p->n_locations);
    struct caller *at = PP_NEW(&scratch, struct caller, p->n_strings);
    bool *is_caller = PP_NEW(&scratch, bool, p->n_strings);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_functions; i++)
        matches[i] = regex_matches(rx, pp_string(p, p->functions[i].name));
    for (uint32_t i = 0; i < p->n_locations; i++) {
        callers[i] = caller_at(p, &p->locations[i], matches);
        if (callers[i] != PP_NONE) is_caller[callers[i]] = true;
    }
    weigh(rc, callers, at);
    for (uint32_t i = 0; i < p->n_strings; i++)
        if (is_caller[i]) at[n++] = (struct caller){i, at[i].weight};
    sort_stable(at, n, sizeof *at, by_weight, (void *)(uintptr_t)p);
    struct pp_str text = list(p, at, n, rc->arena);
    pp_arena_done(&scratch);
    return text;
}
