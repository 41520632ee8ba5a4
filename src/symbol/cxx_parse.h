/* From a mangled C++ name to its tree. The grammar is that of the Itanium C++ ABI, with what gcc
 * and clang really write; where a name leaves a choice, it is read as the reference reads it. The
 * files: cxx_names, cxx_special, cxx_types, cxx_templates, cxx_expressions. */
#ifndef SYMBOL_CXX_PARSE_H
#define SYMBOL_CXX_PARSE_H

#include "base/text.h"
#include "symbol/cxx_tree.h"

struct cxx_parser {
    struct cxx_tree *tree;
    const char *at; /* ends with a NUL, which nothing accepts */
    struct cxx_list subs;
    struct cxx_list templates; /* those around; NULL stands for that of a cast, not read yet */
    size_t lambda_level;       /* 1 + how many were around the lambda that is read; 0: none is */
    bool in_constraint;        /* template parameters are not resolved there */
    int n_type_params, n_value_params, n_template_params;
};

/* ---- characters ---- */

static inline bool cxx_is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static inline bool cxx_is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/* Two letters are next. */
static inline bool cxx_next_is(const struct cxx_parser *p, const char *two) {
    return p->at[0] == two[0] && p->at[1] == two[1];
}

static inline bool cxx_take(struct cxx_parser *p, char c) {
    if (*p->at != c) return false;
    p->at++;
    return true;
}

static inline bool cxx_take_two(struct cxx_parser *p, const char *two) {
    if (!cxx_next_is(p, two)) return false;
    p->at += 2;
    return true;
}

static inline void cxx_expect(struct cxx_parser *p, char c) {
    if (!cxx_take(p, c)) cxx_fail(p->tree);
}

/* ---- cxx_names ---- */

/* A function with its parameters, data, or a special name. Without parameters what follows the name
 * is not read. */
struct cxx_node *cxx_encoding(struct cxx_parser *p, bool params, bool local);
struct cxx_node *cxx_name(struct cxx_parser *p);
struct cxx_node *cxx_unqualified(struct cxx_parser *p, struct cxx_node *module, bool *ret_cast);
struct cxx_node *cxx_source_name(struct cxx_parser *p);
struct cxx_node *cxx_module_name(struct cxx_parser *p, struct cxx_node *parent);
struct cxx_node *cxx_closure(struct cxx_parser *p);
struct cxx_node *cxx_unnamed(struct cxx_parser *p);
struct cxx_node *cxx_substitution(struct cxx_parser *p, bool for_prefix);

int cxx_number(struct cxx_parser *p);         /* [n] digits */
int cxx_compact_number(struct cxx_parser *p); /* "_" is 0, "0_" is 1 */
int cxx_seq_id(struct cxx_parser *p, bool end_ok);

/* ---- cxx_special ---- */

struct cxx_node *cxx_special(struct cxx_parser *p);

/* ---- cxx_types ---- */

/* `is_cast`: the type of a conversion operator, whose template arguments may follow. */
struct cxx_node *cxx_type(struct cxx_parser *p, bool is_cast);
struct cxx_node *cxx_qualifiers(struct cxx_parser *p);
struct pp_str cxx_ref_qualifier(struct cxx_parser *p);
void cxx_parameters(struct cxx_parser *p, bool object_param, struct cxx_list *ret_list);
struct cxx_node *cxx_function_type(struct cxx_parser *p, bool has_return, bool object_param);

/* ---- cxx_templates ---- */

struct cxx_node *cxx_template_param(struct cxx_parser *p);
struct cxx_node *cxx_template_arg(struct cxx_parser *p, const struct cxx_list *before);

/* name<arguments>; a constraint behind them is around the returned one. */
struct cxx_node *cxx_template(struct cxx_parser *p, struct cxx_node *name,
                              struct cxx_node **ret_template);
void cxx_template_args(struct cxx_parser *p, struct cxx_list *ret_args,
                       struct cxx_node **ret_constraint);
struct cxx_node *cxx_constrain(struct cxx_parser *p, struct cxx_node *n,
                               struct cxx_node *constraint);
struct cxx_node *cxx_constraint(struct cxx_parser *p);

/* A declaration of a template parameter, and what stands for it in types; false if none is next. */
bool cxx_param_decl(struct cxx_parser *p, struct cxx_node **ret_decl, struct cxx_node **ret_name);

/* ---- cxx_expressions ---- */

struct cxx_node *cxx_expression(struct cxx_parser *p);
struct cxx_node *cxx_primary(struct cxx_parser *p);

/* An operator's name; how many operands it has. */
struct cxx_node *cxx_operator(struct cxx_parser *p, bool in_expression, int *ret_operands);

#endif
