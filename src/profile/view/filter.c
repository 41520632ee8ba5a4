/* Views by name: focus, ignore, hide, show; show_from. Each location is judged once, then each
 * stack, and samples go by their stack. */
#include "base/parallel.h"
#include "profile/edit.h"
#include "profile/view/matcher.h"
#include "profile/view/view.h"

enum { FOCUSED = 1, IGNORED = 2, HIDDEN = 4 };

struct name_pass {
    const struct pp_profile *p;
    const struct name_filter *asked;
    struct matcher focus, ignore, hide, show;
    struct name_matches matches;
    uint8_t *marks; /* a location */
    bool any_hidden;
};

/* Copies to `to` the lines that stay; returns how many. */
static uint32_t copy_kept_lines(struct name_pass *pass, const struct pp_location *l,
                                struct pp_line_row *to, bool *ret_hide_matches) {
    bool hide_all = pass->asked->hide && matcher_mapping(&pass->hide, l->mapping);
    bool show_all = !pass->asked->show || matcher_mapping(&pass->show, l->mapping);
    uint32_t n = 0;
    *ret_hide_matches = hide_all;
    for (uint32_t i = 0; i < l->n_lines && !hide_all; i++) {
        struct pp_line_row line = pass->p->lines[l->first_line + i];
        if (pass->asked->hide && matcher_function(&pass->hide, line.function))
            *ret_hide_matches = true;
        else if (show_all || matcher_function(&pass->show, line.function))
            to[n++] = line;
    }
    return n;
}

/* Cuts the lines of every location; marks those that go as hidden. */
static void cut_lines(struct name_pass *pass, struct pp_profile *view, struct pp_arena *arena) {
    struct pp_location *locations = profile_own_locations(view, arena);
    struct pp_line_row *lines = PP_NEW(arena, struct pp_line_row, view->n_lines);
    uint32_t n = 0;
    for (uint32_t i = 0; i < view->n_locations; i++) {
        struct pp_location *l = &locations[i];
        bool hide_matches;
        uint32_t kept = copy_kept_lines(pass, l, lines + n, &hide_matches);
        pass->matches.hide |= hide_matches;
        pass->matches.show |= pass->asked->show && kept;
        if (kept == 0 && (hide_matches || pass->asked->show)) {
            pass->marks[i] |= HIDDEN;
            pass->any_hidden = true;
        }
        l->first_line = n;
        l->n_lines = PP_LINES(kept);
        n += kept;
    }
    view->lines = lines;
    view->n_lines = n;
}

static void mark_locations(struct name_pass *pass) {
    for (uint32_t i = 0; i < pass->p->n_locations; i++) {
        const struct pp_location *l = &pass->p->locations[i];
        if (pass->asked->ignore && matcher_location(&pass->ignore, l)) {
            pass->matches.ignore = true;
            pass->marks[i] = IGNORED;
        } else if (!pass->asked->focus || matcher_location(&pass->focus, l)) {
            pass->matches.focus = true;
            pass->marks[i] = FOCUSED;
        }
    }
}

/* Makes the stacks without their hidden frames; a stack that loses all has length 0. */
static void cut_frames(const struct name_pass *pass, struct pp_profile *view,
                       struct pp_arena *arena) {
    struct pp_stack *stacks = profile_own_stacks(view, arena);
    uint32_t *frames = PP_NEW(arena, uint32_t, view->n_frames), n = 0;
    for (uint32_t i = 0; i < view->n_stacks; i++) {
        struct pp_stack s = stacks[i];
        stacks[i].first = n;
        for (uint32_t j = 0; j < s.len; j++) {
            uint32_t frame = pp_frame(view, s.first + j);
            if (!(pass->marks[frame] & HIDDEN)) frames[n++] = frame;
        }
        stacks[i].len = n - stacks[i].first;
    }
    view->frames = (struct pp_frames){.wide = frames};
    view->n_frames = n;
}

/* Which stacks stay: a focused frame, no ignored one, and something to see. */
struct judging {
    const struct name_pass *pass;
    uint8_t *keep; /* a stack */
    size_t n_tasks;
};

