/* Heap profiles of gperftools and Go as text, and its growth and fragmentation variants:
 *
 *     heap profile: <objects>: <bytes> [<allocated objects>: <bytes>] @ heap/<rate>
 *     <objects>: <bytes> [<allocated objects>: <bytes>] @ <addresses>
 *
 * "heap_v2/N" and "heapz_v2/N" were sampled every N bytes, "heap/N" every N/2; "heapprofile",
 * "growth" and "fragmentation" hold everything.
 *
 * Source: src/heap-profile-table.cc and src/malloc_extension.cc of gperftools; runtime/pprof of
 * Go. */
#include "base/num.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/legacy/legacy.h"

#include <inttypes.h>

enum count_place { INUSE_OBJECTS, INUSE_BYTES, ALLOC_OBJECTS, ALLOC_BYTES, N_COUNTS };

struct counts {
    struct pp_str text[N_COUNTS];
};

struct heap {
    struct legacy l;
    struct lines lines;
    int64_t rate;
    bool sampled, has_alloc;
    uint32_t n_bare; /* pairs of bytes without objects */
    size_t first_bare;
};

static struct pp_str signed_digits(struct pp_str s, size_t *at, bool negative) {
    size_t from = *at;
    if (negative) text_skip(s, at, PP_STR("-"));
    return text_digits(s, at).len ? pp_str_slice(s, from, *at) : (struct pp_str){0};
}

/* "1: 2 [3: 4]" with any number of blanks after each number or sign. */
static bool counts_at(struct pp_str s, size_t *at, bool negative, struct counts *ret_counts) {
    static const char after[N_COUNTS] = {':', '[', ':', ']'};
    for (int i = 0; i < N_COUNTS; i++) {
        ret_counts->text[i] = signed_digits(s, at, negative && i < ALLOC_OBJECTS);
        if (ret_counts->text[i].len == 0) return false;
        if (after[i] != ':') text_skip_all(s, at, ' ');
        if (*at >= s.len || s.data[*at] != after[i]) return false;
        ++*at;
        if (after[i] != ']') text_skip_all(s, at, ' ');
    }
    return true;
}

/* After "heap profile: ...]": the kind of a heap profile, and its rate. */
static bool heap_kind(struct pp_str s, size_t at, struct pp_str *ret_kind,
                      struct pp_str *ret_rate) {
    text_skip_all(s, &at, ' ');
    if (!text_skip(s, &at, PP_STR("@"))) return false;
    text_skip_all(s, &at, ' ');
    size_t from = at;
    if (!text_skip(s, &at, PP_STR("heap"))) return false;
    while (at < s.len && (text_is_digit(s.data[at]) || s.data[at] == '_' ||
                          (s.data[at] >= 'a' && s.data[at] <= 'z')))
        at++;
    *ret_kind = pp_str_slice(s, from, at);
    text_skip(s, &at, PP_STR("/"));
    *ret_rate = text_digits(s, &at);
    return true;
}

/* The next "heap profile: <counts>" after *at, which moves on; *ret_end is where the counts end. */
static bool next_header(struct pp_str s, size_t *at, struct counts *ret_counts, size_t *ret_end) {
    struct pp_str head = PP_STR("heap profile:");
    while ((*at = text_find(s, head, *at)) != SIZE_MAX) {
        *ret_end = *at += head.len;
        text_skip_all(s, ret_end, ' ');
        if (counts_at(s, ret_end, false, ret_counts)) return true;
    }
    return false;
}

/* Looks for the header of a heap profile proper. */
static bool find_header(struct pp_str s, struct counts *ret_counts, struct pp_str *ret_kind,
                        struct pp_str *ret_rate) {
    for (size_t at = 0, end; next_header(s, &at, ret_counts, &end);)
        if (heap_kind(s, end, ret_kind, ret_rate)) return true;
    return false;
}

/* ... of its variants. */
static bool has_other_header(struct pp_str s) {
    struct counts counts;
    for (size_t at = 0, end; next_header(s, &at, &counts, &end);)
        if (text_skip(s, &end, PP_STR(" @ growth")) ||
            text_skip(s, &end, PP_STR(" @ fragmentation")))
            return true;
    return false;
}

static bool differs(struct pp_str alloc, struct pp_str inuse) {
    return !pp_str_eq(alloc, inuse) && !pp_str_eq(alloc, PP_STR("0"));
}

