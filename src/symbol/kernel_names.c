/* See kernel_names.h. */
#include "symbol/kernel_names.h"

#include "base/file.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/text.h"
#include "symbol/elf_notes.h"

#include <elf.h>
#include <stdlib.h>

enum { PAGE = 4096, MOST_BYTES = 256 << 20 };

static const uint64_t upper_half = UINT64_C(1) << 63;

const struct kernel_files kernel_files_here = {"/proc/kallsyms", "/sys/kernel/notes"};

bool kernel_names_is_kernel(struct pp_str file) {
    return pp_str_has_prefix(file, PP_STR("[kernel.kallsyms]")) ||
           pp_str_has_prefix(file, PP_STR("[guest.kernel.kallsyms"));
}

/* ---- where the list is ---- */

static bool read_here(const char *path, struct pp_str *ret_text, struct pp_arena *arena) {
    const struct file_patience patience = {MOST_BYTES, 10000};
    return path && scope_may(SCOPE_FILES) &&
           file_read_within(path, &patience, ret_text, arena, NULL);
}

static bool runs_here(const struct kernel_files *files, struct pp_str build_id,
                      struct pp_arena *arena) {
    struct pp_str notes, id;
    return files && read_here(files->notes, &notes, arena) && elf_notes_find_id(notes, &id) &&
           pp_str_eq(elf_notes_hex(id, arena), build_id);
}

bool kernel_names_list(struct pp_str file, struct pp_str *ret_name) {
    const char *end = memchr(file.data, ']', file.len);
    if (!kernel_names_is_kernel(file) || !end) return false;
    *ret_name = pp_str_slice(file, 1, (size_t)(end - file.data));
    return !memchr(ret_name->data, '/', ret_name->len);
}

static bool find_by_name(struct kernel_list *list, const struct debug_dirs *dirs,
                         struct pp_arena *arena) {
    struct pp_str name;
    if (!kernel_names_list(list->file, &name)) return false;
    for (size_t i = 0; i < dirs->n; i++) {
        list->path = path_join(dirs->at[i], name, arena);
        if (file_read(list->path, MOST_BYTES, &list->text, arena, NULL) && list->text.len)
            return true;
    }
    list->text = PP_STR("");
    return false;
}

struct kernel_list kernel_names_find(struct pp_str build_id, struct pp_str file,
                                     const struct debug_dirs *dirs,
                                     const struct kernel_files *files, struct pp_arena *arena) {
    struct kernel_list list = {.build_id = build_id, .file = file};
    if (!build_id.len && find_by_name(&list, dirs, arena)) return list;
    if (build_id.len < 4 || !elf_notes_is_id(build_id)) return list;
    for (size_t i = 0; i < dirs->n; i++) {
        list.path = debug_file_kept(dirs->at[i], build_id, "kallsyms", arena);
        if (file_read(list.path, MOST_BYTES, &list.text, arena, NULL) && list.text.len) return list;
    }
    list.text = PP_STR("");
    if (runs_here(files, build_id, arena) && read_here(files->symbols, &list.text, arena))
        list.path = pp_str_from(files->symbols);
    return list;
}

/* ---- its lines ---- */

struct symbol {
    uint64_t address;
    struct pp_str name, module; /* module: "" of the kernel itself */
    char kind;
};

static bool take_address(struct pp_str *line, uint64_t *ret_v) {
    size_t n = 0;
    *ret_v = 0;
    for (; n < line->len && n < 16 && text_is_hex(line->data[n]); n++)
        *ret_v = *ret_v << 4 | text_digit_value(line->data[n]);
    *line = pp_str_slice(*line, n, line->len);
    return n > 0;
}

