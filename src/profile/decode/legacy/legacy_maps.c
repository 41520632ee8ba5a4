#include "profile/decode/legacy/legacy_maps.h"

#include "base/text.h"
#include "profile/decode/legacy/legacy.h"
#include "profile/profile.h"

/* What build variables may cost at most: a line of 64 kB could grow without end by them. */
enum { MAX_COMPARISONS = 1 << 26, MAX_REPLACED = 64 << 20 };

struct variable {
    struct pp_str name, value; /* the name with its "$" */
};

struct map_reader {
    struct legacy_maps *maps;
    struct variable *variables; /* the first of equal names counts */
    size_t n_variables, cap_variables, n_comparisons, n_replaced;
};

/* ---- one line ---- */

/* The places of an entry's parts in its line. */
struct entry {
    struct pp_str start, limit, perm, offset, file, build_id;
};

static bool blanks(struct pp_str s, size_t *at) {
    size_t from = *at;
    while (*at < s.len && text_is_blank(s.data[*at]))
        ++*at;
    return *at > from;
}

static struct pp_str hex_digits(struct pp_str s, size_t *at) {
    size_t from = *at;
    while (*at < s.len && text_is_hex(s.data[*at]))
        ++*at;
    return pp_str_slice(s, from, *at);
}

/* Hexadecimal digits, after "0x" where digits follow that. */
static struct pp_str address(struct pp_str s, size_t *at) {
    if (*at + 2 < s.len && s.data[*at] == '0' && s.data[*at + 1] == 'x' &&
        text_is_hex(s.data[*at + 2]))
        *at += 2;
    return hex_digits(s, at);
}

/* Two addresses with an optional '-' or blank and more blanks between. Without anything between,
 * the second address is the last digit (`split`). */
static bool address_range(struct pp_str s, size_t *at, bool split, struct entry *ret_e) {
    size_t i = 0;
    blanks(s, &i);
    struct pp_str first = address(s, &i);
    if (split) {
        if (first.len < 2) return false;
        first.len--;
        i--;
    } else {
        if (i < s.len && (s.data[i] == '-' || text_is_blank(s.data[i]))) i++;
        blanks(s, &i);
    }
    struct pp_str second = address(s, &i);
    if (first.len == 0 || second.len == 0) return false;
    if (i < s.len && s.data[i] == ':') i++;
    ret_e->start = first;
    ret_e->limit = second;
    *at = i;
    return true;
}

/* An optional group: blanks, then characters of a kind. */
static struct pp_str word_of(struct pp_str s, size_t *at, bool (*is)(char)) {
    size_t i = *at;
    if (!blanks(s, &i)) return (struct pp_str){0};
    size_t from = i;
    while (i < s.len && is(s.data[i]))
        i++;
    if (i == from) return (struct pp_str){0};
    *at = i;
    return pp_str_slice(s, from, i);
}

static bool is_perm(char c) {
    return c == '-' || c == 'r' || c == 'w' || c == 'x' || c == 'p';
}

static bool is_solid(char c) {
    return !text_is_blank(c);
}

/* To the end of the line: a path may have blanks. */
static struct pp_str kernel_path(struct pp_str s) {
    struct pp_str deleted = PP_STR(" (deleted)");
    s = text_trim(s);
    if (pp_str_has_suffix(s, deleted)) s = text_trim(pp_str_slice(s, 0, s.len - deleted.len));
    return s;
}

/* After the range: permissions, offset, device, inode and path, as the kernel writes them. */
static bool kernel_rest(struct pp_str s, size_t at, struct entry *e) {
    e->perm = word_of(s, &at, is_perm);
    size_t i = at;
    struct pp_str offset = word_of(s, &i, text_is_hex);
    e->offset = (struct pp_str){0};
    if (offset.len && !(i < s.len && s.data[i] == ':')) {
        e->offset = offset;
        at = i;
    }
    if (word_of(s, &at, text_is_hex).len == 0 || at >= s.len || s.data[at] != ':') return false;
    at++;
    if (hex_digits(s, &at).len == 0 || word_of(s, &at, text_is_digit).len == 0) return false;
    e->file = kernel_path(pp_str_slice(s, at, s.len));
    e->build_id = (struct pp_str){0};
    return true;
}

/* A path from the root may have blanks: it ends before "(@offset)", else before a last word that
 * may be a build id, else with the line. */
