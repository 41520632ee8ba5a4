/* A tree as text. What a mode leaves out is left out here: the tree is the same for all of them. */
#ifndef SYMBOL_CXX_PRINT_H
#define SYMBOL_CXX_PRINT_H

#include "symbol/cxx_tree.h"

struct cxx_printer {
    struct cxx_tree *tree;
    bool templates, enclosing; /* show arguments of templates, parameters of enclosing functions */
    bool nameless;             /* in the parameters of a template parameter */
    char last;                 /* what was written last, numbers apart */
    char *text;
    size_t n, cap;
    /* C++ declares from the inside out: what still waits for its place. Only those from `base` on
     * are visible; a name that has nothing to do with them raises it. */
    struct cxx_list inner;
    size_t base;
};

void cxx_print(struct cxx_printer *x, struct cxx_node *n);
void cxx_print_if(struct cxx_printer *x, struct cxx_node *n); /* it may be NULL */

void cxx_put(struct cxx_printer *x, const char *text);
void cxx_put_str(struct cxx_printer *x, struct pp_str text);
void cxx_put_char(struct cxx_printer *x, char c);
void cxx_put_number(struct cxx_printer *x, long long number);

/* Kids from `from` up to `to` with commas; those that show nothing are left out on demand. */
void cxx_put_list(struct cxx_printer *x, const struct cxx_node *n, size_t from, size_t to,
                  bool skip_empty);

/* A closure's <template parameters>(parameters) with what they require. */
void cxx_put_signature(struct cxx_printer *x, struct cxx_node *closure);

/* The text of an operator, "" if it is none. */
struct pp_str cxx_operator_text(const struct cxx_node *op);

/* Brackets around what is more than a name. */
void cxx_parenthesize(struct cxx_printer *x, struct cxx_node *n);

/* Without a trace in `last`, as the reference does with some numbers. */
void cxx_put_quietly(struct cxx_printer *x, struct pp_str text);
void cxx_put_number_quietly(struct cxx_printer *x, const char *format, int number);

void cxx_print_text(struct cxx_printer *x, struct cxx_node *n);  /* just its text */
void cxx_print_first(struct cxx_printer *x, struct cxx_node *n); /* just its first kid */

/* ---- what waits for its place ---- */

bool cxx_has_inner(const struct cxx_printer *x);
void cxx_push_inner(struct cxx_printer *x, struct cxx_node *n);
void cxx_print_inner(struct cxx_printer *x, struct cxx_node *n);
void cxx_print_last_inner(struct cxx_printer *x);
void cxx_print_all_inner(struct cxx_printer *x);

/* Nothing waits while a part of its own is printed; what hiding returns is for showing. */
size_t cxx_hide_inner(struct cxx_printer *x);
void cxx_show_inner(struct cxx_printer *x, size_t hold);

/* ---- by kind: NULL for kinds of another file ---- */

typedef void cxx_print_fn(struct cxx_printer *x, struct cxx_node *n);
cxx_print_fn *cxx_name_printer(enum cxx_kind kind);
cxx_print_fn *cxx_type_printer(enum cxx_kind kind);
cxx_print_fn *cxx_expression_printer(enum cxx_kind kind);
cxx_print_fn *cxx_inner_printer(enum cxx_kind kind); /* what waited */

#endif
