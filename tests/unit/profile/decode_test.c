#include "profile/decode/decode.h"

#include "test.h"

#include <stdio.h>

/* Decodes a fixture of the folder "broken"; the error's text must hold `text`. */
static void check_broken(const char *name, enum pp_code code, const char *text) {
    char path[400];
    snprintf(path, sizeof path, "%s/broken/%s", FIXTURES, name);
    struct pp_arena arena = {0};
    struct input in;
    struct pp_profile p = {.n_samples = 777};
    struct pp_error err = {0};
    assert_true(input_open_file(&in, path, NULL, &err));
    if (profile_decode(&in, &p, &arena, &err)) fail_msg("%s was accepted", name);
    input_close(&in);
    assert_int_equal(p.n_samples, 777); /* untouched */
    if (err.code != code || !strstr(err.text, text))
        fail_msg("%s: code %d, %s", name, (int)err.code, err.text);
    assert_null(strchr(err.text, '\n'));
    pp_arena_done(&arena);
}

static void says_what_is_wrong_with_the_file(void **state) {
    (void)state;
    check_broken("empty.pb", PP_E_FORMAT, "empty");
    check_broken("gzip_of_nothing.pb.gz", PP_E_FORMAT, "empty");
    check_broken("text.pb", PP_E_UNRECOGNIZED, "unrecognized");
    check_broken("cut.pb", PP_E_UNRECOGNIZED, "cut off");
    check_broken("cut_gzip.pb.gz", PP_E_FORMAT, "unexpected end");
    check_broken("cut_header.pb.gz", PP_E_FORMAT, "unexpected end");
    check_broken("cut_trailer.pb.gz", PP_E_FORMAT, "unexpected end");
    check_broken("bad_checksum.pb.gz", PP_E_FORMAT, "decompressing");
    check_broken("trailing_zeros.pb.gz", PP_E_FORMAT, "decompressing");
    check_broken("trailing_text.pb.gz", PP_E_FORMAT, "decompressing");
    check_broken("gzip_of_gzip.pb.gz", PP_E_UNRECOGNIZED, "");
    check_broken("concatenated.pb", PP_E_FORMAT, "another profile begins at byte 467");
}

static void says_what_is_wrong_with_the_profile(void **state) {
    (void)state;
    check_broken("dangling_location.pb.gz", PP_E_FORMAT, "location 77");
    check_broken("dangling_location.pb.gz", PP_E_FORMAT, "sample 6");
    check_broken("dangling_function.pb.gz", PP_E_FORMAT, "function");
    check_broken("line_without_function.pb.gz", PP_E_FORMAT, "line without a function");
    check_broken("dangling_string.pb.gz", PP_E_UNRECOGNIZED, "string");
    check_broken("negative_string.pb.gz", PP_E_UNRECOGNIZED, "string");
    check_broken("label_string.pb.gz", PP_E_UNRECOGNIZED, "string");
    check_broken("first_string.pb.gz", PP_E_UNRECOGNIZED, "string_table");
    check_broken("no_strings.pb.gz", PP_E_UNRECOGNIZED, "string");
    check_broken("two_locations.pb.gz", PP_E_FORMAT, "id 2");
    check_broken("two_functions.pb.gz", PP_E_FORMAT, "id 2");
    check_broken("two_mappings.pb.gz", PP_E_FORMAT, "id 1");
    check_broken("id_zero.pb.gz", PP_E_FORMAT, "id 0");
    check_broken("mapping_zero.pb.gz", PP_E_FORMAT, "id 0");
    check_broken("few_values.pb.gz", PP_E_FORMAT, "sample 6");
    check_broken("many_values.pb.gz", PP_E_FORMAT, "sample 6");
    check_broken("no_types.pb.gz", PP_E_FORMAT, "no sample types");
}

