/* Heap dumps of jemalloc ("heap_v2"), with threads:
 *
 *     heap_v2/524288
 *       t*: 28106: 56637512 [0: 0]
 *       t3: 352: 16777344 [0: 0] name
 *     @ 0x5f86da8 0x5f5a1dc
 *       t*: 13: 6688 [0: 0]
 *       t3: 12: 6496 [0: 0]
 *
 *     MAPPED_LIBRARIES:
 *     ...
 *
 * What a stack holds is its row "t*", unsampled as jeprof does it, so totals are jeprof's. The rows
 * of threads say how that is divided: each becomes a sample labelled with its thread, and their sum
 * is the row "t*" exactly. (A dump rounds each row by itself, so the rows need not add up.)
 *
 * The innermost frames are the allocator's own. By name they are dropped where there are names; but
 * most installed libraries are stripped, so those in a mapping of libjemalloc are left out here.
 *
 * Source: jemalloc 5, src/prof_data.c and bin/jeprof. */
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/legacy/legacy.h"

#include <math.h>

enum { COLUMNS = 4 }; /* objects and bytes in use, objects and bytes allocated */

struct row {
    uint64_t thread;
    int64_t raw[COLUMNS];
};

struct thread_name {
    uint64_t thread;
    struct pp_str name;
};

struct jemalloc {
    struct legacy l;
    struct lines lines;
    int64_t rate;
    bool has_alloc;
    double carry[COLUMNS];    /* what has been cut off so far */
    bool in_stack, has_total; /* a stack is open; its row "t*" was there */
    struct row total;
    struct row *rows; /* of threads, of the open stack */
    size_t n_rows, cap_rows;
    struct thread_name *names;
    uint32_t n_names;
    size_t cap_names;
    struct hash_index by_thread;
    uint32_t thread_key, name_key, bytes_key;
};

static bool read_header(struct lines *lines, int64_t *ret_rate) {
    size_t at = 0;
    if (!lines_next(lines)) return false;
    struct pp_str line = text_trim(lines->line);
    return text_skip(line, &at, PP_STR("heap_v2/")) &&
           text_i64(text_digits(line, &at), 10, ret_rate) && at == line.len;
}

/* ---- rows ---- */

/* "t<thread or *>: <objects>: <bytes> [<objects>: <bytes>]"; ret_name is what follows. */
static bool split_row(struct pp_str s, bool *ret_total, struct row *ret_row,
                      struct pp_str *ret_name) {
    static const char after[COLUMNS] = {':', '[', ':', ']'};
    size_t at = 0;
    if (!text_skip(s, &at, PP_STR("t"))) return false;
    *ret_total = text_skip(s, &at, PP_STR("*"));
    if (!*ret_total && !text_u64(text_digits(s, &at), 10, &ret_row->thread)) return false;
    if (!text_skip(s, &at, PP_STR(":"))) return false;
    for (int i = 0; i < COLUMNS; i++) {
        text_skip_all(s, &at, ' ');
        if (!text_i64(text_digits(s, &at), 10, &ret_row->raw[i])) return false;
        text_skip_all(s, &at, ' ');
        if (at >= s.len || s.data[at] != after[i]) return false;
        at++;
    }
    *ret_name = text_trim(pp_str_slice(s, at, s.len));
    return true;
}

static struct pp_str name_of(const struct jemalloc *j, uint64_t thread) {
    uint64_t hash = hash_word(hash_seed(), thread);
    for (struct index_probe i = index_probe(&j->by_thread, hash); index_next(&j->by_thread, &i);)
        if (j->names[i.position].thread == thread) return j->names[i.position].name;
    return (struct pp_str){0};
}

static void add_name(struct jemalloc *j, uint64_t thread, struct pp_str name) {
    struct thread_name t = {thread, name};
    if (name.len == 0 || name_of(j, thread).len || j->n_names == PP_NONE - 1) return;
    index_add(&j->by_thread, hash_word(hash_seed(), thread), j->n_names);
    PP_PUSH(&j->l.scratch, j->names, j->n_names, j->cap_names, t);
}

