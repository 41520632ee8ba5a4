/* See locate.h. */
#include "symbol/locate.h"

#include "base/file.h"
#include "base/intern.h"
#include "base/path.h"
#include "profile/edit.h"
#include "profile/jit_name.h"
#include "profile/view/view.h"
#include "symbol/address.h"
#include "symbol/debug_file.h"
#include "symbol/elf_notes.h"

#include <dirent.h>
#include <stdlib.h>

enum { MAX_GLOB = 1000 };

struct search {
    const struct pp_profile *p;
    const struct pp_mapping *m;
    struct pp_str file, build_id;
    struct pp_str *dirs;
    size_t n_dirs;
    struct pp_arena scratch;
    const struct pp_diag *diag;
};

static struct pp_str join3(struct search *s, struct pp_str a, struct pp_str b, struct pp_str c) {
    return path_join(path_join(a, b, &s->scratch), c, &s->scratch);
}

static struct pp_str joined_text(struct search *s, struct pp_str a, struct pp_str b) {
    return pp_arena_printf(&s->scratch, "%.*s%.*s", PP_STR_ARG(a), PP_STR_ARG(b));
}

/* Whether the file is a binary that the mapping can be of. */
static bool is_it(struct search *s, struct pp_str path) {
    struct elf_file f;
    struct address_map map;
    struct pp_str text = pp_arena_copy(&s->scratch, path);
    if (memchr(path.data ? path.data : "", 0, path.len)) return false;
    struct pp_error why;
    if (!elf_file_open(&f, text.data, &s->scratch, &why)) {
        if (file_look(path) == FILE_OTHER)
            pp_say(s->diag, "Ignoring local file %.*s: %s", PP_STR_ARG(path), why.text);
        return false;
    }
    const struct address_mapping mapping = address_mapping_of(s->p, s->m, path);
    bool fits = address_map_init(&map, &f, &mapping, &why);
    bool same = !s->build_id.len || pp_str_eq(s->build_id, f.build_id);
    if (fits && !same)
        pp_say(s->diag, "Ignoring local file %.*s: build-id mismatch (%.*s != %.*s)",
               PP_STR_ARG(path), PP_STR_ARG(s->build_id), PP_STR_ARG(f.build_id));
    else if (!fits && same && s->build_id.len)
        pp_say(s->diag, "Ignoring local file %.*s, which is of the right build: %s",
               PP_STR_ARG(path), why.text);
    elf_file_close(&f);
    return fits && same;
}

static int by_name(const void *a, const void *b) {
    return pp_str_cmp(*(const struct pp_str *)a, *(const struct pp_str *)b);
}

/* Any file of a directory, by name; those with a dot in front as well, as Go's Glob has it. */
static bool find_in_directory(struct search *s, struct pp_str dir, struct pp_str *ret_path) {
    DIR *d = opendir(pp_arena_copy(&s->scratch, dir).data);
    struct pp_str *names = NULL;
    size_t n = 0, cap = 0;
    if (!d) return false;
    for (struct dirent *entry; (entry = readdir(d)) && n < MAX_GLOB;) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        struct pp_str name = pp_arena_copy(&s->scratch, pp_str_from(entry->d_name));
        PP_PUSH(&s->scratch, names, n, cap, name);
    }
    closedir(d);
    if (n) qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        *ret_path = path_join(dir, names[i], &s->scratch);
        if (is_it(s, *ret_path)) return true;
    }
    return false;
}

static bool find_by_id(struct search *s, struct pp_str dir, struct pp_str *ret_path) {
    struct pp_str id = s->build_id;
    if (!elf_notes_is_id(id)) return false;
    struct pp_str base = s->file.len ? path_base(s->file) : PP_STR("");
    struct pp_str own = path_join(dir, id, &s->scratch);
    *ret_path = path_join(own, base, &s->scratch);
    if (is_it(s, *ret_path) || find_in_directory(s, own, ret_path)) return true;
    *ret_path = join3(s, dir, s->file, id);
    if (is_it(s, *ret_path)) return true;
    struct pp_str rest = joined_text(s, pp_str_slice(id, 2, id.len), PP_STR(".debug"));
    *ret_path = join3(s, dir, pp_str_slice(id, 0, 2), rest);
    return is_it(s, *ret_path);
}

