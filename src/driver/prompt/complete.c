#include "driver/prompt/complete.h"

#include "base/regex.h"
#include "base/safe.h"
#include "base/sort.h"
#include "base/text.h"
#include "driver/settings.h"
#include "report/report.h"

struct search {
    const struct pp_profile *p;
    const struct catalog *catalog;
    struct pp_str typed;
    struct completion *found;
    struct pp_arena *arena;
};

static void offer(struct search *s, struct pp_str word) {
    struct completion *c = s->found;
    if (pp_str_has_prefix(word, s->typed)) PP_PUSH(s->arena, c->words, c->n, c->cap, word);
}

static void offer_text(struct search *s, const char *word) {
    if (word) offer(s, pp_str_from(word));
}

/* ---- commands and settings ---- */

static void offer_reports(struct search *s) {
    for (size_t i = 0; i < s->catalog->n_reports; i++) {
        const struct report_format *f = s->catalog->reports[i];
        if (f->traits & REPORT_RUNS) continue;
        offer_text(s, f->name);
        offer_text(s, f->alias);
    }
}

static void offer_choices(struct search *s, const char *list) {
    for (struct pp_str choice; next_choice(&list, &choice);)
        offer(s, choice);
}

static void offer_settings(struct search *s, const char *behind) {
    for (const struct setting *row = setting_table; row->name; row++) {
        if (row->at_start) continue;
        offer(s, pp_arena_printf(s->arena, "%s%s", row->name, behind));
        offer_choices(s, row->choices);
    }
}

static void offer_types(struct search *s) {
    for (uint32_t t = 0; t < s->p->n_types; t++) {
        struct pp_str type = pp_string(s->p, s->p->sample_types[t].type);
        if (safe_is_plain(type)) offer(s, type);
    }
}

/* ---- functions ---- */

static struct pp_str as_regex(struct pp_str name, struct pp_arena *arena) {
    char *text = PP_NEW(arena, char, 2 * name.len + 1), *end = text;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (c == ' ' || regex_is_special(c)) *end++ = '\\';
        *end++ = c == ' ' ? 's' : c;
    }
    return (struct pp_str){text, (size_t)(end - text)};
}

static void offer_functions(struct search *s) {
    struct completion *c = s->found;
    for (int inside = 0; inside == 0 || (inside == 1 && c->n == 0); inside++) {
        c->inside = inside;
        for (uint32_t i = 0; i < s->p->n_functions; i++) {
            struct pp_str name = pp_string(s->p, s->p->functions[i].name);
            if (!safe_is_plain(name)) continue;
            struct pp_str word = as_regex(name, s->arena);
            if (inside ? text_contains(name, s->typed) || text_contains(word, s->typed)
                       : pp_str_has_prefix(name, s->typed) || pp_str_has_prefix(word, s->typed))
                PP_PUSH(s->arena, c->words, c->n, c->cap, word);
        }
    }
}

/* ---- where in the line ---- */

/* "focus=mai" */
static void offer_values(struct search *s, struct pp_str name) {
    const struct setting *row = setting_find(name);
    if (!row || row->at_start) return;
    if (row->kind == SETTING_BOOL) offer_choices(s, "true|false");
    if (row->choices) offer_choices(s, row->choices);
    if (row->names == NAMES_SAMPLE_TYPES) offer_types(s);
    if (row->names == NAMES_FUNCTIONS) offer_functions(s);
}

/* `dash`: the word follows one, as in "top -cum" or "top -main". */
static void offer_words(struct search *s, struct pp_str before, bool dash) {
    static const char *const own[] = {"help", "options", "quit", "exit"};
    size_t end = 0;
    while (end < before.len && !text_is_blank(before.data[end]))
        end++;
    struct pp_str command = pp_str_slice(before, 0, end);
    const struct report_format *report = catalog_report(s->catalog, command);
    if (!command.len || pp_str_eq(command, PP_STR("help"))) {
        offer_reports(s);
        offer_settings(s, command.len ? "" : "=");
    }
    for (size_t i = 0; !command.len && i < sizeof own / sizeof *own; i++)
        offer_text(s, own[i]);
    if (!command.len) offer_types(s);
    if (!report || report->traits & REPORT_TAG_ARGS) return;
    if (dash && s->typed.len) offer(s, PP_STR("cum"));
    offer_functions(s);
}

static int by_text(const void *a, const void *b, void *user) {
    (void)user;
    return pp_str_cmp(*(const struct pp_str *)a, *(const struct pp_str *)b);
}

void complete(const struct pp_profile *p, const struct catalog *catalog, struct pp_str line,
              struct completion *ret_completion, struct pp_arena *arena) {
    struct completion *c = ret_completion;
    *c = (struct completion){.from = line.len};
    struct search s = {.p = p, .catalog = catalog, .found = c, .arena = arena};
    size_t first = 0;
    while (first < line.len && text_is_blank(line.data[first]))
        first++;
    const char *equals = line.len ? memchr(line.data, '=', line.len) : NULL;
    size_t stop = equals ? (size_t)(equals - line.data) + 1 : first;
    while (c->from > stop && !text_is_blank(line.data[c->from - 1]))
        c->from--;
    bool excludes = !equals && c->from > first && c->from < line.len && line.data[c->from] == '-';
    c->from += excludes; /* top -main: the name follows the dash */
    s.typed = pp_str_slice(line, c->from, line.len);
    if (equals)
        offer_values(&s, text_trim(pp_str_slice(line, 0, stop - 1)));
    else
        offer_words(&s, pp_str_slice(line, first, c->from), excludes);
    sort_stable(c->words, c->n, sizeof *c->words, by_text, NULL);
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (n == 0 || !pp_str_eq(c->words[i], c->words[n - 1])) c->words[n++] = c->words[i];
    c->n = n;
}

struct pp_str completion_common(const struct completion *c) {
    struct pp_str common = c->n ? c->words[0] : PP_STR("");
    for (size_t i = 1; i < c->n; i++)
        while (!pp_str_has_prefix(c->words[i], common))
            common.len--;
    while (c->n > 1 && common.len && ((unsigned char)c->words[0].data[common.len] & 0xC0) == 0x80)
        common.len--; /* no part of a character */
    return common;
}