static void survives_a_hostile_wire(void **state) {
    (void)state;
    check_broken("wrong_type.pb.gz", PP_E_UNRECOGNIZED, "wire type");
    check_broken("group.pb.gz", PP_E_UNRECOGNIZED, "");
    check_broken("endless_varint.pb", PP_E_UNRECOGNIZED, "");
    check_broken("huge_length.pb", PP_E_UNRECOGNIZED, "cut off");
}

/* Every prefix of a profile is refused or decoded, and never anything else. */
static void decodes_any_prefix(void **state) {
    (void)state;
    struct input whole;
    assert_true(input_open_file(&whole, FIXTURES "/made/labels.pb.gz", NULL, NULL));
    struct pp_str bytes = input_all(&whole);
    unsigned n_ok = 0;
    for (size_t n = 1; n <= bytes.len; n++) {
        struct pp_arena arena = {0};
        struct input in;
        struct pp_profile p;
        struct pp_error err = {0};
        assert_true(input_open_memory(&in, pp_str_slice(bytes, 0, n), NULL, &err));
        if (profile_decode(&in, &p, &arena, &err))
            n_ok++;
        else
            assert_true(err.code != PP_E_NONE && err.text[0]);
        input_close(&in);
        pp_arena_done(&arena);
    }
    assert_true(n_ok >= 1);
    input_close(&whole);
}

/* The input is closed. */
static bool decodes(struct input *in, struct pp_error *err) {
    struct pp_arena arena = {0};
    struct pp_profile p;
    bool ok = profile_decode(in, &p, &arena, err);
    input_close(in);
    pp_arena_done(&arena);
    return ok;
}

#define WORD(n)  n "\0\0\0\0\0\0\0"
#define CPU_HEAD WORD("\0") WORD("\3") WORD("\0") WORD("\144") WORD("\0")
#define CPU      CPU_HEAD WORD("\2") WORD("\1") WORD("\x40") WORD("\0") WORD("\1") WORD("\0")
#define HEAP     "heap profile: 1: 1 [1: 1] @ heapprofile\n1: 1 [1: 1] @ 0x1\n"
#define PROTO    "\x0a\x04\x08\x01\x10\x02\x32\0\x32\3cpu\x32\2ns"
#define MAPS     "MAPPED_LIBRARIES:\n1000-2000 r-xp 0 0:0 0 /a\n"

#define STR(literal)                                                                               \
    { literal, sizeof(literal) - 1 }

