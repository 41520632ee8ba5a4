/* loop N ARGUMENTS...: runs the whole program N times in one process and fails if it holds more
 * files or more memory after the last run than after the first tenth. */
#include "base/arena.h"
#include "driver/run.h"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MAX_GROWTH = 1 << 30 }; /* these keep what is freed; leaks are reported by themselves */
#else
enum { MAX_GROWTH = 512 << 10 /* bytes */ };
#endif

static size_t open_files(void) {
    size_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        n++;
    if (dir) closedir(dir);
    return n;
}

static size_t memory(void) {
    size_t size = 0, resident = 0;
    malloc_trim(0);
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%zu %zu", &size, &resident) != 2) abort();
    fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static const char *environment(const char *name) {
    return getenv(name);
}

static void say(void *user, const char *line) {
    if (*(bool *)user) fprintf(stderr, "%s\n", line);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    long n = strtol(argv[1], NULL, 10);
    bool first = true;
    const struct world env = {
        .in = STDIN_FILENO,
        .out = open("/dev/null", O_WRONLY | O_CLOEXEC),
        .diag = {.say = say, .user = &first},
        .getenv = environment,
    };
    size_t files = 0, bytes = 0;
    for (long i = 0; i < n; i++) {
        if (driver_run(argv + 1, &env) != 0) return 1;
        first = false;
        if (i != n / 10) continue;
        files = open_files();
        bytes = memory();
    }
    size_t files_after = open_files(), bytes_after = memory();
    fprintf(stderr, "files %zu -> %zu, memory %zu -> %zu kB\n", files, files_after, bytes >> 10,
            bytes_after >> 10);
    return files_after != files || bytes_after > bytes + MAX_GROWTH;
}
