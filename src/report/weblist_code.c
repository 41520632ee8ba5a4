#include "base/path.h"
#include "base/regex.h"
#include "base/sort.h"
#include "report/weblist.h"

#include <stdlib.h>

enum {
    EXPAND = 500,      /* bytes around an address that are disassembled, too */
    MAX_RANGES = 25,   /* the heaviest are taken */
    MAX_CALLS = 256,   /* around an instruction; the innermost are taken */
    NEIGHBORHOOD = 32, /* an instruction without a line is of the line of one so near */
};

/* Code to disassemble: addresses of one mapping. */
struct range {
    uint64_t begin, end, base; /* base: what makes an address of the object one of the profile */
    uint32_t mapping;
    int64_t score;
    struct disasm_code code;
    struct lookup *stacks; /* of each instruction; NULL: unknown */
};

struct maker {
    struct weblist *w;
    const struct pp_profile *p;
    const bool *marked;          /* sites of interest */
    const uint32_t *location_of; /* sites: the location that made them interesting */
    struct range *ranges;
    size_t n_ranges, cap_ranges;
    struct pp_arena *scratch;
};

/* ---- places and their weights ---- */

static int by_value(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static uint32_t find_site(const struct weblist *w, uint64_t address) {
    const uint64_t *at =
        w->n_sites ? bsearch(&address, w->sites, w->n_sites, sizeof address, by_value) : NULL;
    return at ? (uint32_t)(at - w->sites) : PP_NONE;
}

/* Locations without an address get one above all mappings. */
static uint64_t first_free_address(const struct pp_profile *p) {
    uint64_t next = 1;
    for (uint32_t i = 0; i < p->n_mappings; i++)
        if (p->mappings[i].limit > next) next = p->mappings[i].limit;
    return next;
}

static void make_sites(struct weblist *w, struct pp_arena *scratch) {
    const struct pp_profile *p = w->rc->profile;
    uint64_t free = first_free_address(p), *address = PP_NEW(scratch, uint64_t, p->n_locations);
    w->sites = PP_NEW(w->arena, uint64_t, p->n_locations);
    w->site_of = PP_NEW(w->arena, uint32_t, p->n_locations);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        address[i] = p->locations[i].address;
        if (!address[i]) address[i] = free++;
        w->sites[i] = address[i];
    }
    if (p->n_locations) qsort(w->sites, p->n_locations, sizeof *w->sites, by_value);
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (i == 0 || w->sites[i] != w->sites[w->n_sites - 1]) w->sites[w->n_sites++] = w->sites[i];
    for (uint32_t i = 0; i < p->n_locations; i++)
        w->site_of[i] = find_site(w, address[i]);
}

static void weigh(struct weblist *w) {
    const struct pp_profile *p = w->rc->profile;
    w->weights = PP_NEW(w->arena, int64_t, p->n_stacks);
    w->site_flat = PP_NEW(w->arena, int64_t, w->n_sites);
    w->site_cum = PP_NEW(w->arena, int64_t, w->n_sites);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t value = pp_value(p, i, w->rc->type);
        if (w->rc->mean) value = graph_mean(value, pp_value(p, i, 0));
        int64_t *sum = &w->weights[p->sample_stack[i]];
        *sum = num_add(*sum, value);
    }
    for (uint32_t i = 0; i < p->n_stacks; i++) {
        struct pp_stack stack = p->stacks[i];
        if (!w->weights[i] || !stack.len) continue;
        int64_t *flat = &w->site_flat[w->site_of[pp_frame(p, stack.first)]];
        *flat = num_add(*flat, w->weights[i]);
        for (uint32_t j = 0; w->rc->listing.count_recursion && j < stack.len; j++) {
            int64_t *cum = &w->site_cum[w->site_of[pp_frame(p, stack.first + j)]];
            *cum = num_add(*cum, w->weights[i]);
        }
    }
}

/* ---- what is of interest ---- */

struct interest {
    struct weblist *w;
    const struct pp_profile *p;
    const struct regex *rx;
    uint8_t *function_matches, *mapping_matches; /* 0: not asked yet, 1: no, 2: yes */
    bool *marked;
    uint32_t *location_of;
};

static bool matches(const struct interest *in, uint32_t string) {
    return regex_matches(in->rx, pp_string(in->p, string));
}

static bool function_matches(struct interest *in, uint32_t function) {
    uint8_t *memo = &in->function_matches[function];
    const struct pp_function *f = &in->p->functions[function];
    if (!*memo)
        *memo =
            matches(in, f->name) || matches(in, f->system_name) || matches(in, f->filename) ? 2 : 1;
    return *memo == 2;
}

