#include "report/source.h"

#include "base/beneath.h"
#include "base/out.h"
#include "base/path.h"
#include "base/text.h"
#include "base/utf8.h"
#include "graph/name.h"

enum { LONGEST_PATH = 4095 };

static const uint64_t max_file = 64 << 20, max_total = 512 << 20;

/* Where everybody's sources lie. */
static const char *const system_dirs[] = {"/usr/include", "/usr/src", "/usr/lib/gcc", NULL};

/* ---- which files may be read ---- */

static struct pp_str absolute(const struct source_reader *r, struct pp_str path) {
    bool is_absolute = path.len && path.data[0] == '/';
    return is_absolute ? path_clean(path, r->arena) : path_join(r->opt->current, path, r->arena);
}

static bool is_below(struct pp_str path, struct pp_str dir, struct file_place *ret_place) {
    ret_place->dir = dir;
    return dir.len && path_below(path, dir, &ret_place->file);
}

/* The directory of the search path that the file lies in. */
static bool in_search_path(const struct source_reader *r, struct pp_str path,
                           struct file_place *ret_place) {
    struct pp_str list = r->opt->path, dir;
    while (path_list_next(&list, &dir))
        if (is_below(path, absolute(r, dir), ret_place)) return true;
    return false;
}

/* Where an absolute name may be read. */
static bool find_place(const struct source_reader *r, struct pp_str path,
                       struct file_place *ret_place) {
    path = path_clean(path, r->arena);
    if (in_search_path(r, path, ret_place)) return true;
    for (size_t i = 0; system_dirs[i]; i++)
        if (is_below(path, pp_str_from(system_dirs[i]), ret_place)) return true;
    return is_below(path, r->opt->go.module_cache, ret_place) ||
           is_below(path, r->opt->go.root, ret_place) ||
           go_source_installed(path, ret_place, r->arena);
}

/* ---- where it lies ---- */

/* A file that was read, and where. */
struct found {
    struct pp_str text, path;
};

static bool read_at(const struct source_reader *r, struct file_place place, struct found *ret_found,
                    struct pp_error *err) {
    uint64_t left = max_total - r->bytes, max = left < max_file ? left : max_file;
    if (!file_read_beneath(place, max, &ret_found->text, r->arena, err)) return false;
    ret_found->path = path_join(place.dir, place.file, r->arena);
    return true;
}

/* Why a file is not shown. The names may hold any byte. */
struct refusal {
    const char *before;
    struct pp_str path;
    const char *between;
    struct pp_str after;
};

static bool refuse(const struct source_reader *r, struct refusal why, struct pp_str *ret_why) {
    struct out o;
    out_open_memory(&o);
    out_text0(&o, why.before);
    out_str(&o, why.path);
    out_text0(&o, why.between);
    out_str(&o, why.after);
    *ret_why = pp_arena_copy(r->arena, out_text(&o));
    out_close(&o, NULL);
    return false;
}

/* In each directory of the search path. The parents of one count as in the reference, as long as
 * the file lies in it: "src/a.c" is found in "project/src". */
static bool search(const struct source_reader *r, struct pp_str name, struct found *ret_found,
                   struct pp_str *ret_why) {
    struct pp_str path = path_to_slashes(name, r->arena), list = r->opt->path, dir;
    while (path_list_next(&list, &dir)) {
        for (dir = absolute(r, dir);;) {
            struct file_place place;
            struct pp_str at = path_join(dir, path, r->arena);
            struct pp_error err = {0};
            if (in_search_path(r, at, &place) && read_at(r, place, ret_found, &err)) return true;
            if (file_look(at) == FILE_DIRECTORY) return true; /* as in the reference: no line */
            if (err.code == PP_E_UNSUPPORTED)                 /* it is there */
                return refuse(r, (struct refusal){"open ", at, ": ", pp_str_from(err.text)},
                              ret_why);
            struct pp_str parent = path_dir(dir, r->arena);
            if (pp_str_eq(parent, dir)) break;
            dir = parent;
        }
    }
    return refuse(r, (struct refusal){"could not find file ", name, " on path ", r->opt->path},
                  ret_why);
}

/* Where Go keeps it, or the user. */
static bool search_go(const struct source_reader *r, struct pp_str name, struct found *ret_found) {
    struct file_place kept, places[GO_SOURCES_OF_USER];
    if (go_source_kept(&r->opt->go, name, &kept, r->arena) && read_at(r, kept, ret_found, NULL))
        return true;
    bool is_absolute = name.len && name.data[0] == '/';
    struct pp_str list = r->opt->path, dir;
    while (!is_absolute && path_list_next(&list, &dir)) {
        size_t n = go_source_of_user(absolute(r, dir), name, places, r->arena);
        for (size_t i = 0; i < n; i++)
            if (read_at(r, places[i], ret_found, NULL)) return true;
    }
    return false;
}

