/* A stripped Go program against what llvm-symbolizer said from the DWARF of the same program (see
 * fixtures/src/symbols/go_expected.py). Assembly functions differ by their ABI suffix, which only
 * the symbol table has. */
#include "binary.h"

static struct pp_str cut(struct pp_str *rest, char at) {
    const char *end = rest->len ? memchr(rest->data, at, rest->len) : NULL;
    size_t n = end ? (size_t)(end - rest->data) : rest->len;
    struct pp_str part = pp_str_slice(*rest, 0, n);
    *rest = pp_str_slice(*rest, end ? n + 1 : n, rest->len);
    return part;
}

static struct pp_str without_abi(struct pp_str name) {
    return pp_str_has_suffix(name, PP_STR(".abi0")) ? pp_str_slice(name, 0, name.len - 5) : name;
}

static bool same_frames(const struct lookup *l, struct pp_str rest) {
    for (uint32_t i = 0; i < l->n_frames; i++) {
        struct pp_str field = cut(&rest, '\t');
        struct pp_str function = cut(&field, '|'), file = cut(&field, '|');
        const struct frame *f = &l->frames[i];
        if (!pp_str_eq(f->function, without_abi(function)) || !pp_str_eq(f->file, file))
            return false;
        char line[32];
        snprintf(line, sizeof line, "%d", (int)f->line);
        if (!pp_str_eq(field, pp_str_from(line))) return false;
    }
    return rest.len == 0;
}

static void check(const char *name, int allowed) {
    char path[500], *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int different = 0, all = 0, inlined = 0;
    struct fixture b;
    binary_open(&b, name);
    assert_false(b.object.has_dwarf);
    assert_true(b.object.has_pclntab);
    snprintf(path, sizeof path, "%s/%s.expected", BINARIES, name);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    while ((n = getline(&line, &cap, in)) > 0) {
        struct pp_str rest = {line, (size_t)n - 1};
        uint64_t address = strtoull(line, NULL, 16);
        cut(&rest, '\t');
        struct lookup *l = binary_ask(&b, &address, 1);
        if (!same_frames(l, rest)) {
            print_message("%s differs at %s", name, line);
            different++;
        }
        inlined += l->n_frames > 1;
        all++;
    }
    free(line);
    fclose(in);
    binary_close(&b);
    assert_int_equal(all, 400);
    assert_true(inlined > 20);
    assert_in_range(different, 0, allowed);
}

static void go_1_23(void **state) {
    (void)state;
    check("go-1.23", 0);
}

/* Go 1.19's DWARF leaves wrappers of methods and the lengths of arrays in names differently. */
static void go_1_19(void **state) {
    (void)state;
    check("go-1.19", 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(go_1_23), cmocka_unit_test(go_1_19)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
