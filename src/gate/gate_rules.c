/* The gate's rules: words, then clauses, each a row of a table. */
#include "gate/gate_rules.h"

#include "base/regex.h"
#include "base/text.h"
#include "profile/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_RULES = 1000, MAX_WORD = 4096, MAX_RULE = 10000 };

const char gate_default_rules[] = "total grows at most 5%\n"
                                  "any function self grows at most 10% floor 1%\n";

/* ---- words ---- */

struct words {
    struct pp_str text;
    size_t at;
    uint32_t line;
    struct pp_str source;
    struct pp_str word;  /* the current one; quotes are off */
    bool quoted, is_end; /* is_end: of the rule; there is no word */
    struct pp_str shown; /* the rule so far, as messages show it */
    struct pp_arena *arena;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static char peek(const struct words *w) {
    return w->at < w->text.len ? w->text.data[w->at] : '\n';
}

static bool complain(const struct words *w, struct pp_error *err, const char *what) {
    if (w->is_end)
        return pp_fail(err, PP_E_USAGE, "%.*s:%u: %s at the end of the rule", PP_STR_ARG(w->source),
                       w->line, what);
    return pp_fail(err, PP_E_USAGE, "%.*s:%u: %s at \"%.*s\"", PP_STR_ARG(w->source), w->line, what,
                   PP_STR_ARG(w->word));
}

static bool read_quoted(struct words *w, struct pp_error *err) {
    size_t from = ++w->at;
    while (w->at < w->text.len && w->text.data[w->at] != '"' && w->text.data[w->at] != '\n')
        w->at++;
    if (peek(w) != '"') {
        w->word = pp_str_slice(w->text, from, w->at);
        return complain(w, err, "a quotation mark is missing");
    }
    w->word = pp_str_slice(w->text, from, w->at++);
    w->quoted = true;
    return true;
}

/* The rule's text grows by a word; it may hold a NUL, so nothing is formatted. */
static void show(struct words *w, struct pp_str raw) {
    w->shown =
        w->shown.len ? pp_arena_join(w->arena, w->shown, ' ', raw) : pp_arena_copy(w->arena, raw);
}

/* Steps to the next word; at the end of the rule there is none. */
static bool next_word(struct words *w, struct pp_error *err) {
    while (w->at < w->text.len && is_blank(peek(w)))
        w->at++;
    size_t from = w->at;
    w->quoted = false;
    w->is_end = peek(w) == '\n' || peek(w) == ';' || peek(w) == '#';
    w->word = PP_STR("");
    if (w->is_end) return true;
    if (peek(w) == '"') {
        if (!read_quoted(w, err)) return false;
    } else {
        while (w->at < w->text.len && !is_blank(peek(w)) && peek(w) != '\n' && peek(w) != ';')
            w->at++;
        w->word = pp_str_slice(w->text, from, w->at);
    }
    if (w->word.len > MAX_WORD) {
        w->word.len = 40;
        return complain(w, err, "a word is too long");
    }
    struct pp_str raw = pp_str_slice(w->text, from, w->at);
    if (w->shown.len > MAX_RULE) return complain(w, err, "the rule is too long");
    show(w, raw);
    return true;
}

/* Past the end of this rule, its comment included. */
static void next_rule(struct words *w) {
    if (peek(w) == '#')
        while (w->at < w->text.len && w->text.data[w->at] != '\n')
            w->at++;
    if (w->at < w->text.len && w->text.data[w->at++] == '\n') w->line++;
    w->shown = PP_STR("");
}

static bool is_word(const struct words *w, const char *word) {
    return !w->is_end && !w->quoted && pp_str_eq(w->word, pp_str_from(word));
}

/* "12.5%", "64MB", "3": a number that is finite and not negative, and what follows. */
static bool read_amount(struct words *w, struct gate_amount *ret_amount, struct pp_error *err) {
    char digits[64], *end;
    size_t n = w->word.len < sizeof digits - 1 ? w->word.len : sizeof digits - 1;
    if (n) memcpy(digits, w->word.data, n);
    digits[n] = '\0';
    bool starts_well = n && (text_is_digit(digits[0]) || digits[0] == '.');
    double number = strtod(digits, &end);
    if (!starts_well || !isfinite(number) || w->is_end)
        return complain(w, err, "expected an amount");
    struct gate_amount a = {.number = number};
    a.unit = pp_str_slice(w->word, (size_t)(end - digits), w->word.len);
    if (pp_str_eq(a.unit, PP_STR("%"))) a = (struct gate_amount){number / 100, true, PP_STR("")};
    struct pp_str first = a.unit.len ? pp_str_slice(a.unit, 0, 1) : PP_STR("");
    if (first.len && first.data[0] < 'A') return complain(w, err, "expected an amount");
    *ret_amount = a;
    return next_word(w, err);
}

bool gate_amount_in(const struct gate_amount *amount, struct pp_str unit, double *ret_value) {
    enum { FINE = 1 << 20 };
    if (amount->is_share) return false;
    if (amount->unit.len == 0) {
        *ret_value = amount->number;
        return true;
    }
    if (!units_compatible(amount->unit, unit)) return false;
    struct pp_str shown;
    *ret_value = amount->number * units_scale(FINE, amount->unit, unit, &shown) / FINE;
    return true;
}

/* ---- the scope ---- */

struct scope_word {
    const char *word;
    enum gate_scope scope;
    const char *what; /* of its pattern, for messages; or NULL: it has none */
};

static const struct scope_word scope_words[] = {
    {"total", GATE_TOTAL, NULL},
    {"any", GATE_ANY, NULL},
    {"function", GATE_FUNCTION, "expected a function's name as regular expression"},
    {"file", GATE_FILE, "expected a file's name as regular expression"},
    {"package", GATE_PACKAGE, "expected a package's name as regular expression"},
    {"label", GATE_LABEL, "expected a label as KEY:REGEX"},
};

bool gate_rule_needs_names(const struct gate_rule *rule) {
    return rule->scope != GATE_TOTAL && rule->scope != GATE_LABEL;
}

static bool read_pattern(struct words *w, struct gate_rule *r, const char *what,
                         struct pp_error *err) {
    if (w->is_end) return complain(w, err, what);
    r->pattern = w->word;
    if (r->scope == GATE_LABEL) {
        const char *colon = memchr(w->word.data, ':', w->word.len);
        if (!colon) return complain(w, err, what);
        size_t at = (size_t)(colon - w->word.data);
        r->key = pp_str_slice(w->word, 0, at);
        r->pattern = pp_str_slice(w->word, at + 1, w->word.len);
    }
    struct pp_error why;
    r->regex = regex_compile(r->pattern, &why);
    if (!r->regex) {
        pp_fail(err, PP_E_USAGE, "%.*s:%u: %s", PP_STR_ARG(w->source), w->line, why.text);
        return false;
    }
    return next_word(w, err);
}

/* A first word that is none of the table's is a function's name. */
static bool read_scope(struct words *w, struct gate_rule *r, struct pp_error *err) {
    const struct scope_word *found = NULL;
    for (size_t i = 0; i < sizeof scope_words / sizeof *scope_words; i++)
        if (is_word(w, scope_words[i].word)) found = &scope_words[i];
    r->scope = found ? found->scope : GATE_FUNCTION;
    if (found && !next_word(w, err)) return false;
    if (r->scope == GATE_ANY) {
        if (!is_word(w, "function")) return complain(w, err, "expected \"function\" after \"any\"");
        return next_word(w, err);
    }
    const char *what = found ? found->what : "expected a function's name";
    return what ? read_pattern(w, r, what, err) : true;
}

/* ---- measure, limit, options ---- */

struct measure_word {
    const char *word;
    int cost;    /* -1: says nothing about it */
    int measure; /* -1: the same */
};

static const struct measure_word measure_words[] = {
    {"self", GATE_SELF, -1},       {"flat", GATE_FLAT, -1},    {"cum", GATE_CUM, -1},
    {"per-run", -1, GATE_PER_RUN}, {"absolute", -1, GATE_SUM}, {"share", -1, GATE_SHARE},
};

static bool is_clause(const struct words *w) {
    return is_word(w, "grows") || is_word(w, "at");
}

static bool read_measure(struct words *w, struct gate_rule *r, int *ret_measure,
                         struct pp_error *err) {
    while (!w->is_end && !is_clause(w)) {
        const struct measure_word *found = NULL;
        for (size_t i = 0; i < sizeof measure_words / sizeof *measure_words; i++)
            if (is_word(w, measure_words[i].word)) found = &measure_words[i];
        if (!found && r->type.len)
            return complain(w, err, "expected \"grows at most\" or \"at most\"");
        if (!found) r->type = w->word;
        if (found && found->cost >= 0) r->cost = (enum gate_cost)found->cost;
        if (found && found->measure >= 0) *ret_measure = found->measure;
        if (!next_word(w, err)) return false;
    }
    return true;
}

static bool expect(struct words *w, const char *word, struct pp_error *err) {
    char what[64];
    snprintf(what, sizeof what, "expected \"%s\"", word);
    if (!is_word(w, word)) return complain(w, err, what);
    return next_word(w, err);
}

static bool read_limit(struct words *w, struct gate_rule *r, int measure, struct pp_error *err) {
    r->is_budget = !is_word(w, "grows");
    if (!r->is_budget) {
        if (!next_word(w, err)) return false;
        if (is_word(w, "by") && !next_word(w, err)) return false;
    }
    if (!is_word(w, "at"))
        return complain(w, err, "expected \"at most\", as in \"total grows at most 5%\",");
    if (!next_word(w, err) || !expect(w, "most", err)) return false;
    struct words before = *w;
    if (!read_amount(w, &r->limit, err)) return false;
    if (!r->is_budget && !r->limit.is_share)
        return complain(&before, err, "a growth is limited in per cent (see \"floor\")");
    if (r->is_budget && measure < 0 && r->limit.is_share) measure = GATE_SHARE;
    r->measure = measure < 0 ? GATE_PER_RUN : (enum gate_measure)measure;
    if (r->is_budget && (r->measure == GATE_SHARE) != r->limit.is_share)
        return complain(&before, err, "a share is limited in per cent, any other value is not");
    return true;
}

static bool read_percent(struct words *w, double low, double high, double *ret_value,
                         struct pp_error *err) {
    struct words before = *w;
    struct gate_amount a = {0};
    if (!read_amount(w, &a, err)) return false;
    if (!a.is_share || a.number < low || a.number > high)
        return complain(&before, err, "out of range");
    *ret_value = a.number;
    return true;
}

static bool read_option(struct words *w, struct gate_rule *r, struct pp_error *err) {
    bool is_floor = is_word(w, "floor"), is_confidence = is_word(w, "confidence");
    bool is_noise = is_word(w, "noise"), is_exact = is_word(w, "exact");
    if (!(is_floor || is_confidence || is_noise || is_exact))
        return complain(w, err, "expected \"floor\", \"confidence\", \"noise\" or \"exact\"");
    if (is_floor && r->is_budget) return complain(w, err, "a budget has no floor");
    if (!next_word(w, err)) return false;
    if (is_floor) return read_amount(w, &r->floor, err);
    if (is_confidence) return read_percent(w, 0.5, 0.999999, &r->confidence, err);
    if (is_noise) return read_percent(w, 0, 1, &r->noise, err);
    r->exact = true;
    return true;
}

static bool read_rule(struct words *w, struct gate_rule *r, struct pp_error *err) {
    int measure = -1;
    if (!read_scope(w, r, err) || !read_measure(w, r, &measure, err)) return false;
    if (w->is_end) return complain(w, err, "expected \"grows at most\" or \"at most\"");
    if (!read_limit(w, r, measure, err)) return false;
    while (!w->is_end)
        if (!read_option(w, r, err)) return false;
    return true;
}

void gate_rules_done(struct gate_rules *rules) {
    for (uint32_t i = 0; i < rules->n; i++)
        if (rules->rules[i].regex) regex_free(rules->rules[i].regex);
    *rules = (struct gate_rules){0};
}

bool gate_rules_parse(struct pp_str text, struct pp_str source, struct gate_rules *ret_rules,
                      struct pp_arena *arena, struct pp_error *err) {
    struct words w = {.text = text, .line = 1, .source = source, .arena = arena};
    struct gate_rules all = {0};
    size_t cap = 0;
    bool ok = true;
    while (ok && w.at < text.len) {
        uint32_t line = w.line;
        ok = next_word(&w, err);
        if (ok && !w.is_end) {
            struct gate_rule r = {.confidence = GATE_CONFIDENCE, .noise = -1, .line = line};
            ok = read_rule(&w, &r, err);
            r.text = w.shown;
            PP_PUSH(arena, all.rules, all.n, cap, r);
        }
        if (ok && all.n > MAX_RULES)
            ok =
                pp_fail(err, PP_E_LIMIT, "%.*s: more than %d rules", PP_STR_ARG(source), MAX_RULES);
        if (ok) next_rule(&w);
    }
    if (ok && all.n == 0)
        ok = pp_fail(err, PP_E_USAGE, "%.*s: there is no rule in it", PP_STR_ARG(source));
    if (ok)
        *ret_rules = all;
    else
        gate_rules_done(&all);
    return ok;
}
