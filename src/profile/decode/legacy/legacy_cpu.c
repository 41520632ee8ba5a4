/* gperftools CPU profiles: words of 32 or 64 bits in either byte order. A header (0, 3, 0 for
 * native code or 1 for Java, period in microseconds, 0), then samples (count, depth, addresses), up
 * to the sample (0, 1, 0); a memory map follows, or Java's names of locations.
 *
 * Source: docs/cpuprofile-fileformat of gperftools. */
#include "profile/decode/decode.h"
#include "profile/decode/legacy/legacy.h"
#include "profile/decode/legacy/legacy_java.h"

struct words {
    const uint8_t *at, *end;
    bool ended; /* a word was missing; all that follow are 0 */
    bool wide, big_endian;
    bool closed; /* the sample that ends the others was there */
};

static uint64_t next_word(struct words *w) {
    size_t size = w->wide ? 8 : 4;
    if ((size_t)(w->end - w->at) < size) w->ended = true;
    if (w->ended) {
        w->at = w->end;
        return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++)
        v |= (uint64_t)w->at[i] << 8 * (w->big_endian ? size - 1 - i : i);
    w->at += size;
    return v;
}

enum { HEADER_WORDS = 5 };

struct header {
    struct words words; /* as far as read */
    uint64_t period;
    bool java;
};

static bool read_header(struct input *in, bool has_period, struct header *ret_h) {
    input_need(in, HEADER_WORDS * 8);
    for (unsigned form = 0; form < 4; form++) {
        const uint8_t *data = (const uint8_t *)in->data;
        struct words w = {data, data + in->avail, false, form >= 2, form & 1, false};
        uint64_t v[HEADER_WORDS];
        for (size_t i = 0; i < HEADER_WORDS; i++)
            v[i] = next_word(&w);
        if (!w.ended && v[0] == 0 && v[1] == 3 && v[2] <= 1 && (v[3] > 0) == has_period &&
            v[4] == 0) {
            *ret_h = (struct header){w, v[3], v[2] == 1};
            return true;
        }
    }
    return false;
}

static bool read_samples(struct legacy *l, struct words *w, bool adjust, struct pp_error *err) {
    uint64_t period = (uint64_t)l->b.p.period;
    while (w->at < w->end) {
        uint64_t count = next_word(w), depth = next_word(w);
        if (w->ended || depth > (uint64_t)(w->end - w->at) / 4)
            return pp_fail(err, PP_E_UNRECOGNIZED, "a CPU profile that is cut off or broken");
        uint64_t leaf = depth ? next_word(w) : 0;
        w->closed = count == 0 && depth == 1 && leaf == 0;
        if (w->closed) break;
        for (uint64_t i = 0; i < depth; i++) {
            uint64_t address = i ? next_word(w) : leaf;
            legacy_frame(l, adjust && i ? address - 1 : address);
        }
        int64_t values[] = {(int64_t)count, (int64_t)(count * period)};
        legacy_sample(l, values, 0);
    }
    return true;
}

/* The location that is the second frame of nearly all samples, or PP_NONE. One that has a majority
 * outlives the first loop's votes; the second loop counts whether it has one. */
static uint32_t common_second(const struct legacy *l) {
    uint32_t candidate = PP_NONE, votes = 0, count = 0;
    for (uint32_t i = 0; i < l->n_samples; i++) {
        const struct legacy_sample *s = &l->samples[i];
        if (s->len < 2) continue;
        uint32_t second = l->frames[s->first + 1];
        if (votes == 0) candidate = second;
        if (second == candidate)
            votes++;
        else
            votes--;
    }
    for (uint32_t i = 0; i < l->n_samples; i++) {
        const struct legacy_sample *s = &l->samples[i];
        count += s->len > 1 && l->frames[s->first + 1] == candidate;
    }
    uint32_t margin = l->n_samples / 32;
    return count && count >= l->n_samples - margin ? candidate : PP_NONE;
}

/* A second frame that nearly all samples share was pushed by the signal handler; there may be two.
 */
static void drop_handler_frames(struct legacy *l) {
    for (int round = 0; round < 2; round++) {
        uint32_t handler = common_second(l);
        if (handler == PP_NONE) return;
        for (uint32_t i = 0; i < l->n_samples; i++) {
            struct legacy_sample *s = &l->samples[i];
            uint32_t *frames = l->frames + s->first;
            if (s->len < 2 || frames[1] != handler) continue;
            frames[1] = frames[0];
            s->first++;
            s->len--;
        }
    }
}

static bool cpu_probe(struct input *in) {
    struct header h;
    return read_header(in, true, &h);
}

static bool read_cpu(struct legacy *l, struct input *in, struct pp_error *err) {
    struct header h;
    input_all(in);
    if (!read_header(in, true, &h)) return pp_fail(err, PP_E_UNRECOGNIZED, "no CPU profile");
    legacy_type(l, PP_STR("samples"), PP_STR("count"));
    legacy_type(l, PP_STR("cpu"), PP_STR("nanoseconds"));
    legacy_period(l, PP_STR("cpu"), PP_STR("nanoseconds"), (int64_t)(h.period * 1000));
    if (!read_samples(l, &h.words, !h.java, err)) return false;
    if (!h.words.closed)
        pp_fail(&in->doubt, PP_E_FORMAT,
                "the CPU profile has no end mark: the program was killed, or the file is cut off; "
                "samples and the memory map may be missing");
    size_t at = (size_t)((const char *)h.words.at - in->data);
    if (h.java) return legacy_java_locations(l, &(struct lines){.in = in, .at = at}, err);
    drop_handler_frames(l);
    l->drop_double_leaf = true;
    return legacy_maps_read(&l->maps, &(struct lines){.in = in, .at = at, .max = LINES_MAX}, err);
}

static bool cpu_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                       struct pp_error *err) {
    struct legacy l;
    legacy_init(&l, arena);
    if (read_cpu(&l, in, err)) return legacy_finish(&l, ret_profile, err);
    legacy_done(&l);
    return false;
}

const struct profile_decoder legacy_cpu_decoder = {
    .name = "gperftools CPU profile", .probe = cpu_probe, .decode = cpu_decode};

/* ---- PHP's memprof: the same with bytes for counts, without a period and a map; its end mark
 * may be missing ---- */

static bool memprof_probe(struct input *in) {
    struct header h;
    return read_header(in, false, &h) && !h.java;
}

static bool memprof_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                           struct pp_error *err) {
    struct legacy l;
    struct header h;
    input_all(in);
    if (!read_header(in, false, &h)) return pp_fail(err, PP_E_UNRECOGNIZED, "no memprof profile");
    legacy_init(&l, arena);
    legacy_type(&l, PP_STR("space"), PP_STR("bytes"));
    bool ok = read_samples(&l, &h.words, false, err);
    if (ok && h.words.at < h.words.end)
        input_leave(in, (size_t)((const char *)h.words.at - in->data), SIZE_MAX);
    if (ok) return legacy_finish(&l, ret_profile, err);
    legacy_done(&l);
    return false;
}

const struct profile_decoder memprof_decoder = {
    .name = "memprof profile", .probe = memprof_probe, .decode = memprof_decode};