/* "ffffffffc0301000 t ext4_readdir\t[ext4]" */
static bool read_line(struct pp_str line, struct symbol *ret_symbol) {
    struct symbol s = {.module = PP_STR("")};
    if (!take_address(&line, &s.address) || line.len < 4 || line.data[0] != ' ' ||
        line.data[2] != ' ')
        return false;
    s.kind = line.data[1];
    s.name = pp_str_slice(line, 3, line.len);
    const char *tab = memchr(s.name.data, '\t', s.name.len);
    if (tab) {
        size_t n = (size_t)(tab - s.name.data);
        struct pp_str rest = pp_str_slice(s.name, n + 1, s.name.len);
        s.name.len = n;
        if (rest.len > 2 && rest.data[0] == '[' && rest.data[rest.len - 1] == ']')
            s.module = pp_str_slice(rest, 1, rest.len - 1);
    }
    *ret_symbol = s;
    return s.name.len > 0 && s.address >= upper_half;
}

static bool is_function(char kind) {
    return kind == 'T' || kind == 't' || kind == 'W' || kind == 'w';
}

/* ---- the functions of a part ---- */

/* "[ext4]", or "/lib/modules/6.1/kernel/fs/ext4/ext4.ko.xz"; the kernel has "_" for "-". */
static struct pp_str module_name(struct pp_str file, struct pp_arena *arena) {
    struct pp_str base = pp_arena_copy(arena, path_base(file));
    const char *end = base.len ? memmem(base.data, base.len, ".ko", 3) : NULL;
    if (base.len > 2 && base.data[0] == '[' && base.data[base.len - 1] == ']')
        base = pp_str_slice(base, 1, base.len - 1);
    else if (end)
        base.len = (size_t)(end - base.data);
    else
        return PP_STR("");
    char *name = PP_NEW(arena, char, base.len + 1);
    for (size_t i = 0; i < base.len; i++)
        name[i] = base.data[i] == '-' ? '_' : base.data[i];
    return (struct pp_str){name, base.len};
}

struct reading {
    struct perf_map_entry *at;
    char *kinds; /* of each */
    size_t n, cap, cap_kinds, n_kinds;
    uint64_t lowest, anchor; /* of the module; of the symbol that is known, 0: not found */
};

static void add(struct reading *r, const struct symbol *s, struct pp_arena *arena) {
    struct perf_map_entry e = {.start = s->address, .order = (uint32_t)r->n};
    if (is_function(s->kind)) e.name = s->name;
    PP_PUSH(arena, r->at, r->n, r->cap, e);
    PP_PUSH(arena, r->kinds, r->n_kinds, r->cap_kinds, s->kind);
    if (r->n == 1 || s->address < r->lowest) r->lowest = s->address;
}

/* Of a module, "" of the kernel itself, NULL of all. */
static void read_symbols(struct reading *r, struct pp_str text, const struct pp_str *module,
                         struct pp_str anchor, struct pp_arena *arena) {
    struct pp_str line;
    struct symbol s;
    while (r->n < UINT32_MAX && text_next_line(&text, &line)) {
        if (!read_line(line, &s) || (module && !pp_str_eq(s.module, *module))) continue;
        if (pp_str_eq(s.name, anchor)) r->anchor = s.address;
        add(r, &s, arena);
    }
}

static int by_start(const void *a, const void *b) {
    const struct perf_map_entry *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int underscores(struct pp_str name) {
    int n = 0;
    while ((size_t)n < name.len && name.data[n] == '_')
        n++;
    return n;
}

/* Of several names for one place that of a function, a global one, that with the fewest
 * underscores in front, the longest, the first. */
static bool is_better(const struct reading *r, const struct perf_map_entry *a,
                      const struct perf_map_entry *b) {
    static const char order[] = "TtWw";
    if (!a->name.len || !b->name.len) return a->name.len > 0 && !b->name.len;
    const char *x = strchr(order, r->kinds[a->order]), *y = strchr(order, r->kinds[b->order]);
    if (x != y) return x < y;
    int m = underscores(a->name), n = underscores(b->name);
    return m != n ? m < n : a->name.len > b->name.len;
}

/* A function ends where any other symbol begins; the last one at the end of its page. */
static size_t keep_best_of_each(struct reading *r, uint64_t moved) {
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (kept && r->at[kept - 1].start == r->at[i].start) {
            if (is_better(r, &r->at[i], &r->at[kept - 1])) r->at[kept - 1] = r->at[i];
        } else {
            r->at[kept++] = r->at[i];
        }
    }
    for (size_t i = 0; i < kept; i++)
        r->at[i].end = i + 1 < kept ? r->at[i + 1].start : (r->at[i].start | (PAGE - 1));
    size_t n = 0;
    for (size_t i = 0; i < kept; i++) {
        if (!r->at[i].name.len) continue;
        r->at[n] = r->at[i];
        r->at[n].start += moved;
        r->at[n++].end += moved;
    }
    return n;
}

