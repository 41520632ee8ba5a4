#include "load/symbolz.h"

#include "base/hash.h"
#include "base/index.h"
#include "base/out.h"
#include "base/text.h"
#include "net/url.h"
#include "profile/edit.h"

#include <inttypes.h>

/* A profile that gets names. */
struct naming {
    const struct symbolz *z;
    struct profile_edit e;
    struct pp_arena *arena;
    uint32_t *sorted;          /* locations by mapping */
    uint32_t *first;           /* of a mapping, in sorted; its last is before the next one's */
    struct hash_index origins; /* by key: the first of its name */
    struct hash_index silent;  /* in urls: servers that did not tell */
    struct pp_str *urls;
    size_t n_urls, cap_urls;
};

/* What a server said of a mapping: sorted by nothing, found by address; the last word counts. */
struct answers {
    struct hash_index by_address, by_name;
    struct answer {
        uint64_t address;
        uint32_t function;
    } * at;
    size_t n, cap;
    struct pp_arena scratch;
};

/* ---- tables ---- */

static uint64_t key_hash(struct pp_str key) {
    return hash_bytes(hash_seed(), key.data, key.len);
}

static const struct live_origin *find_key(const struct naming *n, struct pp_str key) {
    for (struct index_probe i = index_probe(&n->origins, key_hash(key));
         index_next(&n->origins, &i);)
        if (pp_str_eq(n->z->origins[i.position].key, key)) return &n->z->origins[i.position];
    return NULL;
}

static bool is_silent(const struct naming *n, struct pp_str url) {
    for (struct index_probe i = index_probe(&n->silent, key_hash(url)); index_next(&n->silent, &i);)
        if (pp_str_eq(n->urls[i.position], url)) return true;
    return false;
}

static void set_silent(struct naming *n, struct pp_str url) {
    index_add(&n->silent, key_hash(url), (uint32_t)n->n_urls);
    PP_PUSH(n->arena, n->urls, n->n_urls, n->cap_urls, url);
}

static void index_origins(struct naming *n) {
    for (size_t i = 0; i < n->z->n_origins; i++)
        if (!find_key(n, n->z->origins[i].key))
            index_add(&n->origins, key_hash(n->z->origins[i].key), (uint32_t)i);
}

static void sort_locations(struct naming *n) {
    const struct pp_profile *p = &n->e.p;
    n->first = PP_NEW(n->arena, uint32_t, (size_t)p->n_mappings + 2);
    n->sorted = PP_NEW(n->arena, uint32_t, p->n_locations);
    uint32_t *end = n->first + 1; /* counts at first, then ends that grow into place */
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (p->locations[i].mapping != PP_NONE) end[p->locations[i].mapping + 1]++;
    for (uint32_t m = 0; m < p->n_mappings; m++)
        end[m + 1] += end[m];
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (p->locations[i].mapping != PP_NONE) n->sorted[end[p->locations[i].mapping]++] = i;
}

static uint32_t add_function(struct naming *n, struct answers *a, struct pp_str text) {
    uint32_t name = profile_edit_string(&n->e, text);
    uint64_t hash = hash_word(hash_seed(), name);
    for (struct index_probe i = index_probe(&a->by_name, hash); index_next(&a->by_name, &i);)
        if (n->e.p.functions[i.position].system_name == name) return i.position;
    struct pp_function f = {.name = name, .system_name = name};
    if (n->z->demangle != DEMANGLE_NONE)
        f.name = profile_edit_string(&n->e, demangle_function(text, n->z->demangle, &a->scratch));
    index_add(&a->by_name, hash, n->e.p.n_functions);
    return profile_edit_add_function(&n->e, f);
}

/* ---- answers ---- */

static struct answer *find_answer(const struct answers *a, uint64_t address) {
    uint64_t hash = hash_word(hash_seed(), address);
    for (struct index_probe i = index_probe(&a->by_address, hash); index_next(&a->by_address, &i);)
        if (a->at[i.position].address == address) return &a->at[i.position];
    return NULL;
}

static void set_answer(struct answers *a, uint64_t address, uint32_t function) {
    struct answer *known = find_answer(a, address);
    if (known) {
        known->function = function;
        return;
    }
    index_add(&a->by_address, hash_word(hash_seed(), address), (uint32_t)a->n);
    struct answer answer = {address, function};
    PP_PUSH(&a->scratch, a->at, a->n, a->cap, answer);
}

static void answers_done(struct answers *a) {
    index_done(&a->by_address);
    index_done(&a->by_name);
    pp_arena_done(&a->scratch);
}

/* An address moved by a signed distance; false where it wraps. */
static bool move(uint64_t address, uint64_t distance, uint64_t *ret_moved) {
    *ret_moved = address + distance;
    return (int64_t)distance < 0 ? *ret_moved < address : *ret_moved >= address;
}

enum line_status { LINE_NONE, LINE_SYMBOL, LINE_TOO_LARGE };

