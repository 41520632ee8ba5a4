/* See symbolize.h. Mappings are taken in the profile's order, and locations in theirs, so that the
 * functions that are added have the reference's order and ids, whatever the threads did. */
#include "symbol/symbolize.h"

#include "base/parallel.h"
#include "base/path.h"
#include "base/sort.h"
#include "profile/edit.h"
#include "profile/jit_name.h"
#include "symbol/address.h"
#include "symbol/batch.h"
#include "symbol/kernel_names.h"
#include "symbol/perf_map.h"
#include "symbol/symbol_advice.h"
#include "symbol/symbolize_mode.h"

#include <stdlib.h>

enum {
    NAMES_BETWEEN_CLEANUPS = 4096,
    LONG_NAME = 1 << 16,
};

struct job {
    uint32_t object; /* in objects, or PP_NONE */
    struct address_map map;
    const struct kernel_functions *names; /* of a kernel or a module; NULL */
};

struct place {
    uint64_t address; /* in the object */
    uint32_t object;  /* or PP_NONE */
};

/* A mapping that is called as the map of its process: opened unasked. */
struct own_map {
    uint32_t file; /* string id */
    struct perf_map map;
};

struct run {
    const struct pp_profile *p;
    const struct symbolize_options *opt;
    struct symbolize_mode mode;
    struct pp_arena *arena;
    struct pp_arena scratch;
    struct symbol_row *rows; /* a row a mapping, then those of none */
    uint32_t n_rows;
    size_t cap_rows;
    uint32_t *by_limit;   /* mappings by their end */
    uint32_t *nowhere;    /* by the mapping before (the last: none): one more than the row; 0 */
    struct job *jobs;     /* a job a mapping */
    struct place *places; /* a place a location */
    struct batch_object *objects;
    size_t n_objects, cap_objects;
    struct perf_map perf_map; /* without entries where none was named */
    struct own_map *own_maps; /* each once */
    size_t n_own_maps, cap_own_maps;
    struct kernel_names kernels;
    struct name_budget names;
    struct late_edit edit; /* most profiles have their names */
    bool missing;
};

/* ---- what to read ---- */

static bool is_url(struct pp_str file) {
    return pp_str_has_prefix(file, PP_STR("http://")) ||
           pp_str_has_prefix(file, PP_STR("https://"));
}

/* A text profile's locations that none of its mappings holds are in one of all addresses. */
static bool holds_the_rest(const struct pp_mapping *m) {
    return m->file == 0 && m->start == 0 && m->limit == UINT64_MAX;
}

/* Where a mapping was made up, or says nothing, the profile's own names are better. */
static bool keeps_name(const struct run *r, const struct pp_location *l) {
    if (r->mode.again || l->n_lines == 0 || l->mapping == PP_NONE) return false;
    const struct pp_mapping *m = &r->p->mappings[l->mapping];
    return m->start == 0 && m->limit == 0;
}

static bool has_unnamed(const struct pp_profile *p) {
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (p->locations[i].n_lines == 0) return true;
    return false;
}

static enum symbol_outcome without_file(struct run *r, const struct symbol_row *row) {
    const struct pp_mapping *m = &r->p->mappings[row - r->rows];
    if (row != r->rows)
        r->missing = true;
    else if (r->mode.again || has_unnamed(r->p))
        pp_say(r->opt->diag, "Main binary filename not available.");
    return holds_the_rest(m) ? SYMBOLS_NO_MAPPING : SYMBOLS_NO_FILE;
}

static const struct perf_map *own_map_of(struct run *r, uint32_t file) {
    enum { MOST = 256 }; /* a stranger's profile may name any number */
    for (size_t i = 0; i < r->n_own_maps; i++)
        if (r->own_maps[i].file == file) return &r->own_maps[i].map;
    struct own_map own = {.file = file};
    if (r->n_own_maps == MOST || !perf_map_open_own(&own.map, pp_string(r->p, file), &r->scratch))
        return &r->perf_map;
    PP_PUSH(&r->scratch, r->own_maps, r->n_own_maps, r->cap_own_maps, own);
    return &r->own_maps[r->n_own_maps - 1].map;
}

