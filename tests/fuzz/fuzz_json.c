/* Bytes as JSON: walked value by value and skipped as a whole, which ends at the same place; a
 * string is written and read again; and the text as a profile in JSON. */
#include "world.h"

#include "base/json.h"
#include "base/json_read.h"
#include "profile/decode/decode.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 60 };

static bool walk(struct json_read *j, unsigned depth, struct pp_arena *arena);

static void write_again(struct pp_str s, struct pp_arena *arena) {
    struct out out;
    struct pp_str again;
    out_open_memory(&out);
    json_literal(&out, s);
    struct json_read j = {out_text(&out), 0};
    if (!json_read_string(&j, arena, &again) || !json_read_end(&j)) abort();
    struct out second;
    out_open_memory(&second);
    json_literal(&second, again);
    if (!pp_str_eq(out_text(&out), out_text(&second))) abort();
    out_close(&second, NULL);
    out_close(&out, NULL);
}

static bool walk_members(struct json_read *j, char close, unsigned depth, struct pp_arena *arena) {
    bool more;
    for (bool first = true;; first = false) {
        if (!json_read_next(j, close, first, &more)) return false;
        if (!more) return true;
        struct pp_str key;
        if (close == '}' && !(json_read_string(j, arena, &key) && json_read_take(j, ':')))
            return false;
        if (!walk(j, depth + 1, arena)) return false;
    }
}

static bool walk(struct json_read *j, unsigned depth, struct pp_arena *arena) {
    struct pp_str s;
    if (depth > MAX_DEPTH) return false;
    switch (json_read_peek(j)) {
    case '{':
        return json_read_take(j, '{') && walk_members(j, '}', depth, arena);
    case '[':
        return json_read_take(j, '[') && walk_members(j, ']', depth, arena);
    case '"':
        if (!json_read_string(j, arena, &s)) return false;
        write_again(s, arena);
        return true;
    case '0':
        return json_read_number(j, &s);
    case 't':
        return json_read_word(j, PP_STR("true"));
    case 'f':
        return json_read_word(j, PP_STR("false"));
    case 'n':
        return json_read_word(j, PP_STR("null"));
    default:
        return false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_arena arena = {0};
    struct pp_str text = {(const char *)data, size};
    struct json_read walked = {text, 0}, skipped = {text, 0};
    bool ok = walk(&walked, 0, &arena), skip_ok = json_read_skip(&skipped);
    if (walked.at > size || skipped.at > size) abort();
    if (ok && (!skip_ok || walked.at != skipped.at)) abort();
    struct pp_profile p;
    if (decode_with(&json_decoder, data, size, &p, &arena)) check_round_trip(&p);
    pp_arena_done(&arena);
    return 0;
}
