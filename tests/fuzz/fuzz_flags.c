/* Lines as a command line: flags, settings, filters, resolved against a small profile. */
#include "world.h"

#include "driver/resolve.h"
#include "profile/builder.h"

#include <stdlib.h>
#include <string.h>

static void small_profile(struct pp_profile *p, struct pp_arena *arena) {
    struct profile_builder b;
    builder_init(&b, arena);
    builder_add_type(&b, builder_string(&b, PP_STR("cpu")), builder_string(&b, PP_STR("ns")));
    struct pp_function f = {.id = 1, .name = builder_string(&b, PP_STR("main.main"))};
    struct pp_line line = {.function = builder_add_function(&b, &f), .line = 7};
    struct pp_location l = {.id = 1, .mapping = PP_NONE, .address = 0x1000};
    uint32_t frame = builder_add_location(&b, &l, &line, 1);
    uint32_t key = builder_string(&b, PP_STR("bytes"));
    struct pp_label labels[2] = {{.key = key, .text = builder_string(&b, PP_STR("a"))},
                                 {.key = key, .text = PP_NONE, .num = 4096}};
    uint32_t set = builder_label_set(&b, labels, 1, 1);
    int64_t value = 100;
    builder_add_sample(&b, builder_stack(&b, &frame, 1), set, &value, 1);
    if (!builder_finish(&b, p, NULL)) abort();
}

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
    struct pp_profile p;
    if (flags_parse(argv, &cl, &arena, &err) && cl.report) {
        small_profile(&p, &arena);
        struct resolved r;
        resolve(&cl, &p, quiet_world(), &r, &arena, &err);
        resolved_done(&r);
    }
    pp_arena_done(&arena);
    free(text);
    return 0;
}