/* Finds "0x4004d6 name" in a line, which ends with a newline. */
static enum line_status parse_line(struct pp_str line, uint64_t *ret_address,
                                   struct pp_str *ret_name) {
    for (size_t i = 0; i + 2 < line.len; i++) {
        if (line.data[i] != '0' || line.data[i + 1] != 'x') continue;
        size_t at = i + 2;
        bool too_large = false;
        uint64_t address = 0;
        for (; at < line.len && text_is_hex(line.data[at]); at++) {
            too_large |= address >> 60 != 0;
            address = address << 4 | text_digit_value(line.data[at]);
        }
        size_t name = at;
        while (name < line.len && text_is_blank(line.data[name]))
            name++;
        if (at == i + 2 || name == at) continue;
        *ret_address = address;
        *ret_name = pp_str_slice(line, name, name == line.len ? name : line.len - 1);
        return too_large ? LINE_TOO_LARGE : LINE_SYMBOL;
    }
    return LINE_NONE;
}

/* A last line without a newline is cut short, and ignored. */
static bool read_answers(struct naming *n, struct pp_str text, uint64_t back, struct answers *a,
                         struct pp_error *err) {
    for (const char *end; text.len && (end = memchr(text.data, '\n', text.len));) {
        struct pp_str line = pp_str_slice(text, 0, (size_t)(end - text.data) + 1), name;
        text = pp_str_slice(text, line.len, text.len);
        uint64_t address;
        enum line_status status = parse_line(line, &address, &name);
        if (status == LINE_NONE) continue;
        if (status == LINE_TOO_LARGE)
            return pp_fail(err, PP_E_FORMAT, "the server answers with an address above 2^64");
        uint64_t moved;
        if (!move(address, back, &moved))
            return pp_fail(err, PP_E_FORMAT,
                           "the server answers about 0x%" PRIx64 ", which is not in the mapping",
                           address);
        set_answer(a, moved, add_function(n, a, name));
    }
    return true;
}

/* ---- mappings ---- */

/* The addresses to ask about, as the server knows them: "0x1000+0x2000". */
static bool list_addresses(const struct naming *n, uint32_t mapping, uint64_t offset, struct out *o,
                           struct pp_error *err) {
    bool any = false;
    for (uint32_t i = n->first[mapping]; i < n->first[mapping + 1]; i++) {
        const struct pp_location *l = &n->e.p.locations[n->sorted[i]];
        uint64_t moved;
        if (!l->address || l->n_lines) continue;
        if (!move(l->address, offset, &moved))
            return pp_fail(err, PP_E_FORMAT, "address 0x%" PRIx64 " is not in the server's mapping",
                           l->address);
        if (any) out_char(o, '+');
        out_hex(o, moved);
        any = true;
    }
    return true;
}

static void name_locations(struct naming *n, uint32_t mapping, const struct answers *a) {
    for (uint32_t i = n->first[mapping]; i < n->first[mapping + 1]; i++) {
        const struct answer *answer = find_answer(a, n->e.p.locations[n->sorted[i]].address);
        if (!answer) continue;
        struct pp_line line = {.function = answer->function};
        profile_edit_lines(&n->e, n->sorted[i], &line, 1);
    }
}

static bool ask(struct naming *n, uint32_t mapping, struct pp_str url, uint64_t offset,
                struct pp_error *err) {
    struct out o;
    struct answers a = {0};
    struct pp_str text = {0};
    uint32_t n_functions = n->e.p.n_functions;
    out_open_memory(&o);
    bool ok = list_addresses(n, mapping, offset, &o, err);
    if (ok && out_text(&o).len) {
        const struct symbol_request rq = {url, out_text(&o)};
        ok = n->z->post(n->z->user, &rq, &text, &a.scratch, err) &&
             read_answers(n, text, 0 - offset, &a, err);
        if (ok) name_locations(n, mapping, &a);
    }
    if (ok)
        n->e.p.mappings[mapping].has_functions = true;
    else
        n->e.p.n_functions = n_functions;
    answers_done(&a);
    out_close(&o, NULL);
    return ok;
}

/* Where the mapping came from: by file first, then by build id. */
static const struct live_origin *find_origin(const struct naming *n, const struct pp_mapping *m) {
    const struct live_origin *from = find_key(n, n->e.strings.strings[m->file]);
    return from || !m->build_id ? from : find_key(n, n->e.strings.strings[m->build_id]);
}

bool symbolz_symbolize(const struct pp_profile *p, const struct symbolz *z,
                       struct pp_profile *ret_profile, struct pp_arena *arena,
                       struct pp_error *err) {
    struct naming n = {.z = z, .arena = arena};
    bool ok = true;
    profile_edit_begin(&n.e, p, arena);
    index_origins(&n);
    sort_locations(&n);
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        if (p->mappings[i].has_functions && !z->force) continue;
        const struct live_origin *from = find_origin(&n, &p->mappings[i]);
        struct pp_str url = from ? url_symbols(from->url, arena) : PP_STR("");
        if (!url.len || is_silent(&n, url)) continue;
        if (ask(&n, i, url, from->start - p->mappings[i].start, ok ? err : NULL)) continue;
        set_silent(&n, url);
        ok = false;
    }
    index_done(&n.origins);
    index_done(&n.silent);
    *ret_profile = profile_edit_finish(&n.e);
    return ok;
}
