# One program in two builds (fixtures/src/builds): the same code holds, under whatever names; one function that does more
# is found. Several of them one after the other, as somebody meets them who changes a compiler.
. "$(dirname "$0")/lib.sh"
builds=$profiles/builds
gate_of() { # OLD NEW FLAGS...
    "$cpprof" -gate='any function grows at most 10% floor 1%' "${@:3}" -base="$builds/$1.pb.gz" "$builds/$2.pb.gz" 2>/dev/null
}
holds() { # OLD NEW FLAGS...: nor is anything new or gone
    check "$* holds" [ "$(gate_of "$@" >says; echo $?) $(grep -cE 'BROKEN|self: new|self: gone' says)" = '0 0' ]
}
breaks() { # OLD NEW PATTERN FLAGS...: whose fault it is
    check "$* breaks" [ "$(gate_of "$1" "$2" "${@:4}" >says; echo $?) $(grep BROKEN says | grep -cE "$3")" = '1 1' ]
}
for flag in -noinlines=false -noinlines; do
    holds plain-old moved-new $flag
    holds plain-old split-new $flag
    holds plain-old inlined-new $flag
    holds bare-old bare-new $flag
    holds plain-old optimized-new $flag
    holds plain-old clang-new $flag
    holds go-old package-new $flag
    holds go-old go-new $flag
    holds java-old java-new $flag
done
breaks plain-old moved-slow '^  BROKEN  parse self: '
breaks plain-old split-slow '^  BROKEN  fold self: '
breaks plain-old split-slow '^  BROKEN  pack_rest self: new' -noinlines
breaks plain-old inlined-slow '^  BROKEN  tax self: '
breaks plain-old inlined-slow '^  BROKEN  price self: .*judged together with tax: split, inlined or renamed$' -noinlines
breaks bare-old bare-slow '^  BROKEN  price self: .*judged together with tax: split, inlined or renamed$'
breaks go-old package-slow '^  BROKEN  shop/store.\(\*Stock\).Price \(was shop/stock'
breaks go-old go-slow '^  BROKEN  shop/stock.\(\*Stock\).Price.func1 self: '
breaks java-old java-slow 'lambda.operators.2 \(was Shop.lambda.operators.1\) self: .9'

# What only one of two compilers inlines (here parts of the C++ library) is its callers' on both sides.
holds index-old index-new
check 'it is said' [ "$(gate_of index-old index-new | grep -c '; with std::.*, inlined there$')" -ge 1 ]

# -diff: a function in another file is one row.
check 'another file' [ "$("$cpprof" -diff -base="$builds/plain-old.pb.gz" "$builds/moved-new.pb.gz" 2>/dev/null | grep -cE ' (new|gone) .* parse')" = 0 ]
finish
