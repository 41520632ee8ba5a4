/* -disasm and -weblist over a made-up binary: 4-byte instructions, a symbol "f" at 0x100, "g" at
 * 0x200; address A of the profile is A - 0x1000 of the object. */
#include "test.h"

#include "base/regex.h"
#include "report/report.h"
#include "tiny_profile.h"

#include <stdlib.h>

struct fake {
    bool no_code;
};

static struct pp_object *open_object(void *user, const struct pp_profile *p, uint32_t mapping,
                                     struct pp_error *err) {
    (void)p;
    if (mapping == 0) return user;
    pp_fail(err, PP_E_NOT_FOUND, "no such file");
    return NULL;
}

static bool to_object(const struct pp_object *o, uint64_t address, uint64_t *ret_address,
                      struct pp_error *err) {
    (void)o, (void)err;
    *ret_address = address - 0x1000;
    return true;
}

static void symbols(struct pp_object *o, const struct regex *rx, const uint64_t *address,
                    struct symbol_groups *ret_groups, struct pp_arena *arena) {
    static const struct pp_str names[] = {{"f", 1}, {"alias_of_f", 10}, {"g", 1}};
    (void)o;
    struct symbol_group *s = PP_NEW(arena, struct symbol_group, 2);
    size_t n = 0;
    if (address && *address >= 0x100 && *address < 0x200)
        s[n++] = (struct symbol_group){names, 2, 0x100, 0x1ff};
    else if (regex_matches(rx, names[0]))
        s[n++] = (struct symbol_group){names, 1, 0x100, 0x1ff};
    if (regex_matches(rx, names[2])) s[n++] = (struct symbol_group){names + 2, 1, 0x200, 0x2ff};
    *ret_groups = (struct symbol_groups){s, n};
}

static void list(struct disasm_range range, struct disasm_code *ret_code, struct pp_arena *arena) {
    uint64_t start = range.start, end = range.end;
    if (start < 0x100) start = 0x100;
    if (end > 0x10c) end = 0x10c; /* three are enough */
    struct disasm_inst *insts = PP_NEW(arena, struct disasm_inst, 3);
    *ret_code = (struct disasm_code){insts, 0, false};
    for (uint64_t a = start; a < end; a += 4)
        insts[ret_code->n++] = (struct disasm_inst){
            a, PP_STR("<nop>"), PP_STR("f"), PP_STR("/src/f.c"), a == 0x108 ? 8 : 7, false};
}

static bool disassemble(struct pp_object *o, struct disasm_request request,
                        struct disasm_code *ret_codes, struct pp_arena *arena,
                        struct pp_error *err) {
    if (((struct fake *)(void *)o)->no_code) return pp_fail(err, PP_E_IO, "objdump is broken");
    for (size_t i = 0; i < request.n; i++)
        list(request.ranges[i], &ret_codes[i], arena);
    return true;
}

/* The second instruction is of an inlined call. */
static void stacks(struct pp_object *o, struct lookup *lookups, size_t n, struct pp_arena *arena) {
    (void)o;
    struct frame *f = PP_NEW(arena, struct frame, 2);
    f[0] = (struct frame){.function = PP_STR("inl<"), .file = PP_STR("/src/i.h"), .line = 3};
    f[1] = (struct frame){.function = PP_STR("f"), .file = PP_STR("/src/f.c"), .line = 7};
    for (size_t i = 0; i < n; i++) {
        bool is_inlined = lookups[i].address == 0x104;
        lookups[i].frames = is_inlined ? f : f + 1;
        lookups[i].n_frames = is_inlined ? 2 : 1;
    }
}

struct request {
    const struct report_format *format;
    const char *profile, *param;
    bool count_recursion, as_address, no_code;
};

static bool write_report(const struct request *r, struct out *ret_out, struct pp_error *err) {
    struct pp_arena arena = {0};
    struct fake fake = {r->no_code};
    const struct pp_objects objects = {&fake, open_object, to_object, symbols, disassemble, stacks};
    struct pp_profile p = tiny_profile(&arena, r->profile), view;
    for (uint32_t i = 0; i < p.n_mappings; i++) {
        p.mappings[i].start = 0x1000 + i * 0x8000;
        p.mappings[i].limit = 0x2000 + i * 0x8000;
    }
    for (uint32_t i = 0; i < p.n_locations; i++)
        p.locations[i].address = 0x1100 + i * 4 + p.locations[i].mapping * 0x8000;
    bool inlines = !(r->format->traits & REPORT_NO_INLINES);
    struct view_blanks blanks = tiny_blanks("addresses", inlines, false);
    view_aggregate(&p, &blanks, &view, &arena);
    struct report_ctx rc = {
        .profile = &view,
        .full = &p,
        .format = r->format,
        .arena = &arena,
        .type_unit = PP_STR("ns"),
        .unit = PP_STR("minimum"),
        .ratio = 1,
        .total = report_total(&p, 0, false),
        .param = pp_str_from(r->param),
        .listing = {.sources = {.none = true, .path = PP_STR("/x"), .current = PP_STR("/x")},
                    .objects = &objects,
                    .param_is_address = r->as_address,
                    .param_address = strtoull(r->param, NULL, 16),
                    .count_recursion = r->count_recursion},
        .graph = {.object_names = true},
    };
    static const struct pp_diag quiet;
    rc.diag = &quiet;
    struct regex *rx = regex_compile(rc.param, err);
    rc.param_regex = rx;
    out_open_memory(ret_out);
    bool ok = report_write(&rc, NULL, ret_out, NULL, err);
    out_char(ret_out, 0);
    regex_free(rx);
    pp_arena_done(&arena);
    return ok;
}

