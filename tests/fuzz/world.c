#include "world.h"

#include "base/input.h"
#include "driver/resolve.h"
#include "profile/decode.h"
#include "profile/encode.h"
#include "report/baseline.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static const char *no_environment(const char *name) {
    (void)name;
    return NULL;
}

static int null_fd(void) {
    static int fd = -1;
    if (fd < 0) fd = open("/dev/null", O_RDWR);
    return fd;
}

const struct driver_env *quiet_world(void) {
    static struct driver_env env;
    env = (struct driver_env){.in = null_fd(), .out = null_fd(), .getenv = no_environment};
    return &env;
}

bool decode_any(const uint8_t *data, size_t size, struct pp_profile *ret_profile,
                struct pp_arena *arena) {
    struct pp_error err = {0};
    struct pp_limits limits = {.max_bytes = 64 << 20};
    struct input in;
    if (!input_open_memory(&in, (struct pp_str){(const char *)data, size}, &limits, &err))
        return false;
    bool ok = profile_decode(&in, ret_profile, arena, &err);
    input_close(&in);
    return ok;
}

static void run_report(const struct pp_profile *p, const struct report_format *format,
                       const struct encoder *encoder, const char *level) {
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct command_line cl = {.report = format, .encoder = encoder};
    settings_init(&cl.settings, &arena);
    cl.settings.granularity = level;
    cl.settings.nosource = true;
    if (format->param && !(format->traits & REPORT_FREE_PARAM)) cl.param = ".";
    struct resolved r;
    if (resolve(&cl, p, quiet_world(), &r, &arena, &err)) {
        struct out out;
        const struct pp_profile *both[] = {r.rc.full, r.rc.full};
        const struct pp_str names[] = {PP_STR("old"), PP_STR("new")};
        const struct report_runs runs = {both, names, {1, 1}};
        struct pp_profile base;
        if (format->traits & REPORT_RUNS) {
            r.rc.runs = &runs;
            baseline_make(&runs, &r.rc.graph, &base, &arena, &err);
        }
        out_open_fd(&out, null_fd());
        report_write(&r.rc, encoder, &out, &err);
        out_close(&out, &err);
    }
    resolved_done(&r);
    pp_arena_done(&arena);
}

void run_all_reports(const struct pp_profile *p) {
    for (size_t i = 0; report_table[i]; i++) {
        const struct report_format *format = report_table[i];
        if (format->traits & REPORT_OUTSIDE) continue; /* starts programs */
        run_report(p, format, NULL, "");
        if (!format->rows) continue;
        for (size_t j = 0; encoder_table[j]; j++)
            run_report(p, format, encoder_table[j], "lines");
    }
}

static struct pp_str written(const struct pp_profile *p, struct out *o) {
    out_open_memory(o);
    profile_write_plain(p, o);
    return out_text(o);
}

static void read_back(struct pp_str bytes, struct pp_profile *ret_p, struct pp_arena *arena) {
    struct pp_error err = {0};
    struct input in;
    if (!input_open_memory(&in, bytes, NULL, &err) ||
        !proto_decoder.decode(&in, ret_p, arena, &err)) {
        fprintf(stderr, "what was written can't be read: %s\n", err.text);
        abort();
    }
    input_close(&in);
}

void check_round_trip(const struct pp_profile *p) {
    struct out outs[3];
    struct pp_str texts[3];
    struct pp_arena arena = {0};
    struct pp_profile again[2];
    texts[0] = written(p, &outs[0]);
    for (int i = 0; i < 2; i++) {
        read_back(texts[i], &again[i], &arena);
        texts[i + 1] = written(&again[i], &outs[i + 1]);
    }
    /* The first writing may lose what the format can't tell from nothing: an empty label. */
    if (!pp_str_eq(texts[1], texts[2]) || again[0].n_samples != p->n_samples) {
        fprintf(stderr, "a second writing differs\n");
        abort();
    }
    for (int i = 0; i < 3; i++)
        out_close(&outs[i], NULL);
    pp_arena_done(&arena);
}
