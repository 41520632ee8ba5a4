#include "load/tally.h"

#include "profile/runs.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE = 900 };

/* "cpu, samples", cut where it gets too long. */
static void types_text(const struct pp_profile *p, char ret_text[TALLY_TEXT]) {
    size_t n = 0;
    ret_text[0] = 0;
    for (uint32_t t = 0; t < p->n_types && n < TALLY_TEXT - 1; t++) {
        struct pp_str type = pp_string(p, p->sample_types[t].type);
        int len = type.len < TALLY_TEXT ? (int)type.len : TALLY_TEXT;
        n += (size_t)snprintf(ret_text + n, TALLY_TEXT - n, "%s%.*s", t ? ", " : "", len,
                              type.len ? type.data : "");
    }
}

/* Adds to the group of this text; false when there is none and no room for one. */
static bool count(struct tally_group groups[TALLY_REASONS], size_t *n, const char *text,
                  const char *name) {
    size_t i = 0;
    while (i < *n && strcmp(groups[i].text, text))
        i++;
    if (i == TALLY_REASONS) return false;
    if (i == *n) {
        snprintf(groups[i].text, sizeof groups[i].text, "%s", text);
        groups[i].first = name;
        groups[i].n = 0;
        ++*n;
    }
    groups[i].n++;
    return true;
}

void tally_failed(struct tally *t, const char *name, const struct pp_error *why) {
    char text[TALLY_TEXT];
    const char *about = why->about ? why->about : "";
    snprintf(text, sizeof text, "%.*s%s%s", TALLY_TEXT - 40, why->text, *about ? ": " : "", about);
    t->n_failed++;
    if (!count(t->reasons, &t->n_reasons, text, name)) t->n_other_reasons++;
}

bool tally_was_told(struct tally *t) {
    return t->n_doubts++ < t->n_told;
}

void tally_return(struct tally *t, const struct tally *before) {
    size_t n_told = t->n_doubts > t->n_told ? t->n_doubts : t->n_told;
    *t = *before;
    t->n_told = n_told;
}

void tally_note(struct tally *t, const char *name, const char *note) {
    if (*note && !count(t->notes, &t->n_notes, note, name)) t->n_other_notes++;
}

void tally_read(struct tally *t, const char *name, const struct pp_profile *p) {
    size_t i = 0;
    t->n_read++;
    t->n_runs += profile_runs(p);
    while (i < t->n_widths && t->widths[i].n_types != p->n_types)
        i++;
    if (i == TALLY_WIDTHS) {
        t->n_of_other_widths++;
        return;
    }
    if (i == t->n_widths) t->widths[t->n_widths++] = (struct tally_width){p->n_types, name, 0};
    t->widths[i].n++;
}

struct line {
    char text[LINE];
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *l, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(l->text + l->len, sizeof l->text - l->len, format, args);
    va_end(args);
    if (n > 0) l->len += (size_t)n;
    if (l->len > sizeof l->text - 1) l->len = sizeof l->text - 1;
}

/* "a.pb and 2 more: unrecognized format; b.pb: No such file" */
static void add_groups(struct line *l, const struct tally_group *groups, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct tally_group *g = &groups[i];
        add(l, "%s%.100s", i ? "; " : "", g->first);
        if (g->n > 1) add(l, " and %zu more", g->n - 1);
        add(l, ": %s", g->text);
    }
}

static void add_reasons(struct line *l, const struct tally *t) {
    add_groups(l, t->reasons, t->n_reasons);
    if (t->n_other_reasons) add(l, "; %zu for other reasons", t->n_other_reasons);
}

static void say_notes(const struct tally *t) {
    struct line l = {.len = 0};
    if (t->n_notes == 0) return;
    add_groups(&l, t->notes, t->n_notes);
    if (t->n_other_notes) add(&l, "; other notes about %zu", t->n_other_notes);
    pp_say(t->diag, "%s", l.text);
}

static bool conclude(const struct tally *t, const struct line *l, enum pp_code code,
                     struct pp_error *err) {
    if (t->strict) return pp_fail(err, code, "%s (-strict)", l->text);
    pp_say(t->diag, "%s", l->text);
    return true;
}

static bool report_failures(const struct tally *t, struct pp_error *err) {
    size_t n = t->n_read + t->n_failed;
    struct line l = {.len = 0};
    if (t->n_read == 0) {
        add(&l, "none of the %zu %s profiles could be read: ", n, t->what);
        add_reasons(&l, t);
        return pp_fail(err, PP_E_IO, "%s", l.text);
    }
    if (t->n_failed == 0) return true;
    add(&l, "left out %zu of %zu %s profiles: ", t->n_failed, n, t->what);
    add_reasons(&l, t);
    return conclude(t, &l, PP_E_IO, err);
}

/* What is kept is common to all: who had more lost some. */
static bool report_cuts(const struct tally *t, const struct pp_profile *merged,
                        struct pp_error *err) {
    char kept[TALLY_TEXT];
    size_t n_cut = t->n_of_other_widths;
    const char *first = NULL;
    for (size_t i = 0; i < t->n_widths; i++) {
        if (t->widths[i].n_types == merged->n_types) continue;
        n_cut += t->widths[i].n;
        if (!first) first = t->widths[i].first;
    }
    if (n_cut == 0 || !first) return true;
    types_text(merged, kept);
    struct line l = {.len = 0};
    add(&l, "%zu of %zu %s profiles (%.100s%s) are cut to the sample types of all: %s", n_cut,
        t->n_read, t->what, first, n_cut > 1 ? " ..." : "", kept);
    return conclude(t, &l, PP_E_INCOMPATIBLE, err);
}

bool tally_report(const struct tally *t, const struct pp_profile *merged, struct pp_error *err) {
    say_notes(t);
    return report_failures(t, err) && report_cuts(t, merged, err);
}