static struct pp_str brief_path(struct pp_str s, size_t *at) {
    struct pp_str offset = PP_STR(" (@");
    size_t from = *at, word = s.len;
    struct pp_str file = word_of(s, at, is_solid);
    if (!file.len || file.data[0] != '/') return file;
    size_t to = text_find(s, offset, from);
    if (to == SIZE_MAX) {
        while (word > *at && text_is_hex(s.data[word - 1]))
            word--;
        to = word > *at && text_is_blank(s.data[word - 1]) ? word : s.len;
    }
    *at = to > *at ? to : *at;
    while (text_is_blank(s.data[*at - 1]))
        --*at;
    return kernel_path(pp_str_slice(s, (size_t)(file.data - s.data), *at));
}

/* After the range: any of permissions, path, "(@offset)" and build id. */
static void brief_rest(struct pp_str s, size_t at, struct entry *e) {
    e->perm = word_of(s, &at, is_perm);
    e->file = brief_path(s, &at);
    e->offset = (struct pp_str){0};
    size_t i = at;
    if (blanks(s, &i) && text_skip(s, &i, PP_STR("(@"))) {
        struct pp_str offset = hex_digits(s, &i);
        if (offset.len && text_skip(s, &i, PP_STR(")"))) {
            e->offset = offset;
            at = i;
        }
    }
    e->build_id = word_of(s, &at, text_is_hex);
}

static bool split_entry(struct pp_str s, struct entry *ret_e) {
    size_t at;
    for (int split = 0; split < 2; split++)
        if (address_range(s, &at, split, ret_e) && kernel_rest(s, at, ret_e)) return true;
    for (int split = 0; split < 2; split++)
        if (address_range(s, &at, split, ret_e)) {
            brief_rest(s, at, ret_e);
            return true;
        }
    return false;
}

/* Whether the range ends where a word does: what is hexadecimal by chance seldom does. */
static bool fits(const struct entry *e, struct pp_str line) {
    const char *end = e->limit.data + e->limit.len;
    return end == line.data + line.len || *end == ':' || text_is_blank(*end);
}

/* False when the line is no entry. An entry that can't be executed is one, but is not kept. */
static bool read_entry(struct map_reader *r, struct pp_str line, bool *ret_fits) {
    struct entry e;
    struct legacy_maps *maps = r->maps;
    if (!split_entry(line, &e)) return false;
    *ret_fits = fits(&e, line);
    if (e.perm.len && !memchr(e.perm.data, 'x', e.perm.len)) return true;
    struct legacy_mapping m = {.file = e.file, .build_id = e.build_id};
    if (!text_u64(e.start, 16, &m.start) || !text_u64(e.limit, 16, &m.limit) ||
        (e.offset.len && !text_u64(e.offset, 16, &m.offset)))
        return false;
    PP_PUSH(maps->arena, maps->at, maps->n, maps->cap, m);
    return true;
}

/* ---- lines ---- */

/* Without "...file:line] ", the prefix of a log. */
static struct pp_str without_log_prefix(struct pp_str s) {
    size_t bracket = 0;
    while (bracket < s.len && s.data[bracket] != '[' && s.data[bracket] != ']')
        bracket++;
    if (bracket + 1 >= s.len || s.data[bracket] != ']' || !text_is_blank(s.data[bracket + 1]))
        return s;
    size_t i = bracket;
    while (i > 0 && text_is_digit(s.data[i - 1]))
        i--;
    if (i == bracket || i < 2 || s.data[i - 1] != ':') return s;
    return pp_str_slice(s, bracket + 2, s.len);
}

static const struct variable *variable_at(struct map_reader *r, struct pp_str rest) {
    for (size_t i = 0; i < r->n_variables; i++) {
        r->n_comparisons++;
        if (pp_str_has_prefix(rest, r->variables[i].name)) return &r->variables[i];
    }
    return NULL;
}

/* Replaces variables; the result lives in the maps' arena. */
static bool replace(struct map_reader *r, struct pp_str s, struct pp_str *ret_s,
                    struct pp_error *err) {
    *ret_s = s;
    if (r->n_variables == 0 || !s.len || !memchr(s.data, '$', s.len)) return true;
    struct pp_arena scratch = {0};
    char *text = NULL;
    size_t n = 0, cap = 0;
    bool ok = true;
    for (size_t i = 0; i < s.len && ok;) {
        const struct variable *v =
            s.data[i] == '$' ? variable_at(r, pp_str_slice(s, i, s.len)) : NULL;
        struct pp_str piece = v ? v->value : pp_str_slice(s, i, i + 1);
        PP_RESERVE(&scratch, text, n, cap, piece.len);
        if (piece.len) memcpy(text + n, piece.data, piece.len);
        n += piece.len;
        i += v ? v->name.len : 1;
        if (n + r->n_replaced > MAX_REPLACED || r->n_comparisons > MAX_COMPARISONS)
            ok = pp_fail(err, PP_E_LIMIT, "the memory map's variables are too many or too long");
    }
    r->n_replaced += n;
    if (ok) *ret_s = pp_arena_copy(r->maps->arena, (struct pp_str){text, n});
    pp_arena_done(&scratch);
    return ok;
}

