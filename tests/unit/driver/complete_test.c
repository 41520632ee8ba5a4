/* What Tab offers at the prompt. */
#include "driver/prompt/complete.h"

#include "test.h"
#include "tiny_profile.h"

static const char profile[] = "main.(*Server).serve;main.main 1\n"
                              "main.(*Server).stop;main.main 1\n"
                              "new_one(long);std::h\xc3\xa9;std::h\xc3\xa8 1\n"
                              "bad\x1b[2Jname;cut\xc3;main.main 1\n"
                              "bad\tname;bad\xe2\x80\xaename;cup 1\n";

/* The words, '|' behind each; "?" first where they only hold what was typed; what they have in
 * common after '>'. */
static void offers(const char *line, const char *want) {
    struct pp_arena arena = {0};
    struct pp_profile p = tiny_profile(&arena, profile);
    for (uint32_t i = 0; i < p.n_strings; i++) /* tiny profiles have no blanks in names */
        if (pp_str_eq(p.strings[i], PP_STR("new_one(long)")))
            p.strings[i] = PP_STR("new one(long)");
    struct completion c;
    struct out o;
    struct catalog catalog;
    catalog_init(&catalog, &arena);
    complete(&p, &catalog, pp_str_from(line), &c, &arena);
    out_open_memory(&o);
    if (c.n && c.inside) out_char(&o, '?');
    for (size_t i = 0; i < c.n; i++) {
        out_str(&o, c.words[i]);
        out_char(&o, '|');
    }
    out_char(&o, '>');
    out_str(&o, completion_common(&c));
    assert_string_equal(pp_arena_copy(&arena, out_text(&o)).data, want);
    out_close(&o, NULL);
    pp_arena_done(&arena);
}

static void commands_and_settings(void **state) {
    (void)state;
    offers("trac", "traces|>traces");
    offers("  tex", "text|>text");
    offers("granu", "granularity=|>granularity=");
    offers("cum", "cum|>cum");
    offers("qu", "quit|>quit");
    offers("cp", "cpu|>cpu"); /* a sample type */
    offers("top", "top|topproto|>top");
    offers("gat", ">");    /* not at the prompt */
    offers("timeou", ">"); /* nor this */
    offers("help timeo", ">");
    offers("help granu", "granularity|>granularity");
    offers("help peek x", ">");
    offers("nothing m", ">");
}

static void values(void **state) {
    (void)state;
    offers("sort=", "cum|flat|>");
    offers("trim=t", "true|>true");
    offers("trim = f", "false|>false");
    offers("sample_index=", "cpu|>cpu");
    offers("output=", ">");
    offers("timeout=", ">");
    offers("nothing=", ">");
    offers("focus=main.m", "main\\.main|>main\\.main");
}

static void functions(void **state) {
    (void)state;
    offers("peek main.(", "main\\.\\(\\*Server\\)\\.serve|main\\.\\(\\*Server\\)\\.stop|"
                          ">main\\.\\(\\*Server\\)\\.s");
    offers("peek main\\.\\(\\*Server\\)\\.se",
           "main\\.\\(\\*Server\\)\\.serve|>main\\.\\(\\*Server\\)\\.serve");
    offers("top 5 main.main -main.m", "main\\.main|>main\\.main");
    offers("list Server", "?main\\.\\(\\*Server\\)\\.serve|main\\.\\(\\*Server\\)\\.stop|"
                          ">main\\.\\(\\*Server\\)\\.s");
    offers("list one", "?new\\sone\\(long\\)|>new\\sone\\(long\\)");
    offers("list std", "std::h\xc3\xa8|std::h\xc3\xa9|>std::h"); /* no half a character */
    offers("list bad", ">");                                     /* would act on the terminal */
    offers("list cut", ">");
    offers("tags main", ">"); /* its words are labels */
    offers("list main.nothing", ">");
    offers("list \\(\\*Server\\)\\.se",
           "?main\\.\\(\\*Server\\)\\.serve|>main\\.\\(\\*Server\\)\\.serve");
}

static void sorting(void **state) {
    (void)state;
    offers("top -cu", "cum|cup|>cu"); /* a function, too */
    offers("top 5 -c", "cum|cup|>cu");
    offers("tree -cum", "cum|>cum");
    offers("top cu", "cup|>cup");
    offers("tags -cu", ">");
    offers("top -main.m", "main\\.main|>main\\.main");
    offers("top -Server).se", "?main\\.\\(\\*Server\\)\\.serve|>main\\.\\(\\*Server\\)\\.serve");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_and_settings),
        cmocka_unit_test(values),
        cmocka_unit_test(functions),
        cmocka_unit_test(sorting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
