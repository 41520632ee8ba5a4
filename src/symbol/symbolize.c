/* See symbolize.h. Mappings are taken in the profile's order, and locations in theirs, so that the
 * functions that are added have the reference's order and ids, whatever the threads did. */
#include "symbol/symbolize.h"

#include "base/parallel.h"
#include "base/path.h"
#include "profile/edit.h"
#include "symbol/address.h"
#include "symbol/batch.h"
#include "symbol/perf_map.h"
#include "symbol/symbol_advice.h"

#include <stdlib.h>

enum { NAMES_BETWEEN_CLEANUPS = 4096 };

struct job {
    uint32_t object; /* in objects, or PP_NONE */
    struct address_map map;
};

struct place {
    uint64_t address; /* in the object */
    uint32_t object;  /* or PP_NONE */
};

struct run {
    const struct pp_profile *p;
    const struct symbolize_options *opt;
    const struct pp_diag *diag;
    struct symbolize_mode mode;
    struct pp_arena *arena;
    struct pp_arena scratch;
    struct symbol_row *rows;
    struct job *jobs;     /* a job a mapping */
    struct place *places; /* a place a location */
    struct batch_object *objects;
    size_t n_objects, cap_objects;
    struct perf_map perf_map; /* without entries where none was named */
    bool missing;
};

static struct pp_str text_of(const struct run *r, uint32_t string) {
    return r->p->strings[string];
}

/* ---- what to read ---- */

static bool is_unsymbolizable(struct pp_str file) {
    struct pp_str name = path_base(file);
    return pp_str_has_prefix(name, PP_STR("[")) || pp_str_has_prefix(name, PP_STR("linux-vdso")) ||
           pp_str_has_prefix(file, PP_STR("/dev/dri/")) || pp_str_eq(file, PP_STR("//anon")) ||
           pp_str_has_prefix(file, PP_STR("/memfd:"));
}

static bool is_url(struct pp_str file) {
    return pp_str_has_prefix(file, PP_STR("http://")) ||
           pp_str_has_prefix(file, PP_STR("https://"));
}

static enum symbol_outcome before_reading(struct run *r, uint32_t mapping) {
    const struct pp_mapping *m = &r->p->mappings[mapping];
    const struct symbol_row *row = &r->rows[mapping];
    if (row->n_addresses == 0) return SYMBOLS_UNUSED;
    if (!r->mode.force && (m->has_functions || m->has_filenames || m->has_line_numbers))
        return SYMBOLS_PRESENT;
    if (r->mode.none || !r->mode.local) return SYMBOLS_OFF;
    if (r->perf_map.n && perf_map_is_for(row->file)) return SYMBOLS_PERF_MAP;
    if (row->file.len == 0) {
        if (mapping == 0)
            pp_say(r->diag, "Main binary filename not available.");
        else
            r->missing = true;
        return SYMBOLS_NO_FILE;
    }
    if (is_unsymbolizable(row->file)) return SYMBOLS_NOT_A_FILE;
    if (row->build_id.len == 0 && is_url(row->file)) return SYMBOLS_REMOTE;
    return SYMBOLS_READ;
}

/* The place of a binary among the objects; several mappings share one. */
static uint32_t object_of(struct run *r, struct binary *b) {
    for (size_t i = 0; i < r->n_objects; i++)
        if (r->objects[i].object == &b->object) return (uint32_t)i;
    struct batch_object o = {.object = &b->object};
    PP_PUSH(&r->scratch, r->objects, r->n_objects, r->cap_objects, o);
    return (uint32_t)r->n_objects - 1;
}

static void complain(struct run *r, const struct symbol_row *row, const char *why) {
    struct pp_str name = path_base(row->file);
    if (row->build_id.len)
        pp_say(r->diag, "Local symbolization failed for %.*s (build ID %.*s): %s", PP_STR_ARG(name),
               PP_STR_ARG(row->build_id), why);
    else
        pp_say(r->diag, "Local symbolization failed for %.*s: %s", PP_STR_ARG(name), why);
}