/* What is not text at all, behind text and behind another such file: nothing of it is left out. */
static void says_where_another_begins(void **state) {
    static const struct {
        struct pp_str input;
        const char *text;
    } cases[] = {
        {STR(CPU CPU), "another profile begins at byte 88"},
        {STR(CPU "1000-2000 r-xp 0 0:0 0 /a\n" CPU), "another profile begins at byte 114"},
        {STR(HEAP CPU), "another profile begins at byte 58"},
        {STR(HEAP MAPS CPU), "another profile begins at byte 102"},
        {STR(HEAP MAPS "\0\0\0\0\0\0\0\3\0\0\0\0"), "begins at byte 102"},
        {STR(HEAP MAPS "\x0a\x04\x08\x01\x10\x02\x32\0"), "another profile begins at byte 102"},
        {STR("{\"nodes\": [], \"samples\": [], \"timeDeltas\": [], \"startTime\": 1}\n"
             "{\"nodes\": []}"),
         "another profile begins at byte 63"},
        {STR(CPU "\x0a\x04\x08\x01\x10\x02\x32\0"), "another profile begins at byte 88"},
        /* The time, or the type of the period, comes first in Go's. */
        {STR(CPU "H\xc8\xcb\xcf\xe9\xf2\xd0\x9b\xf5\x18\x0a\x04\x08\x01\x10\x02"),
         "another profile begins at byte 88"},
        {STR(CPU "Z\x04\x08\x01\x10\x02\x60\x01"), "another profile begins at byte 88"},
        {STR(PROTO HEAP), "another profile begins at byte 17"},
        {STR(PROTO "FLR\0\0\2\0\1"), "another profile begins at byte 17"},
        {STR(PROTO CPU), "another profile begins at byte 17"},
        {STR(HEAP "{\"nodes\": [], \"startTime\": 1}\n"), "another profile begins at byte 58"},
        {STR(HEAP "FLR\0\0\2\0\1"), "another profile begins at byte 58"},
        {STR("a;b 12\n\n" HEAP), "another profile begins at byte 8"},
        {STR("goroutine profile: total 1\n1 @ 0x1\nFLR\0\0\2\0\1"),
         "another profile begins at byte 35"},
        {STR("--- mutex:\ncycles/second=1\n1 1 @ 0x1\na;b;c 3\n"),
         "another profile begins at byte 37"},
        {STR("{\"stringTable\": [\"\"], \"sampleType\": []}\n" HEAP),
         "another profile begins at byte 40"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct input in;
        struct pp_error err = {0};
        assert_true(input_open_memory(&in, cases[i].input, NULL, &err));
        if (decodes(&in, &err)) fail_msg("it says nothing about %s", cases[i].text);
        if (!strstr(err.text, cases[i].text)) fail_msg("%s instead of %s", err.text, cases[i].text);
    }
}

/* Not that it is no protobuf message. */
static void says_what_is_wrong_with_a_text(void **state) {
    static const struct {
        const char *input, *text;
    } cases[] = {
        {"{\"sampleType\": [{\"type\": \"x1\"}]}", "expected an integer at byte 29"},
        {"--- heapz 1 ---\nformat = c\n", "java"},
        {"--- contentionz 1 ---\nformat = c\n", "a contention profile with unknown attributes"},
        {"--- threadz 1 ---\n\nx\n", "a thread profile without a memory map"},
        {"a;b 12\na;b x\n", "line 2"},
        {"<html>404 not found</html>", "a web page"},
        {"heap profile: 1: 1 [1: 1] @ heapprofile\n1: 1 [1: 1] @ 0x1\n"
         "heap profile: 1: 1 [1: 1] @ heapprofile\n1: 1 [1: 1] @ 0x1\n",
         "another profile begins at byte 58"},
        {"heap profile: 1: 1 [1: 1] @ heapprofile\nMAPPED_LIBRARIES:\n1000-2000 r-xp 0 0:0 0 /a\n"
         "heap_v2/5\n",
         "another profile begins at byte 84"},
        {"goroutine profile: total 1\n1 @ 0x1\nx profile: total 1\n",
         "another profile begins at byte 35"},
        {"--- mutex:\ncycles/second=1\n1 1 @ 0x1\n\x1f\x8b\x08 and more\n",
         "another profile begins at byte 37"},
        {"--- contention:\n1 1 @ 0x1\n---\nx\n--- threadz 1 ---\n",
         "another profile begins at byte 32"},
        {"PK\x03\x04\x14", "a zip archive; unzip -p"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct input in;
        struct pp_error err = {0};
        assert_true(input_open_memory(&in, pp_str_from(cases[i].input), NULL, &err));
        assert_false(decodes(&in, &err));
        if (!strstr(err.text, cases[i].text)) fail_msg("%s instead of %s", err.text, cases[i].text);
    }
}

#define TYPE                   "\x0a\x04\x08\x01\x10\x01"
#define LABELED(first, second) "\x12\x0f\x12\x01\x05" first second
#define LABEL(key, text)       "\x1a\x04\x08" key "\x10" text
#define B_X                    LABEL("\x02", "\x03")
#define A_Y                    LABEL("\x04", "\x05")
#define A_Z                    LABEL("\x04", "\x06")
#define STRINGS(sixth)                                                                             \
    "\x32\x00\x32\x03"                                                                             \
    "cpu\x32\x01"                                                                                  \
    "b\x32\x01x\x32\x01"                                                                           \
    "a\x32\x01y\x32\x01" sixth

/* A profile of two samples: how many sets of labels there are, and whether each is in order. */
static void check_label_sets(struct pp_str wire, uint32_t n_sets, const char *second_text) {
    struct pp_arena arena = {0};
    struct input in;
    struct pp_profile p;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, wire, NULL, &err));
    if (!profile_decode(&in, &p, &arena, &err)) fail_msg("%s", err.text);
    input_close(&in);
    assert_int_equal(p.n_label_sets, n_sets);
    for (uint32_t i = 0; i < p.n_samples; i++) {
        struct pp_label_set set = p.label_sets[pp_labels_of(&p, i)];
        const struct pp_label *labels = p.labels + set.first;
        assert_int_equal(set.n_text, 2);
        assert_true(pp_str_eq(pp_string(&p, labels[0].key), PP_STR("a")));
        assert_true(pp_str_eq(pp_string(&p, labels[1].key), PP_STR("b")));
        assert_true(pp_str_eq(pp_string(&p, labels[0].text), pp_str_from(i ? second_text : "y")));
        assert_true(pp_str_eq(pp_string(&p, labels[1].text), PP_STR("x")));
    }
    pp_arena_done(&arena);
}

