#include "profile/decode/decode.h"

#include "profile/decode/foreign.h"
#include "profile/wire.h"

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

static bool unrecognized(const struct foreign_kind *kind, const struct pp_error *first,
                         struct pp_error *err) {
    if (kind)
        return pp_fail(err, PP_E_UNRECOGNIZED, "unrecognized profile format: %s; %s", kind->name,
                       kind->advice);
    if (first->code == PP_E_NONE)
        return pp_fail(err, PP_E_UNRECOGNIZED, "unrecognized profile format");
    return pp_fail(err, PP_E_UNRECOGNIZED, "unrecognized profile format (%s)", first->text);
}

enum { N_DECODERS = sizeof decoder_table / sizeof *decoder_table };

static const struct profile_decoder *decoder_at(const struct input *in, size_t i) {
    return i < in->n_decoders ? in->decoders[i] : decoder_table[i - in->n_decoders];
}

/* Protobuf has no mark: its first fields are looked at, which must be profile.proto's. */
static bool begins_as_proto(struct input *in) {
    static const char types[] = ".222222" /* fields 1 to 6: messages and texts */
                                "0000"    /* 7 to 10: numbers */
                                "20000";  /* 11 to 15: period type, period, comments ... */
    enum { HEAD = 4096, FIELDS = 4 };
    input_need(in, HEAD);
    const uint8_t *start = (const uint8_t *)in->data;
    struct wire w = {start, start + in->avail};
    struct wire_field f;
    int n = 0;
    for (; n < FIELDS && w.at < w.end; n++) {
        if (!wire_field_head(&w, &f)) return false;
        bool is_packed = f.number == 13 && f.type == WIRE_BYTES;
        if (f.number == 0 || f.number >= sizeof types - 1) return false;
        if (types[f.number] != '0' + (char)f.type && !is_packed) return false;
        if (f.type != WIRE_BYTES) continue;
        if (f.value > (uint64_t)(w.end - w.at)) return n > 0 && w.end - start >= HEAD;
        w.at += f.value;
    }
    return n > 0;
}

const char *profile_kind(struct input *in) {
    if (begins_as_proto(in)) return proto_decoder.name;
    for (size_t i = 0; i < N_DECODERS; i++)
        if (decoder_table[i] != &proto_decoder && decoder_table[i]->probe(in))
            return decoder_table[i]->name;
    return NULL;
}

bool profile_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                    struct pp_error *err) {
    struct pp_error broken; /* what the source itself says outweighs what a decoder thinks of it */
    struct pp_error first = {.code = PP_E_NONE};
    bool vague = true; /* a format without a mark gives way to any other */
    if (!input_need(in, 1)) {
        if (!input_finish(in, err)) return false;
        return pp_fail(err, PP_E_FORMAT, "the file is empty");
    }
    if (input_need(in, 3) && !memcmp(in->data, "\xef\xbb\xbf", 3)) input_skip(in, 3);
    const struct foreign_kind *kind = foreign_find(in); /* now: the head may be given back */
    char begin[FOREIGN_SAID];
    bool is_text = foreign_is_text(in, begin);
    for (size_t i = 0; i < in->n_decoders + N_DECODERS; i++) {
        const struct profile_decoder *decoder = in->decoder = decoder_at(in, i);
        if (!decoder->probe(in)) continue;
        struct pp_error why = {.code = PP_E_NONE};
        struct pp_profile profile;
        bool ok = decoder->decode(in, &profile, arena, &why);
        bool mine = why.code != PP_E_UNRECOGNIZED &&
                    !(kind && decoder->is_vague && why.code == PP_E_FORMAT);
        if ((ok || mine) && !input_finish(in, &broken)) return pp_pass(err, &broken);
        if (ok) {
            if (!check_limits(&profile, &in->limits, err)) return false;
            *ret_profile = profile;
            return true;
        }
        if (mine) return pp_pass(err, &why);
        if (vague) first = why;
        vague &= decoder->is_vague;
        if (input_release(in, 0)) break;
    }
    if (!input_finish(in, &broken)) return pp_pass(err, &broken);
    if (vague && is_text)
        pp_fail(&first, PP_E_UNRECOGNIZED, "text of no kind that is known: \"%s\"", begin);
    return unrecognized(kind, &first, err);
}
