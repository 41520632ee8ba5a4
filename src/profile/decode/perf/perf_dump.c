/* See perf_dump.h. */
#include "profile/decode/perf/perf_dump.h"

#include "base/hash.h"
#include "base/index.h"
#include "base/search.h"
#include "profile/decode/perf/perf_bytes.h"
#include "profile/profile.h"

#include <stdlib.h>

enum {
    MAGIC = 0x4A695444, /* "JiTD" */
    OTHER_ORDER = 0x4454694A,
    HEADER = 40,
    PREFIX = 16,
    ENTRY = 17, /* the shortest line: address, line, column and an empty file */
    ELF_HEADER = 0x40
};

enum record { CODE_LOAD, CODE_MOVE, CODE_DEBUG_INFO };

enum { FLAG_CYCLES = 1 };

struct reader {
    struct perf_dump d;
    struct hash_index by_index; /* of codes: the first of each number */
    uint32_t lines;             /* that belong to the code that follows them; PP_NONE */
    uint64_t nearest;           /* the least distance of a first line from its function's start */
};

/* ---- records ---- */

static void add_code(struct reader *r, const struct perf_code *code) {
    struct perf_dump *d = &r->d;
    if (code->size == 0 || code->size > UINT64_MAX - code->start || d->n == PP_NONE - 1) return;
    if (d->n == 0 || code->start < d->low) d->low = code->start;
    if (code->start + code->size > d->high) d->high = code->start + code->size;
    PP_PUSH(d->arena, d->codes, d->n, d->cap, *code);
    d->codes[d->n - 1].order = d->n - 1;
}

static const struct perf_code *find_code(const struct reader *r, uint64_t index) {
    struct index_probe i = index_probe(&r->by_index, hash_word(hash_seed(), index));
    while (index_next(&r->by_index, &i))
        if (r->d.codes[i.position].index == index) return &r->d.codes[i.position];
    return NULL;
}

static void take_load(struct reader *r, struct perf_bytes b, uint64_t time) {
    perf_u64(&b); /* process and thread */
    perf_u64(&b); /* the address that the code was made for */
    struct perf_code code = {.time = time, .start = perf_u64(&b)};
    code.size = perf_u64(&b);
    code.index = perf_u64(&b);
    code.name = perf_until_nul(perf_take(&b, perf_left(&b)));
    code.lines = PP_NONE;
    if (b.broken) return;
    if (r->lines != PP_NONE && r->d.lines[r->lines].start == code.start) code.lines = r->lines;
    r->lines = PP_NONE;
    uint32_t n = r->d.n;
    add_code(r, &code);
    if (r->d.n > n && !find_code(r, code.index))
        index_add(&r->by_index, hash_word(hash_seed(), code.index), n);
}

static void take_move(struct reader *r, struct perf_bytes b, uint64_t time) {
    perf_u64(&b);
    perf_u64(&b);
    perf_u64(&b); /* where it was */
    uint64_t start = perf_u64(&b), size = perf_u64(&b), index = perf_u64(&b);
    const struct perf_code *known = b.broken ? NULL : find_code(r, index);
    if (!known) return;
    struct perf_code moved = *known;
    moved.time = time;
    moved.start = start;
    moved.size = size;
    add_code(r, &moved);
}

static void take_lines(struct reader *r, struct perf_bytes b, uint64_t time) {
    (void)time;
    struct perf_code_lines lines = {.start = perf_u64(&b)};
    lines.n_packed = perf_u64(&b);
    lines.packed = perf_take(&b, perf_left(&b));
    struct perf_bytes ahead = perf_bytes_of(lines.packed, b.swap);
    uint64_t first = perf_u64(&ahead);
    if (lines.n_packed == 0 || lines.packed.len < ENTRY || r->d.n_lines == PP_NONE - 1) return;
    if (first - lines.start < r->nearest) r->nearest = first - lines.start;
    r->lines = r->d.n_lines;
    PP_PUSH(r->d.arena, r->d.lines, r->d.n_lines, r->d.cap_lines, lines);
}

