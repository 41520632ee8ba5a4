#include "gate/identity.h"

#include "test.h"

static struct pp_arena arena;

struct row {
    const char *old, *new;
};

static bool same(const struct row *row, enum identity_level level) {
    struct pp_str a = identity_key(pp_str_from(row->old), level, &arena);
    struct pp_str b = identity_key(pp_str_from(row->new), level, &arena);
    return pp_str_eq(a, b);
}

static void what_builds_make_up(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"C$$Lambda$469/0x00007fb8a5acdd00.call", "C$$Lambda$12/0x00007f0012345678.call"},
        {"C$$Lambda$469/1234567890.call", "C$$Lambda$3/987654321.call"},
        {"C$$Lambda$469.0x00007fb8a5acdd00.call", "C$$Lambda.0x00007f11a5acdd00.call"},
        {"C$$Lambda/0x00007fb8a5acdd00.call", "C$$Lambda$9/0x0000000801000c00.call"},
        {"jdk/internal/reflect/GeneratedMethodAccessor12.invoke",
         "jdk/internal/reflect/GeneratedMethodAccessor3.invoke"},
        {"GeneratedConstructorAccessor1.newInstance", "GeneratedConstructorAccessor22.newInstance"},
        {"com.sun.proxy.$Proxy7.get", "com.sun.proxy.$Proxy19.get"},
        {"A$$EnhancerBySpringCGLIB$$1a2b3c4d.f", "A$$EnhancerBySpringCGLIB$$9f8e7d6c.f"},
        {"parse.llvm.123456", "parse.llvm.99"},
        {"parse.llvm.123456", "parse"},
        {"parse.part.0", "parse"},
        {"parse.constprop.1", "parse.constprop.0.isra.0"},
        {"parse.isra.0.cold", "parse"},
        {"parse.cold.3", "parse"},
        {"ns::f(int) [clone .part.0]", "ns::f(int)"},
        {"ns::f(int) (.isra.0)", "ns::f(int) [clone .constprop.3]"},
        {"a::b::h0123456789abcdef", "a::b::hfedcba9876543210"},
        {"a::b::h0123456789abcdef", "a::b"},
        {"_ZN1a1b17h0123456789abcdefE", "_ZN1a1b17hfedcba9876543210E"},
        {"krate[1a2b3c4d5e6f7a8b]::f", "krate[0011223344556677]::f"},
        {"LazyCompile:*run app.js:1", "LazyCompile:~run app.js:1"},
        {"Function:~run app.js:1", "JS:*run app.js:1"},
        {"*run", "~run"},
        {"Function:+run app.js:1", "Function:^run app.js:1"},
        {"parse.specialized.1", "parse"},
        {"parse.warm", "parse.cold"},
        {"main.Map[...]", "main.Map[go.shape.[]int,go.shape.string]"},
        {"main.Map[...].func1", "main.Map.func1"},
        {"main.glob..func1", "main.init.func1"},
        {"crypto/sha256.block.abi0", "crypto/sha256.block"},
        {"A$$SpringCGLIB$$0.f", "A$$SpringCGLIB$$3.f"},
        {"A$$FastClassByGuice$$1a2b3c.invoke", "A$$FastClassByGuice$$99.invoke"},
        {"jdk.proxy2.$Proxy33.get", "jdk.proxy3.$Proxy8.get"},
        {"A$MockitoMock$123456.get", "A$MockitoMock$9.get"},
        {"A$HibernateProxy$aB3dE5fG.get", "A$HibernateProxy$Zz3dE5fG.get"},
        {"A$$Lambda$a1b2c3d4e5f60718.apply", "A$$Lambda$00b2c3d4e5f60718.apply"},
        {"java.lang.invoke.LambdaForm$MH/0x0000000800c01400.invoke",
         "java.lang.invoke.LambdaForm$MH/0x0000000801004400.invoke"},
        {"parse.memprof.1", "parse"},
        {"parse.localalias.3", "parse.localalias"},
        {"parse.__part.1.llvm.77", "parse"},
        {"handler.cfi_jt", "handler"},
        {"<lambda_0123456789abcdef0123456789abcdef>::operator()",
         "<lambda_f123456789abcdef0123456789abcdef>::operator()"},
        {"io.Writer.print__anon_2345", "io.Writer.print__anon_17"},
        {"main.f__struct_12.g", "main.f__struct_3.g"},
        {"int32 [app] Program::Main()[OptimizedTier1]", "int32 [app] Program::Main()[Tier0]"},
        {"void [app] A::f()[PreJIT]", "void [app] A::f()[QuickJitted]"},
        {"A.f_[i]", "A.f_[j]"},
        {"A.f_[0]", "A.f_[1]"},
        {"DynamicClass::lambda_method12(class Closure)",
         "DynamicClass::lambda_method3(class Closure)"},
        {"^run", "run"},
        /* places: what is edited above moves lines */
        {"LazyCompile:*run app.js:12:5", "LazyCompile:~run app.js:14:5"},
        {"run /srv/app.js:12:5", "run /srv/app.js:112:7"},
        {"fetch (shop/db.py:12)", "fetch (shop/db.py:340)"},
        {"block in fetch - db.rb:7", "block in fetch - db.rb:9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!same(&rows[i], IDENTITY_BUILD)) fail_msg("%s, %s", rows[i].old, rows[i].new);
}