static bool read_source(const struct source_reader *r, struct pp_str name, struct found *ret_found,
                        struct pp_str *ret_why) {
    struct pp_str path = name_trim_path(name, r->opt->trim, r->opt->path, r->arena), none = {0};
    if (r->opt->none)
        return refuse(r, (struct refusal){"not read, because of -nosource", none, "", none},
                      ret_why);
    if (path.len > LONGEST_PATH)
        return refuse(r, (struct refusal){"the name is too long: ", path, "", none}, ret_why);
    bool is_absolute = path.len && path.data[0] == '/';
    if (!is_absolute) return search(r, path, ret_found, ret_why) || search_go(r, path, ret_found);
    struct pp_error err;
    struct file_place place;
    bool may_read = find_place(r, path, &place);
    if (may_read && read_at(r, place, ret_found, &err)) return true;
    if (search_go(r, path, ret_found)) return true;
    if (may_read)
        return refuse(r, (struct refusal){"open ", path, ": ", pp_str_from(err.text)}, ret_why);
    enum file_kind kind = file_look(path);
    if (kind == FILE_DIRECTORY) return true; /* the same */
    const char *why = file_has_nul(path) ? ": invalid argument" : ": no such file or directory";
    if (kind == FILE_NONE) return refuse(r, (struct refusal){"open ", path, why, none}, ret_why);
    return refuse(r,
                  (struct refusal){"", path,
                                   " lies outside the search path; -source_path=/ lets it be read",
                                   none},
                  ret_why);
}

/* ---- lines ---- */

static void split_lines(struct source_file *f, struct pp_str text, struct pp_arena *arena) {
    size_t cap = 0;
    struct pp_str line;
    while (text_next_line(&text, &line)) {
        if (pp_str_has_suffix(line, PP_STR("\r"))) line.len--;
        PP_PUSH(arena, f->lines, f->n_lines, cap, line);
    }
}

void source_reader_init(struct source_reader *r, const struct source_options *opt,
                        struct pp_arena *arena) {
    *r = (struct source_reader){.opt = opt, .arena = arena};
    interner_init(&r->names, arena);
}

void source_reader_done(struct source_reader *r) {
    interner_done(&r->names);
}

const struct source_file *source_find(struct source_reader *r, struct pp_str name) {
    uint32_t id = intern(&r->names, name);
    if (id >= r->cap) {
        size_t had = r->cap;
        PP_RESERVE(r->arena, r->files, r->cap, r->cap, id + 1 - had);
        memset(r->files + had, 0, (r->cap - had) * sizeof *r->files);
    }
    struct source_file *f = &r->files[id];
    if (f->is_read) return f;
    f->is_read = true;
    struct found found = {0};
    struct pp_str why;
    if (!read_source(r, name, &found, &why)) {
        f->error = why;
        return f;
    }
    f->path = found.path;
    r->bytes += found.text.len;
    split_lines(f, found.text, r->arena);
    return f;
}

const struct source_file *source_known(struct source_reader *r, struct pp_str name) {
    uint32_t id = intern(&r->names, name);
    return id < r->cap && r->files[id].is_read ? &r->files[id] : NULL;
}

uint64_t source_extent(const struct source_file *f, int64_t first, int64_t last) {
    enum { BESIDE = 40 }; /* number and values */
    struct pp_str end = f->lines[last - 1];
    return (uint64_t)(end.data + end.len - f->lines[first - 1].data) +
           BESIDE * (uint64_t)(last - first + 1);
}

bool source_may_show(struct source_reader *r, uint64_t bytes) {
    static const uint64_t free_bytes = 256 << 10;
    if (bytes > 4 * r->bytes + free_bytes - r->shown) return false;
    r->shown += bytes;
    return true;
}

struct pp_str source_shown(struct source_reader *r, struct pp_str line) {
    enum { LONG = 2048 };
    if (line.len <= LONG || source_may_show(r, line.len)) return line;
    return pp_str_slice(line, 0, utf8_floor(line, LONG));
}

bool source_line(const struct source_file *f, int64_t number, struct pp_str *ret_line) {
    if (number < 1 || (uint64_t)number > f->n_lines) return false;
    *ret_line = f->lines[number - 1];
    return true;
}