/* The kernel calls a module "[snd_pcm]", whose file is snd-pcm.ko or snd_pcm.ko. */
static bool find_module(struct search *s, struct pp_str dir, struct pp_str *ret_path) {
    size_t n = s->file.len;
    if (n < 3 || s->file.data[0] != '[' || s->file.data[n - 1] != ']') return false;
    struct pp_str name = pp_str_slice(s->file, 1, n - 1);
    char *dashed = PP_NEW(&s->scratch, char, name.len);
    for (size_t i = 0; i < name.len; i++)
        dashed[i] = name.data[i] == '_' ? '-' : name.data[i];
    const struct pp_str names[] = {name, {dashed, name.len}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *ret_path = path_join(dir, joined_text(s, names[i], PP_STR(".ko")), &s->scratch);
        if (is_it(s, *ret_path)) return true;
    }
    return false;
}

static bool find_by_name(struct search *s, struct pp_str dir, struct pp_str *ret_path) {
    if (s->file.len == 0 || jit_name_is_dump(s->file)) return false;
    if (find_module(s, dir, ret_path)) return true;
    struct pp_str base = path_base(s->file), in = path_dir(s->file, &s->scratch);
    struct pp_str debug = joined_text(s, base, PP_STR(".debug"));
    struct pp_str places[] = {
        path_join(dir, base, &s->scratch),
        path_join(dir, s->file, &s->scratch),
        path_join(dir, debug_file_unpacked(base), &s->scratch),
        path_join(dir, joined_text(s, s->file, PP_STR(".debug")), &s->scratch),
        join3(s, dir, in, path_join(PP_STR(".debug"), debug, &s->scratch)),
        join3(s, path_join(dir, PP_STR("usr/lib/debug"), &s->scratch), in, debug),
        path_join(dir, debug, &s->scratch)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        *ret_path = places[i];
        if (is_it(s, places[i])) return true;
    }
    return false;
}

struct pp_str *locate_directories(const struct locate_options *opt, size_t *ret_n,
                                  struct pp_arena *arena) {
    struct pp_str *dirs = NULL;
    size_t n = 0, cap = 0;
    struct pp_str rest = pp_str_from(opt->search_path);
    if (rest.len == 0) {
        struct pp_str home = pp_str_from(opt->home ? opt->home : "");
        struct pp_str dir = path_join(home, PP_STR("pprof/binaries"), arena);
        PP_PUSH(arena, dirs, n, cap, dir);
    }
    while (rest.len) {
        const char *colon = memchr(rest.data, ':', rest.len);
        size_t len = colon ? (size_t)(colon - rest.data) : rest.len;
        struct pp_str dir = pp_str_slice(rest, 0, len);
        PP_PUSH(arena, dirs, n, cap, dir);
        rest = pp_str_slice(rest, len + (colon != NULL), rest.len);
    }
    *ret_n = n;
    return dirs;
}

/* Mappings may be many: a directory that is not there is asked for once. */
static void leave_out_missing(struct search *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n_dirs; i++)
        if (!s->dirs[i].len || file_look(s->dirs[i]) != FILE_NONE) s->dirs[n++] = s->dirs[i];
    s->n_dirs = n;
}

static bool find_file(struct search *s, struct pp_str *ret_path) {
    for (size_t i = 0; i < s->n_dirs; i++) {
        if (find_by_id(s, s->dirs[i], ret_path) || find_by_name(s, s->dirs[i], ret_path))
            return true;
    }
    return false;
}

