/* What printing any node needs; see cxx_print.h. */
#include "symbol/cxx_print.h"

#include <stdio.h>

enum { MAX_TEXT = 1 << 20 };

/* ---- writing ---- */

void cxx_put_quietly(struct cxx_printer *x, struct pp_str s) {
    if (s.len > MAX_TEXT - x->n) cxx_fail(x->tree);
    PP_RESERVE(&x->tree->arena, x->text, x->n, x->cap, s.len);
    if (s.len) memcpy(x->text + x->n, s.data, s.len);
    x->n += s.len;
}

void cxx_put_str(struct cxx_printer *x, struct pp_str s) {
    cxx_put_quietly(x, s);
    if (s.len) x->last = s.data[s.len - 1];
}

void cxx_put(struct cxx_printer *x, const char *text) {
    cxx_put_str(x, (struct pp_str){text, strlen(text)});
}

void cxx_put_char(struct cxx_printer *x, char c) {
    cxx_put_str(x, (struct pp_str){&c, 1});
}

void cxx_put_number_quietly(struct cxx_printer *x, const char *format, int number) {
    char text[64];
    int n = snprintf(text, sizeof text, format, number);
    cxx_put_quietly(x, (struct pp_str){text, (size_t)n});
}

void cxx_put_number(struct cxx_printer *x, long long number) {
    char text[24];
    snprintf(text, sizeof text, "%lld", number);
    cxx_put(x, text);
}

/* Whether it shows nothing at all: an empty pack. */
static bool is_empty(struct cxx_printer *x, struct cxx_node *n) {
    bool empty = true;
    if (n->kind == CXX_LIST) return n->n_kids == 0;
    if (n->kind != CXX_PACK && (n->kind != CXX_EXPANSION || !n->ref)) return false;
    cxx_enter(x->tree);
    for (unsigned i = 0; empty && i < n->n_kids; i++)
        empty = is_empty(x, n->kids[i]);
    cxx_leave(x->tree);
    return empty;
}

void cxx_put_list(struct cxx_printer *x, const struct cxx_node *n, size_t from, size_t to,
                  bool skip_empty) {
    bool first = true;
    for (size_t i = from; i < to; i++) {
        if (skip_empty && is_empty(x, n->kids[i])) continue;
        if (!first) cxx_put(x, ", ");
        cxx_print(x, n->kids[i]);
        first = false;
    }
}

void cxx_print_if(struct cxx_printer *x, struct cxx_node *n) {
    if (n) cxx_print(x, n);
}

/* ---- what waits for its place ---- */

bool cxx_has_inner(const struct cxx_printer *x) {
    return x->inner.n > x->base;
}

void cxx_push_inner(struct cxx_printer *x, struct cxx_node *n) {
    cxx_push(x->tree, &x->inner, n);
}

void cxx_print_last_inner(struct cxx_printer *x) {
    if (cxx_has_inner(x)) cxx_print_inner(x, x->inner.at[--x->inner.n]);
}

void cxx_print_all_inner(struct cxx_printer *x) {
    while (cxx_has_inner(x))
        cxx_print_last_inner(x);
}

/* Nothing waits while a part of its own is printed. */
size_t cxx_hide_inner(struct cxx_printer *x) {
    size_t hold = x->base;
    x->base = x->inner.n;
    return hold;
}

void cxx_show_inner(struct cxx_printer *x, size_t hold) {
    x->inner.n = x->base;
    x->base = hold;
}

void cxx_print_text(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_str(x, n->text);
}

void cxx_print_first(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[0]);
}

/* ---- any node ---- */

static cxx_print_fn *printer_of(enum cxx_kind kind) {
    cxx_print_fn *f = cxx_name_printer(kind);
    if (!f) f = cxx_type_printer(kind);
    return f ? f : cxx_expression_printer(kind);
}

void cxx_print_inner(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print_fn *f = cxx_inner_printer(n->kind);
    cxx_enter(x->tree);
    (f ? f : cxx_print)(x, n);
    cxx_leave(x->tree);
}

/* A substitution may lead back to where it is part of. Twice it is printed, since what waits can
 * differ; then no more. */
void cxx_print(struct cxx_printer *x, struct cxx_node *n) {
    if (n->printing == 2) return;
    cxx_enter(x->tree);
    n->printing++;
    printer_of(n->kind)(x, n);
    n->printing--;
    cxx_leave(x->tree);
}
