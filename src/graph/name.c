#include "graph/name.h"

#include "base/out.h"
#include "base/path.h"

#include <inttypes.h>

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

static void add_part(struct out *o, struct pp_str part) {
    if (o->used) out_char(o, ' ');
    out_str(o, part);
}

struct pp_str name_printable(const struct pp_profile *p, const struct graph_info *info,
                             struct pp_str file, struct pp_arena *arena) {
    struct out o;
    struct pp_str name = pp_string(p, info->name), objfile = pp_string(p, info->objfile);
    if (name.len && !info->address && !info->line && !file.len) return name;
    out_open_memory(&o);
    if (info->address) out_printf(&o, "%016" PRIx64, info->address);
    if (name.len) add_part(&o, name);
    if (info->line) {
        add_part(&o, file);
        out_printf(&o, ":%" PRId64, info->line);
        if (info->column) out_printf(&o, ":%" PRId64, info->column);
    } else if (file.len) {
        add_part(&o, file);
    } else if (!name.len && objfile.len) {
        add_part(&o, PP_STR("["));
        out_str(&o, path_base(objfile));
        out_char(&o, ']');
    } else if (!name.len) {
        add_part(&o, PP_STR("<unknown>"));
    }
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return text;
}

struct pp_str graph_printable_name(struct graph *g, uint32_t node) {
    if (!g->printable) g->printable = PP_NEW(g->arena, struct pp_str, g->n_places);
    struct pp_str *name = &g->printable[graph_place(g, node)];
    if (!name->data)
        *name = name_printable(g->p, &g->nodes[node].info, graph_file(g, node), g->arena);
    return *name;
}
