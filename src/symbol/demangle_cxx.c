/* C++ names: which parts of them a mode shows. The reading is in cxx_parse.h, the text in
 * cxx_print.h. */
#include "symbol/demangle.h"

#include "symbol/cxx_parse.h"
#include "symbol/cxx_print.h"

/* .part.0, .constprop.1.isra.2 */
static struct cxx_node *clone_suffix(struct cxx_parser *p, struct cxx_node *n) {
    static const char word[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    const char *start = p->at++;
    p->at += strspn(p->at, word);
    while (p->at[0] == '.' && text_is_digit(p->at[1]))
        p->at += 1 + strspn(p->at + 1, word + 27);
    n = cxx_one(p->tree, CXX_CLONE, n);
    n->text = (struct pp_str){start, (size_t)(p->at - start)};
    return n;
}

static bool at_clone_suffix(const struct cxx_parser *p) {
    char c = p->at[0] == '.' ? p->at[1] : 0;
    return cxx_is_lower(c) || text_is_digit(c) || c == '_';
}

/* What runs before main() or after it; here the parameters and clones are shown in every mode, but
 * for clones in the full one, which is how the reference has it. */
static struct cxx_node *global_structor(struct cxx_parser *p, enum demangle_mode mode) {
    const char *name = p->at;
    struct cxx_node *key;
    if (!name[0] || !strchr("._$", name[0]) || (name[1] != 'I' && name[1] != 'D') ||
        name[2] != '_' || !name[3])
        cxx_fail(p->tree);
    p->at += 3;
    if (!cxx_take_two(p, "_Z")) {
        key = cxx_leaf(p->tree, CXX_NAME, pp_str_from(name), 0);
    } else {
        key = cxx_encoding(p, true, false);
        while (mode != DEMANGLE_FULL && at_clone_suffix(p))
            key = clone_suffix(p, key);
        if (mode != DEMANGLE_FULL && *p->at) cxx_fail(p->tree);
    }
    struct cxx_node *n = cxx_one(p->tree, CXX_SPECIAL, key);
    n->text = name[1] == 'I' ? PP_STR("global constructors keyed to ")
                             : PP_STR("global destructors keyed to ");
    return n;
}

static struct cxx_node *parse(struct cxx_tree *t, const char *mangled, enum demangle_mode mode) {
    struct cxx_parser p = {.tree = t, .at = mangled};
    if (cxx_take_two(&p, "_Z")) return cxx_encoding(&p, mode == DEMANGLE_FULL, false);
    if (strncmp(mangled, "_GLOBAL_", 8) != 0) cxx_fail(t);
    p.at += 8;
    return global_structor(&p, mode);
}

static struct pp_str print(struct cxx_tree *t, struct cxx_node *n, enum demangle_mode mode) {
    struct cxx_printer x = {
        .tree = t, .templates = mode != DEMANGLE_DEFAULT, .enclosing = mode == DEMANGLE_FULL};
    cxx_print(&x, n);
    return (struct pp_str){x.text, x.n};
}

bool demangle_cxx(const char *mangled, enum demangle_mode mode, struct pp_arena *arena,
                  struct pp_str *ret_name) {
    struct cxx_tree t;
    jmp_buf failed;
    cxx_tree_init(&t);
    t.failed = &failed;
    if (setjmp(failed)) {
        cxx_tree_done(&t);
        return false;
    }
    *ret_name = pp_arena_copy(arena, print(&t, parse(&t, mangled, mode), mode));
    cxx_tree_done(&t);
    return true;
}