static bool map_binary(struct run *r, uint32_t mapping, struct binary *b, struct pp_error *err) {
    const struct pp_mapping *m = &r->p->mappings[mapping];
    *err = b->error;
    return b->is_open &&
           address_map_init(&r->jobs[mapping].map, &b->object.main, r->rows[mapping].file, m->start,
                            m->limit, m->offset, text_of(r, m->kernel_symbol), err);
}

static enum symbol_outcome open_mapping(struct run *r, uint32_t mapping) {
    struct symbol_row *row = &r->rows[mapping];
    struct pp_error err;
    struct binary *b = binaries_open(r->opt->binaries, row->file, row->build_id, r->mode.force);
    symbol_advice_looked(row, &b->search, r->arena);
    if (!map_binary(r, mapping, b, &err)) {
        row->why = pp_arena_printf(r->arena, "%s", err.text);
        complain(r, row, err.text);
        r->missing = true;
        return SYMBOLS_UNREADABLE;
    }
    struct pp_str id = b->object.main.build_id;
    row->file_build_id = pp_arena_copy(r->arena, id);
    row->id_matches = id.len && pp_str_eq(id, row->build_id);
    if (id.len && row->build_id.len && !row->id_matches) {
        complain(r, row,
                 r->mode.force ? "build ID mismatch; used, since it is forced"
                               : "build ID mismatch");
        if (!r->mode.force) return SYMBOLS_WRONG_BUILD;
    }
    r->jobs[mapping].object = object_of(r, b);
    return SYMBOLS_READ;
}

static void choose_mappings(struct run *r) {
    const struct pp_profile *p = r->p;
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct symbol_row *row = &r->rows[i];
        row->file = text_of(r, p->mappings[i].file);
        row->build_id = text_of(r, p->mappings[i].build_id);
        r->jobs[i].object = PP_NONE;
    }
    for (uint32_t i = 0; i < p->n_locations; i++) {
        const struct pp_location *l = &p->locations[i];
        if (l->mapping == PP_NONE) continue;
        r->rows[l->mapping].n_addresses++;
        r->rows[l->mapping].n_named += l->n_lines > 0;
    }
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct symbol_row *row = &r->rows[i];
        row->outcome = before_reading(r, i);
        if (row->outcome == SYMBOLS_READ) row->outcome = open_mapping(r, i);
    }
}

/* ---- reading ---- */

