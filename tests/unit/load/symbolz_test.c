#include "load/symbolz.h"

#include "test.h"

struct server {
    const char *answer; /* NULL: it fails */
    const char *asked;  /* what for */
    const char *url;
    int n;
};

static bool post(void *user, const struct symbol_request *rq, struct pp_str *ret_answer,
                 struct pp_arena *arena, struct pp_error *err) {
    struct server *s = user;
    s->n++;
    assert_str_bytes(rq->url, s->url, strlen(s->url));
    assert_str_bytes(rq->addresses, s->asked, strlen(s->asked));
    if (!s->answer) return pp_fail(err, PP_E_IO, "no");
    *ret_answer = pp_arena_copy(arena, pp_str_from(s->answer));
    return true;
}

/* Two mappings of a server, at 0x1000 and 0x9000; the last location has a line already. */
enum { N_LOCATIONS = 5 };

struct saved {
    struct pp_str strings[4];
    struct pp_mapping mappings[2];
    struct pp_function functions[1];
    uint64_t function_ids[1];
    struct pp_line_row lines[1];
    struct pp_location locations[N_LOCATIONS];
    struct pp_profile p, named;
    struct live_origin origins[2];
    struct server server;
    struct pp_arena arena;
    struct pp_error err;
};

static void world_init(struct saved *w, const char *answer) {
    *w = (struct saved){
        .strings = {PP_STR(""), PP_STR("/bin/a"), PP_STR("known"), PP_STR("/bin/b")},
        .mappings = {{.id = 1, .start = 0x1000, .limit = 0x5000, .file = 1},
                     {.id = 2, .start = 0x9000, .limit = 0xa000, .file = 3}},
        .functions = {{.name = 2, .system_name = 2}},
        .function_ids = {7},
        .lines = {{.function = 0}},
        .locations = {{.address = 0x1100, .mapping = 0},
                      {.address = 0x1200, .mapping = 0},
                      {.address = 0x9100, .mapping = 1},
                      {.address = 0, .mapping = 0},
                      {.address = 0x1300, .mapping = 0, .n_lines = 1}},
        .origins = {{PP_STR("/bin/a"), PP_STR("http://h/pprof/heap?x"), 0x1000},
                    {PP_STR("/bin/a"), PP_STR("http://other/pprof/heap"), 0}},
        .server = {answer, "0x1100+0x1200", "http://h/pprof/symbol", 0},
    };
    w->p = (struct pp_profile){.strings = w->strings,
                               .mappings = w->mappings,
                               .functions = w->functions,
                               .function_ids = w->function_ids,
                               .lines = w->lines,
                               .locations = w->locations,
                               .n_strings = 4,
                               .n_mappings = 2,
                               .n_functions = 1,
                               .n_lines = 1,
                               .n_locations = N_LOCATIONS};
}

static bool ask(struct saved *w, bool force) {
    const struct symbolz z = {w->origins, 2, force, DEMANGLE_DEFAULT, post, &w->server};
    return symbolz_symbolize(&w->p, &z, &w->named, &w->arena, &w->err);
}

/* The name of a location's only line, or "-". */
static struct pp_str name_of(const struct pp_profile *p, uint32_t location) {
    const struct pp_location *l = &p->locations[location];
    if (l->n_lines != 1) return PP_STR("-");
    return pp_string(p, p->functions[p->lines[l->first_line].function].name);
}

static void names_what_the_server_knows(void **state) {
    (void)state;
    struct saved w;
    world_init(&w,
               "num_symbols: 1\n--- 0x1100\tf(int)\n0x1200 known\r\n0x77 far\nnonsense\n0x9 cut");
    assert_true(ask(&w, false));
    assert_str(name_of(&w.named, 0), "f(int)");
    assert_str(name_of(&w.named, 1), "known\r");
    assert_str(name_of(&w.named, 2), "-");
    assert_str(name_of(&w.named, 3), "-");
    assert_str(name_of(&w.named, 4), "known");
    assert_int_equal(w.named.function_ids[1], 8);
    assert_true(w.named.mappings[0].has_functions);
    assert_false(w.named.mappings[1].has_functions);
    assert_int_equal(w.p.n_functions, 1);
    assert_false(w.p.mappings[0].has_functions);
    pp_arena_done(&w.arena);
}

static void the_last_word_counts(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x1100 a\n0x1200 b\n0x1100 b\n0x1200 \n0x1300 z\n");
    assert_true(ask(&w, false));
    assert_str(name_of(&w.named, 0), "b");
    assert_str(name_of(&w.named, 1), "");
    assert_str(name_of(&w.named, 4), "z");
    pp_arena_done(&w.arena);
}

static void makes_names_readable(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x1100 _ZN2ns1fEi\n0x1200 ns::f(int)\n");
    assert_true(ask(&w, false));
    assert_str(name_of(&w.named, 0), "ns::f");
    assert_str(name_of(&w.named, 1), "ns::f");
    assert_int_equal(w.named.n_functions, 3);
    pp_arena_done(&w.arena);
}

