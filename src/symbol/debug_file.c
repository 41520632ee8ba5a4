/* See debug_file.h. The places are gdb's: "Debugging Information in Separate Files" in its manual.
 */
#include "symbol/debug_file.h"

#include "base/file.h"
#include "symbol/elf_notes.h"
#include "symbol/elf_unpack.h"
#include "symbol/vdso.h"

#include <dirent.h>

enum { MAX_LOOKED = 64 };

struct wanted {
    struct pp_str id; /* "" when the file has none; then the checksum decides */
    bool has_checksum;
    uint32_t checksum;
    struct pp_str link; /* what the binary calls it; with a checksum */
};

void debug_file_note(struct debug_search *s, struct pp_str path, const char *what) {
    if (s->n_looked >= MAX_LOOKED) return;
    struct pp_str line = pp_arena_printf(s->arena, "%.*s: %s", PP_STR_ARG(path), what);
    PP_PUSH(s->arena, s->looked, s->n_looked, s->cap_looked, line);
}

/* CRC-32 as in .gnu_debuglink: polynomial 0x04c11db7, reflected. */
static uint32_t checksum_of(const struct image *image) {
    uint32_t table[256], crc = UINT32_MAX;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t v = i;
        for (int k = 0; k < 8; k++)
            v = v & 1 ? 0xedb88320U ^ (v >> 1) : v >> 1;
        table[i] = v;
    }
    for (size_t i = 0; i < image->size; i++)
        crc = table[(crc ^ image->bytes[i]) & 0xff] ^ (crc >> 8);
    return ~crc;
}

static bool is_same_build(const struct elf_file *f, const struct wanted *w) {
    if (w->id.len) return pp_str_eq(f->build_id, w->id);
    return w->has_checksum && checksum_of(&f->image) == w->checksum;
}

/* Takes the file at `path` if it is the right one. */
static bool try_path(struct debug_search *s, struct pp_str path, const struct wanted *w,
                     struct elf_file *ret_file, struct pp_str *ret_path) {
    struct pp_error err;
    struct elf_file f;
    if (!elf_file_open(&f, path.data, s->arena, &err)) {
        debug_file_note(s, path, err.text);
        return false;
    }
    if (!is_same_build(&f, w)) {
        debug_file_note(s, path, w->id.len ? "has another build id" : "has another checksum");
        elf_file_close(&f);
        return false;
    }
    debug_file_note(s, path, "found");
    *ret_file = f;
    *ret_path = path;
    return true;
}

static bool try_build_id(struct debug_search *s, const struct wanted *w, struct elf_file *ret_file,
                         struct pp_str *ret_path) {
    if (w->id.len < 4) return false;
    static const char *const subdirs[] = {"/.build-id", ""};
    for (size_t i = 0; i < s->dirs.n; i++)
        for (size_t k = 0; k < 2; k++) {
            struct pp_str path =
                pp_arena_printf(s->arena, "%.*s%s/%.2s/%.*s.debug", PP_STR_ARG(s->dirs.at[i]),
                                subdirs[k], w->id.data, (int)w->id.len - 2, w->id.data + 2);
            if (try_path(s, path, w, ret_file, ret_path)) return true;
        }
    return false;
}

/* What the tree has of a build id without ".debug": a link to the program, or, of perf, a folder.
 */
static struct pp_str kept_at(struct pp_str dir, struct pp_str id, struct pp_arena *arena) {
    return pp_arena_printf(arena, "%.*s/.build-id/%.2s/%.*s", PP_STR_ARG(dir), id.data,
                           (int)id.len - 2, id.data + 2);
}

struct pp_str debug_file_kept(struct pp_str dir, struct pp_str build_id, const char *leaf,
                              struct pp_arena *arena) {
    struct pp_str at = kept_at(dir, build_id, arena);
    return pp_arena_printf(arena, "%.*s/%s", PP_STR_ARG(at), leaf);
}

/* The program itself. */
static bool try_program(struct debug_search *s, const struct wanted *w, struct elf_file *ret_file,
                        struct pp_str *ret_path) {
    static const char *const leaves[] = {"elf", "vdso"};
    if (w->id.len < 4) return false;
    for (size_t i = 0; i < s->dirs.n; i++) {
        struct pp_str path = kept_at(s->dirs.at[i], w->id, s->arena);
        if (file_look(path) != FILE_DIRECTORY) {
            if (try_path(s, path, w, ret_file, ret_path)) return true;
            continue;
        }
        for (size_t k = 0; k < sizeof leaves / sizeof *leaves; k++)
            if (try_path(s, debug_file_kept(s->dirs.at[i], w->id, leaves[k], s->arena), w, ret_file,
                         ret_path))
                return true;
    }
    return false;
}

/* The directory part with its slash; "" for a bare name. */
static struct pp_str directory(struct pp_str path) {
    const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;
    return slash ? pp_str_slice(path, 0, (size_t)(slash - path.data) + 1) : PP_STR("");
}

