/* The decoders: one row each in decoders.def, tried in order. */
#ifndef PROFILE_DECODE_H
#define PROFILE_DECODE_H

#include "base/arena.h"
#include "base/input.h"
#include "cpprof/diag.h"
#include "cpprof/error.h"
#include "profile/profile.h"

struct profile_decoder {
    const char *name; /* for messages: "pprof protobuf" */
    /* Whether the beginning looks like this format; reads as little as it needs. */
    bool (*probe)(struct input *in);
    /* Decodes all of it into `arena`. PP_E_UNRECOGNIZED means "not mine after all": the next
     * decoder is asked. Any other failure is final. */
    bool (*decode)(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                   struct pp_error *err);
    bool is_vague;     /* it has no mark: a file that is broken for it may be of another kind */
    bool is_amid_text; /* other text may stand before, between and behind what it reads */
};

#define DECODER(id) extern const struct profile_decoder id##_decoder;
#include "profile/decode/decoders.def"
#undef DECODER
extern const struct profile_decoder memprof_decoder; /* only behind names */

/* What a file may be by its beginning alone: a decoder's name, or NULL. For choosing among files;
 * only profile_decode knows. */
const char *profile_kind(struct input *in);

/* Decodes a source of any known format. The profile lives in `arena` and no longer needs the input.
 */
bool profile_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                    struct pp_error *err);

#endif
