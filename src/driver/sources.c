#include "driver/sources.h"

#include "base/path.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name by which the user came here, if it still leads here. */
static struct pp_str current_dir(const struct world *env, struct pp_arena *arena) {
    struct pp_str pwd = world_variable(env, "PWD");
    struct stat there, here;
    if (pwd.len && pwd.data[0] == '/' && stat(pwd.data, &there) == 0 && stat(".", &here) == 0 &&
        there.st_dev == here.st_dev && there.st_ino == here.st_ino)
        return pwd;
    char *dir = getcwd(NULL, 0);
    struct pp_str copy = pp_arena_copy(arena, dir ? pp_str_from(dir) : PP_STR("/"));
    free(dir);
    return copy;
}

static struct pp_str module_cache(const struct world *env, struct pp_arena *arena) {
    struct pp_str cache = world_variable(env, "GOMODCACHE"), go = world_variable(env, "GOPATH");
    struct pp_str home = world_variable(env, "HOME");
    if (cache.len) return cache;
    const char *colon = go.len ? memchr(go.data, ':', go.len) : NULL;
    if (colon) go.len = (size_t)(colon - go.data);
    if (!go.len && home.len) go = path_join(home, PP_STR("go"), arena);
    return go.len ? path_join(go, PP_STR("pkg/mod"), arena) : PP_STR("");
}

void sources_resolve(const struct settings *s, const struct world *env,
                     struct source_options *ret_options, struct pp_arena *arena) {
    struct pp_str root = world_variable(env, "GOROOT");
    struct source_options o = {
        .path = pp_str_from(s->source_path),
        .current = current_dir(env, arena),
        .trim = pp_str_from(s->trim_path),
        .go = {.root = root.len ? path_clean(root, arena) : root,
               .module_cache = module_cache(env, arena)},
        .none = s->nosource,
    };
    if (!o.path.len) o.path = o.current;
    *ret_options = o;
}
