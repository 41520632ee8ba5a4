/* See perf_map.h. */
#include "symbol/perf_map.h"

#include "base/search.h"
#include "base/text.h"

#include <stdlib.h>

static const uint64_t max_bytes = UINT64_C(1) << 30;

/* Takes a number and the blanks behind it off the front. */
static bool take_hex(struct pp_str *line, uint64_t *ret_value) {
    size_t at = pp_str_has_prefix(*line, PP_STR("0x")) ? 2 : 0, first = at;
    uint64_t value = 0;
    for (; at < line->len && text_is_hex(line->data[at]); at++) {
        if (value >> 60) return false;
        value = value << 4 | text_digit_value(line->data[at]);
    }
    if (at == first || at == line->len || line->data[at] != ' ') return false;
    while (at < line->len && line->data[at] == ' ')
        at++;
    *line = pp_str_slice(*line, at, line->len);
    *ret_value = value;
    return true;
}

static bool read_line(struct pp_str line, struct perf_map_entry *ret_entry) {
    uint64_t start, size;
    if (line.len && line.data[line.len - 1] == '\r') line.len--;
    if (!take_hex(&line, &start) || !take_hex(&line, &size) || line.len == 0) return false;
    if (size == 0 || size > UINT64_MAX - start) return false;
    *ret_entry = (struct perf_map_entry){start, start + size, line, 0};
    return true;
}

static int by_start(const void *a, const void *b) {
    const struct perf_map_entry *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static size_t keep_last_of_each(struct perf_map_entry *at, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || at[i + 1].start != at[i].start) at[kept++] = at[i];
    return kept;
}

static void read_lines(struct perf_map *m, struct pp_arena *arena) {
    struct pp_str rest = {(const char *)m->image.bytes, m->image.size};
    struct pp_str line;
    size_t cap = 0;
    while (m->n < UINT32_MAX && text_next_line(&rest, &line)) {
        struct perf_map_entry e;
        if (!read_line(line, &e)) continue;
        e.order = (uint32_t)m->n;
        PP_PUSH(arena, m->entries, m->n, cap, e);
    }
}

typedef bool open_image(struct image *ret_image, const char *path, struct pp_error *err);

static bool open_by(open_image *open, struct perf_map *ret_map, const char *path,
                    struct pp_arena *arena, struct pp_error *err) {
    struct perf_map m = {0};
    if (!open(&m.image, path, err)) return false;
    if (m.image.size > max_bytes) {
        image_close(&m.image);
        return pp_fail(err, PP_E_LIMIT, "is longer than 1 GB");
    }
    read_lines(&m, arena);
    if (m.n == 0) {
        image_close(&m.image);
        return pp_fail(err, PP_E_FORMAT, "has no line like \"START SIZE NAME\"");
    }
    qsort(m.entries, m.n, sizeof *m.entries, by_start);
    m.n = keep_last_of_each(m.entries, m.n);
    *ret_map = m;
    return true;
}

void perf_map_close(struct perf_map *m) {
    image_close(&m->image);
    *m = (struct perf_map){0};
}

const struct perf_map_entry *perf_map_find(const struct perf_map *m, uint64_t address) {
    size_t n = SEARCH_UP_TO(m->entries, m->n, start, address);
    return n && address < m->entries[n - 1].end ? &m->entries[n - 1] : NULL;
}

bool perf_map_is_for(struct pp_str file) {
    static const struct pp_str names[] = {
        {"[anon", 5},   {"[heap]", 6}, {"[stack", 6},          {"[JIT]", 5},
        {"[jit]", 5},   {"//anon", 6}, {"/anon_hugepage", 14}, {"anon_inode:", 11},
        {"/memfd:", 7}, {"memfd:", 6}, {"/dev/zero", 9},       {"/SYSV", 5}};
    if (file.len == 0 || pp_str_eq(file, PP_STR("jit"))) return true; /* Parca's word for it */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (pp_str_has_prefix(file, names[i])) return true;
    return pp_str_has_prefix(file, PP_STR("/tmp/perf-")) && pp_str_has_suffix(file, PP_STR(".map"));
}

bool perf_map_open(struct perf_map *ret_map, const char *path, struct pp_arena *arena,
                   struct pp_error *err) {
    return open_by(image_open, ret_map, path, arena, err);
}

bool perf_map_open_own(struct perf_map *ret_map, struct pp_str file, struct pp_arena *arena) {
    const struct pp_str head = PP_STR("/tmp/perf-"), tail = PP_STR(".map");
    char path[64];
    if (file.len >= sizeof path || file.len <= head.len + tail.len) return false;
    if (!pp_str_has_prefix(file, head) || !pp_str_has_suffix(file, tail)) return false;
    for (size_t i = head.len; i < file.len - tail.len; i++)
        if (!text_is_digit(file.data[i])) return false;
    memcpy(path, file.data, file.len);
    path[file.len] = 0;
    return open_by(image_open_own, ret_map, path, arena, NULL);
}
