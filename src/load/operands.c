#include "load/operands.h"

#include "base/input.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct pp_limits list_limits = {.max_bytes = 256 << 20};

static void add(struct source_names *s, const char *name) {
    PP_PUSH(s->arena, s->at, s->n, s->cap, name);
}

static int compare_names(const void *a, const void *b) {
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static bool is_directory(const char *name) {
    struct stat st;
    return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What can't be told, a link to nothing say, counts as one: reading it tells what is wrong. */
static bool is_regular(int dir, const char *name) {
    struct stat st;
    return fstatat(dir, name, &st, 0) != 0 || S_ISREG(st.st_mode);
}

static void add_files(struct source_names *s, const char *name) {
    DIR *dir = opendir(name);
    if (!dir) return;
    size_t first = s->n, len = strlen(name);
    const char *slash = len && name[len - 1] == '/' ? "" : "/";
    for (const struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.' || !is_regular(dirfd(dir), e->d_name)) continue;
        add(s, pp_arena_printf(s->arena, "%s%s%s", name, slash, e->d_name).data);
    }
    closedir(dir);
    if (s->n > first) qsort(s->at + first, s->n - first, sizeof *s->at, compare_names);
}

static void add_name(struct source_names *s, const char *name) {
    size_t before = s->n;
    if (is_directory(name)) add_files(s, name);
    if (s->n == before) add(s, name);
}

static bool add_names(struct source_names *s, struct pp_str text, const char *list,
                      struct pp_error *err) {
    size_t before = s->n;
    char end = text.len && memchr(text.data, 0, text.len) ? 0 : '\n';
    while (text.len) {
        const char *at = memchr(text.data, end, text.len);
        size_t len = at ? (size_t)(at - text.data) : text.len;
        struct pp_str name = pp_str_slice(text, 0, len);
        text = pp_str_slice(text, at ? len + 1 : len, text.len);
        if (end && name.len && name.data[name.len - 1] == '\r') name.len--;
        if (name.len) add_name(s, pp_arena_copy(s->arena, name).data);
    }
    return s->n > before || pp_fail(err, PP_E_USAGE, "%s: the list names no profile", list);
}

static bool add_list(struct source_names *s, const char *list, int standard_input,
                     struct pp_error *err) {
    const char *name = list + 1;
    struct input in;
    bool ok = strcmp(name, "-") ? input_open_file(&in, name, &list_limits, err)
                                : input_open_fd(&in, dup(standard_input), &list_limits, err);
    if (!ok) return pp_wrap(err, "%s", list);
    struct pp_str text = input_all(&in);
    ok = input_finish(&in, err) ? add_names(s, text, list, err) : pp_wrap(err, "%s", list);
    input_close(&in);
    return ok;
}

bool operands_expand(const char *const *operands, size_t n, int standard_input,
                     struct source_names *names, struct pp_error *err) {
    for (size_t i = 0; i < n; i++) {
        if (operands[i][0] != '@' || !operands[i][1])
            add_name(names, operands[i]);
        else if (!add_list(names, operands[i], standard_input, err))
            return false;
    }
    return true;
}