static void add_fake_mapping(struct pp_profile *p, struct pp_arena *arena) {
    p->mappings = PP_NEW(arena, struct pp_mapping, 1);
    p->mappings[0].id = 1;
    p->n_mappings = 1;
    struct pp_location *locations = profile_own_locations(p, arena);
    for (uint32_t i = 0; i < p->n_locations; i++)
        locations[i].mapping = 0;
}

/* The profile's strings, to be added to. */
static void begin_strings(struct interner *strings, const struct pp_profile *p,
                          struct pp_arena *arena) {
    interner_init(strings, arena);
    for (uint32_t i = 0; i < p->n_strings; i++)
        intern_static(strings, p->strings[i]);
}

static uint32_t add_string(struct interner *strings, struct pp_profile *p, struct pp_str text,
                           struct pp_arena *arena) {
    if (strings->n == 0) begin_strings(strings, p, arena);
    uint32_t id = intern(strings, text);
    p->strings = strings->strings;
    p->n_strings = strings->n;
    return id;
}

/* The mapping that a binary stands for: that of its build id, as a program that was started by the
 * dynamic linker comes behind it; without one the first. */
static uint32_t mapping_of_binary(const struct pp_profile *p, const char *binary) {
    struct pp_arena scratch = {0};
    struct elf_file f;
    uint32_t found = 0;
    if (elf_file_open(&f, binary, &scratch, NULL)) {
        while (found < p->n_mappings && f.build_id.len &&
               !pp_str_eq(pp_string(p, p->mappings[found].build_id), f.build_id))
            found++;
        elf_file_close(&f);
    }
    pp_arena_done(&scratch);
    return found < p->n_mappings ? found : 0;
}

/* What the command line says of the program, which is one mapping and all others that the profile
 * has of the same file. */
static void override_program(struct pp_profile *p, const struct pp_profile *before,
                             const struct locate_options *opt, struct interner *strings,
                             struct pp_arena *arena) {
    bool has_binary = opt->binary && *opt->binary, has_id = opt->build_id && *opt->build_id;
    uint32_t file = has_binary ? add_string(strings, p, pp_str_from(opt->binary), arena) : 0;
    uint32_t id = has_id ? add_string(strings, p, pp_str_from(opt->build_id), arena) : 0;
    uint32_t main = has_binary ? mapping_of_binary(before, opt->binary) : 0;
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        const struct pp_mapping *old = before->mappings;
        struct pp_mapping *m = &p->mappings[i];
        bool same = i == main || (old[main].file && old[i].file == old[main].file &&
                                  old[i].build_id == old[main].build_id);
        if (same && has_binary) m->file = file;
        if (same && has_id && m->build_id == 0) m->build_id = id;
    }
}

void locate_binaries(const struct pp_profile *p, const struct locate_options *opt,
                     struct pp_profile *ret_profile, struct pp_arena *arena,
                     const struct pp_diag *diag) {
    struct pp_profile result = *p;
    struct search s = {.p = p, .diag = diag};
    struct interner strings = {0};
    s.dirs = locate_directories(opt, &s.n_dirs, &s.scratch);
    leave_out_missing(&s);
    result.mappings = PP_NEW(arena, struct pp_mapping, p->n_mappings);
    if (p->n_mappings) memcpy(result.mappings, p->mappings, p->n_mappings * sizeof *p->mappings);
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct pp_str path;
        s.m = &p->mappings[i];
        s.file = p->strings[s.m->file];
        s.build_id = p->strings[s.m->build_id];
        if (find_file(&s, &path))
            result.mappings[i].file = add_string(&strings, &result, path, arena);
    }
    if (result.n_mappings == 0) add_fake_mapping(&result, arena);
    override_program(&result, p, opt, &strings, arena);
    if (strings.n) interner_done(&strings);
    pp_arena_done(&s.scratch);
    *ret_profile = result;
}

bool locate_is_binary(const char *path) {
    struct pp_arena scratch = {0};
    struct elf_file f;
    bool ok = elf_file_open(&f, path, &scratch, NULL);
    if (ok) elf_file_close(&f);
    pp_arena_done(&scratch);
    return ok;
}
