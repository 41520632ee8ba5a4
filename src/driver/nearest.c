#include "driver/nearest.h"

#include "driver/flags.h"
#include "driver/settings.h"

/* Whether the letters before i and j are two that changed places. */
static bool is_swapped(struct pp_str a, size_t i, struct pp_str b, size_t j) {
    return i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1];
}

/* Letters to change, add, leave out, or swap with the next. */
static size_t edit_distance(struct pp_str a, struct pp_str b) {
    enum { LONGEST = 32 };
    size_t d[LONGEST + 1][LONGEST + 1]; /* of the first i and j letters */
    if (a.len > LONGEST || b.len > LONGEST) return LONGEST;
    for (size_t j = 0; j <= b.len; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        d[i][0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = d[i - 1][j - 1] + (a.data[i - 1] != b.data[j - 1]);
            if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
            if (is_swapped(a, i, b, j) && d[i - 2][j - 2] + 1 < best) best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    }
    return d[a.len][b.len];
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

struct pp_str nearest_name(const struct catalog *catalog, struct pp_str name, bool flags) {
    struct nearest n = {.name = name, .distance = name.len / 3 + 2};
    for (size_t i = 0; i < catalog->n_reports; i++) {
        consider(&n, pp_str_from(catalog->reports[i]->name));
        if (catalog->reports[i]->alias) consider(&n, pp_str_from(catalog->reports[i]->alias));
    }
    for (size_t i = 0; i < catalog->n_encoders && flags; i++)
        consider(&n, pp_str_from(catalog->encoders[i]->name));
    consider_settings(&n, flags);
    for (const struct own_flag *f = own_flags; f->name && flags; f++)
        if (f->help) consider(&n, pp_str_from(f->name));
    return n.best;
}