static bool mapping_matches(struct interest *in, uint32_t mapping) {
    if (mapping == PP_NONE) return false;
    uint8_t *memo = &in->mapping_matches[mapping];
    if (!*memo) *memo = matches(in, in->p->mappings[mapping].file) ? 2 : 1;
    return *memo == 2;
}

static uint32_t add_name(struct weblist *w, struct pp_str name) {
    uint32_t id = intern(&w->names, name);
    if (id < w->n_known) return id;
    size_t n = w->n_known, m = n;
    PP_RESERVE(w->arena, w->interest, n, w->cap_interest, id + 1 - n);
    PP_RESERVE(w->arena, w->pretty, m, w->cap_pretty, id + 1 - m);
    for (; n <= id; n++) {
        w->interest[n] = false;
        w->pretty[n] = (struct pp_str){0};
    }
    w->n_known = id + 1;
    return id;
}

static void mark(struct interest *in, uint32_t location, uint32_t line) {
    const struct pp_location *l = &in->p->locations[location];
    const struct pp_function *f = &in->p->functions[in->p->lines[l->first_line + line].function];
    uint32_t site = in->w->site_of[location];
    uint32_t name = add_name(in->w, pp_string(in->p, f->name));
    uint32_t system_name = add_name(in->w, pp_string(in->p, f->system_name));
    in->w->interest[name] = in->w->interest[system_name] = true;
    if (in->marked[site]) return;
    in->marked[site] = true;
    in->location_of[site] = location;
}

static void look_at(struct interest *in, uint32_t location) {
    const struct pp_location *l = &in->p->locations[location];
    const struct report_ctx *rc = in->w->rc;
    for (uint32_t i = 0; i < l->n_lines; i++) {
        const struct pp_function *f = &in->p->functions[in->p->lines[l->first_line + i].function];
        uint32_t id = add_name(in->w, pp_string(in->p, f->system_name));
        in->w->pretty[id] = pp_string(in->p, f->name);
    }
    if (rc->listing.param_is_address &&
        in->w->sites[in->w->site_of[location]] == rc->listing.param_address) {
        if (l->n_lines) mark(in, location, l->n_lines - 1);
        return;
    }
    for (uint32_t i = 0; i < l->n_lines; i++)
        if ((i == 0 && mapping_matches(in, l->mapping)) ||
            function_matches(in, in->p->lines[l->first_line + i].function))
            mark(in, location, i);
}

static inline __attribute__((always_inline)) void
look_at_frames(struct interest *in, struct pp_frames frames, uint32_t n, bool *seen) {
    while (n-- > 0) {
        uint32_t location = pp_frame_in(frames, n);
        if (seen[location]) continue;
        seen[location] = true;
        look_at(in, location);
    }
}

/* Looks at each location that a sample uses, in the samples' order, from root to leaf. */
static void find_interest(struct interest *in, struct pp_arena *scratch) {
    const struct pp_profile *p = in->p;
    bool *seen_stack = PP_NEW(scratch, bool, p->n_stacks);
    bool *seen = PP_NEW(scratch, bool, p->n_locations);
    in->function_matches = PP_NEW(scratch, uint8_t, p->n_functions);
    in->mapping_matches = PP_NEW(scratch, uint8_t, p->n_mappings);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        struct pp_stack stack = p->stacks[p->sample_stack[i]];
        if (seen_stack[p->sample_stack[i]]) continue;
        seen_stack[p->sample_stack[i]] = true;
        PP_WITH_FRAMES(p->frames, stack.first, frames, look_at_frames(in, frames, stack.len, seen));
    }
}

/* ---- entries ---- */

static struct pp_str canonical(struct pp_str file, struct pp_arena *arena) {
    static const struct pp_str prefixes[] = {{"/proc/self/cwd/", 15}, {"./", 2}};
    for (size_t i = 0; i < 2; i++)
        if (pp_str_has_prefix(file, prefixes[i]))
            file = pp_str_slice(file, prefixes[i].len, file.len);
    return path_clean(file, arena);
}

/* Puts the instruction to each call around it that is of interest. */
static void add_stack(struct maker *m, uint32_t inst, const struct frame *frames, size_t n) {
    struct weblist *w = m->w;
    struct weblist_call *calls = NULL;
    for (size_t i = 0; i < n; i++) {
        uint32_t name = intern(&w->names, frames[i].function);
        if (name >= w->n_known || !w->interest[name]) continue;
        if (!calls) {
            calls = PP_NEW(w->arena, struct weblist_call, n);
            for (size_t k = 0; k < n;
                 k++) /* outermost first: those inside frame i are the last i */
                calls[k] = (struct weblist_call){frames[n - 1 - k].file, frames[n - 1 - k].line};
        }
        struct weblist_entry e = {
            .file = intern(&w->files, canonical(frames[i].file, m->scratch)),
            .function = name,
            .inst = inst,
            .order = w->n_entries,
            .line = frames[i].line,
            .calls = calls + (n - i),
            .n_calls = (uint32_t)i,
        };
        PP_PUSH(w->arena, w->entries, w->n_entries, w->cap_entries, e);
    }
}

