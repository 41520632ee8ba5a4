# Names that builds and runs make up, of all languages: the same function under both names holds, and one that does half as much
# again is found by its new name, not taken for a new one. Swaps and rotations of numbered ones are seen.
. "$(dirname "$0")/lib.sh"
folded() { # FILE NAME COST [NAME COST...]
    local file=$1
    printf 'main;run;rest 1200\nmain;other;third 900\n' >"$file"
    while [ $# -gt 1 ]; do
        printf 'main;run;%s %s\n' "$2" "$3" >>"$file"
        shift 2
    done
}
gate_of() { "$cpprof" -gate='any function grows at most 10% noise 1%' -base="$1" "$2" >says 2>&1; }
while IFS=$'\t' read -r old new; do
    folded old "$old" 1000
    folded same "$new" 1000
    folded slower "$new" 1500
    gate_of old same
    check "$old is $new" [ "$? $(grep -cE 'BROKEN|self: (new|gone)' says)" = '0 0' ]
    gate_of old slower
    check "$old is $new, slower" [ "$? $(grep -c 'self: new' says) $(grep -cE 'BROKEN.* self: .50\.0%' says)" = '1 0 1' ]
done <<'END'
Foo$$Lambda$14/0x0000000800c03000.run	Foo$$Lambda$215/0x0000000800c08230.run
Foo$$Lambda$14.run	Foo$$Lambda$15.run
jdk/internal/reflect/GeneratedSerializationConstructorAccessor3.newInstance	jdk/internal/reflect/GeneratedSerializationConstructorAccessor9.newInstance
com.sun.proxy.$Proxy12.foo	jdk.proxy2.$Proxy99.foo
Entity_$$_jvst4f2_1.getId	Entity_$$_jvsta31_9.getId
Entity$HibernateProxy$aBcDeFgH.getId	Entity$HibernateProxy$zZcDeFgH.getId
Foo$ByteBuddy$aB12cD34.bar	Foo$ByteBuddy$zz99YY11.bar
Foo$auxiliary$aB12cD34.call	Foo$auxiliary$xY12cD34.call
Script1$_run_closure3.doCall	Script7$_run_closure3.doCall
user$fn__1234.invoke	user$fn__5678.invoke
user$eval1234$f__99.invoke	user$eval888$f__12.invoke
f.constprop.0.cold	f
f.__uniq.1234.llvm.999	f.__uniq.5.llvm.3
f.lto_priv.12	f.lto_priv.3
main._omp_fn.0	main._omp_fn.0.isra.0
f._omp_fn.3	f._omp_fn.5
.omp_outlined..5	.omp_outlined..7
f(int)::{lambda(int)#1}::operator()(int) const	f(int)::{lambda(int)#2}::operator()(int) const
f(int)::$_0::operator()(int) const	f(int)::$_1::operator()(int) const
a::b::{{closure}}::h0123456789abcdef	a::b::{{closure}}::hfedcba9876543210
core::ops::function::FnOnce::call_once{{vtable.shim}}::h0123456789abcdef	core::ops::function::FnOnce::call_once{{vtable.shim}}::hfedcba9876543210
a[0123456789abcdef]::f	a[fedcba9876543210]::f
_RNvCs1234_7mycrate3foo	_RNvCs9876_7mycrate3foo
main.f.func1.2	main.f.func2.2
main.f.gowrap1	main.f.gowrap2
main.F[...]	main.F[go.shape.int_0]
main.F[go.shape.int_0]	main.F[go.shape.int]
type..eq.main.T	type:.eq.main.T
main.f-range1	main.f-range2
LazyCompile:*f a.js:1:2	JS:~f a.js:9:2
f main.3f2a1bc4.js:1:2	f main.99aabbcc.js:7:2
Function:^f a.js:1:2	Function:+f a.js:1:2
camlFoo__bar_1234	camlFoo__bar_1301
camlFoo.bar_1234	camlFoo.bar_1301
camlFoo__fun_1234	camlFoo__fun_1301
sat_s3Xy_info	sat_s9Qa_info
julia_f_1234	julia_f_999
jlfptr_f_1234	jlfptr_f_88
#f#12	#f#13
bpf_prog_0123456789abcdef_probe	bpf_prog_fedcba9876543210_probe
<>c.<Main>b__0_0	<>c.<Main>b__1_0
Program.<F>d__12.MoveNext	Program.<F>d__13.MoveNext
f@12-3	f@19-3
clo@12.Invoke	clo@14.Invoke
mod:'-f/2-fun-0-'/1	mod:'-f/2-fun-1-'/1
closure #1 in f()	closure #2 in f()
partial apply for closure #1 in f()	partial apply for closure #2 in f()
main.f.__lambda3	main.f.__lambda4
main.f.__lambda_L12_C3	main.f.__lambda_L19_C3
f__main_u12	f__main_u19
{closure:/a.php:12}	{closure:/a.php:15}
class@anonymous/a.php:12$0.f	class@anonymous/a.php:19$0.f
Foo::__ANON__[a.pl:12]	Foo::__ANON__[a.pl:15]
wasm-function[123]	wasm-function[130]
GeneratedClass$GeneratedIteratorForCodegenStage1.processNext	GeneratedClass$GeneratedIteratorForCodegenStage3.processNext
MainKt$main$1.invokeSuspend	MainKt$main$2.invokeSuspend
Main$.$anonfun$main$1	Main$.$anonfun$main$2
Main$$anon$2.apply	Main$$anon$3.apply
Main$$anonfun$main$1.apply	Main$$anonfun$main$3.apply
Outer$1.run	Outer$2.run
Foo.lambda$run$0	Foo.lambda$run$3
__cxx_global_var_init.3	__cxx_global_var_init.9
OUTLINED_FUNCTION_3	OUTLINED_FUNCTION_8
f.specialized.1	f
f.warm	f
~procProc(Nil)@a.cr:12	~procProc(Nil)@a.cr:19
java.lang.invoke.LambdaForm$DMH.0x00007f1234567800.invokeStatic	java.lang.invoke.LambdaForm$DMH.0x00007f0000567800.invokeStatic
LambdaForm$MH.799/0x1234.invoke	LambdaForm$MH.3/0x99.invoke
Foo$$FastClassBySpringCGLIB$$1a2b.invoke	Foo$$FastClassBySpringCGLIB$$ffff.invoke
Foo$Subclass1.x	Foo$Subclass2.x
jit_0x7f1234567890	jit_0x7f0000000000
[JIT] tid 1234	[JIT] tid 999
~f	*f
f~1	f~2
std::function<void ()>::operator()() const::{lambda()#1}	std::function<void ()>::operator()() const::{lambda()#3}
f$lambda$0	f$lambda$1
<lambda_1>::operator()	<lambda_2>::operator()
?A0x12345678@@f	?A0x9abcdef0@@f
main.f·dwrap·2	main.f.gowrap1
Eval:~ evalmachine.<anonymous>:1:1	Eval:* evalmachine.<anonymous>:1:1
f@GLIBC_2.2.5	f@@GLIBC_2.34
Cart$$ExternalSyntheticLambda0.run	Cart$$ExternalSyntheticLambda5.run
Elixir.Cart:'-total/1-anonymous-0-'/2	Elixir.Cart:'-total/1-anonymous-1-'/2
END

# The same numbers are the same functions: what two of them exchanged is a growth of one, what three passed on of two.
while IFS=$'\t' read -r first second third; do
    folded old "$first" 3000 "$second" 5000 "$third" 1000
    folded swapped "$first" 5000 "$second" 3000 "$third" 1000
    folded rotated "$first" 1000 "$second" 3000 "$third" 5000
    gate_of old swapped
    check "$first swapped" [ "$? $(grep -cE '  BROKEN .*66\.7%, from 3000 to 5000' says)" = '1 1' ]
    gate_of old rotated
    check "$first rotated" [ "$? $(grep -cE '  BROKEN .*400\.0%, from 1000 to 5000' says)" = '1 1' ]
done <<'END'
main.run.func1	main.run.func2	main.run.func3
main.run.gowrap1	main.run.gowrap2	main.run.gowrap3
main.run.func1.1	main.run.func1.2	main.run.func2.1
main.init.func1	main.init.func2	main.init.func3
Outer$1.run	Outer$2.run	Outer$3.run
Foo.lambda$run$0	Foo.lambda$run$1	Foo.lambda$run$2
Main$.$anonfun$main$1	Main$.$anonfun$main$2	Main$.$anonfun$main$3
user$fn__12.invoke	user$fn__13.invoke	user$fn__14.invoke
a::b::{closure#0}	a::b::{closure#1}	a::b::{closure#2}
f(int)::{lambda(int)#1}::operator()	f(int)::{lambda(int)#2}::operator()	f(int)::{lambda(int)#3}::operator()
<>c.<Main>b__0_0	<>c.<Main>b__0_1	<>c.<Main>b__0_2
closure #1 in f()	closure #2 in f()	closure #3 in f()
__main_block_invoke	__main_block_invoke_2	__main_block_invoke_3
mod:'-f/2-fun-0-'/1	mod:'-f/2-fun-1-'/1	mod:'-f/2-fun-2-'/1
END

# One more of them, or less, moves the numbers of those that follow: each is compared with what it was. Where two others
# exchanged their costs, that does not hide it.
while read -r format; do
    for i in 1 2 3 4 5; do eval "n$i=\$(printf \"\$format\" $i)"; done
    folded old "$n1" 3000 "$n2" 5000 "$n3" 1000
    folded one_more "$n1" 5 "$n2" 3000 "$n3" 5000 "$n4" 1000
    folded slower "$n1" 5 "$n2" 3000 "$n3" 5000 "$n4" 1500
    folded one_less "$n1" 5000 "$n2" 1000
    folded exchanged "$n1" 5000 "$n2" 3000 "$n4" 1000
    gate_of old one_more
    check "$format one more" [ "$? $(grep -cE 'BROKEN|better|self: (new|gone)' says)" = '0 0' ]
    gate_of old one_less
    check "$format one less" [ "$? $(grep -cE 'BROKEN|self: new' says)" = '0 0' ]
    gate_of old slower
    check "$format one more, one slower" [ "$? $(grep BROKEN says | grep -cF "$n4 (was $n3) self: +50.0%")" = '1 1' ]
    gate_of old exchanged
    check "$format exchanged, the last one moved" [ "$? $(grep BROKEN says | grep -cF "$n1 self: +66.7%")" = '1 1' ]
    check "$format -diff" [ "$("$cpprof" -diff -nodefraction=0 -base=old slower | grep -F "$n4 (was $n3)" | grep -c ' 1.50x ') $("$cpprof" -diff -base=old one_more | grep -cE 'new|gone')" = '1 0' ]
done <<'END'
main.run.func%d
main.run.func1.%d
Foo.lambda$run$%d
Outer$%d.run
Cart$$ExternalSyntheticLambda%d.run
cart::serve::{closure#%d}
serve::{lambda#%d}::operator
<>c.<Main>b__0_%d
mod:'-f/2-fun-%d-'/1
camlCart__fun_%d
wasm-function[%d]
END
finish
