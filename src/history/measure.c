#include "history/measure.h"

#include "base/hash.h"
#include "base/index.h"
#include "base/text.h"
#include "gate/gate_table.h"
#include "graph/graph.h"
#include "profile/find_type.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

static int64_t rounded(double v) {
    return num_from_double(v + (v < 0 ? -0.5 : 0.5));
}

/* ---- who calls a function most ---- */

struct call {
    uint32_t function, caller;
    double value;
};

struct calls {
    struct call *at;
    size_t n, cap;
    struct hash_index index;
    uint64_t seed;
    uint64_t *stamp, now; /* by function: the last stack that it was in */
    struct pp_arena arena;
};

static void add_call(struct calls *c, struct call call) {
    uint64_t hash = hash_word(c->seed, (uint64_t)call.function << 32 | call.caller);
    for (struct index_probe i = index_probe(&c->index, hash); index_next(&c->index, &i);) {
        struct call *known = &c->at[i.position];
        if (known->function != call.function || known->caller != call.caller) continue;
        known->value += call.value;
        return;
    }
    index_add(&c->index, hash, (uint32_t)c->n);
    PP_PUSH(&c->arena, c->at, c->n, c->cap, call);
}

/* A function that calls itself is called by who called it first. */
static void add_calls(void *user, const struct gate_stack *stack) {
    struct calls *c = user;
    c->now++;
    for (size_t i = 0; i < stack->n; i++) {
        uint32_t row = stack->rows[i];
        if (c->stamp[row] == c->now) continue;
        c->stamp[row] = c->now;
        size_t up = i + 1;
        while (up < stack->n && stack->rows[up] == row)
            up++;
        if (up < stack->n) add_call(c, (struct call){row, stack->rows[up], stack->value});
    }
}

/* ret_callers, by function: 1 + who calls it most; 0: nobody. */
static void find_callers(const struct gate_table *t, uint32_t *ret_callers) {
    struct calls c = {.seed = hash_seed()};
    double *most = PP_NEW(&c.arena, double, t->n_functions);
    c.stamp = PP_NEW(&c.arena, uint64_t, t->n_functions);
    gate_table_each_stack(t, add_calls, &c);
    for (size_t i = 0; i < c.n; i++) {
        const struct call *call = &c.at[i];
        if (call->value <= most[call->function]) continue;
        most[call->function] = call->value;
        ret_callers[call->function] = call->caller + 1;
    }
    index_done(&c.index);
    pp_arena_done(&c.arena);
}

/* ---- sums ---- */

static void take_functions(const struct gate_table *t, struct history_sums *sums,
                           struct pp_arena *arena) {
    uint32_t *caller = PP_NEW(arena, uint32_t, t->n_functions);
    uint32_t *place = PP_NEW(arena, uint32_t, (size_t)t->n_functions + 1); /* by 1 + function */
    find_callers(t, caller);
    sums->at = PP_NEW(arena, struct history_sum, t->n_functions);
    for (uint32_t i = 0; i < t->n_functions; i++) {
        const struct gate_function *f = &t->functions[i];
        const struct gate_series *self = &t->by[GATE_SELF][i];
        double cum = t->by[GATE_CUM][i].value[0];
        if (self->value[0] == 0 && cum == 0) continue;
        place[i + 1] = sums->n + 1;
        sums->at[sums->n++] = (struct history_sum){
            .key = f->key,
            .name = f->name,
            .file = f->file,
            .line = f->start_line,
            .self = rounded(self->value[0]),
            .cum = rounded(cum),
            .count = rounded(self->value[0] / self->unit),
            .caller = caller[i],
        };
    }
    for (uint32_t i = 0; i < sums->n; i++)
        sums->at[i].caller = place[sums->at[i].caller];
}

static struct history_sums sums_of(const struct gate_table *t, struct pp_arena *arena) {
    struct history_sums s = {.type = t->type,
                             .unit = t->unit,
                             .total = rounded(t->total.value[0]),
                             .count = rounded(t->total.value[0] / t->total.unit)};
    take_functions(t, &s, arena);
    return s;
}