static void equal_label_sets_are_one(void **state) {
    (void)state;
    check_label_sets(PP_STR(TYPE LABELED(B_X, A_Y) LABELED(B_X, A_Z) STRINGS("z")), 3, "z");
    check_label_sets(PP_STR(TYPE LABELED(B_X, A_Y) LABELED(A_Y, B_X) STRINGS("z")), 2, "y");
    check_label_sets(PP_STR(TYPE LABELED(B_X, A_Y) LABELED(A_Z, B_X) STRINGS("z")), 3, "z");
    /* A string that is there twice. */
    check_label_sets(PP_STR(TYPE LABELED(B_X, A_Y) LABELED(B_X, A_Z) STRINGS("y")), 2, "y");
}

/* A profile of n samples, the stack of each told by a number: its own, or where it
 * is the last of `again` (0: none is) the one before. */
static uint32_t stacks_of(uint32_t n, uint32_t again) {
    struct pp_arena arena = {0};
    struct pp_str tail = PP_STR(STRINGS("z"));
    struct pp_profile p;
    struct input in;
    struct pp_error err = {0};
    char *wire = PP_NEW(&arena, char, 64 * 4 + 10 * (size_t)n + tail.len + 6), *at = wire;
    at = (char *)memcpy(at, TYPE, 6) + 6;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t stack = again && i % again == again - 1 ? i - 1 : i;
        char id[3] = {(char)(1 + stack % 64), (char)(1 + stack / 64 % 64),
                      (char)(1 + stack / 4096)};
        memcpy(at, "\x12\x08\x0a\x03...\x12\x01\x05", 10);
        memcpy(at + 4, id, sizeof id);
        at += 10;
    }
    for (char id = 1; id <= 64; id++) {
        memcpy(at, "\x22\x02\x08", 3);
        at[3] = id;
        at += 4;
    }
    memcpy(at, tail.data, tail.len);
    at += tail.len;
    assert_true(input_open_memory(&in, (struct pp_str){wire, (size_t)(at - wire)}, NULL, &err));
    if (!profile_decode(&in, &p, &arena, &err)) fail_msg("%s", err.text);
    input_close(&in);
    assert_int_equal(p.n_samples, n);
    for (uint32_t i = 0; i < n; i++) {
        struct pp_stack stack = p.stacks[p.sample_stack[i]];
        assert_int_equal(stack.len, 3);
        uint32_t number = pp_frame(&p, stack.first) + 64 * pp_frame(&p, stack.first + 1) +
                          4096 * pp_frame(&p, stack.first + 2);
        assert_int_equal(number, again && i % again == again - 1 ? i - 1 : i);
    }
    uint32_t n_stacks = p.n_stacks;
    pp_arena_done(&arena);
    return n_stacks;
}

