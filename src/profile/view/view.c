/* What several views need: choosing samples, and copies of tables. */
#include "profile/view/view.h"

void view_select(struct pp_profile *view, const uint32_t *column, const uint8_t *keep,
                 struct pp_arena *arena) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < view->n_samples; i++)
        n += keep[column ? column[i] : 0] != 0;
    if (n == view->n_samples) return;
    size_t n_types = view->n_types;
    uint32_t *stack = PP_NEW(arena, uint32_t, n);
    uint32_t *labels = view->sample_labels ? PP_NEW(arena, uint32_t, n) : NULL;
    int64_t *values = PP_NEW(arena, int64_t, n * n_types);
    for (uint32_t i = 0, to = 0; i < view->n_samples; i++) {
        if (!keep[column ? column[i] : 0]) continue;
        stack[to] = view->sample_stack[i];
        if (labels) labels[to] = view->sample_labels[i];
        for (size_t t = 0; t < n_types; t++)
            values[to * n_types + t] = view->values[i * n_types + t];
        to++;
    }
    view->sample_stack = stack;
    view->sample_labels = labels;
    view->values = values;
    view->n_samples = n;
}
