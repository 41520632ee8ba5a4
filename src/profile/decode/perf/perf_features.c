/* What the header says of the recording as a whole: who made it, the events' names, build ids. */
#include "base/hash.h"
#include "profile/decode/perf/perf_session.h"

enum { BUILD_ID_BYTES = 20, BUILD_ID_ROOM = 24, RECORD_HEADER = 8 };

uint32_t perf_build_id_text(struct perf_session *s, struct pp_str bytes) {
    static const char digits[] = "0123456789abcdef";
    char text[2 * BUILD_ID_BYTES];
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        text[2 * i] = digits[byte >> 4];
        text[2 * i + 1] = digits[byte & 15];
    }
    return builder_string(&s->profile.b, (struct pp_str){text, 2 * bytes.len});
}

/* What files are called by in the table: the kernel by the name without its first symbol. */
static uint32_t table_name(struct perf_session *s, struct pp_str file) {
    static const char *const kernels[] = {"[kernel.kallsyms]", "[guest.kernel.kallsyms]"};
    for (size_t i = 0; i < 2; i++) {
        struct pp_str name = pp_str_from(kernels[i]);
        if (pp_str_has_prefix(file, name)) return builder_string(&s->profile.b, name);
    }
    return builder_string(&s->profile.b, file);
}

static struct perf_build_id *find(struct perf_session *s, uint32_t name) {
    uint64_t hash = hash_word(hash_seed(), name);
    for (struct index_probe i = index_probe(&s->build_id_index, hash);
         index_next(&s->build_id_index, &i);)
        if (s->build_ids[i.position].file == name) return &s->build_ids[i.position];
    return NULL;
}

uint32_t perf_build_id_of(struct perf_session *s, uint32_t file) {
    if (s->n_build_ids == 0) return 0;
    const struct perf_build_id *known = find(s, table_name(s, builder_text(&s->profile.b, file)));
    return known ? known->build_id : 0;
}

void perf_take_build_id(struct perf_session *s, uint16_t misc, struct pp_str body) {
    struct perf_bytes b = perf_bytes_of(body, s->swap);
    perf_u32(&b); /* the process, or -1 */
    struct pp_str id = perf_take(&b, BUILD_ID_ROOM);
    struct pp_str name = perf_until_nul(perf_take(&b, perf_left(&b)));
    if (b.broken || name.len == 0 || s->n_build_ids == PP_NONE) return;
    size_t len = BUILD_ID_BYTES;
    if (misc & MISC_BUILD_ID_SIZE) len = (unsigned char)id.data[BUILD_ID_BYTES];
    if (len > BUILD_ID_BYTES) len = BUILD_ID_BYTES;
    if (!(misc & MISC_BUILD_ID_SIZE)) /* an older perf, which filled up short ones */
        while (len > 4 && !memcmp(id.data + len - 4, "\0\0\0\0", 4))
            len -= 4;
    struct perf_build_id one = {table_name(s, name),
                                perf_build_id_text(s, pp_str_slice(id, 0, len))};
    if (find(s, one.file)) return;
    index_add(&s->build_id_index, hash_word(hash_seed(), one.file), s->n_build_ids);
    PP_PUSH(&s->scratch, s->build_ids, s->n_build_ids, s->cap_build_ids, one);
}

void perf_take_build_ids(struct perf_session *s, struct pp_str bytes) {
    struct perf_bytes b = perf_bytes_of(bytes, s->swap);
    while (perf_left(&b) >= RECORD_HEADER) {
        perf_u32(&b);
        uint16_t misc = perf_u16(&b), size = perf_u16(&b);
        if (size < RECORD_HEADER || (size_t)(size - RECORD_HEADER) > perf_left(&b)) return;
        perf_take_build_id(s, misc, perf_take(&b, size - RECORD_HEADER));
    }
}

void perf_spread_build_ids(struct perf_session *s) {
    const struct pp_str deleted = PP_STR(" (deleted)");
    for (uint32_t i = 0; i < s->profile.n_objects; i++) {
        struct perf_object *o = &s->profile.objects[i];
        if (o->build_id == 0) o->build_id = perf_build_id_of(s, o->file);
        struct pp_str file = builder_text(&s->profile.b, o->file);
        /* Another file may have taken its place: only a build id tells. */
        if (o->build_id && pp_str_has_suffix(file, deleted))
            o->file = builder_string(&s->profile.b, pp_str_slice(file, 0, file.len - deleted.len));
    }
}

static void take_version(struct perf_session *s, struct perf_bytes b) {
    s->version = pp_arena_copy(s->arena, perf_text(&b));
}

static void take_arch(struct perf_session *s, struct perf_bytes b) {
    s->arch = pp_arena_copy(s->arena, perf_text(&b));
}

static void take_command(struct perf_session *s, struct perf_bytes b) {
    uint32_t n = perf_u32(&b);
    size_t len = 0, cap = 0;
    char *text = NULL;
    for (uint32_t i = 0; i < n && !b.broken; i++) {
        struct pp_str word = perf_text(&b);
        if (b.broken) return;
        PP_RESERVE(&s->scratch, text, len, cap, word.len + 1);
        if (i) text[len++] = ' ';
        if (word.len) memcpy(text + len, word.data, word.len);
        len += word.len;
    }
    s->command = (struct pp_str){text, len};
}

static void take_events(struct perf_session *s, struct perf_bytes b) {
    perf_events_describe(&s->events, b);
}

static void take_pmus(struct perf_session *s, struct perf_bytes b) {
    perf_events_pmus(&s->events, b);
}

static void take_clock(struct perf_session *s, struct perf_bytes b) {
    perf_u32(&b); /* version */
    perf_u32(&b); /* which clock */
    uint64_t wall = perf_u64(&b), clock = perf_u64(&b);
    if (b.broken) return;
    s->has_clock = true;
    s->wall_clock = wall;
    s->clock = clock;
}

static void take_build_ids(struct perf_session *s, struct perf_bytes b) {
    perf_take_build_ids(s, (struct pp_str){b.at, perf_left(&b)});
}

void perf_take_feature(struct perf_session *s, unsigned feature, struct pp_str bytes) {
    static void (*const take[FEATURE_BITS])(struct perf_session *, struct perf_bytes) = {
        [FEATURE_BUILD_ID] = take_build_ids, [FEATURE_VERSION] = take_version,
        [FEATURE_ARCH] = take_arch,          [FEATURE_CMDLINE] = take_command,
        [FEATURE_EVENT_DESC] = take_events,  [FEATURE_PMU_MAPPINGS] = take_pmus,
        [FEATURE_CLOCK_DATA] = take_clock};
    if (feature < FEATURE_BITS && take[feature]) take[feature](s, perf_bytes_of(bytes, s->swap));
}
