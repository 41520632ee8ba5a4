/* The streaming reader of samples gives what protobuf-c gives, on every fixture; and what the
 * decoder makes of a file agrees with protobuf-c's message, table by table. */
#include "profile/decode/proto_sample.h"

#include "base/input.h"
#include "profile/decode/decode.h"
#include "profile/decode/packed_ids.h"
#include "test.h"

#include <dirent.h>
#include <profile.pb-c.h>
#include <stdio.h>

static const char *const folders[] = {"go", "cpp", "made"};

struct file {
    char path[500];
    struct input in;
    struct pp_str bytes;
};

static bool ends_with(const char *name, const char *end) {
    return pp_str_has_suffix(pp_str_from(name), pp_str_from(end));
}

/* Calls `use` for every fixture in protobuf form; returns how many there are. */
static unsigned for_each_fixture(void (*use)(struct file *f)) {
    unsigned n = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", FIXTURES, folders[i]);
        DIR *dir = opendir(path);
        assert_non_null(dir);
        for (struct dirent *entry; (entry = readdir(dir));) {
            if (!ends_with(entry->d_name, ".pb.gz") && !ends_with(entry->d_name, ".pb")) continue;
            struct file f;
            snprintf(f.path, sizeof f.path, "%.200s/%.200s", path, entry->d_name);
            assert_true(input_open_file(&f.in, f.path, NULL, NULL));
            f.bytes = input_all(&f.in);
            assert_true(input_finish(&f.in, NULL));
            use(&f);
            input_close(&f.in);
            n++;
        }
        closedir(dir);
    }
    return n;
}

static void same_label(const struct proto_label *ours, const Cpprof__Wire__Label *theirs) {
    assert_true(ours->key == theirs->key);
    assert_true(ours->str == theirs->str);
    assert_true(ours->num == theirs->num);
    assert_true(ours->unit == theirs->num_unit);
}

static unsigned n_compared, n_refused;

/* Packed ids give frames where all of them can, however they are read. */
static void same_frames_read(packed_ids_reader *read, const struct proto_sample *s) {
    static uint32_t frames[1 << 20];
    static uint64_t ids[1 << 20];
    uint32_t n_ids = 0, end = 0;
    struct packed_ids got;
    bool fit = true;
    for (struct wire w = s->packed; w.at < w.end; n_ids++) {
        assert_true(wire_varint(&w, &ids[n_ids]));
        fit &= ids[n_ids] - 1 < UINT32_C(1) << 31;
    }
    assert_true(read(s->packed, frames, &got) == fit);
    if (!fit) return;
    assert_int_equal(got.n, n_ids);
    for (uint32_t i = 0; i < got.n; i++) {
        assert_true(frames[i] == ids[i] - 1);
        end = ids[i] > end ? (uint32_t)ids[i] : end;
    }
    assert_int_equal(got.end, end);
}

static void same_frames(const struct proto_sample *s) {
    same_frames_read(packed_ids_read, s);
    same_frames_read(packed_ids_fastest(), s);
}

static void same_sample(struct proto_sample *ours, struct wire message) {
    size_t len = (size_t)(message.end - message.at);
    assert_null(proto_sample_read(ours, message));
    same_frames(ours);
    assert_null(proto_sample_locations(ours));
    Cpprof__Wire__Sample *theirs = cpprof__wire__sample__unpack(NULL, len, message.at);
    if (!theirs) { /* field number 0 and the like, which the reference skips */
        n_refused++;
        return;
    }
    assert_int_equal(ours->n_locations, theirs->n_location_id);
    assert_int_equal(ours->n_values, theirs->n_value);
    assert_int_equal(ours->n_labels, theirs->n_label);
    for (size_t i = 0; i < ours->n_locations; i++)
        assert_true(ours->locations[i] == theirs->location_id[i]);
    for (size_t i = 0; i < ours->n_values; i++)
        assert_true(ours->values[i] == theirs->value[i]);
    for (size_t i = 0; i < ours->n_labels; i++)
        same_label(&ours->labels[i], theirs->label[i]);
    cpprof__wire__sample__free_unpacked(theirs, NULL);
    n_compared++;
}

