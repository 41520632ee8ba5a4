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

/* What C++11 to C++23 added to the mangling, and what is rare in it. */
static void newer_cxx(void **state) {
    (void)state;
    check("_Z4coroITk3NumdE4taskT_.resume", "coro", "coro<double>", "task coro<double>(double)");
    check("_ZN2D0CI22B0IdEET_i", "D0::D0", "D0::D0", "D0::D0(double, int)");
    check("_ZNH1SIiE1mIS0_EEiOT_iQLb1E", "S::m", "S<int>::m<S<int> >",
          "int S<int>::m<S<int> >(this S<int>&&, int) requires true");
    check("_ZDC2ga2gbE", "[ga, gb]", "[ga, gb]", "[ga, gb]");
    check("_ZN1SIlE2In1gEvQ3NumIT_E", "S::In::g", "S<long>::In::g",
          "S<long>::In::g() requires Num<T>");
    check("_Z3valITnDaL1E1EEiv", "val", "val<(E)1>", "int val<(E)1>()");
    check("_Z2ttITtTpTyESt6vectorJiSaIiEEEiT_IJDpT0_EE", "tt",
          "tt<std::vector, int, std::allocator<int> >",
          "int tt<std::vector, int, std::allocator<int> >(std::vector<int, std::allocator<int> >)");
    check("_Z2biDB37_DU8_", "bi", "bi", "bi(_BitInt(37), unsigned _BitInt(8))");
    check("_Z3vecDv4_i", "vec", "vec", "vec(int __vector(4))");
    check("_Z2eiUa9enable_ifIXgtfL0p_Li0EEEi", "ei", "ei", "ei(int) [enable_if:({parm#1}>(0))]");
    check("_Z4cplxCdPU3AS1i", "cplx", "cplx", "cplx(double _Complex, int AS1*)");
    check("_Z5noex2IiEiPDOgtstT_Li2EEFvS0_E", "noex2", "noex2<int>",
          "int noex2<int>(void (*)(int) noexcept(((sizeof (int))>(2))))");
    check("_Z4noexPDoFvvEPDoFviE", "noex", "noex",
          "noex(void (*)() noexcept, void (*)(int) noexcept)");
    check("_ZTW3tlsB5cxx11", "TLS wrapper function for tls[abi:cxx11]",
          "TLS wrapper function for tls[abi:cxx11]", "TLS wrapper function for tls[abi:cxx11]");
    check("_Z3extnoPDF16_DuDsDiDne", "ext", "ext",
          "ext(__int128, unsigned __int128, _Float16*, char8_t, char16_t, char32_t, "
          "decltype(nullptr), long double)");
    check("_Z5packsIJicEEvSt5tupleIJDpPT_EESt17integral_constantIiXsZT_EEPFvDpS1_E", "packs",
          "packs<int, char>",
          "void packs<int, char>(std::tuple<int*, char*>, std::integral_constant<int, 2>, void "
          "(*)(int, char))");
    check("_ZN2frIiEEi1SIiET_Q3NumIDtfp0_EE", "fr", "fr<int>",
          "int fr<int>(S<int>, int) requires Num<decltype ({parm#2})>");
    check("_ZN1SIiEC2ITk3NumlEET_QgtstTL0__Li4E", "S::S", "S<int>::S<long>",
          "S<int>::S<long>(long) requires ((sizeof (TL0_))>(4))");
    check("_ZNK1SIiEcvT_ITk3NumdEEvQgtstTL0__Li4E", "S::operator double",
          "S<int>::operator double<double>",
          "S<int>::operator double<double>() const requires ((sizeof (TL0_))>(4))");
    check("_ZZZ8localclsvEN1X1fEiEd_NKUlvE_clEv",
          "localcls()::X::f()::{default arg#1}::{lambda()#1}::operator()",
          "localcls()::X::f()::{default arg#1}::{lambda()#1}::operator()",
          "localcls()::X::f(int)::{default arg#1}::{lambda()#1}::operator()() const");
    check("_Z1fILf40490fdbEEvv", "f", "f<(float)[40490fdb]>", "void f<(float)[40490fdb]>()");
    check("_ZGIW3FooWP3Bar", "initializer for module Foo:Bar", "initializer for module Foo:Bar",
          "initializer for module Foo:Bar");
    check("_ZW3Foo1fv", "f@Foo", "f@Foo", "f@Foo()");
    check("_ZN1AcvT_IiEEv", "A::operator int", "A::operator int<int>", "A::operator int<int>()");
    check("_ZZ1fvENKUlTyTniT_E_clIiLi3EEEDaS_",
          "f()::{lambda<typename $T0, int $N0>($T0)#1}::operator()",
          "f()::{lambda<typename $T0, int $N0>($T0)#1}::operator()<int, 3>",
          "auto f()::{lambda<typename $T0, int $N0>($T0)#1}::operator()<int, 3>(int) const");
    check("_Z1fIJLi1ELi2EEEvDTcmfL1pplT_E", "f", "f<1, 2>", "_Z1fIJLi1ELi2EEEvDTcmfL1pplT_E");
    check("_ZSt8functionIFivEE", "std::function", "std::function<int ()>", "std::function<int ()>");
    check("_ZNSsC1Ev", "std::basic_string::basic_string",
          "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string",
          "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string()");
    check("_Z1fM1AKFviRE", "f", "f", "f(void (A::*)(int) const &)");
    check("_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f", "(anonymous namespace)::f",
          "(anonymous namespace)::f()");
    check("_Zli3_kme", "operator\"\" _km", "operator\"\" _km", "operator\"\" _km(long double)");
    check("_Z1fIXtlA3_cLc104ELc105EEEEvv", "f", "f<\"hi\">", "void f<\"hi\">()");
    check("_ZTv0_n24_N1B1fEv", "virtual thunk to B::f()", "virtual thunk to B::f()",
          "virtual thunk to B::f()");
    check("_ZGTtNKSt11logic_error4whatEv", "transaction clone for std::logic_error::what() const",
          "transaction clone for std::logic_error::what() const",
          "transaction clone for std::logic_error::what() const");
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
    check("_RNvC1a3foo.llvm.123", "a::foo", "a::foo", "a::foo");
    check("_RNvC1a3foo$tlv$init", "a::foo", "a::foo", "a::foo");
    check("_RNvC1au8Gdel_5qa", "a::G\303\266del", "a::G\303\266del", "a::G\303\266del");
    check("_RINvC1a3fooKj4_Kanff_Kb1_Kc41_E", "a::foo::<>", "a::foo::<4, -255, true, 'A'>",
          "a::foo::<4, -255, true, 'A'>");
    check("_RNCNvXs_C1aNtB6_1BNtB6_1C4calls_0", "<a::B as a::C>::call::{closure#1}",
          "<a::B as a::C>::call::{closure#1}", "<a::B as a::C>::call::{closure#1}");
    check("_RINvC1a3fooFG_RL0_hEuDG_INtB2_1TpEp1AlEL_E", "a::foo::<>",
          "a::foo::<for<'a> fn(&'a u8), dyn for<'a> a::T<_, A = i32>>",
          "a::foo::<for<'a> fn(&'a u8), dyn for<'a> a::T<_, A = i32>>");
    check("_RINvC1a3fooTAhj4_SDNtB2_1TEL_POQzTlEFUKCEvEE", "a::foo::<>",
          "a::foo::<([u8; 4], [dyn a::T], *const *mut &mut !, (i32,), unsafe extern \"C\" fn() -> "
          "...)>",
          "a::foo::<([u8; 4], [dyn a::T], *const *mut &mut !, (i32,), unsafe extern \"C\" fn() -> "
          "...)>");
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

/* head, `open` and `close` thousands of times around the middle, tail: read in every mode. */
static void repeat(const char *head, const char *open, const char *middle, const char *close,
                   const char *tail) {
    static char name[60000];
    size_t n = (size_t)snprintf(name, sizeof name, "%s", head);
    size_t times = 40000 / (strlen(open) + strlen(close));
    for (size_t i = 0; i < times; i++)
        n = (size_t)(stpcpy(name + n, open) - name);
    n = (size_t)(stpcpy(name + n, middle) - name);
    for (size_t i = 0; i < times; i++)
        n = (size_t)(stpcpy(name + n, close) - name);
    stpcpy(name + n, tail);
    for (int mode = DEMANGLE_DEFAULT; mode < DEMANGLE_NONE; mode++) {
        struct pp_arena own = {0};
        assert_true(demangle_function(pp_str_from(name), (enum demangle_mode)mode, &own).len <=
                    1 << 20);
        pp_arena_done(&own);
    }
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
    repeat("_Z1fI", "1AI", "i", "E", "Evv");
    repeat("_ZN", "1a", "", "", "Ev");
    repeat("_Z1fIX", "ng", "1xE", "", "Evv");
    repeat("_ZN1AUl", "Tp", "", "", "");
    repeat("_ZN1A", "cvT_IXL_ZN1A", "", "", "");
    repeat("_Z1fIJ", "i", "EEvDpT_DpPT_DpPPT_", "", "");
    repeat("_RN", "RN", "", "", "");
    repeat("_RINvC1a1bTuuE", "TB6_B6_B6_B6_", "", "E", "E");
}

/* What looks like C++ already loses its brackets as far as they match. */
static void unmatched_brackets(void **state) {
    (void)state;
    check("a::b)c(d(e)", "a::b)c(d(e)", "a::b)c(d(e)", "a::b)c(d(e)");
    check("x::f(int)g(h", "x::fg(h", "x::fg(h", "x::f(int)g(h");
    check("x::f(a(b)g", "x::f(a(b)g", "x::f(a(b)g", "x::f(a(b)g");
    check("x::f(a)b)c<d", "x::fb)c<d", "x::fb)c<d", "x::f(a)b)c<d");
    check("x<y>::f(<a>)", "x::f", "x<y>::f", "x<y>::f(<a>)");
    check("<lambda> (m.py:3)", "<lambda> (m.py:3)", "<lambda> ", "<lambda> (m.py:3)");
}

static int done(void **state) {
    (void)state;
    pp_arena_done(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cxx),     cmocka_unit_test(newer_cxx),
        cmocka_unit_test(blocks),  cmocka_unit_test(empty_packs),
        cmocka_unit_test(rust),    cmocka_unit_test(not_mangled),
        cmocka_unit_test(hostile), cmocka_unit_test(unmatched_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
