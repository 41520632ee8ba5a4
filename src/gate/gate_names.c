/* Which functions of the runs are one row. Two passes: what files each key is in, then the rows. */
#include "gate/gate_names.h"

#include "base/intern.h"
#include "gate/identity.h"
#include "graph/name.h"

/* Of the names with one key the newest run's; of its names the shortest, which has the least marks
 * ("f" rather than "f.cold"). */
static struct pp_str better_name(const struct gate_function *f, struct pp_str name, uint32_t at) {
    return f->named_by == at + 1 && f->name.len <= name.len ? f->name : name;
}

/* Static functions of two files may have one name, and lambdas have none: which files a side has a
 * key in decides whether its functions are told apart by their files. Where it is not known in
 * which line a function begins, its file is that of a line, which may be another's. */
struct naming {
    struct gate_table *t;
    struct interner keys, whole; /* as in identity.h; with the place, where it counts */
    struct interner names;
    struct pp_str *key_of_name; /* runs have the same names over and over */
    uint32_t n_names;
    size_t cap_names;
    struct naming_key {
        struct pp_str file[2]; /* by side: the first */
        bool has_many;
    } * of; /* by key */
    uint32_t n_keys;
    size_t cap_keys, cap_functions;
};

static struct pp_str key_of(struct naming *n, struct pp_str name) {
    if (n->t->input->exact_names) return name;
    uint32_t id = intern_static(&n->names, name);
    while (n->n_names <= id) {
        struct pp_str next = n->names.strings[n->n_names];
        struct pp_str key = identity_key(next, IDENTITY_BUILD, n->t->arena);
        PP_PUSH(n->t->arena, n->key_of_name, n->n_names, n->cap_names, key);
    }
    return n->key_of_name[id];
}

static struct pp_str file_of(const struct naming *n, uint32_t at, uint32_t function) {
    const struct pp_profile *p = n->t->input->profiles[at];
    struct pp_str file = pp_string(p, p->functions[function].filename);
    return file.len ? name_file(file, n->t->input->paths, n->t->arena) : file;
}

static void see_file(struct naming *n, uint32_t at, uint32_t function) {
    const struct pp_profile *p = n->t->input->profiles[at];
    struct pp_str file = file_of(n, at, function);
    uint32_t key = intern_static(&n->keys, key_of(n, pp_string(p, p->functions[function].name)));
    while (n->n_keys <= key)
        PP_PUSH(n->t->arena, n->of, n->n_keys, n->cap_keys, (struct naming_key){0});
    if (!p->functions[function].start_line) return;
    struct pp_str *first = &n->of[key].file[gate_table_side(n->t, at)];
    if (!first->len) *first = file;
    n->of[key].has_many |= file.len && !pp_str_eq(*first, file);
}

/* The key, or where one key is several functions the key and the place. */
static struct pp_str whole_key(struct naming *n, uint32_t at, uint32_t function,
                               struct pp_str key) {
    const struct pp_profile *p = n->t->input->profiles[at];
    bool is_nameless = key.len && identity_is_nameless(key);
    if (n->t->input->exact_names || !(is_nameless || n->of[intern_static(&n->keys, key)].has_many))
        return key;
    struct pp_str file = file_of(n, at, function);
    int64_t line = p->functions[function].start_line;
    if (!file.len || (!line && !is_nameless)) return key;
    if (!is_nameless) line = 0;
    return pp_arena_printf(n->t->arena, "%.*s\n%.*s:%lld", PP_STR_ARG(key), PP_STR_ARG(file),
                           (long long)line);
}

static void name_function(struct naming *n, uint32_t at, uint32_t function) {
    struct gate_table *t = n->t;
    const struct pp_profile *p = t->input->profiles[at];
    const struct pp_function *f = &p->functions[function];
    struct pp_str name = pp_string(p, p->functions[function].name), key = key_of(n, name);
    uint32_t row = intern_static(&n->whole, whole_key(n, at, function, key));
    t->rows[at][function] = row;
    if (row == t->n_functions)
        PP_PUSH(t->arena, t->functions, t->n_functions, n->cap_functions,
                ((struct gate_function){.key = key}));
    struct gate_function *of = &t->functions[row];
    of->name = better_name(of, name, at);
    of->named_by = at + 1;
    if (gate_table_side(t, at) == GATE_OLD) of->was = of->name;
    /* The newest run knows best where it is. */
    if (!row || !pp_string(p, f->filename).len) return;
    of->file = file_of(n, at, function);
    of->start_line = f->start_line;
}

/* Runs of a history have one table of functions. */
static bool is_named_before(const struct gate_table *t, uint32_t at) {
    const struct pp_profile *const *p = t->input->profiles;
    return at && p[at]->functions == p[at - 1]->functions && p[at]->strings == p[at - 1]->strings &&
           gate_table_side(t, at) == gate_table_side(t, at - 1);
}

void gate_name_functions(struct gate_table *t) {
    struct naming n = {.t = t};
    interner_init(&n.names, t->arena);
    interner_init(&n.keys, t->arena);
    interner_init(&n.whole, t->arena);
    t->rows = PP_NEW(t->arena, uint32_t *, t->n_profiles);
    PP_PUSH(t->arena, t->functions, t->n_functions, n.cap_functions, (struct gate_function){0});
    for (uint32_t at = 0; at < t->n_profiles; at++)
        for (uint32_t i = 0; i < t->input->profiles[at]->n_functions && !is_named_before(t, at);
             i++)
            see_file(&n, at, i);
    for (uint32_t at = 0; at < t->n_profiles; at++) {
        uint32_t n_functions = t->input->profiles[at]->n_functions;
        t->rows[at] = PP_NEW(t->arena, uint32_t, n_functions);
        if (n_functions && is_named_before(t, at))
            memcpy(t->rows[at], t->rows[at - 1], n_functions * sizeof **t->rows);
        else
            for (uint32_t i = 0; i < n_functions; i++)
                name_function(&n, at, i);
    }
    interner_done(&n.names);
    interner_done(&n.keys);
    interner_done(&n.whole);
}
