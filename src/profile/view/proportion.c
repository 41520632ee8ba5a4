/* What a small file can name many times over: a name of a megabyte on each frame, a location of a
 * thousand inlined calls on each stack. */
#include "base/utf8.h"
#include "profile/edit.h"
#include "profile/view/view.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    NAME = 1024, /* bytes of a name, and */
    CALLS = 128, /* inlined calls of a location that are never cut */
};

/* What goes beyond may be so large, all in all. */
static const uint64_t free_names = 1 << 20, free_calls = 32 << 10, name_shares = 256,
                      call_shares = 4;

struct part {
    uint64_t len, times; /* how large it is, and how often a report may show it */
};

struct parts {
    struct part *at;
    size_t n;
    uint64_t least, most; /* what a part has for free; what all have together beyond it */
};

/* Whether all of them fit when none is longer than `longest`. */
static bool fit(const struct parts *p, uint64_t longest) {
    uint64_t left = p->most;
    for (size_t i = 0; i < p->n; i++) {
        uint64_t len = p->at[i].len < longest ? p->at[i].len : longest;
        if (len <= p->least) continue;
        if (p->at[i].times > left / (len - p->least)) return false;
        left -= p->at[i].times * (len - p->least);
    }
    return true;
}

/* The longest that a part may be; UINT64_MAX: as long as it is. */
static uint64_t longest_part(const struct parts *p) {
    if (fit(p, UINT64_MAX)) return UINT64_MAX;
    uint64_t low = p->least, high = UINT32_MAX;
    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;
        *(fit(p, middle) ? &low : &high) = middle;
    }
    return low;
}

/* ---- how often what is shown ---- */

static uint64_t *location_uses(const struct pp_profile *p, struct pp_arena *scratch) {
    uint32_t *samples = PP_NEW(scratch, uint32_t, p->n_stacks);
    uint64_t *uses = PP_NEW(scratch, uint64_t, p->n_locations);
    for (uint32_t i = 0; i < p->n_samples; i++)
        samples[p->sample_stack[i]]++;
    for (uint32_t i = 0; i < p->n_locations; i++)
        uses[i] = 1;
    for (uint32_t i = 0; i < p->n_stacks; i++)
        for (uint32_t j = 0; j < p->stacks[i].len; j++)
            uses[pp_frame(p, p->stacks[i].first + j)] += samples[i];
    return uses;
}

static void add_location_names(const struct pp_profile *p, const uint64_t *uses,
                               struct part *strings) {
    for (uint32_t i = 0; i < p->n_locations; i++) {
        const struct pp_location *l = &p->locations[i];
        if (l->mapping != PP_NONE) strings[p->mappings[l->mapping].file].times += uses[i];
        for (uint32_t j = 0; j < l->n_lines; j++) {
            const struct pp_function *f = &p->functions[p->lines[l->first_line + j].function];
            strings[f->name].times += uses[i];
            strings[f->system_name].times += uses[i];
            strings[f->filename].times += uses[i];
        }
    }
}

/* Of a row a sample: its labels, and what is the same for all. */
static void add_sample_names(const struct pp_profile *p, struct part *strings) {
    for (uint32_t i = 0; i < p->n_samples; i++) {
        struct pp_label_set set = p->label_sets[pp_labels_of(p, i)];
        for (uint32_t j = 0; j < set.n_text + set.n_num; j++) {
            const struct pp_label *label = &p->labels[set.first + j];
            strings[label->key].times++;
            if (label->text != PP_NONE) strings[label->text].times++;
        }
    }
    for (uint32_t i = 0; i < p->n_types; i++) {
        strings[p->sample_types[i].type].times += p->n_samples;
        strings[p->sample_types[i].unit].times += p->n_samples;
    }
    if (p->n_mappings) strings[p->mappings[0].build_id].times += p->n_samples;
}

/* ---- cutting ---- */

static uint64_t cut_calls(struct pp_profile *view, const uint64_t *uses, struct pp_arena *arena,
                          struct pp_arena *scratch) {
    uint64_t most = free_calls + call_shares * ((uint64_t)view->n_frames + view->n_lines);
    struct parts parts = {PP_NEW(scratch, struct part, view->n_locations), view->n_locations, CALLS,
                          most};
    for (uint32_t i = 0; i < view->n_locations; i++)
        parts.at[i] = (struct part){view->locations[i].n_lines, uses[i]};
    uint64_t longest = longest_part(&parts);
    if (longest == UINT64_MAX) return 0;
    struct pp_location *own = profile_own_locations(view, arena);
    for (uint32_t i = 0; i < view->n_locations; i++)
        if (own[i].n_lines > longest) own[i].n_lines = PP_LINES((uint32_t)longest);
    return longest;
}

/* Names stay different from each other. */
static struct pp_str cut_name(struct pp_str name, uint32_t id, uint64_t longest,
                              struct pp_arena *arena) {
    size_t len = utf8_floor(name, (size_t)longest);
    char mark[24];
    int n = snprintf(mark, sizeof mark, "...#%" PRIu32, id);
    char *cut = PP_NEW(arena, char, len + (size_t)n);
    memcpy(cut, name.data, len);
    memcpy(cut + len, mark, (size_t)n);
    return (struct pp_str){cut, len + (size_t)n};
}

/* `uses`: of locations, whose names are shown each time; NULL: they are not. */
static uint64_t cut_names(struct pp_profile *view, const uint64_t *uses, struct pp_arena *arena,
                          struct pp_arena *scratch) {
    struct part *strings = PP_NEW(scratch, struct part, view->n_strings);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < view->n_strings; i++)
        bytes += strings[i].len = view->strings[i].len;
    if (uses) add_location_names(view, uses, strings);
    add_sample_names(view, strings);
    struct parts parts = {strings, view->n_strings, NAME, free_names + name_shares * bytes};
    uint64_t longest = longest_part(&parts);
    if (longest == UINT64_MAX) return 0;
    struct pp_str *own = PP_NEW(arena, struct pp_str, view->n_strings);
    for (uint32_t i = 0; i < view->n_strings; i++)
        own[i] = strings[i].times && strings[i].len > longest
                     ? cut_name(view->strings[i], i, longest, arena)
                     : view->strings[i];
    view->strings = own;
    return longest;
}

static bool has_long_names(const struct pp_profile *p) {
    for (uint32_t i = 0; i < p->n_strings; i++)
        if (p->strings[i].len > NAME) return true;
    return false;
}

static bool has_long_locations(const struct pp_profile *p) {
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (p->locations[i].n_lines > CALLS) return true;
    return false;
}

bool view_may_be_cut(const struct pp_profile *p) {
    return has_long_names(p) || has_long_locations(p);
}

void view_keep_in_proportion(const struct pp_profile *p, bool has_tables,
                             struct pp_profile *ret_view, struct view_cuts *ret_cuts,
                             struct pp_arena *arena) {
    bool names = has_long_names(p), locations = !has_tables && has_long_locations(p);
    *ret_view = *p;
    *ret_cuts = (struct view_cuts){0};
    if (!names && !locations) return;
    struct pp_arena scratch = {0};
    const uint64_t *uses = has_tables ? NULL : location_uses(p, &scratch);
    if (locations) ret_cuts->calls = cut_calls(ret_view, uses, arena, &scratch);
    if (names) ret_cuts->name = cut_names(ret_view, uses, arena, &scratch);
    pp_arena_done(&scratch);
}