bool history_measure(const struct pp_profile *p, const struct history_measuring *m,
                     struct history_entry *entry, struct pp_arena *arena, struct pp_error *err) {
    const uint32_t one = 1;
    const struct pp_str name = PP_STR("the profile");
    const struct gate_input input = {
        .profiles = &p, .names = &name, .merged = &one, .n = {0, 1}, .paths = m->paths};
    struct history_sums *types = PP_NEW(arena, struct history_sums, p->n_types);
    struct gate_table table;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_types; i++) {
        struct pp_str type = pp_string(p, p->sample_types[i].type);
        if (m->only && i != m->main_type) continue;
        if (profile_find_type(p, type) != i) continue; /* twins: only the first can be named */
        bool ok = n ? gate_table_retype(&table, type, err)
                    : gate_table_build(&table, &input, type, arena, err);
        if (!ok) return false;
        types[n] = sums_of(&table, arena);
        types[n++].is_default = i == m->main_type;
    }
    if (n == 0) return pp_fail(err, PP_E_FORMAT, "the profile has no samples");
    entry->types = types;
    entry->n_types = n;
    return true;
}

/* ---- back ---- */

enum { S_EMPTY, S_SAMPLES, S_COUNT, S_TYPE, S_UNIT, N_OWN_STRINGS };

static void name_types(const struct history_window *w, struct pp_profile *p,
                       struct pp_arena *arena) {
    p->strings = PP_NEW(arena, struct pp_str, N_OWN_STRINGS + 2 * (size_t)w->n_functions);
    p->strings[S_EMPTY] = PP_STR("");
    p->strings[S_SAMPLES] = PP_STR("samples of a history");
    p->strings[S_COUNT] = PP_STR("count");
    p->strings[S_TYPE] = w->type;
    p->strings[S_UNIT] = w->unit;
    p->n_strings = N_OWN_STRINGS;
    p->n_types = 2;
    p->sample_types = PP_NEW(arena, struct pp_value_type, 2);
    p->sample_types[0] = (struct pp_value_type){S_SAMPLES, S_COUNT};
    p->sample_types[1] = (struct pp_value_type){S_TYPE, S_UNIT};
    p->default_sample_type = S_TYPE;
}

static void add_function(struct pp_profile *p, const struct history_function *f) {
    uint32_t at = p->n_functions++;
    p->strings[p->n_strings] = f->name;
    p->strings[p->n_strings + 1] = f->file;
    p->functions[at] = (struct pp_function){.name = f->name.len ? p->n_strings : 0,
                                            .filename = p->n_strings + 1,
                                            .start_line = f->line};
    p->n_strings += 2;
    p->lines[at] = (struct pp_line_row){.function = at};
    p->locations[at] = (struct pp_location){.mapping = PP_NONE, .first_line = at, .n_lines = 1};
    p->frames.wide[at] = at;
    p->stacks[at] = (struct pp_stack){at, 1};
}

/* What the profiles have in common: these functions, each of them a stack. */
static struct pp_profile begin_profiles(const struct history_window *w, const uint32_t *functions,
                                        uint32_t n, struct pp_arena *arena) {
    struct pp_profile p = {.n_label_sets = 1};
    name_types(w, &p, arena);
    p.functions = PP_NEW(arena, struct pp_function, n);
    p.lines = PP_NEW(arena, struct pp_line_row, n);
    p.locations = PP_NEW(arena, struct pp_location, n);
    p.frames.wide = PP_NEW(arena, uint32_t, n);
    p.stacks = PP_NEW(arena, struct pp_stack, n);
    p.sample_labels = PP_NEW(arena, uint32_t, n);
    p.label_sets = PP_NEW(arena, struct pp_label_set, 1);
    for (uint32_t i = 0; i < n; i++)
        add_function(&p, &w->functions[functions[i]]);
    p.n_lines = p.n_locations = p.n_frames = p.n_stacks = n;
    return p;
}