/* The map that has the names of a mapping of memory, the one that was named before all; it may be
 * empty. */
static const struct perf_map *map_of(struct run *r, const struct pp_mapping *m) {
    return r->perf_map.n ? &r->perf_map : own_map_of(r, m->file);
}

static enum symbol_outcome before_reading(struct run *r, uint32_t mapping) {
    const struct pp_mapping *m = &r->p->mappings[mapping];
    const struct symbol_row *row = &r->rows[mapping];
    if (row->n_addresses == 0) return SYMBOLS_UNUSED;
    if (!r->mode.again && (m->has_functions || m->has_filenames || m->has_line_numbers))
        return SYMBOLS_PRESENT;
    if (r->mode.none || !r->mode.local) return SYMBOLS_OFF;
    if (perf_map_is_for(row->file) && map_of(r, m)->n) return SYMBOLS_PERF_MAP;
    if (row->file.len == 0 && row->build_id.len == 0) return without_file(r, row);
    bool is_named = binaries_is_file(row->file) || kernel_names_is_kernel(row->file);
    if (!is_named && row->build_id.len == 0) return SYMBOLS_NOT_A_FILE;
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
        pp_say(r->opt->diag, "Local symbolization failed for %.*s (build ID %.*s): %s",
               PP_STR_ARG(name), PP_STR_ARG(row->build_id), why);
    else
        pp_say(r->opt->diag, "Local symbolization failed for %.*s: %s", PP_STR_ARG(name), why);
}

static enum symbol_outcome not_read(struct run *r, struct symbol_row *row,
                                    const struct pp_error *err) {
    struct job *job = &r->jobs[row - r->rows];
    job->names = kernel_names_of(&r->kernels, r->p, (uint32_t)(row - r->rows));
    if (job->names) return SYMBOLS_KERNEL;
    if (row->file.len == 0) return without_file(r, row);
    if (!binaries_is_file(row->file)) return SYMBOLS_NOT_A_FILE;
    row->why = pp_arena_printf(r->arena, "%s", err->text);
    struct pp_str why = pp_arena_printf(&r->scratch, "%.*s: %s", PP_STR_ARG(row->file), err->text);
    complain(r, row, why.data);
    r->missing = true;
    return SYMBOLS_UNREADABLE;
}

static bool map_binary(struct run *r, uint32_t mapping, struct binary *b, struct pp_error *err) {
    const struct address_mapping m =
        address_mapping_of(r->p, &r->p->mappings[mapping], r->rows[mapping].file);
    *err = b->error;
    return b->is_open && address_map_init(&r->jobs[mapping].map, &b->object.main, &m, err) &&
           address_map_is_placed(&r->jobs[mapping].map, err);
}

static enum symbol_outcome open_mapping(struct run *r, uint32_t mapping) {
    struct symbol_row *row = &r->rows[mapping];
    struct pp_error err;
    struct binary *b = binaries_open(r->opt->binaries, row->file, row->build_id, r->mode.force);
    symbol_advice_looked(row, &b->search, r->arena);
    if (!map_binary(r, mapping, b, &err)) return not_read(r, row, &err);
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

/* ---- what is in no mapping ---- */

static int by_limit(const void *a, const void *b, void *user) {
    const struct pp_mapping *mappings = user;
    uint64_t x = mappings[*(const uint32_t *)a].limit, y = mappings[*(const uint32_t *)b].limit;
    return (x > y) - (x < y);
}

/* The mapping that ends at or before the address, the nearest one, if the address may be in the
 * same program: its segments are near each other. PP_NONE. */
static uint32_t mapping_before(const struct run *r, uint64_t address) {
    static const uint64_t reach = UINT64_C(4) << 30;
    uint32_t low = 0, high = r->p->n_mappings;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (r->p->mappings[r->by_limit[mid]].limit <= address)
            low = mid + 1;
        else
            high = mid;
    }
    uint32_t before = low ? r->by_limit[low - 1] : PP_NONE;
    bool is_far = low && address - r->p->mappings[before].limit >= reach;
    return is_far ? PP_NONE : before;
}

