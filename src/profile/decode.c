#include "profile/decode.h"

static const struct profile_decoder *const decoder_table[] = {
#define DECODER(id) &id##_decoder,
#include "profile/decoders.def"
#undef DECODER
};

bool profile_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                    struct pp_error *err) {
    struct pp_error broken; /* what the source itself says outweighs what a decoder thinks of it */
    struct pp_error first = {.code = PP_E_NONE};
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
        if (!input_finish(in, &broken)) return pp_fail(err, broken.code, "%s", broken.text);
        if (ok) {
            *ret_profile = profile;
            return true;
        }
        if (why.code != PP_E_UNRECOGNIZED) return pp_fail(err, why.code, "%s", why.text);
        if (first.code == PP_E_NONE) first = why;
        if (input_release(in, 0)) break;
    }
    if (!input_finish(in, &broken)) return pp_fail(err, broken.code, "%s", broken.text);
    if (first.code == PP_E_NONE)
        return pp_fail(err, PP_E_UNRECOGNIZED, "unrecognized profile format");
    return pp_fail(err, PP_E_UNRECOGNIZED, "unrecognized profile format (%s)", first.text);
}
