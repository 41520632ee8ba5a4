#include "base/sort.h"
#include "profile/marked_frames.h"
#include "report/weblist.h"

enum {
    MERGE = 20, /* lines of one function that are less apart are shown together */
    MARGIN = 5, /* lines shown around those with instructions */
};

/* ---- values of instructions ---- */

static int by_address(const void *left, const void *right, void *user) {
    const struct weblist *w = user;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    uint64_t x = w->insts[a].address, y = w->insts[b].address;
    if (x != y) return x < y ? -1 : 1;
    return (a > b) - (a < b);
}

/* Samples in the middle of an instruction are its own: some say where the next one would begin. */
static uint32_t *assign_sites(struct weblist *w, struct pp_arena *scratch) {
    uint32_t *inst_of = PP_NEW(scratch, uint32_t, w->n_sites);
    uint32_t *order = PP_NEW(scratch, uint32_t, w->n_insts);
    memset(inst_of, 0xff, w->n_sites * sizeof *inst_of); /* PP_NONE */
    for (uint32_t i = 0; i < w->n_insts; i++)
        order[i] = i;
    sort_stable(order, w->n_insts, sizeof *order, by_address, w);
    uint32_t site = 0;
    for (uint32_t i = 0; i < w->n_insts; i++) {
        struct weblist_inst *inst = &w->insts[order[i]];
        while (site < w->n_sites && w->sites[site] < inst->address)
            site++;
        for (; site < w->n_sites && w->sites[site] - inst->address < inst->length; site++) {
            inst_of[site] = order[i];
            inst->flat = num_add(inst->flat, w->site_flat[site]);
            inst->cum = num_add(inst->cum, w->site_cum[site]);
        }
    }
    return inst_of;
}

/* ---- entries to lines, lines to functions ---- */

