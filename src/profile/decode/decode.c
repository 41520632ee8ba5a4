#include "profile/decode/decode.h"

#include "base/inflate.h"
#include "base/text.h"
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

/* ---- what a decoder stepped over ---- */

/* A message whose first field is its first sample type, or its period's, whose own first field is
 * its name. Before that Go may have the time. */
static bool is_proto(struct pp_str s) {
    enum { SAMPLE_TYPE = '\n', PERIOD_TYPE = 'Z', TIME = 'H' };
    struct input in = {.data = s.data, .avail = s.len, .done = true};
    struct wire w = {(const uint8_t *)s.data, (const uint8_t *)s.data + s.len};
    struct wire_field time;
    if (s.len && s.data[0] == TIME && wire_field(&w, &time))
        s = pp_str_slice(s, (size_t)(w.at - (const uint8_t *)s.data), s.len);
    return s.len > 3 && (s.data[0] == SAMPLE_TYPE || s.data[0] == PERIOD_TYPE) && s.data[1] >= 2 &&
           s.data[1] <= 8 && s.data[2] == 8 && begins_as_proto(&in);
}

/* Folded stacks have no mark either: a line of a log may end in a number. */
static bool is_folded(struct pp_str s) {
    struct pp_str line;
    text_next_line(&s, &line);
    return line.len && memchr(line.data, ';', line.len);
}

/* Whether a profile begins with these bytes. One that begins with a newline, as protobuf does, may
 * seem to begin behind it. */
static bool begins_profile(struct pp_str s, const char *before, const struct profile_decoder *but) {
    struct input in = {.data = s.data, .avail = s.len, .done = true};
    if (inflate_kind_of(s) || is_proto(s)) return true;
    if (before && *before == '\n' && is_proto((struct pp_str){before, s.len + 1})) return true;
    for (size_t i = 0; i < N_DECODERS; i++) {
        const struct profile_decoder *d = decoder_table[i];
        if (d == but || d->is_vague || !d->probe(&in)) continue;
        return d != &folded_decoder || is_folded(s);
    }
    return false;
}

enum { HEAD = 1 << 20 }; /* is enough to know a profile by */

static struct pp_str head_of(const struct input *in, size_t at) {
    size_t left = in->avail - at;
    return (struct pp_str){in->data + at, left < HEAD ? left : HEAD};
}

/* Whether a profile begins with the gap, or with what is left of it behind blanks and zeros, which
 * are nothing. */
static bool find_profile(const struct input *in, struct input_gap *g,
                         const struct profile_decoder *but) {
    const char *start = in->data;
    if (g->to > in->avail) g->to = in->avail;
    if (g->from >= g->to) return false;
    if (begins_profile(head_of(in, g->from), g->from ? start + g->from - 1 : NULL, but))
        return true;
    size_t whole = g->from;
    while (g->from < g->to && (start[g->from] == 0 || text_is_blank(start[g->from])))
        g->from++;
    return whole < g->from && g->from < g->to &&
           begins_profile(head_of(in, g->from), start + g->from - 1, but);
}

static bool is_text(struct pp_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c < ' ' && c != 0x1b && !text_is_blank((char)c)) return false;
    }
    return true;
}

static bool fail_another(size_t at, struct pp_error *err) {
    return pp_fail(err, PP_E_FORMAT,
                   "another profile begins at byte %zu; give them as separate files", at);
}

/* A decoder that reads from the beginning to the end leaves nothing; one that finds its lines amid
 * other text leaves that. Neither leaves another profile without a word. */
static bool check_gap(struct input *in, struct input_gap g, struct pp_error *err) {
    const struct profile_decoder *d = in->decoder;
    bool in_front = g.from == 0;
    const struct profile_decoder *but = in_front || d->is_amid_text ? d : NULL;
    bool found = find_profile(in, &g, but);
    if (g.from >= g.to) return true;
    const struct pp_str rest = head_of(in, g.from);
    size_t at = input_offset(in, in_front && found ? g.to : g.from);
    if (found && !d->is_amid_text) return fail_another(at, err);
    if (in->doubt.code != PP_E_NONE) return true;
    if (found)
        pp_fail(&in->doubt, PP_E_FORMAT,
                "another profile seems to begin at byte %zu and is left out; give it as a file of "
                "its own",
                at);
    else if (!d->is_amid_text || !is_text(pp_str_slice(rest, 0, g.to - g.from)))
        pp_fail(&in->doubt, PP_E_FORMAT,
                "%s: what stands at byte %zu is no part of it and is left out", d->name, at);
    return true;
}

/* What a decoder can't read, from some byte on, may be another profile. */
static bool fails_at_another(struct input *in, struct pp_error *err) {
    for (size_t i = 0; i < in->n_gaps; i++) {
        struct input_gap g = in->gaps[i];
        if (g.to != SIZE_MAX || g.from == 0) continue;
        input_need(in, g.from + HEAD);
        if (find_profile(in, &g, NULL)) return !fail_another(input_offset(in, g.from), err);
    }
    return false;
}

static bool check_gaps(struct input *in, struct pp_error *err) {
    for (size_t i = 0; i < in->n_gaps; i++)
        if (!check_gap(in, in->gaps[i], err)) return false;
    return true;
}

/* What the head is besides: asked for when a decoder fails, or at once where the head may be given
 * back by then. */
struct look {
    struct pp_str head;
    bool taken;
    const struct foreign_kind *kind;
    bool is_text;
    char begin[FOREIGN_SAID];
};

static void take_look(struct look *l) {
    if (l->taken) return;
    l->taken = true;
    l->kind = foreign_find(l->head);
    l->is_text = foreign_is_text(l->head, l->begin);
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
    struct look look = {.head = foreign_head(in)};
    if (!input_stays(in)) take_look(&look);
    for (size_t i = 0; i < in->n_decoders + N_DECODERS; i++) {
        const struct profile_decoder *decoder = in->decoder = decoder_at(in, i);
        if (!decoder->probe(in)) continue;
        struct pp_error why = {.code = PP_E_NONE};
        struct pp_profile profile;
        in->n_gaps = 0;
        bool ok = decoder->decode(in, &profile, arena, &why);
        if (!ok) take_look(&look);
        bool mine = why.code != PP_E_UNRECOGNIZED &&
                    !(look.kind && decoder->is_vague && why.code == PP_E_FORMAT);
        if (!ok && (mine || !look.kind) && fails_at_another(in, err)) return false;
        if ((ok || mine) && !input_finish(in, &broken)) return pp_pass(err, &broken);
        if (ok) {
            if (!check_limits(&profile, &in->limits, err) || !check_gaps(in, err)) return false;
            *ret_profile = profile;
            return true;
        }
        if (mine) return pp_pass(err, &why);
        if (vague) first = why;
        vague &= decoder->is_vague;
        if (input_release(in, 0)) break;
    }
    if (!input_finish(in, &broken)) return pp_pass(err, &broken);
    take_look(&look);
    if (vague && look.is_text)
        pp_fail(&first, PP_E_UNRECOGNIZED, "text of no kind that is known: \"%s\"", look.begin);
    return unrecognized(look.kind, &first, err);
}