static bool is_word(struct pp_str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!text_is_letter(s.data[i]) && !text_is_digit(s.data[i]) && !strchr("_-.", s.data[i]))
            return false;
    return s.len > 0;
}

/* "name=value"; other names than words are taken too, as pprof takes them. */
static void read_variable(struct map_reader *r, struct pp_str line, bool *ret_fits) {
    const char *equals = line.len ? memchr(line.data, '=', line.len) : NULL;
    if (!equals) return;
    size_t at = (size_t)(equals - line.data);
    struct pp_str name = text_trim(pp_str_slice(line, 0, at));
    *ret_fits = is_word(name);
    char *bytes = PP_NEW(r->maps->arena, char, name.len + 1);
    bytes[0] = '$';
    if (name.len) memcpy(bytes + 1, name.data, name.len);
    struct variable v = {{bytes, name.len + 1}, text_trim(pp_str_slice(line, at + 1, line.len))};
    PP_PUSH(r->maps->arena, r->variables, r->n_variables, r->cap_variables, v);
}

bool legacy_maps_read(struct legacy_maps *maps, struct lines *lines, struct pp_error *err) {
    struct map_reader r = {.maps = maps};
    while (lines_next(lines)) {
        struct pp_str line;
        bool fits = false;
        if (!legacy_no_other(lines, err)) return false;
        if (!replace(&r, without_log_prefix(lines->line), &line, err)) return false;
        if (!read_entry(&r, line, &fits)) read_variable(&r, line, &fits);
        if (!fits && !legacy_is_skipped(line)) lines_leave(lines);
    }
    if (lines->too_long)
        return pp_fail(err, PP_E_FORMAT, "memory map: the line at byte %zu is longer than 64 kB",
                       lines->at);
    return true;
}

/* ---- massage ---- */

static bool may_equal(struct pp_str a, struct pp_str b) {
    return a.len == 0 || b.len == 0 || pp_str_eq(a, b);
}

static bool is_continued(const struct legacy_mapping *m, const struct legacy_mapping *next) {
    return may_equal(m->file, next->file) && may_equal(m->build_id, next->build_id) &&
           m->limit == next->start &&
           (!m->offset || !next->offset || m->offset + (m->limit - m->start) == next->offset);
}

/* "libx.so", "libx.so.6", "libx.so_1". */
static bool is_library(struct pp_str file) {
    struct pp_str so = PP_STR(".so");
    for (size_t i = 0; (i = text_find(file, so, i)) != SIZE_MAX; i++) {
        size_t after = i + so.len;
        if (after == file.len) return true;
        if ((file.data[after] == '.' || file.data[after] == '_') && after + 1 < file.len &&
            text_is_digit(file.data[after + 1]))
            return true;
    }
    return false;
}

/* Without any "(deleted)". */
static struct pp_str present_name(struct pp_str file, struct pp_arena *arena) {
    struct pp_str deleted = PP_STR("(deleted)");
    if (!text_contains(file, deleted)) return text_trim(file);
    char *text = PP_NEW(arena, char, file.len);
    size_t n = 0;
    for (size_t at = 0; at < file.len;) {
        if (text_skip(file, &at, deleted)) continue;
        text[n++] = file.data[at++];
    }
    return text_trim((struct pp_str){text, n});
}

static bool is_main(struct pp_str file, struct pp_arena *arena) {
    struct pp_str name = present_name(file, arena);
    return name.len && !is_library(name) && name.data[0] != '[';
}

void legacy_maps_massage(struct legacy_maps *maps) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < maps->n; i++) {
        struct legacy_mapping *last = n ? &maps->at[n - 1] : NULL, *m = &maps->at[i];
        if (!last || !is_continued(last, m)) {
            maps->at[n++] = *m;
            continue;
        }
        last->limit = m->limit;
        if (m->file.len) last->file = m->file;
        if (m->build_id.len) last->build_id = m->build_id;
    }
    maps->n = n;
    for (uint32_t i = 0; i < n; i++)
        if (is_main(maps->at[i].file, maps->arena)) {
            struct legacy_mapping main = maps->at[i];
            maps->at[i] = maps->at[0];
            maps->at[0] = main;
            break;
        }
}