static bool read_row(struct jemalloc *j, struct pp_str line, struct pp_error *err) {
    struct row row = {0};
    struct pp_str name;
    bool total;
    if (!split_row(line, &total, &row, &name))
        return pp_fail(err, PP_E_FORMAT, "jemalloc heap profile: malformed row at byte %zu",
                       j->lines.start);
    if (!j->in_stack) { /* a summary of the whole dump */
        if (total)
            j->has_alloc = row.raw[2] || row.raw[3];
        else
            add_name(j, row.thread, name);
    } else if (total) {
        j->total = row;
        j->has_total = true;
    } else {
        PP_PUSH(&j->l.scratch, j->rows, j->n_rows, j->cap_rows, row);
    }
    return true;
}

/* ---- stacks ---- */

/* A count and its size, scaled by the chance that an allocation is seen at all. */
static void unsample_pair(int64_t rate, double pair[2]) {
    if (rate <= 0 || pair[0] <= 0 || pair[1] <= 0) return;
    double scale = 1 / (1 - exp(-(pair[1] / pair[0]) / (double)rate));
    pair[0] *= scale;
    pair[1] *= scale;
}

/* Fractions are carried from stack to stack: the totals are those of the exact sums. */
static void unsample_row(struct jemalloc *j, const struct row *row, int64_t ret_v[COLUMNS]) {
    double v[COLUMNS];
    for (int c = 0; c < COLUMNS; c++)
        v[c] = (double)row->raw[c];
    unsample_pair(j->rate, v);
    unsample_pair(j->rate, v + 2);
    for (int c = 0; c < COLUMNS; c++) {
        double whole = floor(v[c] += j->carry[c]);
        j->carry[c] = v[c] - whole;
        ret_v[c] = whole < 0x1p63 ? (int64_t)whole : INT64_MAX;
    }
}

/* Adds a sample of the open stack, unless it holds nothing. */
static void add_sample(struct jemalloc *j, const int64_t v[COLUMNS], const struct row *thread,
                       bool *ret_started) {
    if (!(v[0] | v[1] | v[2] | v[3])) return;
    struct pp_label labels[3];
    uint32_t n_text = 0, n = 0;
    struct pp_str name = thread ? name_of(j, thread->thread) : (struct pp_str){0};
    if (name.len)
        labels[n_text++] = (struct pp_label){j->name_key, builder_string(&j->l.b, name), 0};
    n = n_text;
    const int64_t *raw = j->has_total || !thread ? j->total.raw : thread->raw;
    int64_t bytes = raw[0] ? raw[1] / raw[0] : raw[2] ? raw[3] / raw[2] : 0;
    labels[n++] = (struct pp_label){j->bytes_key, PP_NONE, bytes};
    if (thread) labels[n++] = (struct pp_label){j->thread_key, PP_NONE, (int64_t)thread->thread};
    uint32_t set = builder_label_set(&j->l.b, labels, n_text, n - n_text);
    const int64_t values[] = {v[2], v[3], v[0], v[1]};
    const int64_t *shown = j->has_alloc ? values : v;
    if (*ret_started)
        legacy_repeat_sample(&j->l, shown, set);
    else
        legacy_sample(&j->l, shown, set);
    *ret_started = true;
}

/* Divides `total` by the weights of the threads, column by column. */
static void add_shares(struct jemalloc *j, const int64_t total[COLUMNS], bool *ret_started) {
    double sum[COLUMNS] = {0}, seen[COLUMNS] = {0};
    int64_t given[COLUMNS] = {0};
    for (size_t i = 0; i < j->n_rows; i++)
        for (int c = 0; c < COLUMNS; c++)
            sum[c] += (double)j->rows[i].raw[c];
    for (size_t i = 0; i < j->n_rows; i++) {
        int64_t share[COLUMNS];
        for (int c = 0; c < COLUMNS; c++) {
            seen[c] += (double)j->rows[i].raw[c];
            int64_t upto = sum[c] == 0         ? 0
                           : seen[c] == sum[c] ? total[c]
                                               : (int64_t)((double)total[c] * (seen[c] / sum[c]));
            if (upto > total[c]) upto = total[c];
            share[c] = upto - given[c];
            given[c] = upto;
        }
        add_sample(j, share, &j->rows[i], ret_started);
    }
    int64_t rest[COLUMNS];
    for (int c = 0; c < COLUMNS; c++)
        rest[c] = total[c] - given[c];
    add_sample(j, rest, NULL, ret_started);
}