/* Equal stacks are one, unless of very many hardly any are. */
static void looks_up_stacks_that_come_again(void **state) {
    (void)state;
    enum { MANY = 200000, HARDLY_EVER = 1000 };
    assert_int_equal(stacks_of(MANY, 0), MANY);
    assert_int_equal(stacks_of(MANY, 8), MANY - MANY / 8);
    assert_int_equal(stacks_of(MANY / 2, HARDLY_EVER), MANY / 2 - MANY / 2 / HARDLY_EVER);
    uint32_t n = stacks_of(MANY, HARDLY_EVER);
    assert_true(n < MANY && n > MANY - MANY / HARDLY_EVER);
}

static struct pp_error decode_units(struct pp_str wire, struct pp_profile *p,
                                    struct pp_arena *arena) {
    struct input in;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, wire, &(struct pp_limits){.max_labels = 2}, &err));
    in.units_only = true;
    profile_decode(&in, p, arena, &err);
    input_close(&in);
    return err;
}

static struct pp_str join(struct pp_arena *arena, struct pp_str a, struct pp_str b) {
    char *both = PP_NEW(arena, char, a.len + b.len);
    memcpy(both, a.data, a.len);
    memcpy(both + a.len, b.data, b.len);
    return (struct pp_str){both, a.len + b.len};
}

/* Of texts nothing stays, however many keys there are. */
static void keeps_no_texts_of_many_keys(void **state) {
    (void)state;
    enum { KEYS = 100 };
    struct pp_arena arena = {0};
    struct pp_profile p;
    struct pp_str wire = PP_STR(TYPE);
    for (char key = 1; key < KEYS; key++) {
        const char sample[] = {0x12, 9, 0x12, 1, 5, 0x1a, 4, 8, key, 16, (char)(KEYS - key)};
        wire = join(&arena, wire, (struct pp_str){sample, sizeof sample});
    }
    for (char key = 0; key < KEYS; key++) {
        const char string[] = {0x32, key > 0, key};
        wire = join(&arena, wire, (struct pp_str){string, key ? 3 : 2});
    }
    assert_int_equal(decode_units(wire, &p, &arena).code, PP_E_NONE);
    assert_int_equal(p.n_samples, KEYS - 1);
    assert_int_equal(p.n_label_sets, 1);
    pp_arena_done(&arena);
}

/* Who wants only units still learns of what is wrong. */
static void keeps_units_alone(void **state) {
    (void)state;
#define NUMBER(value) "\x1a\x06\x08\x04\x18" value "\x20\x03" /* of key a and unit x */
#define ALSO          "\x12\x11\x12\x01\x05"                  /* a sample with one of them */
    struct pp_arena arena = {0};
    struct pp_profile p;
    const struct pp_str good =
        PP_STR(TYPE LABELED(B_X, A_Y) ALSO NUMBER("\x07") A_Z ALSO A_Y NUMBER("\x09") STRINGS("z"));
    assert_int_equal(decode_units(good, &p, &arena).code, PP_E_NONE);
    assert_int_equal(p.n_label_sets, 2);
    assert_int_equal(pp_labels_of(&p, 0), 0);
    assert_int_equal(pp_labels_of(&p, 1), pp_labels_of(&p, 2));
    struct pp_label_set set = p.label_sets[1];
    assert_int_equal(set.n_text, 0);
    assert_int_equal(set.n_num, 1);
    assert_true(pp_str_eq(pp_string(&p, p.labels[set.first].text), PP_STR("x")));
    /* But the label of a base's samples stays, whatever its key's place among the strings. */
    const struct pp_str marked =
        PP_STR(TYPE LABELED(B_X, A_Y) LABELED(B_X, A_Z) "\x32\x00\x32\x03"
                                                        "cpu\x32\x0bpprof::base\x32\x04true\x32\x01"
                                                        "a\x32\x01y\x32\x01z");
    assert_int_equal(decode_units(marked, &p, &arena).code, PP_E_NONE);
    assert_int_equal(p.n_label_sets, 2);
    assert_int_equal(pp_labels_of(&p, 0), pp_labels_of(&p, 1));
    set = p.label_sets[1];
    assert_int_equal(set.n_text, 1);
    assert_true(pp_str_eq(pp_string(&p, p.labels[set.first].key), PP_STR("pprof::base")));
    const struct pp_str bad =
        PP_STR(TYPE LABELED(B_X, A_Y) LABELED(A_Y, LABEL("\x04", "\x09")) STRINGS("z"));
    assert_int_equal(decode_units(bad, &p, &arena).code, PP_E_UNRECOGNIZED);
    pp_arena_done(&arena);
}

