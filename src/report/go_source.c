#include "report/go_source.h"

#include "base/path.h"
#include "base/text.h"

/* Where the system's Go installations are, each in a directory of its own. */
static const char *const install_dirs[] = {"/usr", "/opt", NULL};

static bool after(struct pp_str path, struct pp_str mark, struct pp_str *ret_rest) {
    const char *at = path.len ? memmem(path.data, path.len, mark.data, mark.len) : NULL;
    if (!at) return false;
    *ret_rest = pp_str_slice(path, (size_t)(at - path.data) + mark.len, path.len);
    return true;
}

static bool place_in(struct pp_str dir, struct pp_str file, struct file_place *ret_place,
                     struct pp_arena *arena) {
    *ret_place = (struct file_place){.dir = dir};
    return dir.len && path_below(path_join(dir, file, arena), dir, &ret_place->file);
}

/* ---- GOROOT and the module cache ---- */

/* Capital letters are written as "!a" in the module cache. The version, and files below it, stay as
 * they are. */
static struct pp_str escape_module(struct pp_str path, struct pp_arena *arena) {
    char *to = PP_NEW(arena, char, path.len * 2);
    size_t n = 0;
    for (size_t i = 0; i < path.len; i++) {
        bool is_capital = path.data[i] >= 'A' && path.data[i] <= 'Z';
        if (path.data[i] == '@') {
            memcpy(to + n, path.data + i, path.len - i);
            n += path.len - i;
            break;
        }
        if (is_capital) to[n++] = '!';
        to[n++] = is_capital ? (char)(path.data[i] - 'A' + 'a') : path.data[i];
    }
    return (struct pp_str){to, n};
}

bool go_source_kept(const struct go_dirs *dirs, struct pp_str name, struct file_place *ret_place,
                    struct pp_arena *arena) {
    struct pp_str rest,
        src = dirs->root.len ? path_join(dirs->root, PP_STR("src"), arena) : (struct pp_str){0};
    bool is_absolute = name.len && name.data[0] == '/';
    if (!is_absolute && after(name, PP_STR("@"), &rest))
        return place_in(dirs->module_cache, escape_module(name, arena), ret_place, arena);
    if (!is_absolute) return place_in(src, name, ret_place, arena);
    if (after(name, PP_STR("/pkg/mod/"), &rest))
        return place_in(dirs->module_cache, rest, ret_place, arena);
    return after(name, PP_STR("/src/"), &rest) && place_in(src, rest, ret_place, arena);
}

/* ---- the user's own ---- */

/* "host/mod@v1.0.0/x.go" without the version. */
static struct pp_str unversioned(struct pp_str name, struct pp_arena *arena) {
    struct pp_str rest;
    if (!after(name, PP_STR("@"), &rest)) return name;
    struct pp_str module = pp_str_slice(name, 0, name.len - rest.len - 1);
    const char *slash = memchr(rest.data, '/', rest.len);
    if (!slash) return module;
    return path_join(module, pp_str_slice(rest, (size_t)(slash - rest.data), rest.len), arena);
}

/* What a line "module NAME" says; the name may stand in quotes. */
static bool module_name(struct pp_str line, struct pp_str *ret_name) {
    struct pp_str word, name;
    if (!text_next_word(&line, &word) || !pp_str_eq(word, PP_STR("module"))) return false;
    if (!text_next_word(&line, &name)) return false;
    char quote = name.data[0], last = name.data[name.len - 1];
    bool quoted = name.len > 2 && (quote == '"' || quote == '`') && last == quote;
    *ret_name = quoted ? pp_str_slice(name, 1, name.len - 1) : name;
    return true;
}

static bool read_module(struct pp_str dir, struct pp_str *ret_name, struct pp_arena *arena) {
    enum { LONGEST = 256 << 10 };
    struct pp_str text, line;
    if (!file_read_beneath((struct file_place){dir, PP_STR("go.mod")}, LONGEST, &text, arena, NULL))
        return false;
    while (text_next_line(&text, &line))
        if (module_name(line, ret_name)) return true;
    return false;
}

size_t go_source_of_user(struct pp_str dir, struct pp_str name,
                         struct file_place ret_places[GO_SOURCES_OF_USER], struct pp_arena *arena) {
    struct pp_str module, rest;
    size_t n = 0;
    name = unversioned(name, arena);
    n += place_in(path_join(dir, PP_STR("vendor"), arena), name, &ret_places[n], arena);
    if (read_module(dir, &module, arena) && path_below(name, module, &rest))
        n += place_in(dir, rest, &ret_places[n], arena);
    return n;
}

/* ---- the system's ---- */

bool go_source_installed(struct pp_str name, struct file_place *ret_place, struct pp_arena *arena) {
    struct pp_str version, rest;
    bool of_system = false;
    for (size_t i = 0; install_dirs[i]; i++)
        of_system |= path_below(name, pp_str_from(install_dirs[i]), &rest);
    if (!of_system || !after(name, PP_STR("/src/"), &rest)) return false;
    struct pp_str go = pp_str_slice(name, 0, name.len - rest.len - strlen("/src/"));
    const struct file_place about = {go, PP_STR("VERSION")};
    return file_read_beneath(about, 4096, &version, arena, NULL) &&
           pp_str_has_prefix(version, PP_STR("go1")) &&
           place_in(path_join(go, PP_STR("src"), arena), rest, ret_place, arena);
}