static void end_stack(struct jemalloc *j) {
    bool started = false;
    int64_t v[COLUMNS];
    if (j->in_stack && j->has_total) {
        unsample_row(j, &j->total, v);
        add_shares(j, v, &started);
    } else if (j->in_stack) {
        for (size_t i = 0; i < j->n_rows; i++) {
            unsample_row(j, &j->rows[i], v);
            add_sample(j, v, &j->rows[i], &started);
        }
    }
    j->l.n_frames = j->l.n_ended;
    j->n_rows = 0;
    j->has_total = false;
}

static bool begin_stack(struct jemalloc *j, struct pp_str line, struct pp_error *err) {
    if (j->in_stack)
        end_stack(j);
    else
        legacy_heap_types(&j->l, j->rate, j->has_alloc);
    j->in_stack = true;
    if (legacy_frames(&j->l, line, -1)) return true;
    return pp_fail(err, PP_E_FORMAT,
                   "jemalloc heap profile: an address at byte %zu has over 64 bits",
                   j->lines.start);
}

/* ---- the allocator's frames ---- */

static bool is_allocator(struct pp_str file) {
    return pp_str_has_prefix(path_base(file), PP_STR("libjemalloc"));
}

/* A stack keeps one frame at least. */
static void drop_allocator_frames(struct legacy *l) {
    const struct legacy_mapping *m = l->maps.at, *end = m + l->maps.n;
    while (m < end && !is_allocator(m->file))
        m++;
    if (m == end) return;
    for (uint32_t i = 0; i < l->n_samples; i++)
        for (struct legacy_sample *s = &l->samples[i]; s->len > 1; s->first++, s->len--) {
            uint64_t address = l->addresses[l->frames[s->first]];
            if (address < m->start || address >= m->limit) break;
        }
}

/* ---- the file ---- */

static bool read_dump(struct jemalloc *j, struct pp_error *err) {
    if (!read_header(&j->lines, &j->rate))
        return pp_fail(err, PP_E_UNRECOGNIZED, "no jemalloc heap profile");
    j->thread_key = builder_string(&j->l.b, PP_STR("thread"));
    j->name_key = builder_string(&j->l.b, PP_STR("thread_name"));
    j->bytes_key = builder_string(&j->l.b, PP_STR("bytes"));
    while (lines_next(&j->lines)) {
        struct pp_str line = text_trim(j->lines.line);
        if (legacy_is_map_start(line)) break;
        if (legacy_is_skipped(line)) continue;
        if (line.data[0] == '@' ? !begin_stack(j, line, err) : !read_row(j, line, err))
            return false;
    }
    if (j->in_stack)
        end_stack(j);
    else
        legacy_heap_types(&j->l, j->rate, j->has_alloc);
    j->l.more_drop = "je_.*";
    if (!legacy_sections(&j->l, &j->lines, err)) return false;
    drop_allocator_frames(&j->l);
    return true;
}

static bool jemalloc_probe(struct input *in) {
    enum { HEAD = 64 };
    struct lines lines = {.in = in, .max = HEAD};
    int64_t rate;
    return read_header(&lines, &rate);
}

static bool jemalloc_decode(struct input *in, struct pp_profile *ret_profile,
                            struct pp_arena *arena, struct pp_error *err) {
    struct jemalloc j = {.lines = {.in = in}};
    legacy_init(&j.l, arena);
    bool ok = read_dump(&j, err);
    if (ok)
        ok = legacy_finish(&j.l, ret_profile, err);
    else
        legacy_done(&j.l);
    index_done(&j.by_thread);
    return ok;
}

const struct profile_decoder jemalloc_decoder = {
    .name = "jemalloc heap profile", .probe = jemalloc_probe, .decode = jemalloc_decode};
