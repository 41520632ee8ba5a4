/* Labels come in the byte order of their whole texts, however that is found out. */
#include "report/labels.h"

#include "test.h"

#include <stdio.h>

enum { MOST_STRINGS = 128 };

struct made {
    struct pp_arena arena;
    struct pp_profile p;
    struct pp_label_set set;
};

/* A set of text labels, in the order of their keys as in any profile; keys and values are strings
 * of their own. */
static void make(struct made *m, const char *const *pairs, uint32_t n) {
    *m = (struct made){.set = {.n_text = n}};
    m->p.strings = PP_NEW(&m->arena, struct pp_str, MOST_STRINGS);
    m->p.labels = PP_NEW(&m->arena, struct pp_label, n);
    m->p.n_labels = n;
    m->p.n_strings = 1 + 2 * n;
    for (uint32_t i = 0; i < 2 * n; i++)
        m->p.strings[1 + i] = pp_str_from(pairs[i]);
    for (uint32_t i = 0; i < n; i++)
        m->p.labels[i] = (struct pp_label){.key = 1 + 2 * i, .text = 2 + 2 * i};
}

static void put_key(struct out *o, struct pp_str key) {
    out_str(o, key);
    out_char(o, ':');
}

static void put_values(const struct label_texts *t, const struct label_group *g, struct out *o) {
    for (uint32_t i = 0; i < g->n; i++)
        out_str(o, pp_string(t->p, g->labels[i].text));
}

static void check(const char *const *pairs, uint32_t n, const char *want, bool is_order) {
    struct made m;
    struct out o;
    make(&m, pairs, n);
    struct label_texts t = {.p = &m.p, .put_values = put_values, .between = PP_STR(" ")};
    label_heads_init(&t.heads, &m.p, put_key, &m.arena);
    assert_int_equal(t.heads.is_order, is_order);
    out_open_memory(&o);
    label_texts_put(&t, m.set, false, &o);
    label_texts_put(&t, m.set, true, &o);
    assert_str_bytes(out_text(&o), want, strlen(want));
    out_close(&o, NULL);
    pp_arena_done(&m.arena);
}

/* "a" comes before "a.b", but "a.b:" before "a:". */
static void goes_by_heads(void **state) {
    (void)state;
    check((const char *const[]){"a", "2", "a.b", "1", "c", "0"}, 3, "a.b:1 a:2 c:0", true);
    check(NULL, 0, "", true);
}

/* "a:" begins "a:b:": the value of the one decides. */
static void goes_by_values_where_heads_begin_alike(void **state) {
    (void)state;
    check((const char *const[]){"a", "c", "a:b", "x"}, 2, "a:b:x a:c", false);
    check((const char *const[]){"a", "b", "a:b", "x"}, 2, "a:b a:b:x", false);
}

static void sorts_many(void **state) {
    (void)state;
    static char keys[40][4];
    const char *pairs[80];
    struct out want;
    out_open_memory(&want);
    for (int i = 0; i < 40; i++) {
        snprintf(keys[i], sizeof keys[i], "%c%d", i < 20 ? 'a' : 'b', 10 + i % 20);
        pairs[2 * i] = keys[i];
        pairs[2 * i + 1] = "v";
        out_printf(&want, "%s%s:v", i ? " " : "", keys[i]);
    }
    out_char(&want, 0);
    check(pairs, 40, want.buffer, true);
    out_close(&want, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_by_heads),
        cmocka_unit_test(goes_by_values_where_heads_begin_alike),
        cmocka_unit_test(sorts_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
