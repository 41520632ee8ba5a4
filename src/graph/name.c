#include "graph/name.h"

#include "base/path.h"

static struct pp_str as_list(struct pp_str s) {
    return s.len ? s : (struct pp_str){0};
}

static size_t find(struct pp_str text, struct pp_str what) {
    const char *at = memmem(text.data, text.len, what.data, what.len);
    return at ? (size_t)(at - text.data) : SIZE_MAX;
}

/* `slashed`: the path with slashes, of the same length. */
static bool cut_prefix(struct pp_str *path, struct pp_str slashed, struct pp_str prefix) {
    size_t n = prefix.len;
    if (!pp_str_has_prefix(slashed, prefix)) return false;
    if (!pp_str_has_suffix(prefix, PP_STR("/"))) {
        if (slashed.len == n || slashed.data[n] != '/') return false;
        n++;
    }
    *path = pp_str_slice(*path, n, path->len);
    return true;
}

struct pp_str name_trim_path(struct pp_str path, struct pp_str trim, struct pp_str source,
                             struct pp_arena *arena) {
    struct pp_str part, list;
    if (!path.len) return path;
    struct pp_str slashed = path_to_slashes(path, arena);
    if (!trim.len) {
        for (list = as_list(source); path_list_next(&list, &part);) {
            struct pp_str base = path_base(path_to_slashes(part, arena));
            struct pp_str want = pp_arena_printf(arena, "/%.*s/", PP_STR_ARG(base));
            size_t at = find(slashed, want);
            if (at != SIZE_MAX) return pp_str_slice(path, at + want.len, path.len);
        }
    }
    for (list = as_list(trim); path_list_next(&list, &part);)
        if (cut_prefix(&path, slashed, path_to_slashes(part, arena))) return path;
    /* Bazel's sandbox. */
    if (!cut_prefix(&path, slashed, PP_STR("/proc/self/cwd/./")))
        cut_prefix(&path, slashed, PP_STR("/proc/self/cwd/"));
    return path;
}

struct pp_str name_file(struct pp_str path, const struct graph_options *opt,
                        struct pp_arena *arena) {
    if (!opt->whole_paths) path = name_trim_path(path, opt->trim_path, opt->source_path, arena);
    return path.len ? path_clean(path, arena) : path;
}

/* Sixteen digits. */
static void put_address(struct out *o, uint64_t address) {
    char digits[16];
    for (size_t at = sizeof digits; at-- > 0; address >>= 4)
        digits[at] = "0123456789abcdef"[address & 15];
    out_bytes(o, digits, sizeof digits);
}

static void put_number(struct out *o, int64_t number) {
    out_char(o, ':');
    out_i64(o, number);
}

void name_put_printable(const struct pp_profile *p, const struct graph_info *info,
                        struct pp_str file, struct out *o) {
    struct pp_str name = pp_string(p, info->name), objfile = pp_string(p, info->objfile);
    struct pp_str behind = PP_STR("");
    if (info->address) {
        put_address(o, info->address);
        behind = PP_STR(" ");
    }
    if (name.len) {
        out_str(o, behind);
        out_str(o, name);
        behind = PP_STR(" ");
    }
    if (info->line || file.len) {
        out_str(o, behind);
        out_str(o, file);
        if (info->line) put_number(o, info->line);
        if (info->line && info->column) put_number(o, info->column);
    } else if (!name.len && objfile.len) {
        out_str(o, behind);
        out_char(o, '[');
        out_str(o, path_base(objfile));
        out_char(o, ']');
    } else if (!name.len) {
        out_str(o, behind);
        OUT_LIT(o, "<unknown>");
    }
}

/* A string of the profile's own, or one in `arena`. */
static struct pp_str printable(const struct pp_profile *p, const struct graph_info *info,
                               struct pp_str file, struct pp_arena *arena) {
    struct out o;
    struct pp_str name = pp_string(p, info->name);
    if (name.len && !info->address && !info->line && !file.len) return name;
    out_open_memory(&o);
    name_put_printable(p, info, file, &o);
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return text;
}

struct pp_str graph_printable_name(struct graph *g, uint32_t node) {
    if (!g->printable) g->printable = PP_NEW(g->arena, struct pp_str, g->n_places);
    struct pp_str *name = &g->printable[graph_place(g, node)];
    if (!name->data) {
        struct graph_info info = graph_info_of(g, node);
        *name = printable(g->p, &info, graph_file(g, node), g->arena);
    }
    return *name;
}
