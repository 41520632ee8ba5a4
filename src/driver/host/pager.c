#include "driver/host/pager.h"

#include "base/process.h"
#include "base/text.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_WORDS = 8 };

static bool is_long(struct pp_str text, const struct world *env) {
    struct winsize size;
    if (!env->out_is_terminal || ioctl(env->out, TIOCGWINSZ, &size) != 0) return false;
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    return size.ws_row && lines >= size.ws_row;
}

/* The words of PAGER and the file as arguments; false where there is no such program. */
static bool find_words(const struct world *env, const char *file, const char **ret_argv,
                       struct pp_arena *arena) {
    struct pp_str rest = world_variable(env, "PAGER"), path;
    if (!rest.len) rest = PP_STR("less -FRX -Ps\\:"); /* no name: there is no file */
    size_t n = 0;
    for (struct pp_str word; n < MAX_WORDS && text_next_word(&rest, &word);)
        ret_argv[n++] = pp_arena_copy(arena, word).data;
    if (!n || !process_find(pp_str_from(ret_argv[0]), PP_STR(""), &path, arena)) return false;
    ret_argv[0] = path.data;
    ret_argv[n++] = file;
    ret_argv[n] = NULL;
    return true;
}

static bool show_file(int fd, const struct world *env) {
    struct pp_arena arena = {0};
    const char *argv[MAX_WORDS + 2];
    char file[64];
    int pid;
    snprintf(file, sizeof file, "/proc/%ld/fd/%d", (long)getpid(), fd);
    bool ok = find_words(env, file, argv, &arena) && process_start(argv, &pid, NULL) &&
              process_wait(argv, pid, NULL);
    pp_arena_done(&arena);
    return ok;
}

bool pager_show(struct pp_str text, const struct world *env) {
    if (!is_long(text, env)) return false;
    int fd = memfd_create("help", MFD_CLOEXEC);
    if (fd < 0) return false;
    bool ok = write(fd, text.data, text.len) == (ssize_t)text.len && show_file(fd, env);
    close(fd);
    return ok;
}
