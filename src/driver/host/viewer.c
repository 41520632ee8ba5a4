#include "driver/host/viewer.h"

#include "base/clock.h"
#include "base/process.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_WORDS = 32 };

/* Whether a command that opens whatever the desktop thinks fit has a desktop to do so. */
static bool is_without_desktop(const char *command, const struct world *env) {
    return !strcmp(command, "xdg-open") && !world_variable(env, "DISPLAY").len &&
           !world_variable(env, "WAYLAND_DISPLAY").len;
}

/* The words of a command, separated by blanks, and the file; false when its program isn't there. */
static bool split(const char *command, const char *file, const char *const **ret_argv,
                  struct pp_arena *arena) {
    const char **argv = PP_NEW(arena, const char *, MOST_WORDS + 2);
    size_t n = 0;
    while (*(command += strspn(command, " ")) && n < MOST_WORDS) {
        struct pp_str word = {command, strcspn(command, " ")};
        argv[n++] = pp_arena_copy(arena, word).data;
        command += word.len;
    }
    struct pp_str path;
    if (n == 0 || !process_find(pp_str_from(argv[0]), PP_STR(""), &path, arena)) return false;
    argv[n] = file;
    *ret_argv = argv;
    return true;
}

static bool find_viewer(const struct report_format *report, const struct world *env,
                        struct viewer *v, struct pp_arena *arena) {
    for (const char *const *command = report->viewers; *command; command++) {
        bool named = **command == '$';
        const char *text = named ? world_variable(env, *command + 1).data : *command;
        if (text && *text && !is_without_desktop(text, env) &&
            split(text, v->file.data, &v->argv, arena))
            return true;
    }
    return false;
}

bool viewer_open(struct viewer *ret_viewer, const struct report_format *report,
                 const struct world *env, struct pp_arena *arena, struct pp_error *err) {
    struct viewer v = {.argv = NULL};
    struct pp_str dir = pp_arena_printf(arena, "%s/cpprof-XXXXXX", world_tmp(env).data);
    v.file = pp_arena_printf(arena, "%s/%s.%s", dir.data, report->name, report->suffix);
    if (!find_viewer(report, env, &v, arena))
        return pp_fail(err, PP_E_NOT_FOUND,
                       "no program is installed that -%s could show its report with; "
                       "-output=FILE writes it to a file",
                       report->name);
    if (!mkdtemp((char *)(uintptr_t)dir.data))
        return pp_fail(err, PP_E_IO, "%s: %s", dir.data, strerror(errno));
    /* The directory has its name now; the file's begins with it. */
    memcpy((char *)(uintptr_t)v.file.data, dir.data, dir.len);
    v.dir = dir;
    *ret_viewer = v;
    return true;
}

bool viewer_browse(const struct report_format *report, struct pp_str url, const struct world *env,
                   struct pp_arena *arena, struct pp_error *err) {
    struct viewer v = {.file = url};
    int pid;
    if (!find_viewer(report, env, &v, arena))
        return pp_fail(err, PP_E_NOT_FOUND, "none is installed");
    return process_start(v.argv, &pid, err);
}

bool viewer_show(const struct viewer *v, struct pp_error *err) {
    int64_t started = clock_ms();
    int pid;
    if (!process_start(v->argv, &pid, err)) return false;
    bool ok = process_wait(v->argv, pid, err);
    /* Many only tell a program that runs already, and end. */
    if (ok && clock_ms() - started < 2000) sleep(1);
    return ok;
}

bool viewer_leave(const struct viewer *v, struct viewers *others, struct pp_error *err) {
    int pid;
    if (!process_start(v->argv, &pid, err)) return false;
    PP_PUSH(&others->arena, others->at, others->n, others->cap, *v);
    return true;
}

void viewers_close(struct viewers *v) {
    for (size_t i = 0; i < v->n; i++)
        viewer_close(&v->at[i]);
    pp_arena_done(&v->arena);
}

void viewer_close(struct viewer *v) {
    if (v->dir.len) {
        unlink(v->file.data);
        rmdir(v->dir.data);
    }
    *v = (struct viewer){0};
}