static uint32_t add_inst(struct weblist *w, const struct weblist_inst *inst) {
    PP_PUSH(w->arena, w->insts, w->n_insts, w->cap_insts, *inst);
    return w->n_insts - 1;
}

/* A place of which no binary is known: the profile's own lines. */
static void add_bare(struct maker *m, uint32_t site) {
    const struct pp_profile *p = m->p;
    const struct pp_location *l = &p->locations[m->location_of[site]];
    struct frame *frames = PP_NEW(m->w->arena, struct frame, l->n_lines);
    for (uint32_t i = 0; i < l->n_lines; i++) {
        const struct pp_line line = pp_line_at(p, l->first_line + i);
        const struct pp_function *f = &p->functions[line.function];
        frames[i] = (struct frame){.function = pp_string(p, f->name),
                                   .file = pp_string(p, f->filename),
                                   .line = line.line};
    }
    struct weblist_inst inst = {.address = m->w->sites[site], .length = 1};
    inst.object_address = inst.address;
    if (l->n_lines) {
        inst.file = frames[0].file;
        inst.line = frames[0].line;
    }
    add_stack(m, add_inst(m->w, &inst), frames, l->n_lines);
}

/* ---- ranges ---- */

static bool has_object(const struct maker *m, uint32_t mapping) {
    const struct pp_objects *objects = m->w->rc->listing.objects;
    return objects && mapping != PP_NONE && objects->open(objects->user, m->p, mapping, NULL);
}

static void widen(struct range *r, const struct pp_mapping *m) {
    r->begin = r->begin - m->start >= EXPAND && r->begin >= m->start ? r->begin - EXPAND : m->start;
    r->end = m->limit - r->end >= EXPAND && r->end <= m->limit ? r->end + EXPAND : m->limit;
}

/* Marked sites in a binary become ranges; the others get their entries at once. */
static void make_ranges(struct maker *m) {
    struct weblist *w = m->w;
    struct range *r = NULL;
    bool *opens = PP_NEW(m->scratch, bool, m->p->n_mappings);
    for (uint32_t i = 0; i < m->p->n_mappings; i++)
        opens[i] = false;
    bool *asked = PP_NEW(m->scratch, bool, m->p->n_mappings);
    for (uint32_t i = 0; i < w->n_sites; i++) {
        if (!m->marked[i]) continue;
        uint32_t mapping = m->p->locations[m->location_of[i]].mapping;
        if (mapping != PP_NONE && !asked[mapping]) {
            asked[mapping] = true;
            opens[mapping] = has_object(m, mapping);
        }
        if (mapping == PP_NONE || !opens[mapping]) {
            add_bare(m, i);
            continue;
        }
        uint64_t address = w->sites[i];
        if (!r || r->mapping != mapping || address - r->end > 2 * EXPAND) {
            struct range new = {.begin = address, .mapping = mapping};
            PP_PUSH(m->scratch, m->ranges, m->n_ranges, m->cap_ranges, new);
            r = &m->ranges[m->n_ranges - 1];
        }
        r->end = address;
        r->score = num_add(r->score, w->site_flat[i]);
    }
    for (size_t i = 0; i < m->n_ranges; i++)
        widen(&m->ranges[i], &m->p->mappings[m->ranges[i].mapping]);
}