static void read_records(struct reader *r, struct perf_bytes b) {
    static void (*const take[])(struct reader *, struct perf_bytes, uint64_t) = {
        [CODE_LOAD] = take_load, [CODE_MOVE] = take_move, [CODE_DEBUG_INFO] = take_lines};
    while (perf_left(&b) >= PREFIX) {
        uint32_t kind = perf_u32(&b), size = perf_u32(&b);
        uint64_t time = perf_u64(&b);
        if (size < PREFIX) return;
        struct pp_str body = perf_take(&b, size - PREFIX);
        if (b.broken) return;
        if (kind < sizeof take / sizeof *take) take[kind](r, perf_bytes_of(body, b.swap), time);
    }
}

bool perf_dump_read(struct perf_dump *ret_dump, struct pp_str bytes, struct pp_arena *arena,
                    struct pp_error *err) {
    struct reader r = {.d = {.arena = arena}, .lines = PP_NONE, .nearest = UINT64_MAX};
    struct perf_bytes b = perf_bytes_of(bytes, false);
    uint32_t magic = perf_u32(&b);
    r.d.swap = b.swap = magic == OTHER_ORDER;
    perf_u32(&b); /* version */
    uint32_t size = perf_u32(&b);
    perf_u32(&b); /* machine */
    perf_u64(&b); /* nothing, and the process */
    perf_u64(&b); /* when it began */
    r.d.has_cycles = perf_u64(&b) & FLAG_CYCLES;
    if (b.broken || (magic != MAGIC && magic != OTHER_ORDER) || size < HEADER)
        return pp_fail(err, PP_E_FORMAT, "is no jitdump");
    perf_take(&b, size - HEADER);
    read_records(&r, b);
    index_done(&r.by_index);
    /* perf makes an ELF file of each function, and V8 counts in what stands before the code there.
     */
    if (r.nearest != UINT64_MAX && r.nearest >= ELF_HEADER) r.d.bias = ELF_HEADER;
    *ret_dump = r.d;
    return true;
}

/* ---- order ---- */

static int by_time(const void *a, const void *b) {
    const struct perf_code *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

void perf_dump_sort(struct perf_dump *d) {
    if (d->n) qsort(d->codes, d->n, sizeof *d->codes, by_time);
}

/* ---- lines ---- */

static int by_address(const void *a, const void *b) {
    const struct perf_code_line *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* "\xff" stands for the file of the line before. */
static struct pp_str take_file(struct perf_bytes *b, struct pp_str before) {
    struct pp_str file = perf_until_nul((struct pp_str){b->at, perf_left(b)});
    perf_take(b, file.len + 1);
    return pp_str_eq(file, PP_STR("\xff")) ? before : file;
}

static bool read_line(struct perf_bytes *b, const struct perf_dump *d, uint64_t start,
                      struct perf_code_line *line) {
    line->at = perf_u64(b) - start - d->bias;
    line->line = perf_u32(b);
    perf_u32(b); /* the column, or which of several on the line */
    line->file = take_file(b, line->file);
    return !b->broken && line->line <= INT32_MAX;
}

/* Node 20 writes the names of files after it gave them back: what it has for a name may be longer
 * or shorter than it says, and what follows is no line. */
static bool read_lines(const struct perf_dump *d, struct perf_code_lines *l, uint64_t size) {
    struct perf_bytes b = perf_bytes_of(l->packed, d->swap);
    struct perf_code_line line = {0};
    size_t n = 0, cap = 0;
    for (uint64_t i = 0; i < l->n_packed && n < UINT32_MAX; i++) {
        line.order = (uint32_t)n;
        if (!read_line(&b, d, l->start, &line) || line.at > size) return false;
        PP_PUSH(d->arena, l->at, n, cap, line);
    }
    l->n = n;
    if (n) qsort(l->at, n, sizeof *l->at, by_address);
    return true;
}

const struct perf_code_lines *perf_dump_lines(struct perf_dump *d, const struct perf_code *code) {
    static const struct perf_code_lines none = {0};
    if (code->lines == PP_NONE) return &none;
    struct perf_code_lines *l = &d->lines[code->lines];
    if (!l->is_read && !read_lines(d, l, code->size)) l->n = 0;
    l->is_read = true;
    return l;
}

const struct perf_code_line *perf_code_line_at(const struct perf_code_lines *lines, uint64_t at) {
    size_t n = SEARCH_UP_TO(lines->at, lines->n, at, at);
    return n ? &lines->at[n - 1] : NULL;
}