static int by_address(const void *a, const void *b) {
    const struct lookup *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

/* Puts each location to its object's address, and each object's addresses in order. */
static void place_locations(struct run *r) {
    size_t *n = PP_NEW(&r->scratch, size_t, r->n_objects + 1);
    for (uint32_t i = 0; i < r->p->n_locations; i++) {
        const struct pp_location *l = &r->p->locations[i];
        struct place *place = &r->places[i];
        place->object = PP_NONE;
        if (l->mapping == PP_NONE || r->jobs[l->mapping].object == PP_NONE) continue;
        const struct job *job = &r->jobs[l->mapping];
        if (!address_to_object(&job->map, l->address, &place->address, NULL)) continue;
        place->object = job->object;
        n[job->object]++;
    }
    for (size_t i = 0; i < r->n_objects; i++)
        r->objects[i].lookups = PP_NEW(&r->scratch, struct lookup, n[i]);
    for (uint32_t i = 0; i < r->p->n_locations; i++) {
        const struct place *place = &r->places[i];
        if (place->object == PP_NONE) continue;
        struct batch_object *o = &r->objects[place->object];
        o->lookups[o->n++] = (struct lookup){.address = place->address};
    }
    for (size_t i = 0; i < r->n_objects; i++) {
        struct batch_object *o = &r->objects[i];
        size_t kept = 0;
        if (o->n) qsort(o->lookups, o->n, sizeof *o->lookups, by_address);
        for (size_t k = 0; k < o->n; k++)
            if (kept == 0 || o->lookups[kept - 1].address != o->lookups[k].address)
                o->lookups[kept++] = o->lookups[k];
        o->n = kept;
    }
}

static const struct lookup *answer_of(const struct run *r, uint32_t location) {
    const struct place *place = &r->places[location];
    if (place->object == PP_NONE) return NULL;
    const struct batch_object *o = &r->objects[place->object];
    const struct lookup key = {.address = place->address};
    return bsearch(&key, o->lookups, o->n, sizeof *o->lookups, by_address);
}

/* ---- the new profile ---- */

static void add_frames(struct profile_edit *e, uint32_t location, const struct lookup *l) {
    uint32_t mapping = e->p.locations[location].mapping;
    struct pp_mapping none = {0}, *m = mapping == PP_NONE ? &none : &e->p.mappings[mapping];
    struct pp_arena scratch = {0};
    struct pp_line *lines = PP_NEW(&scratch, struct pp_line, l->n_frames);
    for (uint32_t i = 0; i < l->n_frames; i++) {
        const struct frame *f = &l->frames[i];
        uint32_t name = profile_edit_string(e, f->function);
        struct pp_function function = {.name = name,
                                       .system_name = name,
                                       .filename = profile_edit_string(e, f->file),
                                       .start_line = f->start_line};
        lines[i] = (struct pp_line){profile_edit_function(e, function), f->line, f->column};
        m->has_functions |= f->function.len > 0;
        m->has_filenames |= f->file.len > 0;
        m->has_line_numbers |= f->line != 0;
    }
    m->has_inline_frames = true; /* as the reference has it */
    profile_edit_lines(e, location, lines, l->n_frames);
    pp_arena_done(&scratch);
}

static void count(struct symbol_row *row, const struct lookup *l) {
    static const size_t at[] = {
        [FRAMES_NONE] = offsetof(struct symbol_row, n_none),
        [FRAMES_SYMTAB] = offsetof(struct symbol_row, n_symtab),
        [FRAMES_PCLNTAB] = offsetof(struct symbol_row, n_pclntab),
        [FRAMES_DWARF] = offsetof(struct symbol_row, n_dwarf),
        [FRAMES_PERF_MAP] = offsetof(struct symbol_row, n_perf_map),
    };
    ++*(uint32_t *)((char *)row + at[l ? l->source : FRAMES_NONE]);
}

/* The locations of each mapping, in order: `first[m]` to `first[m + 1]` of the list. */
static uint32_t *locations_by_mapping(struct run *r, uint32_t **ret_first) {
    const struct pp_profile *p = r->p;
    uint32_t *first = PP_NEW(&r->scratch, uint32_t, (size_t)p->n_mappings + 2);
    uint32_t *list = PP_NEW(&r->scratch, uint32_t, p->n_locations);
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (p->locations[i].mapping != PP_NONE) first[p->locations[i].mapping + 2]++;
    for (uint32_t m = 2; m <= p->n_mappings + 1; m++)
        first[m] += first[m - 1];
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (p->locations[i].mapping != PP_NONE) list[first[p->locations[i].mapping + 1]++] = i;
    *ret_first = first;
    return list;
}

static void put_answers(struct run *r, struct profile_edit *e) {
    uint32_t *first, *list = locations_by_mapping(r, &first);
    for (uint32_t m = 0; m < r->p->n_mappings; m++) {
        if (r->rows[m].outcome != SYMBOLS_READ) continue;
        for (uint32_t i = first[m]; i < first[m + 1]; i++) {
            const struct lookup *l = answer_of(r, list[i]);
            count(&r->rows[m], l);
            if (l && l->n_frames) add_frames(e, list[i], l);
        }
    }
}

/* What no file has: code in memory without a mapping, or in one of memory. */
static void put_perf_map(struct run *r, struct profile_edit *e) {
    for (uint32_t i = 0; i < r->p->n_locations && r->perf_map.n; i++) {
        const struct pp_location *l = &r->p->locations[i];
        struct symbol_row *row = l->mapping == PP_NONE ? NULL : &r->rows[l->mapping];
        if (row ? row->outcome != SYMBOLS_PERF_MAP : l->n_lines && !r->mode.force) continue;
        const struct perf_map_entry *entry = perf_map_find(&r->perf_map, l->address);
        struct frame frame = {.function = entry ? entry->name : PP_STR("")};
        const struct lookup named = {l->address, &frame, 1, FRAMES_PERF_MAP};
        if (row) count(row, entry ? &named : NULL);
        if (entry) add_frames(e, i, &named);
    }
}

static void demangle_all(struct run *r, struct profile_edit *e) {
    struct pp_arena scratch = {0};
    for (uint32_t i = 0; i < e->p.n_functions; i++) {
        struct pp_function *f = &e->p.functions[i];
        if (r->mode.force && f->name && f->system_name) f->name = f->system_name;
        if (r->mode.demangle == DEMANGLE_NONE) continue;
        if (f->name && f->name != f->system_name) continue;
        struct pp_str from = e->strings.strings[f->system_name];
        struct pp_str to = demangle_function(from, r->mode.demangle, &scratch);
        f->name = pp_str_eq(to, from) ? f->system_name : profile_edit_string(e, to);
        if (i % NAMES_BETWEEN_CLEANUPS == 0) pp_arena_done(&scratch);
    }
    pp_arena_done(&scratch);
}

static void read_objects(struct run *r, struct pp_arena *answers) {
    const struct batch_options opt = {
        .fast = r->mode.fast, .progress = r->opt->progress, .user = r->opt->user};
    binaries_resolve(r->opt->binaries, r->objects, r->n_objects, &opt, answers);
}

static void finish_rows(struct run *r) {
    for (uint32_t i = 0; i < r->p->n_mappings; i++) {
        const struct job *job = &r->jobs[i];
        const struct batch_object *o = job->object == PP_NONE ? NULL : &r->objects[job->object];
        struct symbol_row *row = &r->rows[i];
        if (o) symbol_advice_sources(row, o->object, r->arena);
        if (row->outcome == SYMBOLS_PERF_MAP)
            row->found =
                pp_arena_printf(r->arena, "%s, %zu functions", r->opt->perf_map, r->perf_map.n);
        symbol_advice(row, o, r->arena);
    }
}

/* What the user named beside the profile. */
static bool open_perf_map(struct run *r, struct pp_error *err) {
    const char *path = r->opt->perf_map;
    if (r->mode.none || !r->mode.local || !path || !*path) return true;
    return perf_map_open(&r->perf_map, path, &r->scratch, err) ||
           pp_wrap(err, "-perf_map=%s", path);
}

static void say_what_is_missing(const struct run *r) {
    if (!r->missing) return;
    pp_say(r->diag, "Some binary filenames not available. Symbolization may be incomplete.");
    pp_say(r->diag, "Try setting PPROF_BINARY_PATH to the search path for local binaries; "
                    "-symbols tells what was looked for.");
}

static void close_all(struct run *r) {
    perf_map_close(&r->perf_map);
    pp_arena_done(&r->scratch);
}

bool symbolize(const struct pp_profile *p, const struct symbolize_options *opt,
               struct pp_profile *ret_profile, struct symbol_report *ret_report, struct pp_arena *a,
               const struct pp_diag *diag, struct pp_error *err) {
    struct run r = {.p = p, .opt = opt, .diag = diag, .arena = a};
    r.mode = symbolize_parse_mode(opt->mode, diag);
    if (opt->plain_names) r.mode.demangle = DEMANGLE_NONE;
    r.rows = PP_NEW(a, struct symbol_row, p->n_mappings);
    r.jobs = PP_NEW(&r.scratch, struct job, p->n_mappings);
    r.places = PP_NEW(&r.scratch, struct place, p->n_locations);
    if (!open_perf_map(&r, err)) {
        close_all(&r);
        return false;
    }
    choose_mappings(&r);
    *ret_profile = *p;
    if (!r.mode.none) {
        struct pp_arena answers[PARALLEL_MAX + 1] = {0};
        struct profile_edit e;
        place_locations(&r);
        read_objects(&r, answers);
        profile_edit_begin(&e, p, a);
        put_answers(&r, &e);
        put_perf_map(&r, &e);
        demangle_all(&r, &e);
        *ret_profile = profile_edit_finish(&e);
        for (size_t i = 0; i <= PARALLEL_MAX; i++)
            pp_arena_done(&answers[i]);
    }
    say_what_is_missing(&r);
    finish_rows(&r);
    if (ret_report) *ret_report = (struct symbol_report){r.rows, p->n_mappings};
    close_all(&r);
    return true;
}