/* Three frames of f, of which one sample passes two. */
static const char recursive[] = "[bin]f@/src/f.c;[bin]f@/src/f.c+x@/src/f.c;[other]main@m.c 6\n"
                                "[bin]f@/src/f.c;[other]main@m.c 4";

static void disassembles(void **state) {
    (void)state;
    struct request r = {.format = &disasm_report, .profile = recursive, .param = "^f$"};
    struct out o;
    struct pp_error err;
    assert_true(write_report(&r, &o, &err));
    assert_string_equal(o.buffer, "Total: 10ns\nROUTINE ======================== f\n"
                                  "      10ns       10ns (flat, cum)   100% of Total\n"
                                  "      10ns       10ns        100: <nop>"
                                  "                                   ;f f.c:7\n"
                                  "         .        6ns        104: <nop>\n"
                                  "         .          .        108: <nop>"
                                  "                                   ;f f.c:8\n");
    out_close(&o, NULL);
    r.count_recursion = true;
    assert_true(write_report(&r, &o, &err));
    assert_non_null(strstr(o.buffer, "      10ns       16ns (flat, cum) 160.00% of Total\n"));
    out_close(&o, NULL);
}

static void finds_by_address(void **state) {
    (void)state;
    struct request r = {
        .format = &disasm_report, .profile = recursive, .param = "1104", .as_address = true};
    struct out o;
    struct pp_error err;
    assert_true(write_report(&r, &o, &err));
    assert_non_null(strstr(o.buffer, "ROUTINE ======================== f\n"
                                     "    AKA ======================== alias_of_f\n"));
    out_close(&o, NULL);
    r.param = "1f00";
    assert_false(write_report(&r, &o, &err));
    assert_string_equal(err.text, "no matches found for address 0x1f00");
    out_close(&o, NULL);
}

static void says_nothing_when_it_fails(void **state) {
    (void)state;
    struct request r = {.format = &disasm_report, .profile = recursive, .param = "nothing"};
    struct out o;
    struct pp_error err;
    assert_false(write_report(&r, &o, &err));
    assert_string_equal(err.text, "no matches found for regexp nothing");
    assert_string_equal(o.buffer, "");
    out_close(&o, NULL);
    r.param = "^f$";
    r.no_code = true;
    assert_false(write_report(&r, &o, &err));
    assert_string_equal(err.text, "objdump is broken");
    assert_string_equal(o.buffer, "");
    out_close(&o, NULL);
}

static void shows_code_by_line(void **state) {
    (void)state;
    struct request r = {.format = &weblist_report, .profile = recursive, .param = "^f$"};
    struct out o;
    struct pp_error err;
    assert_true(write_report(&r, &o, &err));
    assert_non_null(strstr(o.buffer, "<h2>f</h2>"));
    assert_non_null(strstr(o.buffer, "Total:       10ns       10ns (flat, cum)   100%</p>"));
    assert_non_null(strstr(o.buffer, "&lt;nop&gt;"));
    assert_null(strstr(o.buffer, "<nop>"));
    assert_non_null(strstr(o.buffer, "<span class=\"at\">i.h:3</span>")); /* the inlined call */
    out_close(&o, NULL);
    r.count_recursion = true;
    assert_true(write_report(&r, &o, &err));
    assert_non_null(strstr(o.buffer, "Total:       10ns       16ns (flat, cum) 160.00%</p>"));
    out_close(&o, NULL);
}

static void does_without_a_binary(void **state) {
    (void)state;
    struct request r = {.format = &weblist_report,
                        .profile = "[bin]x@a.c;[other]</script>@<b>.c 5",
                        .param = "script"};
    struct out o;
    struct pp_error err;
    assert_true(write_report(&r, &o, &err));
    assert_non_null(
        strstr(o.buffer, "<h2>&lt;/script&gt;</h2>\n<p class=\"file\">&lt;b&gt;.c</p>"));
    out_close(&o, NULL);
    r.param = "absent";
    assert_false(write_report(&r, &o, &err));
    assert_string_equal(err.text, "no matches found for regexp: absent");
    out_close(&o, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disassembles),          cmocka_unit_test(finds_by_address),
        cmocka_unit_test(shows_code_by_line),    cmocka_unit_test(says_nothing_when_it_fails),
        cmocka_unit_test(does_without_a_binary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
