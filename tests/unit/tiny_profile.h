/* Profiles as short texts, for tests. A line is a sample:
 *
 *     leaf+caller;middle@file.c;root 5 key=text size#16:bytes
 *
 * Frames stand leaf first; '+' joins the lines of one location, innermost first; equal frames are
 * one location. A location that begins with "[map]" has that mapping and no lines unless some
 * follow. Labels: key=text, or key#number[:unit]. "-" is an empty stack. tiny_text writes the same
 * back. */
#ifndef TINY_PROFILE_H
#define TINY_PROFILE_H

#include "base/out.h"
#include "profile/builder.h"
#include "profile/view/view.h"

#include <stdio.h>
#include <stdlib.h>

struct tiny {
    struct profile_builder b;
    struct pp_str frames[256]; /* their texts, by location */
    struct pp_str files[16];   /* of mappings */
};

static inline struct pp_str tiny_cut(struct pp_str *rest, char at) {
    size_t n = 0;
    while (n < rest->len && rest->data[n] != at)
        n++;
    struct pp_str word = pp_str_slice(*rest, 0, n);
    *rest = pp_str_slice(*rest, n < rest->len ? n + 1 : n, rest->len);
    return word;
}

static inline uint32_t tiny_function(struct tiny *t, struct pp_str text) {
    struct pp_function f = {0};
    f.name = f.system_name = builder_string(&t->b, tiny_cut(&text, '@'));
    f.filename = builder_string(&t->b, text);
    f.start_line = text.len > 0;
    for (uint32_t i = 0; i < t->b.p.n_functions; i++)
        if (t->b.p.functions[i].name == f.name && t->b.p.functions[i].filename == f.filename)
            return i;
    return builder_add_function(&t->b, &f);
}

static inline uint32_t tiny_mapping(struct tiny *t, struct pp_str file) {
    uint32_t n = t->b.p.n_mappings;
    for (uint32_t i = 0; i < n; i++)
        if (pp_str_eq(t->files[i], file)) return i;
    t->files[n] = file;
    struct pp_mapping m = {
        .id = n + 1U, .file = builder_string(&t->b, file), .has_functions = true};
    return builder_add_mapping(&t->b, &m);
}

static inline uint32_t tiny_location(struct tiny *t, struct pp_str text) {
    uint32_t n = t->b.p.n_locations, n_lines = 0;
    for (uint32_t i = 0; i < n; i++)
        if (pp_str_eq(t->frames[i], text)) return i;
    t->frames[n] = text;
    struct pp_location l = {.address = 16U * (n + 1), .mapping = PP_NONE};
    struct pp_line lines[8] = {{0}};
    if (text.len && text.data[0] == '[') {
        tiny_cut(&text, '[');
        l.mapping = tiny_mapping(t, tiny_cut(&text, ']'));
    }
    while (text.len) {
        lines[n_lines].function = tiny_function(t, tiny_cut(&text, '+'));
        lines[n_lines].line = 10 + n_lines;
        lines[n_lines++].column = 3;
    }
    return builder_add_location(&t->b, &l, lines, n_lines);
}

static inline uint32_t tiny_labels(struct tiny *t, struct pp_str text) {
    struct pp_label words[2][16];
    uint32_t n[2] = {0, 0};
    while (text.len) {
        struct pp_str word = tiny_cut(&text, ' ');
        bool number = !memchr(word.data, '=', word.len);
        struct pp_label *l = &words[number][n[number]++];
        *l = (struct pp_label){.key = builder_string(&t->b, tiny_cut(&word, number ? '#' : '='))};
        if (!number) {
            l->text = builder_string(&t->b, word);
            continue;
        }
        l->num = strtoll(word.data, NULL, 10);
        tiny_cut(&word, ':');
        l->text = word.len ? builder_string(&t->b, word) : PP_NONE;
    }
    for (uint32_t i = 0; i < n[1]; i++)
        words[0][n[0] + i] = words[1][i];
    return builder_label_set(&t->b, words[0], n[0], n[1]);
}

/* `text` must outlive the call only. */
static inline struct pp_profile tiny_profile(struct pp_arena *arena, const char *text) {
    struct tiny t = {0};
    builder_init(&t.b, arena);
    builder_add_type(&t.b, builder_string(&t.b, PP_STR("cpu")), builder_string(&t.b, PP_STR("ns")));
    struct pp_str rest = pp_str_from(text);
    while (rest.len) {
        struct pp_str line = tiny_cut(&rest, '\n'), stack = tiny_cut(&line, ' ');
        uint32_t frames[256], n = 0;
        while (stack.len && stack.data[0] != '-')
            frames[n++] = tiny_location(&t, tiny_cut(&stack, ';'));
        int64_t value = strtoll(line.data, NULL, 10);
        tiny_cut(&line, ' ');
        uint32_t labels = tiny_labels(&t, line);
        builder_add_sample(&t.b, builder_stack(&t.b, frames, n), labels, &value, 1);
    }
    struct pp_profile p;
    struct pp_error err;
    if (!builder_finish(&t.b, &p, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return p;
}

/* What a granularity that exists does not tell apart. */
static inline struct view_blanks tiny_blanks(const char *granularity, bool inlines, bool columns) {
    struct view_blanks blanks;
    if (!view_blanks_of(pp_str_from(granularity), inlines, columns, &blanks, NULL)) abort();
    return blanks;
}

static inline void tiny_write_location(struct out *o, const struct pp_profile *p, uint32_t id) {
    const struct pp_location *l = &p->locations[id];
    if (l->mapping != PP_NONE) {
        out_char(o, '[');
        out_str(o, pp_string(p, p->mappings[l->mapping].file));
        out_char(o, ']');
    }
    for (uint32_t i = 0; i < l->n_lines; i++) {
        const struct pp_function *f = &p->functions[p->lines[l->first_line + i].function];
        if (i) out_char(o, '+');
        out_str(o, pp_string(p, f->name));
        if (f->filename) out_char(o, '@');
        out_str(o, pp_string(p, f->filename));
    }
}

/* The samples as text, in `arena`, terminated. */
static inline const char *tiny_text(const struct pp_profile *p, struct pp_arena *arena) {
    struct out o;
    out_open_memory(&o);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        struct pp_stack s = p->stacks[p->sample_stack[i]];
        struct pp_label_set set = p->label_sets[p->sample_labels[i]];
        if (s.len == 0) out_char(&o, '-');
        for (uint32_t j = 0; j < s.len; j++) {
            if (j) out_char(&o, ';');
            tiny_write_location(&o, p, pp_frame(p, s.first + j));
        }
        out_char(&o, ' ');
        out_i64(&o, pp_value(p, i, 0));
        for (uint32_t j = 0; j < set.n_text + set.n_num; j++) {
            struct pp_label l = p->labels[set.first + j];
            out_char(&o, ' ');
            out_str(&o, pp_string(p, l.key));
            out_char(&o, j < set.n_text ? '=' : '#');
            if (j >= set.n_text) out_i64(&o, l.num);
            if (j >= set.n_text && l.text != PP_NONE) out_char(&o, ':');
            if (l.text != PP_NONE) out_str(&o, pp_string(p, l.text));
        }
        out_char(&o, '\n');
    }
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return text.data;
}

#endif