static int by_score(const void *left, const void *right, void *user) {
    (void)user;
    const struct range *a = left, *b = right;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

static void disassemble(struct maker *m, struct range *r) {
    const struct report_ctx *rc = m->w->rc;
    const struct pp_objects *objects = rc->listing.objects;
    struct pp_object *o = objects->open(objects->user, m->p, r->mapping, NULL);
    uint64_t begin, end;
    struct pp_error err;
    if (!objects->to_object(o, r->begin, &begin, &err)) {
        pp_say(rc->diag, "%s", err.text);
        return;
    }
    end = begin + (r->end - r->begin);
    r->base = r->begin - begin;
    const struct disasm_range range = {begin, end};
    const struct disasm_request request = {
        .ranges = &range, .n = 1, .intel = rc->listing.intel_syntax};
    if (!objects->disassemble(o, request, &r->code, m->w->arena, &err)) {
        r->code.n = 0;
        pp_say(rc->diag, "%s", err.text);
    }
}

static int by_mapping(const void *left, const void *right, void *user) {
    (void)user;
    const struct range *a = *(struct range *const *)left, *b = *(struct range *const *)right;
    if (a->mapping != b->mapping) return a->mapping < b->mapping ? -1 : 1;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

/* The calls of all instructions of the ranges, which are of one mapping and ascending. */
static void resolve_calls(struct maker *m, struct range **ranges, size_t n_ranges) {
    const struct pp_objects *objects = m->w->rc->listing.objects;
    size_t n = 0, at = 0;
    for (size_t i = 0; i < n_ranges; i++)
        n += ranges[i]->code.n;
    struct lookup *stacks = PP_NEW(m->w->arena, struct lookup, n);
    for (size_t i = 0; i < n_ranges; i++)
        for (size_t k = 0; k < ranges[i]->code.n; k++)
            stacks[at++].address = ranges[i]->code.insts[k].address;
    for (size_t i = 1; i < n; i++)
        if (stacks[i].address < stacks[i - 1].address) return; /* a disassembler gone wrong */
    struct pp_object *o = objects->open(objects->user, m->p, ranges[0]->mapping, NULL);
    if (!n) return;
    objects->stacks(o, stacks, n, m->w->arena);
    for (size_t i = 0; i < n_ranges; stacks += ranges[i++]->code.n)
        ranges[i]->stacks = stacks;
}

static void resolve_all_calls(struct maker *m) {
    struct range **order = PP_NEW(m->scratch, struct range *, m->n_ranges);
    for (size_t i = 0; i < m->n_ranges; i++)
        order[i] = &m->ranges[i];
    sort_stable(order, m->n_ranges, sizeof *order, by_mapping, NULL);
    for (size_t from = 0, to; from < m->n_ranges; from = to) {
        for (to = from; to < m->n_ranges && order[to]->mapping == order[from]->mapping; to++)
            continue;
        resolve_calls(m, order + from, to - from);
    }
}

static void add_range(struct maker *m, const struct range *r) {
    struct lookup last = {0};
    uint64_t last_address = 0, highest = 0;
    for (size_t i = 0; i < r->code.n; i++) {
        const struct disasm_inst *in = &r->code.insts[i];
        struct weblist_inst inst = {.address = in->address + r->base, .length = 1};
        if (inst.address <= highest) continue;
        highest = inst.address;
        if (i + 1 < r->code.n && r->code.insts[i + 1].address > in->address)
            inst.length = r->code.insts[i + 1].address - in->address;
        struct frame *own = PP_NEW(m->w->arena, struct frame, 1);
        *own = (struct frame){.function = in->function, .file = in->file, .line = in->line};
        struct lookup stack = {.frames = own, .n_frames = 1};
        if (r->stacks) stack = r->stacks[i];
        if (stack.n_frames > MAX_CALLS) stack.n_frames = MAX_CALLS;
        inst.object_address = in->address;
        inst.text = in->text;
        if (stack.n_frames) {
            inst.file = stack.frames[0].file;
            inst.line = stack.frames[0].line;
        }
        if (stack.n_frames && inst.line) {
            last = stack;
            last_address = inst.address;
        } else if (last.n_frames && inst.address - last_address <= NEIGHBORHOOD) {
            stack = last;
        }
        add_stack(m, add_inst(m->w, &inst), stack.frames, stack.n_frames);
    }
}

static void add_ranges(struct maker *m) {
    sort_stable(m->ranges, m->n_ranges, sizeof *m->ranges, by_score, NULL);
    if (m->n_ranges > MAX_RANGES) m->n_ranges = MAX_RANGES;
    for (size_t i = 0; i < m->n_ranges; i++)
        disassemble(m, &m->ranges[i]);
    resolve_all_calls(m);
    for (size_t i = 0; i < m->n_ranges; i++)
        add_range(m, &m->ranges[i]);
}

bool weblist_code(struct weblist *w, struct pp_error *err) {
    struct pp_arena scratch = {0};
    const struct report_ctx *rc = w->rc;
    make_sites(w, &scratch);
    weigh(w);
    struct interest in = {.w = w, .p = rc->profile, .rx = rc->param_regex};
    in.marked = PP_NEW(&scratch, bool, w->n_sites);
    in.location_of = PP_NEW(&scratch, uint32_t, w->n_sites);
    find_interest(&in, &scratch);
    struct maker m = {w, rc->profile, in.marked, in.location_of, NULL, 0, 0, &scratch};
    bool any = false;
    for (uint32_t i = 0; i < w->n_known; i++)
        any |= w->interest[i];
    if (any) {
        make_ranges(&m);
        add_ranges(&m);
    }
    pp_arena_done(&scratch);
    return any ||
           pp_fail(err, PP_E_NOT_FOUND, "no matches found for regexp: %.*s", PP_STR_ARG(rc->param));
}