static void judge_some(void *user, unsigned worker, size_t task) {
    (void)worker;
    const struct judging *j = user;
    const struct pp_profile *p = j->pass->p;
    const uint8_t *marks = j->pass->marks;
    const bool any_hidden = j->pass->any_hidden;
    const uint8_t decides = any_hidden ? 0 : j->pass->asked->ignore ? IGNORED : FOCUSED;
    uint32_t end = (uint32_t)((task + 1) * p->n_stacks / j->n_tasks);
    for (uint32_t i = (uint32_t)(task * p->n_stacks / j->n_tasks); i < end; i++) {
        struct pp_stack s = p->stacks[i];
        uint8_t any = 0;
        bool visible = !any_hidden;
        for (uint32_t at = s.first; at < s.first + s.len; at++) {
            uint8_t mark = marks[pp_frame(p, at)];
            any |= mark;
            visible |= !(mark & HIDDEN);
            if (mark & decides) break;
        }
        j->keep[i] = visible && (any & FOCUSED) && !(any & IGNORED);
    }
}

static uint8_t *judge_stacks(const struct name_pass *pass, struct pp_arena *scratch) {
    enum { FRAMES_A_TASK = 1 << 18 };
    const struct pp_profile *p = pass->p;
    struct judging j = {pass, PP_NEW(scratch, uint8_t, p->n_stacks),
                        p->n_frames / FRAMES_A_TASK + 1};
    parallel_run(parallel_width(j.n_tasks, 0), j.n_tasks, judge_some, &j);
    return j.keep;
}

void view_filter_names(const struct pp_profile *p, const struct name_filter *filter,
                       struct pp_profile *ret_view, struct name_matches *ret_matches,
                       struct pp_arena *arena) {
    struct pp_profile view = *p;
    const struct pp_profile input = *p;
    if (!filter->focus && !filter->ignore && !filter->hide && !filter->show) {
        *ret_view = view;
        *ret_matches = (struct name_matches){.focus = true};
        return;
    }
    struct pp_arena scratch = {0};
    struct name_pass pass = {.p = &input, .asked = filter};
    if (filter->focus) matcher_init(&pass.focus, filter->focus, &input, &scratch);
    if (filter->ignore) matcher_init(&pass.ignore, filter->ignore, &input, &scratch);
    if (filter->hide) matcher_init(&pass.hide, filter->hide, &input, &scratch);
    if (filter->show) matcher_init(&pass.show, filter->show, &input, &scratch);
    pass.marks = PP_NEW(&scratch, uint8_t, p->n_locations);
    mark_locations(&pass);
    if (filter->hide || filter->show) cut_lines(&pass, &view, arena);
    uint8_t *keep = judge_stacks(&pass, &scratch);
    if (pass.any_hidden) cut_frames(&pass, &view, arena);
    view_select(&view, view.sample_stack, keep, arena);
    pp_arena_done(&scratch);
    *ret_view = view;
    *ret_matches = pass.matches;
}

/* How many lines stay, counted from the innermost; 0 when none matches. */
static uint32_t lines_up_to_match(struct matcher *m, const struct pp_location *l) {
    for (uint32_t n = l->n_lines; n > 0; n--)
        if (matcher_function(m, m->p->lines[l->first_line + n - 1].function)) return n;
    return 0;
}

bool view_show_from(const struct pp_profile *p, const struct regex *rx, struct pp_profile *ret_view,
                    struct pp_arena *arena) {
    const struct pp_profile input = *p;
    struct pp_profile view = *p;
    struct pp_arena scratch = {0};
    struct matcher m;
    matcher_init(&m, rx, &input, &scratch);
    uint8_t *hit = PP_NEW(&scratch, uint8_t, p->n_locations);
    bool any = false;
    struct pp_location *locations = profile_own_locations(&view, arena);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        struct pp_location *l = &locations[i];
        uint32_t n = lines_up_to_match(&m, l);
        bool whole = matcher_mapping(&m, l->mapping);
        hit[i] = whole || n;
        any |= hit[i];
        if (hit[i] && !whole) l->n_lines = PP_LINES(n);
    }
    struct pp_stack *stacks = profile_own_stacks(&view, arena);
    uint8_t *keep = PP_NEW(&scratch, uint8_t, p->n_stacks);
    for (uint32_t i = 0; i < p->n_stacks; i++) {
        struct pp_stack *s = &stacks[i];
        while (s->len && !hit[pp_frame(&input, s->first + s->len - 1)])
            s->len--;
        keep[i] = s->len > 0;
    }
    view_select(&view, view.sample_stack, keep, arena);
    pp_arena_done(&scratch);
    *ret_view = view;
    return any;
}
