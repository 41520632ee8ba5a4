#include "profile/decode/decode.h"

#include "base/text.h"

#include <inttypes.h>

static const struct profile_decoder *const decoder_table[] = {
#define DECODER(id) &id##_decoder,
#include "profile/decode/decoders.def"
#undef DECODER
};

/* What was decoded is never larger than a small multiple of its bytes, so these come after. */
static bool check_limits(const struct pp_profile *p, const struct pp_limits *l,
                         struct pp_error *err) {
    if (p->n_samples > l->max_samples)
        return pp_fail_limit(err, "max_samples", "samples", p->n_samples, l->max_samples);
    for (uint32_t i = 0; i < p->n_stacks; i++)
        if (p->stacks[i].len > l->max_depth)
            return pp_fail_limit(err, "max_depth", "frames in a stack", p->stacks[i].len,
                                 l->max_depth);
    for (uint32_t i = 0; i < p->n_strings; i++)
        if (p->strings[i].len > l->max_string)
            return pp_fail_limit(err, "max_string", "bytes in a name", p->strings[i].len,
                                 l->max_string);
    for (uint32_t i = 0; i < p->n_label_sets; i++) {
        uint64_t n = (uint64_t)p->label_sets[i].n_text + p->label_sets[i].n_num;
        if (n > l->max_labels)
            return pp_fail_limit(err, "max_labels", "labels of a sample", n, l->max_labels);
    }
    return true;
}

/* What a file that no decoder knows is known for, or NULL. */
static const char *hint(const struct input *in) {
    struct pp_str s = {in->data, in->avail};
    size_t at = 0;
    if (text_skip(s, &at, PP_STR("--- symbol\n")))
        return "\"--- symbol\": the old pprof script wrote it with --raw; read what the script was "
               "given";
    if (text_skip(s, &at, PP_STR("goroutine ")) && text_digits(s, &at).len &&
        text_skip(s, &at, PP_STR(" [")))
        return "stacks of goroutines, as Go's debug=2 writes them; debug=1 writes a profile";
    return at == 0 && text_skip(s, &at, PP_STR("<")) ? "a web page, or XML" : NULL;
}

bool profile_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                    struct pp_error *err) {
    struct pp_error broken; /* what the source itself says outweighs what a decoder thinks of it */
    struct pp_error first = {.code = PP_E_NONE};
    bool vague = true; /* protobuf, which has no mark, gives way to any other */
    if (!input_need(in, 1)) {
        if (!input_finish(in, err)) return false;
        return pp_fail(err, PP_E_FORMAT, "the file is empty");
    }
    for (size_t i = 0; i < sizeof decoder_table / sizeof *decoder_table; i++) {
        const struct profile_decoder *decoder = decoder_table[i];
        if (!decoder->probe(in)) continue;
        struct pp_error why = {.code = PP_E_NONE};
        struct pp_profile profile;
        bool ok = decoder->decode(in, &profile, arena, &why);
        if (!input_finish(in, &broken)) return pp_pass(err, &broken);
        if (ok) {
            if (!check_limits(&profile, &in->limits, err)) return false;
            *ret_profile = profile;
            return true;
        }
        if (why.code != PP_E_UNRECOGNIZED) return pp_pass(err, &why);
        if (vague) first = why;
        vague &= decoder == &proto_decoder;
        if (input_release(in, 0)) break;
    }
    if (!input_finish(in, &broken)) return pp_pass(err, &broken);
    const char *known = hint(in);
    if (!known && first.code == PP_E_NONE)
        return pp_fail(err, PP_E_UNRECOGNIZED, "unrecognized profile format");
    return pp_fail(err, PP_E_UNRECOGNIZED, "unrecognized profile format (%s)",
                   known ? known : first.text);
}
