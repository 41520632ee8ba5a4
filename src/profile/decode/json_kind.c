#include "profile/decode/json_kind.h"

#include "base/json_read.h"
#include "base/text.h"

static const struct {
    const char *key;
    enum json_kind kind;
} keys[] = {
    {"resourceProfiles", JSON_OTLP}, {"resource_profiles", JSON_OTLP},
    {"dictionary", JSON_OTLP},       {"sampleType", JSON_PPROF},
    {"sample_type", JSON_PPROF},     {"stringTable", JSON_PPROF},
    {"string_table", JSON_PPROF},    {"nodes", JSON_CPUPROFILE},
    {"timeDeltas", JSON_CPUPROFILE}, {"profiles", JSON_SPEEDSCOPE},
    {"threads", JSON_FIREFOX},       {"libs", JSON_FIREFOX},
    {"profile", JSON_FIREFOX},       {"traceEvents", JSON_CHROME_TRACE},
    {"snapshot", JSON_SNAPSHOT},
};

static enum json_kind kind_of_key(struct pp_str key) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (pp_str_eq(key, pp_str_from(keys[i].key))) return keys[i].kind;
    return JSON_OTHER;
}

/* Nested nodes say how often they were seen, in an old .cpuprofile, or what they allocated. */
static enum json_kind kind_of_head(struct json_read *j, struct pp_arena *scratch) {
    struct pp_str key;
    if (!json_read_take(j, '{')) return JSON_HEAPPROFILE;
    for (bool first = true, more;; first = false) {
        if (!json_read_member(j, first, &key, scratch, &more) || !more) return JSON_HEAPPROFILE;
        if (pp_str_eq(key, PP_STR("hitCount"))) return JSON_CPUPROFILE;
        if (pp_str_eq(key, PP_STR("selfSize")) || pp_str_eq(key, PP_STR("children")))
            return JSON_HEAPPROFILE;
        if (!json_read_skip(j)) return JSON_HEAPPROFILE;
    }
}

static enum json_kind kind_of_object(struct json_read *j, struct pp_arena *scratch) {
    struct pp_str key;
    enum json_kind kind = JSON_OTHER;
    if (!json_read_take(j, '{')) return JSON_OTHER;
    for (bool first = true, more; kind == JSON_OTHER; first = false) {
        if (!json_read_member(j, first, &key, scratch, &more) || !more) break;
        kind = pp_str_eq(key, PP_STR("head")) ? kind_of_head(j, scratch) : kind_of_key(key);
        if (kind == JSON_OTHER && !json_read_skip(j)) break;
    }
    return kind;
}

/* A bare array of events: every one has a phase. */
static enum json_kind kind_of_array(struct json_read *j, struct pp_arena *scratch) {
    struct pp_str key;
    if (!json_read_take(j, '[') || !json_read_take(j, '{')) return JSON_OTHER;
    for (bool first = true, more;; first = false) {
        if (!json_read_member(j, first, &key, scratch, &more) || !more) return JSON_OTHER;
        if (pp_str_eq(key, PP_STR("ph"))) return JSON_CHROME_TRACE;
        if (!json_read_skip(j)) return JSON_OTHER;
    }
}

enum json_kind json_kind_of(struct input *in) {
    size_t at = input_need(in, 3) && !memcmp(in->data, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (input_need(in, at + 1) && text_is_blank(in->data[at]))
        at++;
    if (at >= in->avail || (in->data[at] != '{' && in->data[at] != '[')) return JSON_OTHER;
    struct pp_arena scratch = {0};
    struct json_read j = {.text = input_all(in), .at = at};
    enum json_kind kind =
        in->data[at] == '{' ? kind_of_object(&j, &scratch) : kind_of_array(&j, &scratch);
    pp_arena_done(&scratch);
    return kind;
}
