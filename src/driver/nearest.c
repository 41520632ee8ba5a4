#include "driver/nearest.h"

#include "driver/settings.h"
#include "report/report.h"

static size_t edit_distance(struct pp_str a, struct pp_str b) {
    enum { LONGEST = 32 };
    size_t row[LONGEST + 1];
    if (a.len > LONGEST || b.len > LONGEST) return LONGEST;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = diagonal + (a.data[i - 1] != b.data[j - 1]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[b.len];
}

struct nearest {
    struct pp_str name, best;
    size_t distance; /* that it must be below */
};

static void consider(struct nearest *n, struct pp_str candidate) {
    size_t d = edit_distance(n->name, candidate);
    if (d >= n->distance) return;
    n->distance = d;
    n->best = candidate;
}

static void consider_settings(struct nearest *n, bool flags) {
    for (const struct setting *row = setting_table; row->name; row++) {
        if (row->at_start && !flags) continue;
        const char *list = row->choices;
        if (!list) consider(n, pp_str_from(row->name));
        for (struct pp_str c; next_choice(&list, &c);)
            consider(n, c);
    }
}

struct pp_str nearest_name(struct pp_str name, bool flags) {
    struct nearest n = {.name = name, .distance = name.len / 3 + 2};
    for (size_t i = 0; report_table[i]; i++) {
        consider(&n, pp_str_from(report_table[i]->name));
        if (report_table[i]->alias) consider(&n, pp_str_from(report_table[i]->alias));
    }
    for (size_t i = 0; encoder_table[i] && flags; i++)
        consider(&n, pp_str_from(encoder_table[i]->name));
    consider_settings(&n, flags);
    return n.best;
}