static void what_stays(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"main.run.func1", "main.run.func2"},
        {"main.run.func1.2", "main.run.func1.1"},
        {"Outer$1.run", "Outer$2.run"},
        {"f.coldest", "f"},
        {"a::half", "a::hash"},
        {"a::h0123456789abcdef0", "a"},
        {"*", "~"},
        {"operator*", "operator~"},
        {"Foo::~Foo()", "Foo::Foo()"},
        {"std::sort<int>(int*)", "std::sort<long>(long*)"},
        {"github.com/a/b2.F", "github.com/a/b3.F"},
        {"f1", "f2"},
        {"a[1]", "a[2]"},
        {"F[go.shape.int", "F"},
        {"a.block.abi0x", "a.blockx"},
        {"f.configure", "fonfigure"},
        {"<lambda> (m.py:3)", "<lambda> (m.py:4)"},
        {"(anonymous) app.js:3:1", "(anonymous) app.js:4:1"},
        {"f.<locals>.<lambda> (m.py:3)", "f.<locals>.<lambda> (m.py:4)"},
        {"LazyCompile:* app.js:3:1", "LazyCompile:* app.js:4:1"},
        {"init.lua:12", "init.lua:14"}, /* LuaJIT: all that there is */
        {"a::f:12", "a::f:13"},
        {"run a.js:1", "run b.js:1"},
        {"x [Tier]", "x "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (same(&rows[i], IDENTITY_BUILD)) fail_msg("%s, %s", rows[i].old, rows[i].new);
}

static void families(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"main.run.func1", "main.run.func2"},
        {"main.run.func1.2", "main.run.func12.1"},
        {"main.run.gowrap1", "main.run.deferwrap2"},
        {"main.run\302\267dwrap\302\2671", "main.run.func3"},
        {"Outer$1.run", "Outer$22.run"},
        {"Outer.lambda$run$3", "Outer.lambda$run$4"},
        {"Foo$bar$1.invoke", "Foo$bar$2.invoke"},
        {"A.$anonfun$f$1", "A.$anonfun$f$2"},
        {"f()::{lambda(int)#1}::operator()", "f()::{lambda(int)#2}::operator()"},
        {"f::$_0::operator()", "f::$_1::operator()"},
        {"f()::'lambda0'()", "f()::'lambda1'()"},
        {"k::f::{closure#0}", "k::f::{closure#1}"},
        {"P.<Main>b__0_1", "P.<Main>b__0_2"},
        {"P+<>c__DisplayClass3_0.<Main>b__1", "P+<>c__DisplayClass4_1.<Main>b__0"},
        {"P.<Main>g__Local|5_0", "P.<Main>g__Local|6_1"},
        {"P+<Run>d__5.MoveNext", "P+<Run>d__7.MoveNext"},
        {"Foo.bar$lambda-3", "Foo.bar$lambda-4"},
        {"FooKt$main$1$2.invokeSuspend", "FooKt$main$2$1.invokeSuspend"},
        {"A$$anonfun$f$1.apply", "A$$anonfun$f$2.apply"},
        {"core$run$fn__1234.invoke", "core$run$fn__99.invoke"},
        {"Script1$_run_closure1.doCall", "Script1$_run_closure2.doCall"},
        {"f()::'lambda'(int)::operator()(int) const", "f()::'lambda0'(int)::operator()(int) const"},
        {"<lambda_1>::operator()", "<lambda_2>::operator()"},
        {"each<(lambda at a.cpp:3:5)>(int)", "each<(lambda at a.cpp:13:5)>(int)"},
        {"__main_block_invoke", "__main_block_invoke_2"},
        {"$s4main3fooyyFyycfU_", "$s4main3fooyyFyycfU0_"},
        {"main.run.__lambda1", "main.run.__lambda2"},
        {"_D4main3runFZ9__lambda1MFZv", "_D4main3runFZ9__lambda2MFZv"},
        {"main.run.__lambda_L12_C5", "main.run.__lambda_L13_C9"},
        {"m:-run/1-fun-0-/2", "m:-run/1-fun-1-/2"},
        {"closure #1 in run(_:)", "closure #2 in run(_:)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!same(&rows[i], IDENTITY_FAMILY)) fail_msg("%s, %s", rows[i].old, rows[i].new);
}

/* No key is longer than its name, whatever the name is. */
static void any_bytes(void **state) {
    (void)state;
    static const char bytes[] = "$*~[].:h0'#func1/x (<>_-\302\267\0gLambdaCGLIB";
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        char name[40];
        size_t n = (size_t)round % sizeof name;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525U + 1013904223U;
            name[i] = bytes[(seed >> 16) % (sizeof bytes - 1)];
        }
        struct pp_str s = {name, n};
        struct pp_str key = identity_key(s, IDENTITY_FAMILY, &arena);
        assert_true(key.len <= n && (key.len > 0 || n == 0));
        double like = identity_likeness(s, key);
        assert_true(like >= 0 && like <= 1);
    }
}

static void likeness(void **state) {
    (void)state;
    static const struct {
        const char *a, *more, *less;
    } rows[] = {
        {"main.parse", "main.parseFast", "main.render"},
        {"old/pkg.Decode", "new/pkg.Decode", "old/pkg.Encode"},
        {"ns::A::update(int)", "ns::B::update(int)", "ns::A::draw(int)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pp_str a = pp_str_from(rows[i].a);
        double more = identity_likeness(a, pp_str_from(rows[i].more));
        double less = identity_likeness(a, pp_str_from(rows[i].less));
        if (more <= less) fail_msg("%s: %g, %g", rows[i].a, more, less);
    }
    assert_true(identity_likeness(PP_STR("f"), PP_STR("f")) == 1);
}

static int done(void **state) {
    (void)state;
    pp_arena_done(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_builds_make_up),
        cmocka_unit_test(what_stays),
        cmocka_unit_test(families),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(likeness),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
