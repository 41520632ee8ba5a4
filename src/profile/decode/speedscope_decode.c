/* speedscope's own files, evented and sampled. Times become nanoseconds. Profiles of one unit are
 * told apart by the label `profile`, those of another unit have a column of their own.
 *
 * Source: speedscope's file-format-schema.json. */
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/json_profile.h"

#include <inttypes.h>

static const struct unit {
    const char *unit; /* in the file */
    const char *type, *ours;
    double factor;
} units[] = {{"nanoseconds", "time", "nanoseconds", 1},
             {"microseconds", "time", "nanoseconds", 1e3},
             {"milliseconds", "time", "nanoseconds", 1e6},
             {"seconds", "time", "nanoseconds", 1e9},
             {"bytes", "space", "bytes", 1},
             {"none", "weight", "count", 1}};

enum { N_UNITS = sizeof units / sizeof *units };

struct event {
    struct pp_str type;
    double at, frame;
};

struct scope_profile {
    struct pp_str name, unit;
    double start, end;
    struct walk_doubles weights;
    size_t samples_at, events_at; /* where they stand in the text; 0: nowhere */
};

struct scope {
    struct json_profile out;
    struct pp_str name;
    uint32_t *frames; /* locations */
    uint32_t n_frames, n_profiles, n_columns;
    size_t cap_frames;
    size_t profiles_at;
    int columns[N_UNITS]; /* of a unit's type, or -1 */

    /* the profile at hand */
    struct scope_profile p;
    uint32_t column;
    double factor;
    struct walk_doubles stack;
    size_t n_sample;
    uint32_t *open; /* nodes, root first */
    uint32_t n_open;
    size_t cap_open;
    double at;
    bool fractions;      /* a value was rounded */
    uint64_t n_unclosed; /* frames; they last until the end */
};

/* ---- frames ---- */

static bool read_frame(struct json_walk *w, void *to) {
    struct scope *s = to;
    static const struct walk_member members[] = {
        {"name", walk_text, offsetof(struct call_frame, name)},
        {"file", walk_text, offsetof(struct call_frame, file)},
        {"line", walk_i64, offsetof(struct call_frame, line)},
        {"col", walk_i64, offsetof(struct call_frame, column)},
    };
    struct call_frame f = {0};
    if (!WALK_OBJECT(w, members, &f)) return false;
    PP_PUSH(&s->out.scratch, s->frames, s->n_frames, s->cap_frames,
            call_tree_frame(&s->out.tree, &f));
    return true;
}

static bool read_frames(struct json_walk *w, void *to) {
    return walk_array(w, read_frame, to);
}

static bool read_shared(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {{"frames", read_frames, 0}};
    return WALK_OBJECT(w, members, to);
}

/* ---- values ---- */

static bool child(struct json_walk *w, struct scope *s, uint32_t parent, double frame,
                  uint32_t *ret_node) {
    if (!(frame >= 0 && frame < s->n_frames))
        return walk_wrong(w, "a frame that does not exist is used");
    return call_tree_child(&s->out.tree, parent, s->frames[(uint32_t)frame], ret_node, &s->out.why);
}

static void add(struct scope *s, uint32_t node, double value) {
    int64_t v = walk_round(value * s->factor);
    s->fractions |= (double)v != value * s->factor && s->factor == 1;
    if (v) call_tree_add(&s->out.tree, node, s->column, v);
}

static const char uneven[] = "expected as many weights as samples";

static bool read_sample(struct json_walk *w, void *to) {
    struct scope *s = to;
    uint32_t node = CALL_ROOT;
    if (!walk_doubles(w, &s->stack)) return false;
    for (size_t i = 0; i < s->stack.n; i++)
        if (!child(w, s, node, s->stack.at[i], &node)) return false;
    if (s->n_sample >= s->p.weights.n) return walk_wrong(w, uneven);
    add(s, node, s->p.weights.at[s->n_sample++]);
    return true;
}

static uint32_t top(const struct scope *s) {
    return s->n_open ? s->open[s->n_open - 1] : CALL_ROOT;
}

static bool open_or_close(struct json_walk *w, struct scope *s, const struct event *e) {
    uint32_t node;
    if (pp_str_eq(e->type, PP_STR("O"))) {
        if (!child(w, s, top(s), e->frame, &node)) return false;
        PP_PUSH(&s->out.scratch, s->open, s->n_open, s->cap_open, node);
        return true;
    }
    if (!pp_str_eq(e->type, PP_STR("C"))) return walk_wrong(w, "expected \"O\" or \"C\"");
    if (!(e->frame >= 0 && e->frame < s->n_frames))
        return walk_wrong(w, "a frame that does not exist is used");
    if (!s->n_open || s->out.tree.nodes[top(s)].location != s->frames[(uint32_t)e->frame])
        return walk_wrong(w, "a frame is closed that is not the innermost open one");
    s->n_open--;
    return true;
}

static bool read_event(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"type", walk_text, offsetof(struct event, type)},
        {"at", walk_double, offsetof(struct event, at)},
        {"frame", walk_double, offsetof(struct event, frame)},
    };
    struct scope *s = to;
    struct event e = {.frame = -1};
    if (!WALK_OBJECT(w, members, &e)) return false;
    if (e.at < s->at) return walk_wrong(w, "events are not in order of time");
    if (s->n_open) add(s, top(s), e.at - s->at);
    s->at = e.at;
    return open_or_close(w, s, &e);
}

