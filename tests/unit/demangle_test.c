/* Names as the reference writes them; each expectation comes from it. */
#include "symbol/demangle.h"
#include "test.h"

#include <stdio.h>

static struct pp_arena arena;

static void check(const char *mangled, const char *plain, const char *templates, const char *full) {
    const char *const wanted[] = {plain, templates, full, mangled};
    for (int mode = DEMANGLE_DEFAULT; mode <= DEMANGLE_NONE; mode++) {
        struct pp_str got =
            demangle_function(pp_str_from(mangled), (enum demangle_mode)mode, &arena);
        if (!pp_str_eq(got, pp_str_from(wanted[mode])))
            fail_msg("%s in mode %d: %.*s", mangled, mode, PP_STR_ARG(got));
    }
}

static void cxx(void **state) {
    (void)state;
    check("_ZN3foo3barEi", "foo::bar", "foo::bar", "foo::bar(int)");
    check("_ZNK3BoxIiE6scaledEi", "Box::scaled", "Box<int>::scaled", "Box<int>::scaled(int) const");
    check("_ZSt4sortIPiEvT_S1_", "std::sort", "std::sort<int*>",
          "void std::sort<int*>(int*, int*)");
    check("_ZZN3foo3barEiENKUliE_clEi", "foo::bar()::{lambda(int)#1}::operator()",
          "foo::bar()::{lambda(int)#1}::operator()",
          "foo::bar(int)::{lambda(int)#1}::operator()(int) const");
    check("_ZSt6vectorISt4pairIiiESaIS1_EE", "std::vector",
          "std::vector<std::pair<int, int>, std::allocator<std::pair<int, int> > >",
          "std::vector<std::pair<int, int>, std::allocator<std::pair<int, int> > >");
    check("_ZlsIiEvT_", "operator<<", "operator<< <int>", "void operator<< <int>(int)");
    check("_ZN1AD2Ev", "A::~A", "A::~A", "A::~A()");
    check("_ZN3foo3barEi.part.0", "foo::bar", "foo::bar", "foo::bar(int)");
    check("_ZTI3Foo", "typeinfo for Foo", "typeinfo for Foo", "typeinfo for Foo");
    check("_ZThn8_N1B1fEi", "non-virtual thunk to B::f(int)", "non-virtual thunk to B::f(int)",
          "non-virtual thunk to B::f(int)");
    check("__Z3foov", "foo", "foo", "foo()");
}

/* Functions that clang makes of blocks. */
static void blocks(void **state) {
#define IN "invocation function for block in "
    static const char *const not_one[] = {"___Z3foov", "___Z3foov_block_invokex", "_block_invoke",
                                          "___Z_block_invoke", "___Zxx_block_invoke"};
    (void)state;
    check("___Z3foov_block_invoke", IN "foo", IN "foo", IN "foo()");
    check("___Z3foov_block_invoke_2", IN "foo", IN "foo", IN "foo()");
    check("___Z3foov_block_invoke_12.llvm.123", IN "foo", IN "foo", IN "foo()");
    check("___ZN3bar3bazIiE4quuxEPKcS2__block_invoke", IN "bar::baz::quux",
          IN "bar::baz<int>::quux", IN "bar::baz<int>::quux(char const*, char const)");
    for (size_t i = 0; i < sizeof not_one / sizeof *not_one; i++)
        check(not_one[i], not_one[i], not_one[i], not_one[i]);
#undef IN
}

static void empty_packs(void **state) {
    (void)state;
    check("_Z1fIJEEvDpT_", "f", "f<>", "void f<>()");
    check("_Z1gI1AIiJEEEvT_", "g", "g<A<int> >", "void g<A<int> >(A<int>)");
}

static void rust(void **state) {
    (void)state;
    check("_ZN1r1A5inner17h8618a69bd10058b0E", "r::A::inner", "r::A::inner", "r::A::inner");
    check("_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h6e69c0d47c0dec8dE",
          "<&T as core::fmt::Debug>::fmt", "<&T as core::fmt::Debug>::fmt",
          "<&T as core::fmt::Debug>::fmt");
    check("_RNvNtC5alloc6string3foo", "alloc::string::foo", "alloc::string::foo",
          "alloc::string::foo");
    check("_RINvC1a3fooNtB2_3BarE", "a::foo::<>", "a::foo::<a::Bar>", "a::foo::<a::Bar>");
}

static void not_mangled(void **state) {
    (void)state;
    check("main.main", "main.main", "main.main", "main.main");
    check("main.(*T).Add", "main.(*T).Add", "main.(*T).Add", "main.(*T).Add");
    check("main.(*T[...]).Add", "main.(*T[...]).Add", "main.(*T[...]).Add", "main.(*T[...]).Add");
    check("foo::bar<int>(char)", "foo::bar", "foo::bar<int>", "foo::bar<int>(char)");
    check("a::b(c))d(e)", "a::b)d(e)", "a::b)d(e)", "a::b(c))d(e)");
    check("Class.<init>", "Class.<init>", "Class.<init>", "Class.<init>");
    check("_Zbroken", "_Zbroken", "_Zbroken", "_Zbroken");
    check("", "", "", "");
    check("_", "_", "_", "_");
}

/* Names that stand for more text than there is memory, and deeper nesting than there is stack. */
static void hostile(void **state) {
    char name[20000] = "_Z1fI";
    size_t n = strlen(name);
    (void)state;
    n += (size_t)snprintf(name + n, sizeof name - n, "1AIiiE");
    for (int i = 0; i < 200; i++)
        n +=
            (size_t)snprintf(name + n, sizeof name - n, "1AIS%c_S%c_E", '0' + i % 10, '0' + i % 10);
    snprintf(name + n, sizeof name - n, "EvT_");
    demangle_function(pp_str_from(name), DEMANGLE_FULL, &arena);
    memset(name, 'P', sizeof name - 1);
    memcpy(name, "_Z1f", 4);
    name[sizeof name - 2] = 'i';
    name[sizeof name - 1] = 0;
    demangle_function(pp_str_from(name), DEMANGLE_FULL, &arena);
    demangle_function((struct pp_str){"_Z1f\0v", 6}, DEMANGLE_FULL, &arena);
}

/* What looks like C++ already loses its brackets as far as they match. */
static void unmatched_brackets(void **state) {
    (void)state;
    check("a::b)c(d(e)", "a::b)c(d(e)", "a::b)c(d(e)", "a::b)c(d(e)");
    check("x::f(int)g(h", "x::fg(h", "x::fg(h", "x::f(int)g(h");
    check("x::f(a(b)g", "x::f(a(b)g", "x::f(a(b)g", "x::f(a(b)g");
    check("x::f(a)b)c<d", "x::fb)c<d", "x::fb)c<d", "x::f(a)b)c<d");
    check("x<y>::f(<a>)", "x::f", "x<y>::f", "x<y>::f(<a>)");
}

static int done(void **state) {
    (void)state;
    pp_arena_done(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cxx),
        cmocka_unit_test(blocks),
        cmocka_unit_test(empty_packs),
        cmocka_unit_test(rust),
        cmocka_unit_test(not_mangled),
        cmocka_unit_test(hostile),
        cmocka_unit_test(unmatched_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
