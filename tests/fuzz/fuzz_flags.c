/* Lines as a command line: flags, settings, filters, resolved against a small profile. */
#include "world.h"

#include "driver/ask.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { MOST = 16 };
    char *text = malloc(size + 1), *argv[MOST + 2] = {(char *)(uintptr_t) "cpprof"};
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = 0;
    size_t n = 1;
    for (char *at = strtok(text, "\n"); at && n <= MOST; at = strtok(NULL, "\n"))
        argv[n++] = at;
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct command_line cl;
    struct fetched f = {0};
    if (flags_parse(argv, quiet_world(), &cl, &arena, &err) && cl.report) {
        small_profile(&f.profile, PP_STR("bytes"), PP_STR("a"), 4096, &arena);
        struct asked a;
        ask(&cl, &f, &a, &arena, &err);
        asked_done(&a);
    }
    pp_arena_done(&arena);
    free(text);
    return 0;
}
