#include "profile/decode/json_profile.h"

void json_profile_open(struct json_profile *p, struct input *in, struct pp_arena *arena,
                       uint32_t n_columns) {
    *p = (struct json_profile){.w = {.j = {.text = input_all(in)}}};
    p->w.arena = &p->scratch;
    builder_init(&p->b, arena);
    call_tree_init(&p->tree, &p->b, in, n_columns);
}

bool json_profile_close(struct json_profile *p, bool ok, const char *format,
                        struct pp_profile *ret_profile, struct pp_error *err) {
    if (ok && !json_read_end(&p->w.j))
        ok = pp_fail(&p->why, PP_E_FORMAT,
                     "%s: another profile begins at byte %zu; give them as separate files", format,
                     p->w.j.at);
    if (!ok) ok = p->why.code != PP_E_NONE ? pp_pass(err, &p->why) : walk_fail(&p->w, format, err);
    if (ok)
        ok = builder_finish(&p->b, ret_profile, err);
    else
        builder_done(&p->b);
    call_tree_done(&p->tree);
    pp_arena_done(&p->scratch);
    return ok;
}

void json_profile_time_types(struct json_profile *p, const char *time) {
    struct profile_builder *b = &p->b;
    uint32_t ns = builder_string(b, PP_STR("nanoseconds"));
    builder_add_type(b, builder_string(b, PP_STR("samples")), builder_string(b, PP_STR("count")));
    builder_add_type(b, builder_string(b, pp_str_from(time)), ns);
}

void json_profile_label(struct json_profile *p, struct pp_label *labels, uint32_t *n,
                        const char *key, struct pp_str text) {
    if (!text.len) return;
    labels[(*n)++] = (struct pp_label){.key = builder_string(&p->b, pp_str_from(key)),
                                       .text = builder_string(&p->b, text)};
}