/* The file that the link of a binary at `path` names. */
static bool try_link(struct debug_search *s, const struct wanted *w, struct pp_str path,
                     struct elf_file *ret_file, struct pp_str *ret_path) {
    struct pp_str dir = directory(path), name = w->link;
    if (!w->has_checksum || memchr(name.data, '/', name.len)) return false;
    struct pp_str places[] = {
        pp_arena_printf(s->arena, "%.*s%.*s", PP_STR_ARG(dir), PP_STR_ARG(name)),
        pp_arena_printf(s->arena, "%.*s.debug/%.*s", PP_STR_ARG(dir), PP_STR_ARG(name))};
    for (size_t i = 0; i < 2; i++)
        if (!pp_str_eq(places[i], path) && try_path(s, places[i], w, ret_file, ret_path))
            return true;
    for (size_t i = 0; i < s->dirs.n; i++) {
        struct pp_str base = s->dirs.at[i];
        struct pp_str deep = pp_arena_printf(s->arena, "%.*s%s%.*s%.*s", PP_STR_ARG(base),
                                             dir.len && dir.data[0] == '/' ? "" : "/",
                                             PP_STR_ARG(dir), PP_STR_ARG(name));
        struct pp_str flat =
            pp_arena_printf(s->arena, "%.*s/%.*s", PP_STR_ARG(base), PP_STR_ARG(name));
        if (try_path(s, deep, w, ret_file, ret_path)) return true;
        if (!pp_str_eq(deep, flat) && try_path(s, flat, w, ret_file, ret_path)) return true;
    }
    return false;
}

struct pp_str debug_file_unpacked(struct pp_str path) {
    static const struct pp_str packed[] = {{".xz", 3}, {".zst", 4}, {".gz", 3}};
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (pp_str_has_suffix(path, packed[i]))
            return pp_str_slice(path, 0, path.len - packed[i].len);
    return path;
}

/* The binary's path below a directory, with ".debug" and without. */
static bool try_tree(struct debug_search *s, const struct wanted *w, struct pp_str path,
                     struct elf_file *ret_file, struct pp_str *ret_path) {
    static const char *const suffixes[] = {".debug", ""};
    path = debug_file_unpacked(path);
    for (size_t i = 0; i < s->dirs.n; i++)
        for (size_t k = 0; k < 2; k++) {
            struct pp_str tree = pp_arena_printf(s->arena, "%.*s%.*s%s", PP_STR_ARG(s->dirs.at[i]),
                                                 PP_STR_ARG(path), suffixes[k]);
            if (try_path(s, tree, w, ret_file, ret_path)) return true;
        }
    return false;
}

/* Debian keeps the kernel's under its version, which a profile does not tell. */
static bool try_boot(struct debug_search *s, const struct wanted *w, struct elf_file *ret_file,
                     struct pp_str *ret_path) {
    bool found = false;
    for (size_t i = 0; i < s->dirs.n && !found; i++) {
        struct pp_str boot = pp_arena_printf(s->arena, "%.*s/boot", PP_STR_ARG(s->dirs.at[i]));
        DIR *dir = opendir(boot.data);
        struct dirent *entry;
        for (unsigned n = 0; dir && !found && n < MAX_LOOKED && (entry = readdir(dir)); n++) {
            if (strncmp(entry->d_name, "vmlinux", 7) != 0) continue;
            struct pp_str path = pp_arena_printf(s->arena, "%s/%s", boot.data, entry->d_name);
            found = try_path(s, path, w, ret_file, ret_path);
        }
        if (dir) closedir(dir);
    }
    return found;
}

/* A file named like the binary with ".debug" behind: what google/pprof and packagers use. */
static bool try_neighbours(struct debug_search *s, const struct wanted *w, struct pp_str path,
                           struct elf_file *ret_file, struct pp_str *ret_path) {
    if (w->id.len == 0 || path.len == 0) return false;
    struct pp_str dir = directory(path), base = pp_str_slice(path, dir.len, path.len);
    struct pp_str beside = pp_arena_printf(s->arena, "%.*s.debug", PP_STR_ARG(path));
    struct pp_str below =
        pp_arena_printf(s->arena, "%.*s.debug/%.*s.debug", PP_STR_ARG(dir), PP_STR_ARG(base));
    if (try_path(s, beside, w, ret_file, ret_path)) return true;
    if (try_path(s, below, w, ret_file, ret_path)) return true;
    return dir.len && dir.data[0] == '/' && try_tree(s, w, path, ret_file, ret_path);
}

bool debug_file_fetch(struct debug_search *s, enum debuginfod_kind kind, struct pp_str id,
                      struct pp_str *ret_path) {
    struct pp_error err;
    if (!s->dirs.servers || id.len == 0) return false;
    bool ok = debuginfod_fetch(s->dirs.servers, (struct debuginfod_file){kind, id}, ret_path,
                               s->arena, &err);
    if (!ok) {
        struct pp_str what = pp_arena_printf(
            s->arena, "debuginfod, %s of %.*s",
            kind == DEBUGINFOD_EXECUTABLE ? "executable" : "debuginfo", PP_STR_ARG(id));
        debug_file_note(s, what, err.text);
    }
    return ok;
}

