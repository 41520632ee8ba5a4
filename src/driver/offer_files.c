#include "driver/offer_files.h"

#include "base/path.h"
#include "base/safe.h"
#include "base/sort.h"
#include "profile/decode/decode.h"

#include <dirent.h>
#include <sys/stat.h>

/* So many entries of a folder are looked at, and so much of each file. */
enum { MAX_ENTRIES = 4096, MAX_HEAD = 1 << 20 };

static const char program[] = "program";

struct entry {
    struct pp_str name;
    const char *what; /* NULL: a folder */
    struct timespec written;
};

struct list {
    struct entry *at;
    size_t n, cap;
};

static bool is_program(struct input *in) {
    return input_need(in, 4) && !memcmp(in->data, "\177ELF", 4);
}

/* NULL: it is of no use here. */
static const char *kind_of_file(const char *path) {
    struct input in;
    const struct pp_limits limits = {.max_bytes = MAX_HEAD};
    if (!input_open_file(&in, path, &limits, NULL)) return NULL;
    const char *what = is_program(&in) ? program : profile_kind(&in);
    input_close(&in);
    return what;
}

static void look_at(const struct offered_files *f, struct pp_str folder, const char *name,
                    struct list *list) {
    struct stat st;
    struct entry entry = {.name = pp_arena_copy(f->arena, pp_str_from(name)), .what = ""};
    const char *path = pp_arena_printf(f->arena, "%.*s/%s", PP_STR_ARG(folder), name).data;
    if (stat(path, &st) != 0) return;
    entry.written = st.st_mtim;
    if (S_ISDIR(st.st_mode))
        entry.what = NULL;
    else if (f->kind == OFFER_FOLDERS || !S_ISREG(st.st_mode))
        return;
    else if (f->kind == OFFER_PROFILES && !(entry.what = kind_of_file(path)))
        return;
    PP_PUSH(f->arena, list->at, list->n, list->cap, entry);
}

static void read_folder(const struct offered_files *f, struct pp_str folder, struct pp_str begin,
                        struct list *list) {
    DIR *dir = opendir(pp_arena_copy(f->arena, folder).data);
    if (!dir) return;
    struct dirent *e;
    for (int i = 0; i < MAX_ENTRIES && (e = readdir(dir)); i++) {
        struct pp_str name = pp_str_from(e->d_name);
        bool is_hidden = e->d_name[0] == '.' && !begin.len;
        if (!is_hidden && pp_str_has_prefix(name, begin) && safe_is_plain(name) &&
            strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            look_at(f, folder, e->d_name, list);
    }
    closedir(dir);
}

static int by_name(const void *a, const void *b, void *user) {
    (void)user;
    return pp_str_cmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* "~/x" is what the shell will make of it, where the word begins so. */
static struct pp_str folder_of(const struct offered_files *f, struct pp_str shown) {
    struct pp_str home = world_variable(f->env, "HOME");
    if (!shown.len) return PP_STR(".");
    if (home.len && !f->before.len && pp_str_has_prefix(shown, PP_STR("~/")))
        return path_join(home, pp_str_slice(shown, 2, shown.len), f->arena);
    return shown;
}

void offer_files(const struct offered_files *f) {
    size_t split = f->typed.len;
    while (split && f->typed.data[split - 1] != '/')
        split--;
    struct pp_str shown = pp_str_slice(f->typed, 0, split);
    struct list list = {0};
    read_folder(f, folder_of(f, shown), pp_str_slice(f->typed, split, f->typed.len), &list);
    sort_stable(list.at, list.n, sizeof *list.at, by_name, NULL);
    for (size_t i = 0; i < list.n; i++) {
        out_str(f->o, f->before);
        out_str(f->o, shown);
        out_str(f->o, list.at[i].name);
        out_printf(f->o, "%s\t%s\n", list.at[i].what ? "" : "/",
                   list.at[i].what ? list.at[i].what : "");
    }
}

static int by_age(const void *a, const void *b, void *user) {
    const struct timespec *x = &((const struct entry *)a)->written,
                          *y = &((const struct entry *)b)->written;
    int c = (x->tv_sec < y->tv_sec) - (x->tv_sec > y->tv_sec);
    if (!c) c = (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
    return c ? c : by_name(a, b, user);
}

char *offer_newest(const struct world *env, struct pp_arena *arena) {
    const struct offered_files all = {.kind = OFFER_ALL, .env = env, .arena = arena};
    struct list list = {0};
    read_folder(&all, PP_STR("."), PP_STR(""), &list);
    sort_stable(list.at, list.n, sizeof *list.at, by_age, NULL);
    for (size_t i = 0; i < list.n; i++) {
        /* "./": it may be called "-" */
        struct pp_str path = pp_arena_printf(arena, "./%.*s", PP_STR_ARG(list.at[i].name));
        const char *what = list.at[i].what ? kind_of_file(path.data) : NULL;
        if (what && what != program) return (char *)(uintptr_t)path.data;
    }
    return NULL;
}