static void compare_samples(struct file *f) {
    struct pp_arena arena = {0};
    struct proto_sample sample = {.arena = &arena};
    const uint8_t *at = (const uint8_t *)f->bytes.data;
    struct wire w = {at, at + f->bytes.len};
    struct wire_field field;
    while (w.at < w.end) {
        assert_true(wire_field(&w, &field));
        if (field.number == 2) same_sample(&sample, field.bytes);
    }
    pp_arena_done(&arena);
}

static void reads_samples_as_protobuf_c_does(void **state) {
    (void)state;
    assert_true(for_each_fixture(compare_samples) > 70);
    assert_true(n_compared > 2000);
    assert_int_equal(n_refused, 1); /* in strange_wire.pb.gz */
}

/* Ids of one to ten bytes in any order, some of them no frame. */
static void frames_are_ids_less_one(void **state) {
    (void)state;
    static const uint64_t limits[] = {1 << 7, 1 << 14, 1 << 14, 1 << 14, 1 << 21, UINT64_MAX};
    uint64_t random = 1;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[900], *to = bytes;
        for (int i = 0; i < round % 90; i++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            uint64_t kind = round % 3 ? 1 : (random >> 59) % 6;
            uint64_t id = (random >> 7) % limits[kind] + (round % 5 != 0);
            for (; id >= 0x80; id >>= 7)
                *to++ = (uint8_t)(id | 0x80);
            *to++ = (uint8_t)id;
        }
        same_frames(&(struct proto_sample){.packed = {bytes, to}});
    }
}

static void broken_ids_are_no_frames(void **state) {
    (void)state;
    static const uint8_t bytes[80] = {[63] = 0x80, [70] = 0x80, [78] = 0x80, [79] = 0x80};
    packed_ids_reader *const readers[] = {packed_ids_read, packed_ids_fastest()};
    uint32_t frames[80];
    struct packed_ids ids;
    for (size_t i = 0; i < 2; i++) {
        uint8_t ones[80];
        for (size_t j = 0; j < sizeof ones; j++)
            ones[j] = bytes[j] | 1;
        assert_true(readers[i]((struct wire){ones, ones + 78}, frames, &ids));
        assert_int_equal(ids.n, 76);
        assert_int_equal(ids.end, 1 << 7 | 1);
        assert_false(readers[i]((struct wire){ones, ones + 79}, frames, &ids));
        assert_false(readers[i]((struct wire){ones, ones + 80}, frames, &ids));
        assert_true(readers[i]((struct wire){ones, ones}, frames, &ids));
        assert_int_equal(ids.n, 0);
        assert_int_equal(ids.end, 0);
    }
}

static void same_string(const struct pp_profile *p, uint32_t ours, const Cpprof__Wire__Profile *m,
                        int64_t theirs) {
    assert_true(theirs >= 0 && (size_t)theirs < m->n_string_table);
    ProtobufCBinaryData want = m->string_table[theirs];
    assert_str_bytes(pp_string(p, ours), want.data ? (const char *)want.data : "", want.len);
}

static void same_tables(const struct pp_profile *p, const Cpprof__Wire__Profile *m) {
    for (size_t i = 0; i < m->n_mapping; i++) {
        assert_true(p->mappings[i].id == m->mapping[i]->id);
        assert_true(p->mappings[i].limit == m->mapping[i]->memory_limit);
        same_string(p, p->mappings[i].file, m, m->mapping[i]->filename);
        same_string(p, p->mappings[i].build_id, m, m->mapping[i]->build_id);
    }
    for (uint32_t i = 0; i < m->n_function; i++) {
        assert_true(pp_id(p->function_ids, i) == m->function[i]->id);
        same_string(p, p->functions[i].name, m, m->function[i]->name);
        same_string(p, p->functions[i].filename, m, m->function[i]->filename);
        assert_true(p->functions[i].start_line == m->function[i]->start_line);
    }
    for (uint32_t i = 0; i < m->n_location; i++) {
        const struct pp_location *l = &p->locations[i];
        assert_true(pp_id(p->location_ids, i) == m->location[i]->id &&
                    l->address == m->location[i]->address);
        assert_int_equal(l->n_lines, m->location[i]->n_line);
        for (uint32_t j = 0; j < l->n_lines; j++) {
            const struct pp_line line = pp_line_at(p, l->first_line + j);
            assert_true(pp_id(p->function_ids, line.function) ==
                        m->location[i]->line[j]->function_id);
            assert_true(line.line == m->location[i]->line[j]->line);
            assert_true(line.column == m->location[i]->line[j]->column);
        }
    }
}