/* ---- profiles ---- */

static bool read_samples(struct json_walk *w, void *to) {
    return walk_array(w, read_sample, to);
}

static bool read_events(struct json_walk *w, void *to) {
    return walk_array(w, read_event, to);
}

static const struct unit *unit_of(struct pp_str name) {
    for (size_t i = 0; i < N_UNITS; i++)
        if (pp_str_eq(name, pp_str_from(units[i].unit))) return &units[i];
    return &units[N_UNITS - 1];
}

static bool read_head(struct json_walk *w, struct scope *s) {
    static const struct walk_member members[] = {
        {"name", walk_text, offsetof(struct scope_profile, name)},
        {"unit", walk_text, offsetof(struct scope_profile, unit)},
        {"startValue", walk_double, offsetof(struct scope_profile, start)},
        {"endValue", walk_double, offsetof(struct scope_profile, end)},
        {"weights", walk_doubles, offsetof(struct scope_profile, weights)},
        {"samples", walk_place, offsetof(struct scope_profile, samples_at)},
        {"events", walk_place, offsetof(struct scope_profile, events_at)},
    };
    struct walk_doubles weights = s->p.weights;
    weights.n = 0;
    s->p = (struct scope_profile){.weights = weights};
    return WALK_OBJECT(w, members, &s->p);
}

/* First all units, so that the columns are known. */
static bool find_column(struct json_walk *w, void *to) {
    struct scope *s = to;
    if (!read_head(w, s)) return false;
    const struct unit *u = unit_of(s->p.unit);
    s->n_profiles++;
    for (size_t i = 0; i < N_UNITS; i++)
        if (!strcmp(units[i].type, u->type) && s->columns[i] >= 0) return true;
    for (size_t i = 0; i < N_UNITS; i++)
        if (!strcmp(units[i].type, u->type)) s->columns[i] = (int)s->n_columns;
    s->n_columns++;
    builder_add_type(&s->out.b, builder_string(&s->out.b, pp_str_from(u->type)),
                     builder_string(&s->out.b, pp_str_from(u->ours)));
    return true;
}

static bool read_profile(struct json_walk *w, void *to) {
    struct scope *s = to;
    struct pp_label label = {0};
    if (!read_head(w, s)) return false;
    const struct unit *u = unit_of(s->p.unit);
    s->column = (uint32_t)s->columns[u - units];
    s->factor = u->factor;
    s->n_sample = 0;
    s->n_open = 0;
    s->at = s->p.start;
    if (s->p.samples_at && !walk_there(w, s->p.samples_at, read_samples, s)) return false;
    if (s->p.samples_at && s->n_sample < s->p.weights.n) return walk_wrong(w, uneven);
    if (s->p.events_at && !walk_there(w, s->p.events_at, read_events, s)) return false;
    if (s->n_open && s->p.end > s->at) add(s, top(s), s->p.end - s->at);
    s->n_unclosed += s->n_open;
    label.key = builder_string(&s->out.b, PP_STR("profile"));
    label.text = builder_string(&s->out.b, s->p.name);
    bool named = s->n_profiles > 1 && s->p.name.len;
    uint32_t set = named ? builder_label_set(&s->out.b, &label, 1, 0) : 0;
    return call_tree_flush(&s->out.tree, set, &s->out.why);
}

static bool find_columns(struct json_walk *w, void *to) {
    return walk_array(w, find_column, to);
}

static bool read_profiles(struct json_walk *w, void *to) {
    return walk_array(w, read_profile, to);
}

static bool parse(struct json_walk *w, struct scope *s) {
    static const struct walk_member members[] = {
        {"shared", read_shared, 0},
        {"profiles", walk_place, offsetof(struct scope, profiles_at)},
    };
    if (!WALK_OBJECT(w, members, s)) return false;
    if (!s->profiles_at) return walk_wrong(w, "expected profiles");
    if (!walk_there(w, s->profiles_at, find_columns, s)) return false;
    s->out.tree.n_columns = s->n_columns;
    return walk_there(w, s->profiles_at, read_profiles, s);
}

static bool speedscope_decode(struct input *in, struct pp_profile *ret_profile,
                              struct pp_arena *arena, struct pp_error *err) {
    struct scope s = {0};
    for (size_t i = 0; i < N_UNITS; i++)
        s.columns[i] = -1;
    json_profile_open(&s.out, in, arena, 0);
    bool ok = parse(&s.out.w, &s);
    if (ok && s.fractions) input_note(in, "speedscope, values with fractions are rounded");
    if (ok && s.n_unclosed)
        input_note(in, "speedscope, %" PRIu64 " frames are never closed: they last until the end",
                   s.n_unclosed);
    return json_profile_close(&s.out, ok, speedscope_decoder.name, ret_profile, err);
}

static bool speedscope_probe(struct input *in) {
    return json_kind_of(in) == JSON_SPEEDSCOPE;
}

const struct profile_decoder speedscope_decoder = {
    .name = "speedscope", .probe = speedscope_probe, .decode = speedscope_decode};