static int by_place(const void *left, const void *right, void *user) {
    const struct weblist *w = user;
    const struct weblist_entry *a = left, *b = right;
    int c =
        a->file == b->file ? 0 : pp_str_cmp(w->files.strings[a->file], w->files.strings[b->file]);
    if (c) return c;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static void make_lines(struct weblist *w) {
    sort_stable(w->entries, w->n_entries, sizeof *w->entries, by_place, w);
    w->lines = PP_NEW(w->arena, struct weblist_line, w->n_entries);
    for (uint32_t i = 0; i < w->n_entries; i++) {
        const struct weblist_entry *e = &w->entries[i];
        struct weblist_line *line = w->n_lines ? &w->lines[w->n_lines - 1] : NULL;
        if (!line || line->file != e->file || line->number != e->line) {
            line = &w->lines[w->n_lines++];
            *line = (struct weblist_line){
                .number = e->line, .file = e->file, .function = e->function, .first = i};
        }
        line->n++;
        line->flat = num_add(line->flat, w->insts[e->inst].flat);
        line->cum = num_add(line->cum, w->insts[e->inst].cum);
    }
}

static struct pp_str function_name(const struct weblist *w, uint32_t name) {
    return w->pretty[name].data ? w->pretty[name] : w->names.strings[name];
}

/* How many lines lie between two places of one file; more than an int64_t can be. */
static uint64_t gap(int64_t end, int64_t next) {
    return (uint64_t)next - (uint64_t)end;
}

static void make_functions(struct weblist *w) {
    w->functions = PP_NEW(w->arena, struct weblist_function, w->n_lines);
    for (uint32_t i = 0; i < w->n_lines; i++) {
        const struct weblist_line *line = &w->lines[i];
        struct weblist_function *f = w->n_functions ? &w->functions[w->n_functions - 1] : NULL;
        struct pp_str name = function_name(w, line->function);
        bool same = f && f->file == line->file && gap(f->end, line->number) < MERGE &&
                    pp_str_eq(f->name, name);
        if (!same) {
            f = &w->functions[w->n_functions++];
            *f = (struct weblist_function){
                .name = name, .file = line->file, .first = i, .begin = line->number};
        }
        f->n++;
        f->end = num_add(line->number, 1);
        f->flat = num_add(f->flat, line->flat);
        f->cum = num_add(f->cum, line->cum);
    }
}

/* Shows some lines around each function; half of the gap where two are near. */
static void widen_functions(struct weblist *w) {
    for (uint32_t i = 0; i < w->n_functions; i++) {
        struct weblist_function *f = &w->functions[i], *before = i ? f - 1 : NULL;
        if (before && before->file == f->file) {
            uint64_t between = gap(before->end, f->begin) / 2;
            int64_t half = between > MARGIN ? MARGIN : (int64_t)between;
            before->end = num_add(before->end, half);
            f->begin = num_add(f->begin, -half);
            continue;
        }
        if (before) before->end = num_add(before->end, MARGIN);
        if (f->begin > MARGIN)
            f->begin -= MARGIN;
        else if (f->begin > 1)
            f->begin = 1; /* 0 stays: it stands for unknown lines */
    }
    if (w->n_functions) {
        struct weblist_function *last = &w->functions[w->n_functions - 1];
        last->end = num_add(last->end, MARGIN);
    }
}

/* ---- each sample once ---- */

struct once {
    struct weblist *w;
    const uint32_t *inst_of_site;
    uint32_t *first_line, *line_of;                  /* the lines of an instruction: CSR */
    uint32_t *function_of;                           /* by line */
    uint32_t *inst_seen, *line_seen, *function_seen; /* one more than the last stack */
};

static void once_init(struct once *o, struct pp_arena *scratch) {
    struct weblist *w = o->w;
    o->first_line = PP_NEW(scratch, uint32_t, (size_t)w->n_insts + 1);
    o->line_of = PP_NEW(scratch, uint32_t, w->n_entries);
    o->function_of = PP_NEW(scratch, uint32_t, w->n_lines);
    o->inst_seen = PP_NEW(scratch, uint32_t, w->n_insts);
    o->line_seen = PP_NEW(scratch, uint32_t, w->n_lines);
    o->function_seen = PP_NEW(scratch, uint32_t, w->n_functions);
    uint32_t *at = PP_NEW(scratch, uint32_t, (size_t)w->n_insts + 1);
    for (uint32_t i = 0; i < w->n_entries; i++)
        o->first_line[w->entries[i].inst + 1]++;
    for (uint32_t i = 0; i < w->n_insts; i++)
        at[i + 1] = o->first_line[i + 1] += o->first_line[i];
    for (uint32_t i = 0; i < w->n_lines; i++)
        for (uint32_t k = 0; k < w->lines[i].n; k++)
            o->line_of[at[w->entries[w->lines[i].first + k].inst]++] = i;
    for (uint32_t i = 0; i < w->n_functions; i++)
        for (uint32_t k = 0; k < w->functions[i].n; k++)
            o->function_of[w->functions[i].first + k] = i;
}

static void clear_values(struct weblist *w) {
    for (uint32_t i = 0; i < w->n_insts; i++)
        w->insts[i].cum = 0;
    for (uint32_t i = 0; i < w->n_lines; i++)
        w->lines[i].flat = w->lines[i].cum = 0;
    for (uint32_t i = 0; i < w->n_functions; i++)
        w->functions[i].flat = w->functions[i].cum = 0;
}

/* Adds a stack's weight to what a frame is in, unless a frame before it was in it. Leaves come
 * first, so what is flat is there before. */
static void add_frame(struct once *o, uint32_t inst, uint32_t stamp, int64_t weight, bool is_leaf) {
    struct weblist *w = o->w;
    int64_t flat = is_leaf ? weight : 0;
    if (o->inst_seen[inst] == stamp) return;
    o->inst_seen[inst] = stamp;
    w->insts[inst].cum = num_add(w->insts[inst].cum, weight);
    for (uint32_t i = o->first_line[inst]; i < o->first_line[inst + 1]; i++) {
        struct weblist_line *line = &w->lines[o->line_of[i]];
        uint32_t function = o->function_of[o->line_of[i]];
        struct weblist_function *f = &w->functions[function];
        if (o->line_seen[o->line_of[i]] != stamp) {
            line->flat = num_add(line->flat, flat);
            line->cum = num_add(line->cum, weight);
        }
        if (o->function_seen[function] != stamp) {
            f->flat = num_add(f->flat, flat);
            f->cum = num_add(f->cum, weight);
        }
        o->line_seen[o->line_of[i]] = o->function_seen[function] = stamp;
    }
}

static uint32_t inst_of(const struct once *o, uint32_t location) {
    return o->inst_of_site[o->w->site_of[location]];
}

static void add_stack(void *user, uint32_t stack, const uint32_t *at, uint32_t n) {
    struct once *o = user;
    const struct pp_profile *p = o->w->rc->profile;
    for (uint32_t i = 0; o->w->weights[stack] && i < n; i++)
        add_frame(o, inst_of(o, pp_frame(p, p->stacks[stack].first + at[i])), stack + 1,
                  o->w->weights[stack], at[i] == 0);
}

static void count_once(struct weblist *w, const uint32_t *inst_of_site, struct pp_arena *scratch) {
    const struct pp_profile *p = w->rc->profile;
    struct once o = {.w = w, .inst_of_site = inst_of_site};
    bool *has_inst = PP_NEW(scratch, bool, p->n_locations);
    const struct marked_frames frames = {p, has_inst, 0, p->n_stacks};
    once_init(&o, scratch);
    clear_values(w);
    for (uint32_t i = 0; i < p->n_locations; i++)
        has_inst[i] = inst_of(&o, i) != PP_NONE;
    marked_frames_walk(&frames, add_stack, &o);
}

bool weblist_build(struct weblist *w, const struct report_ctx *rc, struct pp_error *err) {
    *w = (struct weblist){.rc = rc, .arena = rc->arena};
    interner_init(&w->names, rc->arena);
    interner_init(&w->files, rc->arena);
    if (!weblist_code(w, err)) return false;
    struct pp_arena scratch = {0};
    const uint32_t *inst_of_site = assign_sites(w, &scratch);
    make_lines(w);
    make_functions(w);
    if (!rc->listing.count_recursion) count_once(w, inst_of_site, &scratch);
    widen_functions(w);
    pp_arena_done(&scratch);
    return true;
}

void weblist_done(struct weblist *w) {
    interner_done(&w->names);
    interner_done(&w->files);
}