static void same_samples(const struct pp_profile *p, const Cpprof__Wire__Profile *m) {
    for (uint32_t i = 0; i < p->n_samples; i++) {
        const Cpprof__Wire__Sample *want = m->sample[i];
        struct pp_stack stack = p->stacks[p->sample_stack[i]];
        assert_int_equal(stack.len, want->n_location_id);
        for (uint32_t j = 0; j < stack.len; j++)
            assert_true(pp_id(p->location_ids, pp_frame(p, stack.first + j)) ==
                        want->location_id[j]);
        for (uint32_t j = 0; j < p->n_types; j++)
            assert_true(pp_value(p, i, j) == want->value[j]);
    }
}

static unsigned n_decoded;

static void compare_profile(struct file *f) {
    Cpprof__Wire__Profile *m =
        cpprof__wire__profile__unpack(NULL, f->bytes.len, (const uint8_t *)f->bytes.data);
    if (!m) return; /* strange_wire.pb.gz */
    struct pp_arena arena = {0};
    struct input in;
    struct pp_profile p;
    struct pp_error err = {0};
    assert_true(input_open_file(&in, f->path, NULL, &err));
    if (!profile_decode(&in, &p, &arena, &err)) fail_msg("%s: %s", f->path, err.text);
    input_close(&in);
    assert_int_equal(p.n_types, m->n_sample_type);
    assert_int_equal(p.n_mappings, m->n_mapping);
    assert_int_equal(p.n_functions, m->n_function);
    assert_int_equal(p.n_locations, m->n_location);
    assert_int_equal(p.n_samples, m->n_sample);
    assert_int_equal(p.n_comments, m->n_comment);
    same_tables(&p, m);
    same_samples(&p, m);
    for (uint32_t i = 0; i < p.n_comments; i++)
        same_string(&p, p.comments[i], m, m->comment[i]);
    same_string(&p, p.drop_frames, m, m->drop_frames);
    same_string(&p, p.keep_frames, m, m->keep_frames);
    same_string(&p, p.default_sample_type, m, m->default_sample_type);
    same_string(&p, p.doc_url, m, m->doc_url);
    assert_true(p.time_nanos == m->time_nanos && p.duration_nanos == m->duration_nanos);
    assert_true(p.period == m->period);
    cpprof__wire__profile__free_unpacked(m, NULL);
    pp_arena_done(&arena);
    n_decoded++;
}

static void decodes_what_protobuf_c_does(void **state) {
    (void)state;
    for_each_fixture(compare_profile);
    assert_true(n_decoded > 70);
}

/* Ids of all lengths beside each other, as they need be or longer, and 0 among them. */
static void frames_of_every_length(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    uint8_t bytes[200];
    uint64_t random = 1;
    for (unsigned round = 0; round < 20000; round++) {
        size_t n = 0;
        while (n < sizeof bytes - 11) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            uint64_t id = random >> 32 >> (random >> 20 & 31);
            id += round % 8 != 0;
            unsigned padding = (random >> 10 & 63) == 0 ? 2 : 0;
            for (; id >= 0x80; id >>= 7)
                bytes[n++] = (uint8_t)(id | 0x80);
            bytes[n++] = (uint8_t)(id | (padding ? 0x80 : 0));
            for (; padding; padding--)
                bytes[n++] = padding > 1 ? 0x80 : 0;
        }
        struct proto_sample s = {.arena = &arena, .packed = {bytes, bytes + n}};
        same_frames(&s);
    }
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_samples_as_protobuf_c_does),
        cmocka_unit_test(frames_are_ids_less_one),
        cmocka_unit_test(broken_ids_are_no_frames),
        cmocka_unit_test(frames_of_every_length),
        cmocka_unit_test(decodes_what_protobuf_c_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