/* Those that cost something in one of `n_runs` runs; their values move along. */
static uint32_t keep_costly(struct history_values *v, uint32_t *functions, uint32_t n,
                            uint32_t n_runs) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t run = 0;
        while (run < n_runs && v->cost[i][run] == 0)
            run++;
        if (run == n_runs) continue;
        functions[kept] = functions[i];
        v->cost[kept] = v->cost[i];
        v->count[kept++] = v->count[i];
    }
    return kept;
}

/* A run's samples. */
static void add_samples(struct pp_profile *p, const struct history_values *v, uint32_t run,
                        struct pp_arena *arena) {
    p->sample_stack = PP_NEW(arena, uint32_t, p->n_functions);
    p->values = PP_NEW(arena, int64_t, 2 * (size_t)p->n_functions);
    for (uint32_t i = 0; i < p->n_functions; i++) {
        if (v->cost[i][run] == 0) continue;
        p->values[2 * p->n_samples] = num_from_double(v->count[i][run]);
        p->values[2 * p->n_samples + 1] = num_from_double(v->cost[i][run]);
        p->sample_stack[p->n_samples++] = i;
    }
}

bool history_profiles(const struct history_window *w, struct history_span runs,
                      struct pp_profile *ret_profiles, struct pp_arena *arena,
                      struct pp_error *err) {
    struct pp_arena scratch = {0};
    uint32_t *functions = PP_NEW(&scratch, uint32_t, w->n_functions), n_runs = runs.to - runs.from;
    const struct history_pick pick = {.functions = functions,
                                      .n = w->n_functions,
                                      .from = runs.from,
                                      .to = runs.to,
                                      .cost = HISTORY_SELF,
                                      .with_counts = true};
    struct history_values v;
    for (uint32_t i = 0; i < w->n_functions; i++)
        functions[i] = i;
    bool ok = history_values(w, &pick, &v, &scratch, err);
    uint32_t n = ok ? keep_costly(&v, functions, pick.n, n_runs) : 0;
    struct pp_profile all = begin_profiles(w, functions, n, arena);
    for (uint32_t run = 0; run < n_runs && ok; run++) {
        struct pp_profile *p = &ret_profiles[run];
        *p = all;
        p->time_nanos = w->runs[runs.from + run].time_ns;
        p->duration_nanos = w->runs[runs.from + run].duration_ns;
        add_samples(p, &v, run, arena);
    }
    pp_arena_done(&scratch);
    return ok;
}

/* ---- machines ---- */

/* What follows "KEY : " in the first line of /proc/cpuinfo that has it. */
static struct pp_str find_value(struct pp_str text, struct pp_str key) {
    size_t at = text_find(text, key, 0);
    if (at == SIZE_MAX) return PP_STR("");
    struct pp_str rest = pp_str_slice(text, at + key.len, text.len), line = PP_STR("");
    text_next_line(&rest, &line);
    size_t colon = text_find(line, PP_STR(":"), 0);
    return colon == SIZE_MAX ? PP_STR("") : text_trim(pp_str_slice(line, colon + 1, line.len));
}

static struct pp_str processor(const struct utsname *system, struct pp_arena *arena) {
    enum { ENOUGH = 16384 };
    char *text = PP_NEW(arena, char, ENOUGH);
    int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, ENOUGH);
    if (fd >= 0) close(fd);
    struct pp_str found = {0};
    if (n > 0) found = find_value((struct pp_str){text, (size_t)n}, PP_STR("model name"));
    return found.len ? found : pp_arena_copy(arena, pp_str_from(system->machine));
}

struct pp_str history_machine(struct pp_arena *arena) {
    struct utsname system;
    if (uname(&system) != 0) return PP_STR("unknown");
    struct pp_str cpu = processor(&system, arena);
    return pp_arena_printf(arena, "%.*s, %ld cores, %s %s", PP_STR_ARG(cpu),
                           sysconf(_SC_NPROCESSORS_ONLN), system.sysname, system.release);
}