static bool try_servers(struct debug_search *s, const struct wanted *w, struct elf_file *ret_file,
                        struct pp_str *ret_path) {
    struct pp_str path;
    return debug_file_fetch(s, DEBUGINFOD_DEBUGINFO, w->id, &path) &&
           try_path(s, path, w, ret_file, ret_path);
}

/* What dsymutil made of a program of macOS. */
static bool try_dsym(struct debug_search *s, const struct wanted *w, struct pp_str path,
                     struct elf_file *ret_file, struct pp_str *ret_path) {
    struct pp_str base = pp_str_slice(path, directory(path).len, path.len);
    struct pp_str dsym = pp_arena_printf(s->arena, "%.*s.dSYM/Contents/Resources/DWARF/%.*s",
                                         PP_STR_ARG(path), PP_STR_ARG(base));
    return try_path(s, dsym, w, ret_file, ret_path);
}

bool debug_file_find(struct debug_search *s, const struct elf_file *main, struct pp_str path,
                     struct elf_file *ret_file, struct pp_str *ret_path) {
    struct wanted w = {.id = main->build_id};
    struct pp_str rest;
    if (elf_file_link(main, PP_STR(".gnu_debuglink"), &w.link, &rest) && rest.len >= 4) {
        w.has_checksum = true;
        w.checksum = elf_u32(main, rest.data + rest.len - 4);
    }
    if (main->is_other && w.id.len && try_dsym(s, &w, path, ret_file, ret_path)) return true;
    return try_build_id(s, &w, ret_file, ret_path) || try_link(s, &w, path, ret_file, ret_path) ||
           try_neighbours(s, &w, path, ret_file, ret_path) ||
           try_servers(s, &w, ret_file, ret_path);
}

/* The kernel's pages in the process that was recorded, which are in no file. */
static bool try_own_vdso(struct debug_search *s, const struct wanted *w, struct elf_file *ret_file,
                         struct pp_str *ret_path) {
    struct elf_file f;
    if (w->id.len == 0 || !vdso_open(&f, s->arena)) return false;
    bool same = is_same_build(&f, w);
    if (!same) {
        elf_file_close(&f);
        return false;
    }
    *ret_file = f;
    *ret_path = PP_STR("[vdso] of this process");
    debug_file_note(s, *ret_path, "found");
    return true;
}

bool debug_file_find_alone(struct debug_search *s, struct pp_str build_id, struct pp_str path,
                           struct elf_file *ret_file, struct pp_str *ret_path) {
    const struct wanted w = {.id = build_id};
    return elf_notes_is_id(build_id) &&
           (try_build_id(s, &w, ret_file, ret_path) || try_program(s, &w, ret_file, ret_path) ||
            try_neighbours(s, &w, path, ret_file, ret_path) ||
            (!path.len &&
             (try_own_vdso(s, &w, ret_file, ret_path) || try_boot(s, &w, ret_file, ret_path))) ||
            try_servers(s, &w, ret_file, ret_path));
}

bool debug_file_find_program(struct debug_search *s, struct pp_str build_id,
                             struct elf_file *ret_file, struct pp_str *ret_path) {
    const struct wanted w = {.id = build_id};
    return elf_notes_is_id(build_id) &&
           (try_program(s, &w, ret_file, ret_path) || try_own_vdso(s, &w, ret_file, ret_path));
}

bool debug_file_find_alternate(struct debug_search *s, const struct elf_file *debug,
                               struct pp_str path, struct elf_file *ret_file,
                               struct pp_str *ret_path) {
    struct pp_str name, id;
    if (!elf_file_link(debug, PP_STR(".gnu_debugaltlink"), &name, &id) || id.len > 64) return false;
    struct wanted w = {.id = elf_notes_hex(id, s->arena)};
    if (w.id.len == 0) return false;
    struct pp_str dir = name.data[0] == '/' ? PP_STR("") : directory(path);
    struct pp_str named = pp_arena_printf(s->arena, "%.*s%.*s", PP_STR_ARG(dir), PP_STR_ARG(name));
    return try_path(s, named, &w, ret_file, ret_path) || try_build_id(s, &w, ret_file, ret_path) ||
           try_servers(s, &w, ret_file, ret_path);
}

bool debug_file_find_mini(struct debug_search *s, const struct elf_file *main,
                          struct elf_file *ret_file) {
    const struct elf_section *packed = elf_file_section(main, PP_STR(".gnu_debugdata"));
    struct image image;
    struct pp_error err;
    if (!packed) return false;
    bool ok = elf_unpack_xz(packed->bytes, &image, &err) &&
              elf_file_open_image(ret_file, image, s->arena, &err);
    debug_file_note(s, PP_STR(".gnu_debugdata"), ok ? "found" : err.text);
    return ok;
}