static void moves_addresses_of_merged_mappings(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x801100 f\n");
    w.origins[0].start = 0x801000;
    w.server.asked = "0x801100+0x801200";
    assert_true(ask(&w, false));
    assert_str(name_of(&w.named, 0), "f");
    assert_str(name_of(&w.named, 1), "-");
    pp_arena_done(&w.arena);
}

static void refuses_what_wraps(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x10 f\n");
    w.origins[0].start = 0x801000;
    w.server.asked = "0x801100+0x801200";
    assert_false(ask(&w, false));
    pp_arena_done(&w.arena);
    world_init(&w, "0xfffffffffffffffff f\n");
    assert_false(ask(&w, false));
    pp_arena_done(&w.arena);
}

static void leaves_known_mappings_alone(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x1100 f\n");
    w.mappings[0].has_functions = true;
    assert_true(ask(&w, false));
    assert_int_equal(w.server.n, 0);
    assert_true(ask(&w, true));
    assert_int_equal(w.server.n, 1);
    assert_str(name_of(&w.named, 0), "f");
    pp_arena_done(&w.arena);
}

static void passes_failures_on(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, NULL);
    assert_false(ask(&w, false));
    assert_string_equal(w.err.text, "no");
    pp_arena_done(&w.arena);
}

static void a_silent_server_is_asked_once(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, NULL);
    w.origins[1] = (struct live_origin){PP_STR("/bin/b"), PP_STR("http://h/pprof/heap"), 0x9000};
    assert_false(ask(&w, false));
    assert_int_equal(w.server.n, 1);
    pp_arena_done(&w.arena);
}

static void one_server_does_not_spoil_another(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x9100 g\n");
    w.server.asked = "0x9100";
    w.server.url = "http://other/pprof/symbol";
    w.locations[0].address = UINT64_MAX - 5; /* wraps */
    w.origins[0].start = 0x5000;
    w.origins[1] =
        (struct live_origin){PP_STR("/bin/b"), PP_STR("http://other/pprof/heap"), 0x9000};
    assert_false(ask(&w, false));
    assert_str(name_of(&w.named, 0), "-");
    assert_str(name_of(&w.named, 2), "g");
    assert_false(w.named.mappings[0].has_functions);
    assert_true(w.named.mappings[1].has_functions);
    pp_arena_done(&w.arena);
}

static void finds_by_build_id(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x9100 g\n");
    w.strings[1] = PP_STR("/bin/elsewhere");
    w.origins[1] =
        (struct live_origin){PP_STR("known"), PP_STR("http://h/debug/pprof/heap"), 0x9000};
    w.mappings[1].build_id = 2;
    w.server.asked = "0x9100";
    w.server.url = "http://h/debug/pprof/symbol";
    assert_true(ask(&w, false));
    assert_str(name_of(&w.named, 2), "g");
    pp_arena_done(&w.arena);
}

/* The largest id, and one more: a new function must get neither 0 nor an id that is taken. */
static void chooses_ids_that_a_file_can_hold(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x1100 f\n0x1200 g\n");
    w.function_ids[0] = UINT64_MAX;
    assert_true(ask(&w, false));
    assert_int_equal(w.named.n_functions, 3);
    for (uint32_t i = 1; i < 3; i++) {
        assert_true(w.named.function_ids[i] != 0);
        assert_true(w.named.function_ids[i] != UINT64_MAX);
    }
    assert_true(w.named.function_ids[1] != w.named.function_ids[2]);
    pp_arena_done(&w.arena);
}

/* What the server names is not what the profile folded. */
static void a_named_location_is_not_folded(void **state) {
    (void)state;
    struct saved w;
    world_init(&w, "0x1100 f\n");
    w.locations[0].is_folded = true;
    assert_true(ask(&w, false));
    assert_false(w.named.locations[0].is_folded);
    pp_arena_done(&w.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_ids_that_a_file_can_hold),
        cmocka_unit_test(a_named_location_is_not_folded),
        cmocka_unit_test(names_what_the_server_knows),
        cmocka_unit_test(the_last_word_counts),
        cmocka_unit_test(makes_names_readable),
        cmocka_unit_test(moves_addresses_of_merged_mappings),
        cmocka_unit_test(refuses_what_wraps),
        cmocka_unit_test(leaves_known_mappings_alone),
        cmocka_unit_test(passes_failures_on),
        cmocka_unit_test(a_silent_server_is_asked_once),
        cmocka_unit_test(one_server_does_not_spoil_another),
        cmocka_unit_test(finds_by_build_id),
        cmocka_unit_test(chooses_ids_that_a_file_can_hold),
        cmocka_unit_test(a_named_location_is_not_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