/* Each limit, lowered below what the fixture has; the message names the flag that raises it. */
static void limits_are_named(void **state) {
    static const struct {
        struct pp_limits limits;
        const char *text;
    } cases[] = {
        {{.max_samples = 12}, "samples: 13, more than 12"},
        {{.max_depth = 2}, "frames in a stack: 3, more than 2"},
        {{.max_string = 5}, "more than 5"},
        {{.max_labels = 2}, "labels of a sample: 3, more than 2"},
        {{.max_samples = 13, .max_depth = 3, .max_string = 100, .max_labels = 3}, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct input in;
        struct pp_error err = {0};
        assert_true(input_open_file(&in, FIXTURES "/made/labels.pb.gz", &cases[i].limits, &err));
        bool ok = decodes(&in, &err);
        assert_int_equal(ok, cases[i].text == NULL);
        if (!ok && (err.code != PP_E_LIMIT || !strstr(err.text, cases[i].text)))
            fail_msg("%s instead of %s", err.text, cases[i].text);
    }
}

static const char *kind_of(struct pp_str bytes) {
    struct input in;
    struct pp_error err = {0};
    assert_true(input_open_memory(&in, bytes, NULL, &err));
    const char *kind = profile_kind(&in);
    input_close(&in);
    return kind;
}

/* The first fields are profile.proto's, in any order; what looks like none of them is no profile.
 */
static void likely_files_are_told_from_others(void **state) {
    (void)state;
    const struct pp_str others[] = {
        PP_STR(""),
        PP_STR("\x0a"),
        PP_STR("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        PP_STR("\x0a\x05 hello"),
        PP_STR("\x0a\x04\x08\x01\x10\x02\x08\x01"), /* its first field is no number */
        PP_STR("\x82\x01\x00"),                     /* field 16 */
        PP_STR("\x7f"
               "ELF\x02\x01\x01"),
        PP_STR("# a text\nwith lines\n"),
    };
    assert_string_equal(kind_of(PP_STR("\x0a\x04\x08\x01\x10\x02")), "pprof protobuf");
    assert_string_equal(kind_of(PP_STR("\x48\xc8\x01\x50\x02\x5a\x00")), "pprof protobuf");
    assert_string_equal(kind_of(PP_STR("main;work 3\nmain;idle 4\n")), "folded stacks");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (kind_of(others[i])) fail_msg("%zu is taken for %s", i, kind_of(others[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong_with_the_file),
        cmocka_unit_test(says_what_is_wrong_with_the_profile),
        cmocka_unit_test(survives_a_hostile_wire),
        cmocka_unit_test(decodes_any_prefix),
        cmocka_unit_test(says_what_is_wrong_with_a_text),
        cmocka_unit_test(says_where_another_begins),
        cmocka_unit_test(equal_label_sets_are_one),
        cmocka_unit_test(looks_up_stacks_that_come_again),
        cmocka_unit_test(keeps_units_alone),
        cmocka_unit_test(keeps_no_texts_of_many_keys),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(likely_files_are_told_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
