#include "world.h"

#include "base/input.h"
#include "driver/ask.h"
#include "profile/builder.h"
#include "profile/decode/decode.h"
#include "profile/encode.h"
#include "profile/otlp_encode.h"
#include "report/baseline.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *no_environment(const char *name) {
    (void)name;
    return NULL;
}

static int null_fd(void) {
    static int fd = -1;
    if (fd < 0) fd = open("/dev/null", O_RDWR);
    return fd;
}

const struct world *quiet_world(void) {
    static struct world env;
    env = (struct world){.in = null_fd(), .out = null_fd(), .getenv = no_environment};
    return &env;
}

static bool open_bytes(struct input *ret_in, const uint8_t *data, size_t size) {
    struct pp_error err = {0};
    struct pp_limits limits = {.max_bytes = 64 << 20};
    return input_open_memory(ret_in, (struct pp_str){(const char *)data, size}, &limits, &err);
}

bool decode_any(const uint8_t *data, size_t size, struct pp_profile *ret_profile,
                struct pp_arena *arena) {
    struct pp_error err = {0};
    struct input in;
    if (!open_bytes(&in, data, size)) return false;
    bool ok = profile_decode(&in, ret_profile, arena, &err);
    input_close(&in);
    return ok;
}

bool decode_with(const struct profile_decoder *decoder, const uint8_t *data, size_t size,
                 struct pp_profile *ret_profile, struct pp_arena *arena) {
    struct pp_error err = {0};
    struct input in;
    if (!open_bytes(&in, data, size)) return false;
    bool ok = input_need(&in, 1) && decoder->probe(&in) &&
              decoder->decode(&in, ret_profile, arena, &err) && input_finish(&in, &err);
    input_close(&in);
    return ok;
}

void small_profile(struct pp_profile *ret_profile, struct pp_str key, struct pp_str text,
                   int64_t num, struct pp_arena *arena) {
    struct profile_builder b;
    builder_init(&b, arena);
    builder_add_type(&b, builder_string(&b, PP_STR("cpu")), builder_string(&b, PP_STR("ns")));
    struct pp_mapping m = {
        .id = 1, .start = 0x1000, .limit = 0x5000, .file = builder_string(&b, PP_STR("/bin/a"))};
    struct pp_function f = {.name = builder_string(&b, PP_STR("main.main"))};
    struct pp_line line = {.function = builder_add_function(&b, &f), .line = 7};
    struct pp_location l = {.mapping = builder_add_mapping(&b, &m), .address = 0x1000};
    uint32_t frame = builder_add_location(&b, &l, &line, 1);
    uint32_t name = builder_string(&b, key);
    struct pp_label labels[2] = {{.key = name, .text = builder_string(&b, text)},
                                 {.key = name, .text = PP_NONE, .num = num}};
    uint32_t set = builder_label_set(&b, labels, 1, 1), none = builder_label_set(&b, labels, 0, 0);
    int64_t value = 100;
    builder_add_sample(&b, builder_stack(&b, &frame, 1), set, &value, 1);
    builder_add_sample(&b, builder_stack(&b, &frame, 1), none, &value, 1);
    if (!builder_finish(&b, ret_profile, NULL)) abort();
}

struct pp_str next_part(struct pp_str *rest) {
    const char *end = rest->len ? memchr(rest->data, 0, rest->len) : NULL;
    size_t n = end ? (size_t)(end - rest->data) : rest->len;
    struct pp_str part = pp_str_slice(*rest, 0, n);
    *rest = pp_str_slice(*rest, end ? n + 1 : n, rest->len);
    return part;
}

void touch(struct pp_str s) {
    volatile char sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum = (char)(sum ^ s.data[i]);
    (void)sum;
}

uint32_t random_below(uint32_t *state, uint32_t n) {
    *state = *state * 1664525 + 1013904223;
    return n ? (*state >> 8) % n : 0;
}

static void run_report(const struct pp_profile *p, const struct report_format *format,
                       const struct encoder *encoder, const char *level) {
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct command_line cl = {.env = quiet_world(), .report = format, .encoder = encoder};
    settings_init(&cl.settings, &arena);
    cl.settings.granularity = level;
    cl.settings.nosource = true;
    if (format->param && !(format->traits & REPORT_FREE_PARAM)) cl.param = ".";
    struct asked a;
    const struct fetched f = {.profile = *p};
    if (ask(&cl, &f, &a, &arena, &err)) {
        struct out out;
        const struct pp_profile *both[] = {a.query.rc.full, a.query.rc.full};
        const struct pp_str names[] = {PP_STR("old"), PP_STR("new")};
        const struct report_runs runs = {.profiles = both, .names = names, .n = {1, 1}};
        struct pp_profile base;
        if (format->traits & REPORT_RUNS) {
            a.query.rc.runs = &runs;
            baseline_make(&runs, &a.query.rc.graph, &base, &arena, &err);
        }
        out_open_fd(&out, null_fd());
        report_write(&a.query.rc, encoder, &out, NULL, &err);
        out_close(&out, &err);
    }
    asked_done(&a);
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

/* What is written as OTLP is read again, with as many samples. */
static void check_otlp(const struct pp_profile *p, struct pp_arena *arena) {
    static const struct profile_decoder *const decoders[] = {&otlp_decoder, &otlp_json_decoder};
    for (int i = 0; i < 2; i++) {
        struct pp_profile again;
        struct out out;
        out_open_memory(&out);
        (i ? profile_write_otlp_json : profile_write_otlp)(p, &out);
        struct pp_str text = out_text(&out);
        if (!decode_with(decoders[i], (const uint8_t *)text.data, text.len, &again, arena) ||
            again.n_samples != p->n_samples) {
            fprintf(stderr, "what was written as OTLP can't be read\n");
            abort();
        }
        out_close(&out, NULL);
    }
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
    if (p->n_types && p->n_types <= 256) check_otlp(p, &arena);
    pp_arena_done(&arena);
}
