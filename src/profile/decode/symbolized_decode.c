/* Profiles of gperftools and jemalloc with names in front, as `pprof --raw`, `jeprof --raw` and
 * PHP's memprof write them:
 *
 *     --- symbol
 *     binary=/bin/app
 *     0x0000000000400101 outer--inner
 *     ---
 *     --- heap
 *     heap profile: ...
 *
 * What follows is a profile of its own, whose addresses get these names. Calls that were inlined
 * have several, the outermost first.
 *
 * Source: PrintSymbolizedProfile in src/pprof of gperftools. */
#include "base/hash.h"
#include "base/lines.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/edit.h"

enum { MAX_INLINED = 64 };

struct symbol {
    uint64_t address;
    struct pp_str names;
};

struct symbols {
    struct pp_arena scratch;
    struct pp_str binary;
    struct symbol *at;
    uint32_t n;
    size_t cap;
    struct hash_index index;
};

static const struct symbol *find(const struct symbols *s, uint64_t address) {
    uint64_t hash = hash_word(hash_seed(), address);
    for (struct index_probe i = index_probe(&s->index, hash); index_next(&s->index, &i);)
        if (s->at[i.position].address == address) return &s->at[i.position];
    return NULL;
}

/* "0x0000000000400101 main"; what is no such line is skipped, as the script does. */
static void add(struct symbols *s, struct pp_str line) {
    struct symbol symbol;
    size_t at = 2;
    if (!pp_str_has_prefix(line, PP_STR("0x"))) return;
    while (at < line.len && text_is_hex(line.data[at]))
        at++;
    symbol.names = text_trim(pp_str_slice(line, at, line.len));
    if (!text_u64(pp_str_slice(line, 2, at), 16, &symbol.address) || symbol.names.len == 0 ||
        find(s, symbol.address) || s->n == PP_NONE - 1)
        return;
    index_add(&s->index, hash_word(hash_seed(), symbol.address), s->n);
    PP_PUSH(&s->scratch, s->at, s->n, s->cap, symbol);
}

/* Stands behind the line that names the profile; false when there is none. */
static bool read_symbols(struct symbols *s, struct lines *lines) {
    struct pp_str binary = PP_STR("binary=");
    lines_next(lines);
    while (lines_next(lines)) {
        struct pp_str line = text_trim(lines->line);
        if (pp_str_has_prefix(line, PP_STR("--- "))) return true;
        if (pp_str_has_prefix(line, binary))
            s->binary = pp_str_slice(line, binary.len, line.len);
        else
            add(s, line);
    }
    return false;
}

/* ---- names for addresses ---- */

static void name_location(struct profile_edit *e, uint32_t location, struct pp_str names) {
    struct pp_line lines[MAX_INLINED];
    uint32_t n = 0;
    size_t end = names.len;
    for (size_t at = names.len; n < MAX_INLINED; at--) {
        bool mark = at >= 2 && names.data[at - 1] == '-' && names.data[at - 2] == '-';
        if (at > 0 && !mark) continue;
        if (end > at) {
            uint32_t name = profile_edit_string(e, pp_str_slice(names, at, end));
            struct pp_function f = {.name = name, .system_name = name};
            lines[n++] = (struct pp_line){.function = profile_edit_function(e, f)};
        }
        if (at == 0) break;
        end = at - 2;
        at--; /* over the mark */
    }
    if (n) profile_edit_lines(e, location, lines, n);
}

static struct pp_profile name_all(const struct symbols *s, const struct pp_profile *p,
                                  struct pp_arena *arena) {
    struct profile_edit e;
    profile_edit_begin(&e, p, arena);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        uint64_t address = p->locations[i].address;
        const struct symbol *symbol = find(s, address);
        if (!symbol) symbol = find(s, address + 1); /* the return address as it was */
        if (symbol && p->locations[i].n_lines == 0) name_location(&e, i, symbol->names);
    }
    for (uint32_t i = 0; i < e.p.n_mappings; i++)
        if (s->n) e.p.mappings[i].has_functions = true;
    if (e.p.n_mappings == 1 && e.p.mappings[0].file == 0)
        e.p.mappings[0].file = profile_edit_string(&e, s->binary);
    return profile_edit_finish(&e);
}

/* ---- the file ---- */

static const struct profile_decoder *inner_decoder(struct input *in) {
    static const struct profile_decoder *const table[] = {
        &legacy_cpu_decoder, &legacy_heap_decoder,  &legacy_contention_decoder,
        &jemalloc_decoder,   &legacy_count_decoder, &memprof_decoder,
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (input_need(in, 1) && table[i]->probe(in)) return table[i];
    return NULL;
}

static bool decode_inner(const struct symbols *s, struct input *in, struct pp_profile *ret_profile,
                         struct pp_arena *arena, struct pp_error *err) {
    const struct profile_decoder *decoder = inner_decoder(in);
    struct pp_profile p;
    if (!decoder)
        return pp_fail(
            err, PP_E_FORMAT,
            "symbolized profile: no profile of gperftools or jemalloc follows the names");
    if (!decoder->decode(in, &p, arena, err)) {
        if (err && err->code == PP_E_UNRECOGNIZED) err->code = PP_E_FORMAT;
        return pp_wrap(err, "symbolized profile");
    }
    *ret_profile = name_all(s, &p, arena);
    return true;
}

static bool symbolized_decode(struct input *in, struct pp_profile *ret_profile,
                              struct pp_arena *arena, struct pp_error *err) {
    struct symbols s = {0};
    struct lines lines = {.in = in};
    bool ok = read_symbols(&s, &lines);
    if (ok) {
        input_skip(in, lines.at);
        ok = decode_inner(&s, in, ret_profile, arena, err);
    } else {
        pp_fail(err, PP_E_FORMAT, "symbolized profile: nothing follows the names");
    }
    index_done(&s.index);
    pp_arena_done(&s.scratch);
    return ok;
}

static bool symbolized_probe(struct input *in) {
    struct lines lines = {.in = in, .max = 64};
    return lines_next(&lines) && pp_str_eq(text_trim(lines.line), PP_STR("--- symbol"));
}

const struct profile_decoder symbolized_decoder = {
    .name = "symbolized profile", .probe = symbolized_probe, .decode = symbolized_decode};