bool kernel_names_read(struct perf_map *ret_map, const struct kernel_list *list,
                       const struct kernel_part *part, struct pp_arena *arena) {
    struct reading r = {0};
    uint64_t moved = 0;
    struct pp_str module = PP_STR(""), anchor = part->symbol.len ? part->symbol : PP_STR("_text");
    bool is_kernel = kernel_names_is_kernel(part->file);
    bool is_anywhere = is_kernel && part->start == upper_half;
    if (!is_kernel) module = module_name(part->file, arena);
    if (!is_kernel && !module.len) return false;
    read_symbols(&r, list->text, is_anywhere ? NULL : &module, anchor, arena);
    if (r.n == 0) return false;
    if (is_kernel && !is_anywhere) { /* perf tells the symbol's address as the mapping's offset */
        if (!r.anchor) return false;
        moved = (part->offset >= upper_half ? part->offset : part->start) - r.anchor;
    } else if (!is_kernel && r.lowest / PAGE != part->start / PAGE) {
        return false;
    }
    qsort(r.at, r.n, sizeof *r.at, by_start);
    *ret_map = (struct perf_map){.entries = r.at};
    ret_map->n = keep_best_of_each(&r, moved);
    return ret_map->n > 0;
}

/* ---- the mappings of a profile ---- */

static const struct kernel_list *list_of(struct kernel_names *k, const struct pp_profile *p,
                                         const struct pp_mapping *kernel) {
    struct pp_str build_id = kernel ? pp_string(p, kernel->build_id) : PP_STR("");
    struct pp_str file = kernel ? pp_string(p, kernel->file) : PP_STR("");
    for (size_t i = 0; i < k->n_lists; i++) {
        const struct kernel_list *l = &k->lists[i];
        if (pp_str_eq(l->build_id, build_id) && (build_id.len || pp_str_eq(l->file, file)))
            return l;
    }
    struct kernel_list list = kernel_names_find(build_id, file, k->dirs, k->files, k->arena);
    PP_PUSH(k->arena, k->lists, k->n_lists, k->cap_lists, list);
    return &k->lists[k->n_lists - 1];
}

/* Modules are in the list of the kernel that they were loaded into. NULL: it is not there. */
static const struct pp_mapping *kernel_of(const struct pp_profile *p, struct pp_str file) {
    bool is_kernel = kernel_names_is_kernel(file);
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct pp_str other = pp_string(p, p->mappings[i].file);
        if (is_kernel ? pp_str_eq(other, file) : pp_str_has_prefix(other, PP_STR("[kernel.")))
            return &p->mappings[i];
    }
    return NULL;
}

const struct kernel_functions *kernel_names_of(struct kernel_names *k, const struct pp_profile *p,
                                               uint32_t mapping) {
    const struct pp_mapping *m = &p->mappings[mapping];
    const struct kernel_part part = {pp_string(p, m->file), pp_string(p, m->kernel_symbol),
                                     m->start, m->limit, m->offset};
    if (m->start < upper_half) return NULL;
    const struct kernel_list *list = list_of(k, p, kernel_of(p, part.file));
    struct kernel_functions *f = PP_NEW(k->arena, struct kernel_functions, 1);
    f->path = list->path;
    return list->text.len && kernel_names_read(&f->map, list, &part, k->arena) ? f : NULL;
}