/* Once a row. */
static void say_what_is_before(const struct run *r, struct symbol_row *row, uint64_t address) {
    uint32_t before = mapping_before(r, address);
    if (before == PP_NONE || row->n_tips) return;
    const struct pp_mapping *m = &r->p->mappings[before];
    row->tips[row->n_tips++] =
        (struct symbol_tip){TIP_BEHIND, pp_string(r->p, m->file), address - m->limit, 0};
}

static struct symbol_row *add_row(struct run *r, enum symbol_outcome outcome) {
    struct symbol_row row = {.outcome = outcome};
    PP_PUSH(r->arena, r->rows, r->n_rows, r->cap_rows, row);
    return &r->rows[r->n_rows - 1];
}

/* The row of an address without mapping and name; NULL for other locations of no mapping. */
static struct symbol_row *row_of_nowhere(struct run *r, const struct pp_location *l) {
    if (l->address == 0 || (l->n_lines && !r->mode.again)) return NULL;
    uint32_t before = mapping_before(r, l->address);
    uint32_t *at = &r->nowhere[before == PP_NONE ? r->p->n_mappings : before];
    if (*at == 0) {
        add_row(r, SYMBOLS_NO_MAPPING);
        *at = r->n_rows;
    }
    struct symbol_row *row = &r->rows[*at - 1];
    say_what_is_before(r, row, l->address);
    return row;
}

static struct symbol_row *row_of(struct run *r, const struct pp_location *l) {
    return l->mapping == PP_NONE ? row_of_nowhere(r, l) : &r->rows[l->mapping];
}

static void say_what_has_no_stack(struct run *r) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->p->n_samples; i++)
        n += r->p->stacks[r->p->sample_stack[i]].len == 0;
    if (n == 0) return;
    struct symbol_row *row = add_row(r, SYMBOLS_NO_STACK);
    row->tips[row->n_tips++] = (struct symbol_tip){TIP_NO_STACK, PP_STR(""), n, r->p->n_samples};
}

static void make_rows(struct run *r) {
    uint32_t n = r->p->n_mappings;
    r->rows = PP_NEW(r->arena, struct symbol_row, n);
    r->cap_rows = r->n_rows = n;
    r->nowhere = PP_NEW(&r->scratch, uint32_t, (size_t)n + 1);
    r->by_limit = PP_NEW(&r->scratch, uint32_t, n);
    for (uint32_t i = 0; i < n; i++)
        r->by_limit[i] = i;
    sort_stable(r->by_limit, n, sizeof *r->by_limit, by_limit, r->p->mappings);
}