/* False when it is no heap profile. */
static bool read_header(struct heap *h) {
    struct counts totals;
    struct pp_str kind, rate;
    h->rate = 1;
    if (!lines_next(&h->lines)) return false;
    if (!find_header(h->lines.line, &totals, &kind, &rate)) return has_other_header(h->lines.line);
    const struct pp_str *t = totals.text;
    h->has_alloc =
        differs(t[ALLOC_OBJECTS], t[INUSE_OBJECTS]) || differs(t[ALLOC_BYTES], t[INUSE_BYTES]);
    int64_t given = 0;
    if (rate.len && !text_i64(rate, 10, &given)) return false;
    if (pp_str_eq(kind, PP_STR("heapprofile"))) return true;
    h->sampled = true;
    h->rate = given;
    if (pp_str_eq(kind, PP_STR("heap")))
        h->rate = given / 2;
    else if (!pp_str_eq(kind, PP_STR("heap_v2")) && !pp_str_eq(kind, PP_STR("heapz_v2")))
        return false;
    return true;
}

/* "<counts> @" anywhere in the line; addresses follow at *ret_end. */
static bool find_counts(struct pp_str s, struct counts *ret_counts, size_t *ret_end) {
    for (size_t at = 0; text_seek_digit(s, &at); text_digits(s, &at)) {
        size_t i = at && s.data[at - 1] == '-' ? at - 1 : at;
        if (!counts_at(s, &i, true, ret_counts) || !text_skip(s, &i, PP_STR(" @"))) continue;
        *ret_end = i;
        return true;
    }
    return false;
}

/* Count and size as they are shown; the size of one object goes to *ret_bytes when there is any. */
static bool read_pair(struct heap *h, const struct pp_str text[2], int64_t ret_pair[2],
                      int64_t *ret_bytes) {
    if (!text_i64(text[0], 10, &ret_pair[0]) || !text_i64(text[1], 10, &ret_pair[1])) return false;
    if (ret_pair[0] == 0) { /* there is no size that could scale them */
        h->n_bare += ret_pair[1] != 0;
        return true;
    }
    *ret_bytes = num_div(ret_pair[1], ret_pair[0]);
    if (h->sampled) legacy_unsample(h->rate, &ret_pair[0], &ret_pair[1]);
    return true;
}

static bool read_sample(struct heap *h, struct pp_str line, struct pp_error *err) {
    struct counts c;
    int64_t values[N_COUNTS], bytes = 0;
    if (h->n_bare == 0) h->first_bare = h->lines.start;
    size_t at, n = h->has_alloc ? 2 : 0;
    if (!find_counts(line, &c, &at)) {
        lines_leave_rest(&h->lines);
        return pp_fail(err, PP_E_FORMAT, "heap profile: malformed sample at byte %zu",
                       h->lines.start);
    }
    if ((h->has_alloc && !read_pair(h, &c.text[ALLOC_OBJECTS], values, &bytes)) ||
        !read_pair(h, &c.text[INUSE_OBJECTS], values + n, &bytes) ||
        !legacy_frames_at(&h->l, line, at, -1))
        return pp_fail(err, PP_E_FORMAT,
                       "heap profile: the sample at byte %zu has a number that is too large",
                       h->lines.start);
    legacy_sample(&h->l, values, legacy_bytes_label(&h->l, bytes));
    return true;
}

static bool read_heap(struct heap *h, struct pp_error *err) {
    if (!read_header(h)) return pp_fail(err, PP_E_UNRECOGNIZED, "no heap profile");
    legacy_leave_before(&h->lines, PP_STR("heap profile:"));
    legacy_heap_types(&h->l, h->rate, h->has_alloc);
    while (lines_next(&h->lines)) {
        struct pp_str line = text_trim(h->lines.line);
        if (legacy_note(&h->l, &h->lines) || legacy_is_skipped(line)) continue;
        if (legacy_is_map_start(line)) break;
        if (!legacy_no_other(&h->lines, err)) return false;
        if (!read_sample(h, line, err)) return false;
    }
    if (h->n_bare)
        pp_fail(&h->lines.in->doubt, PP_E_FORMAT,
                "heap profile: bytes without objects, %" PRIu32
                " times, first at byte %zu; they are kept as they are",
                h->n_bare, h->first_bare);
    return legacy_sections(&h->l, &h->lines, err);
}

static bool heap_probe(struct input *in) {
    struct heap h = {.lines = {.in = in, .max = LINES_MAX}};
    return read_header(&h);
}

static bool heap_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                        struct pp_error *err) {
    struct heap h = {.lines = {.in = in, .max = LINES_MAX}};
    legacy_init(&h.l, arena);
    if (read_heap(&h, err)) return legacy_finish(&h.l, ret_profile, err);
    legacy_done(&h.l);
    return false;
}

const struct profile_decoder legacy_heap_decoder = {
    .name = "heap profile", .probe = heap_probe, .decode = heap_decode};
