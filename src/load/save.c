#include "load/save.h"

#include "base/file.h"
#include "base/out.h"
#include "base/path.h"
#include "profile/encode.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { MAX_NUMBER = 9999, MAX_PREFIX = 200 /* bytes; a file name has 255 */ };

/* The first that is there or can be made. */
static bool find_directory(const struct world *env, struct pp_str *ret_dir,
                           struct pp_arena *arena) {
    struct pp_str candidates[3] = {world_variable(env, "PPROF_TMPDIR")};
    struct pp_str home = world_variable(env, "HOME");
    if (home.len) candidates[1] = path_join(home, PP_STR("pprof"), arena);
    candidates[2] = world_tmp(env);
    for (size_t i = 0; i < 3; i++) {
        if (!candidates[i].len) continue;
        *ret_dir = candidates[i];
        if (file_make_folders(path_clean(candidates[i], arena), 0755)) return true;
        pp_say(&env->diag, "Could not use temp dir %.*s: %s", PP_STR_ARG(candidates[i]),
               strerror(errno));
    }
    return false;
}

/* The names in it are the server's: they must not lead out of the directory. */
static struct pp_str file_prefix(const struct pp_profile *p, struct pp_arena *arena) {
    struct out o;
    out_open_memory(&o);
    OUT_LIT(&o, "pprof.");
    if (p->n_mappings && p->mappings[0].file) {
        out_str(&o, path_base(pp_string(p, p->mappings[0].file)));
        out_char(&o, '.');
    }
    for (uint32_t t = 0; t < p->n_types; t++) {
        out_str(&o, pp_string(p, p->sample_types[t].type));
        out_char(&o, '.');
    }
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    if (text.len > MAX_PREFIX) text.len = MAX_PREFIX;
    char *at = (char *)(uintptr_t)text.data;
    for (size_t i = 0; i < text.len; i++)
        if (at[i] == '/' || (unsigned char)at[i] < ' ' || at[i] == 0x7f) at[i] = '_';
    return text;
}

/* A name in the folder that nobody has, for the file `fd` or for a new one (-1). The file; -1 with
 * errno. */
static int take_name(int fd, int folder, struct pp_str prefix, struct pp_str *ret_name,
                     struct pp_arena *arena) {
    for (int i = 1; i <= MAX_NUMBER; i++) {
        struct pp_str name = pp_arena_printf(arena, "%.*s%03d.pb.gz", PP_STR_ARG(prefix), i);
        int got = fd;
        if (fd < 0)
            got = openat(folder, name.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        else if (!file_name_unnamed(fd, folder, name.data))
            got = -1;
        if (got < 0 && errno == EEXIST) continue;
        if (got >= 0) *ret_name = name;
        return got;
    }
    errno = EEXIST;
    return -1;
}

static bool fail_by_errno(struct pp_error *err) {
    if (errno == EEXIST)
        return pp_fail(err, PP_E_IO, "%d of that name are there already", (int)MAX_NUMBER);
    return pp_fail(err, PP_E_IO, "%s", strerror(errno));
}

static bool write_to(int fd, const struct pp_profile *p, struct pp_error *err) {
    struct out o;
    out_open_fd(&o, fd);
    bool ok = profile_write_gzip(p, &o, err);
    return out_close(&o, ok ? err : NULL) && ok;
}

/* The file has no name before it is complete, where the file system can do that: whatever ends the
 * program, no half of it is left. */
static bool save_below(int folder, const struct pp_profile *p, struct pp_str *ret_name,
                       struct pp_arena *arena, struct pp_error *err) {
    struct pp_str prefix = file_prefix(p, arena), name = {0};
    int fd = file_open_unnamed(folder, 0666);
    bool unnamed = fd >= 0;
    if (!unnamed) fd = take_name(-1, folder, prefix, &name, arena);
    if (fd < 0) return fail_by_errno(err);
    bool ok = write_to(fd, p, err);
    if (ok && unnamed && take_name(fd, folder, prefix, &name, arena) < 0) ok = fail_by_errno(err);
    if (close(fd) != 0 && ok) ok = fail_by_errno(err);
    if (!ok && name.len) unlinkat(folder, name.data, 0);
    *ret_name = name;
    return ok;
}

static bool save_in(struct pp_str dir, const struct pp_profile *p, struct pp_str *ret_name,
                    struct pp_arena *arena, struct pp_error *err) {
    int folder = file_open_folder(pp_arena_copy(arena, dir).data);
    if (folder < 0) return fail_by_errno(err);
    bool ok = save_below(folder, p, ret_name, arena, err);
    close(folder);
    return ok;
}

void save_profile(const struct pp_profile *p, const struct world *env) {
    struct pp_arena arena = {0};
    struct pp_str dir, name;
    struct pp_error err = {0};
    bool found = find_directory(env, &dir, &arena);
    if (found && save_in(dir, p, &name, &arena, &err))
        pp_say(&env->diag, "Saved profile in %s",
               pp_arena_copy(&arena, path_join(dir, name, &arena)).data);
    else if (found)
        pp_say(&env->diag, "Could not save profile in %.*s: %s", PP_STR_ARG(dir), err.text);
    pp_arena_done(&arena);
}
