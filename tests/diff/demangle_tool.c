/* Demangles the names on standard input, a line each. usage: demangle_tool default|templates|full
 */
#include "symbol/demangle.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    enum demangle_mode mode = DEMANGLE_DEFAULT;
    if (argc > 1 && !strcmp(argv[1], "templates")) mode = DEMANGLE_TEMPLATES;
    if (argc > 1 && !strcmp(argv[1], "full")) mode = DEMANGLE_FULL;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        struct pp_arena a = {0};
        struct pp_str name = {line, (size_t)n - (line[n - 1] == '\n')};
        demangle_name(name, mode, &a, &name);
        fwrite(name.data, 1, name.len, stdout);
        putchar('\n');
        pp_arena_done(&a);
    }
    free(line);
    return 0;
}