static void choose_mappings(struct run *r) {
    const struct pp_profile *p = r->p;
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct symbol_row *row = &r->rows[i];
        row->file = pp_string(r->p, p->mappings[i].file);
        row->build_id = pp_string(r->p, p->mappings[i].build_id);
        r->jobs[i].object = PP_NONE;
    }
    for (uint32_t i = 0; i < p->n_locations; i++) {
        const struct pp_location *l = &p->locations[i];
        struct symbol_row *row = row_of(r, l);
        if (!row) continue;
        row->n_addresses++;
        row->n_named += l->n_lines > 0;
        if (l->mapping != PP_NONE && !l->n_lines && holds_the_rest(&p->mappings[l->mapping]))
            say_what_is_before(r, row, l->address);
    }
    say_what_has_no_stack(r);
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
    r->places = PP_NEW(&r->scratch, struct place, r->p->n_locations);
    for (uint32_t i = 0; i < r->p->n_locations; i++) {
        const struct pp_location *l = &r->p->locations[i];
        struct place *place = &r->places[i];
        place->object = PP_NONE;
        if (l->mapping == PP_NONE || r->jobs[l->mapping].object == PP_NONE) continue;
        const struct job *job = &r->jobs[l->mapping];
        if (keeps_name(r, l)) continue;
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

/* Of a function or a file; "" when there is no room left. */
static uint32_t add_name(struct run *r, struct pp_str name) {
    return name_budget_intern(&r->names, &late_edit_begin(&r->edit)->strings, name);
}

static void add_frames(struct run *r, uint32_t location, const struct lookup *l) {
    struct profile_edit *e = late_edit_begin(&r->edit);
    uint32_t mapping = e->p.locations[location].mapping;
    struct pp_mapping none = {0}, *m = mapping == PP_NONE ? &none : &e->p.mappings[mapping];
    struct pp_arena scratch = {0};
    struct pp_line *lines = PP_NEW(&scratch, struct pp_line, l->n_frames);
    for (uint32_t i = 0; i < l->n_frames; i++) {
        const struct frame *f = &l->frames[i];
        uint32_t name = add_name(r, f->function);
        struct pp_function function = {.name = name,
                                       .system_name = name,
                                       .filename = add_name(r, f->file),
                                       .start_line = f->start_line};
        lines[i] = (struct pp_line){profile_edit_function(e, function), f->line, f->column};
        m->has_functions |= name > 0;
        m->has_filenames |= f->file.len > 0;
        m->has_line_numbers |= f->line != 0;
    }
    m->has_inline_frames = true; /* as the reference has it */
    profile_edit_lines(e, location, lines, l->n_frames);
    pp_arena_done(&scratch);
}

static bool has_name(const struct lookup *l) {
    for (uint32_t i = 0; l && i < l->n_frames; i++)
        if (l->frames[i].function.len) return true;
    return false;
}

/* What has a line but no name counts as not named. */
static void count(struct symbol_row *row, const struct lookup *l) {
    static const size_t at[] = {
        [FRAMES_NONE] = offsetof(struct symbol_row, n_none),
        [FRAMES_SYMTAB] = offsetof(struct symbol_row, n_symtab),
        [FRAMES_PCLNTAB] = offsetof(struct symbol_row, n_pclntab),
        [FRAMES_DWARF] = offsetof(struct symbol_row, n_dwarf),
        [FRAMES_PERF_MAP] = offsetof(struct symbol_row, n_perf_map),
    };
    ++*(uint32_t *)((char *)row + at[has_name(l) ? l->source : FRAMES_NONE]);
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

static void put_answers(struct run *r) {
    if (!r->n_objects) return;
    uint32_t *first, *list = locations_by_mapping(r, &first);
    for (uint32_t m = 0; m < r->p->n_mappings; m++) {
        if (r->rows[m].outcome != SYMBOLS_READ) continue;
        for (uint32_t i = first[m]; i < first[m + 1]; i++) {
            const struct lookup *l = answer_of(r, list[i]);
            if (keeps_name(r, &r->p->locations[list[i]])) continue;
            count(&r->rows[m], l);
            if (l && l->n_frames) add_frames(r, list[i], l);
        }
    }
}

/* An index that was not believed: names came from the binary itself. */
static void say_of_indexes(const struct run *r) {
    for (size_t i = 0; i < r->n_objects; i++) {
        const struct object *o = r->objects[i].object;
        if (o->index_trouble.len)
            pp_say(r->opt->diag, "%.*s: %.*s; ignored", PP_STR_ARG(o->index_path),
                   PP_STR_ARG(o->index_trouble));
    }
}

/* The map that is asked about a location, or NULL: what no file has is code in memory without a
 * mapping, or in one of memory. */
static const struct perf_map *map_at(struct run *r, const struct pp_location *l) {
    if (l->mapping != PP_NONE && r->jobs[l->mapping].names) return &r->jobs[l->mapping].names->map;
    if (l->mapping != PP_NONE)
        return row_of(r, l)->outcome == SYMBOLS_PERF_MAP ? map_of(r, &r->p->mappings[l->mapping])
                                                         : NULL;
    return r->perf_map.n && (l->n_lines == 0 || r->mode.again) ? &r->perf_map : NULL;
}

static void put_perf_map(struct run *r) {
    for (uint32_t i = 0; i < r->p->n_locations; i++) {
        const struct pp_location *l = &r->p->locations[i];
        const struct perf_map *map = map_at(r, l);
        if (!map) continue;
        const struct perf_map_entry *entry = perf_map_find(map, l->address);
        struct frame frame = {.function = entry ? entry->name : PP_STR("")};
        if (entry && jit_name_place(entry->name, &frame.file, &frame.line))
            frame.start_line = frame.line;
        struct symbol_row *row = row_of(r, l);
        bool is_kernel = row && row->outcome == SYMBOLS_KERNEL;
        const struct lookup named = {l->address, &frame, 1,
                                     is_kernel ? FRAMES_SYMTAB : FRAMES_PERF_MAP};
        if (row) count(row, entry ? &named : NULL);
        if (entry) add_frames(r, i, &named);
    }
}

static uint32_t demangle(struct run *r, struct pp_function f, struct pp_arena *scratch) {
    if (r->mode.again && f.name && f.system_name) f.name = f.system_name;
    if (r->mode.demangle == DEMANGLE_NONE) return f.name;
    if (f.name && f.name != f.system_name) return f.name;
    struct pp_str from = late_edit_text(&r->edit, f.system_name);
    struct pp_str to = demangle_function(from, r->mode.demangle, scratch);
    uint32_t name = pp_str_eq(to, from) ? 0 : add_name(r, to);
    return name ? name : f.system_name;
}

static void demangle_all(struct run *r) {
    struct pp_arena scratch = {0};
    uint32_t n = r->edit.has_begun ? r->edit.edit.p.n_functions : r->p->n_functions;
    for (uint32_t i = 0; i < n; i++) {
        const struct pp_function f = late_edit_function(&r->edit, i);
        uint32_t name = demangle(r, f, &scratch);
        if (name != f.name) late_edit_begin(&r->edit)->p.functions[i].name = name;
        if (i % NAMES_BETWEEN_CLEANUPS == 0 ||
            late_edit_text(&r->edit, f.system_name).len > LONG_NAME)
            pp_arena_done(&scratch);
    }
    pp_arena_done(&scratch);
}

/* Symbol tables name files of local functions only: the fast way gives none, as the reference. */
static void drop_files(struct batch_object *o) {
    for (size_t i = 0; i < o->n; i++)
        for (uint32_t k = 0; k < o->lookups[i].n_frames; k++)
            o->lookups[i].frames[k].file = PP_STR("");
}

static void read_objects(struct run *r, struct pp_arena *answers) {
    const struct batch_options opt = {.names = &r->names,
                                      .fast = r->mode.fast,
                                      .progress = r->opt->progress,
                                      .user = r->opt->user};
    binaries_resolve(r->opt->binaries, r->objects, r->n_objects, &opt, answers);
    for (size_t i = 0; r->mode.fast && i < r->n_objects; i++)
        drop_files(&r->objects[i]);
}

/* Whether the map was asked about the row's addresses. */
static bool is_of_perf_map(const struct run *r, const struct symbol_row *row) {
    return row->outcome == SYMBOLS_PERF_MAP ||
           (row->outcome == SYMBOLS_NO_MAPPING && r->perf_map.n && !r->mode.none);
}

static struct pp_str say_of_map(struct run *r, struct pp_str path, const struct perf_map *map) {
    return pp_arena_printf(r->arena, "%.*s, %zu functions", PP_STR_ARG(path), map->n);
}

static struct pp_str say_of_perf_map(struct run *r, uint32_t row) {
    const struct perf_map *map = &r->perf_map;
    struct pp_str path = pp_str_from(r->opt->perf_map ? r->opt->perf_map : "");
    if (!map->n) {
        map = map_of(r, &r->p->mappings[row]);
        path = r->rows[row].file;
    }
    return say_of_map(r, path, map);
}

static void finish_rows(struct run *r) {
    for (uint32_t i = 0; i < r->n_rows; i++) {
        struct symbol_row *row = &r->rows[i];
        if (is_of_perf_map(r, row)) row->found = say_of_perf_map(r, i);
        if (row->outcome == SYMBOLS_KERNEL)
            row->found = say_of_map(r, r->jobs[i].names->path, &r->jobs[i].names->map);
        if (row->outcome == SYMBOLS_NO_MAPPING && !is_of_perf_map(r, row))
            row->n_none = row->n_addresses - row->n_named;
        if (i >= r->p->n_mappings || r->jobs[i].object == PP_NONE) {
            symbol_advice_without_file(row);
            continue;
        }
        const struct symbol_context c = {&r->p->mappings[i], &r->jobs[i].map,
                                         &r->objects[r->jobs[i].object], r->opt->taken};
        symbol_advice_sources(row, &c, r->arena);
        symbol_advice_with_file(row, &c, r->arena);
    }
}

/* What the user named beside the profile. */
static bool open_perf_map(struct run *r, struct pp_error *err) {
    const char *path = r->opt->perf_map;
    if (r->mode.none || !r->mode.local || !path || !*path) return true;
    return perf_map_open(&r->perf_map, path, &r->scratch, err) || pp_about(err, "perf_map");
}

static void say_what_was_left_out(const struct run *r) {
    if (name_budget_is_spent(&r->names))
        pp_say(
            r->opt->diag,
            "names of functions and files take more than %d MB, as in no program; the others are "
            "left out",
            NAME_BYTES >> 20);
}

static void close_all(struct run *r) {
    perf_map_close(&r->perf_map);
    for (size_t i = 0; i < r->n_own_maps; i++)
        perf_map_close(&r->own_maps[i].map);
    pp_arena_done(&r->scratch);
}

bool symbolize(const struct pp_profile *p, const struct symbolize_options *opt,
               struct symbolized *ret, struct pp_arena *a, struct pp_error *err) {
    struct run r = {
        .p = p, .opt = opt, .arena = a, .names.most = NAME_BYTES, .edit = {.p = p, .arena = a}};
    r.mode = symbolize_parse_mode(opt->mode, opt->diag);
    if (opt->plain_names) r.mode.demangle = DEMANGLE_NONE;
    r.kernels = (struct kernel_names){.dirs = &opt->binaries->dirs,
                                      .files = opt->binaries->opt.kernel_files,
                                      .arena = &r.scratch};
    make_rows(&r);
    r.jobs = PP_NEW(&r.scratch, struct job, p->n_mappings);
    if (!open_perf_map(&r, err)) {
        close_all(&r);
        return false;
    }
    choose_mappings(&r);
    ret->profile = *p;
    if (!r.mode.none) {
        struct pp_arena answers[PARALLEL_MAX + 1] = {0};
        place_locations(&r);
        read_objects(&r, answers);
        say_of_indexes(&r);
        put_answers(&r);
        put_perf_map(&r);
        demangle_all(&r);
        ret->profile = late_edit_finish(&r.edit);
        for (size_t i = 0; i <= PARALLEL_MAX; i++)
            pp_arena_done(&answers[i]);
    }
    if (r.missing)
        pp_say(opt->diag, "Some binary filenames not available. Symbolization may be incomplete.");
    finish_rows(&r);
    symbol_advice_warn(r.rows, p->n_mappings, opt->diag);
    say_what_was_left_out(&r);
    ret->report = (struct symbol_report){r.rows, r.n_rows, r.missing};
    close_all(&r);
    return true;
}
