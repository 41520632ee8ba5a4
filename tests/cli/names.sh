# Two builds of the same code, whose names differ in what the builds put there.
. "$(dirname "$0")/lib.sh"
cat >old.folded <<'END'
main;run;a 300
main;run;b 500
main;run;C$$Lambda$469/0x00007fb8a5acdd00.call 400
END
cat >new.folded <<'END'
main;run;a 380
main;run;b 500
main;run;C$$Lambda$12/0x00007f0011223344.call 440
END
diff_of() { "$cpprof" -diff "$@" -base=old.folded new.folded; }

check 'one row a function' [ "$(diff_of | grep -cE 'new|gone')" = 0 ]
check 'the old name is said' [ "$(diff_of |
    grep -c '400        440        +40   1.10x.*C..Lambda.12/0x00007f0011223344.call (was C..Lambda.469/')" = 1 ]
check 'in the rows too' [ "$(diff_of -csv | grep -cF ',1.1,,C$$Lambda$469/0x00007fb8a5acdd00.call')" = 1 ]
check 'or two, when asked for' [ "$(diff_of -exact_names | grep -cE 'new|gone')" = 2 ]
same() { grep -v Lambda | sort; }
check 'nothing else changes' [ "$(diff_of | same)" = "$(diff_of -exact_names | same)" ]

# What the gate takes for one is one row: a package renamed, with one function that grew; names that are alike, where it is
# not sure which is which; what moved to a caller has changed.
pairs() { # OLD NEW FLAGS...: names and ratios of -diff
    "$cpprof" -diff "${@:3}" -base="$1" "$2" | awk '$4 ~ /x$|new|gone/ { sub(/.*(x|new|gone|-)  /, ""); print }' | sort | tr '\n' ';'
}
printf 'main;shop/cart.Run;shop/cart.Total 1000\nmain;shop/cart.Run;shop/cart.Tax 800\nmain;rest 900\n' >cart
sed 's#shop/cart#shop/basket#g; s/Tax 800/Tax 1300/' cart >basket
check 'a package renamed' [ "$(pairs cart basket)" = 'shop/basket.Tax (was shop/cart.Tax);total;' ]
check 'whole names' [ "$(pairs cart basket -exact_names | tr ';' '\n' | wc -l)" = 5 ]
check 'where it came from' [ "$("$cpprof" -gate -base=cart basket | grep -A2 BROKEN | tail -2 | xargs)" = \
    'called by shop/basket.Run +500 path: main > shop/basket.Run > shop/basket.Tax' ]
check 'of the total, too' [ "$("$cpprof" -gate='total grows at most 5% noise 1%' -base=cart basket | grep -A2 BROKEN | tail -2 | xargs)" = \
    'called by shop/basket.Run +500 path: main > shop/basket.Run > shop/basket.Tax' ]
check 'and in the flame graph' [ "$("$cpprof" -flame -diff_base=cart basket | awk '/basket|cart/ { print $2, $NF }' | tr '\n' ';')" = \
    '+500 shop/basket.Run;+500 shop/basket.Tax;0 shop/basket.Total;' ]
check "pprof's reports know nothing of it" [ "$("$cpprof" -top -diff_base=cart basket | grep -c 'shop/cart')" = 3 ]
printf 'main;run;parse_a 1000\nmain;run;parse_b 2000\nmain;rest 3000\n' >alike.old
printf 'main;run;parse_x 2100\nmain;run;parse_y 1100\nmain;rest 3000\n' >alike.new
check 'which is which is not sure' [ "$(pairs alike.old alike.new)" = 'parse_x (with parse_y; was parse_a and 1 more);total;' ]
check 'nor in markdown' [ "$("$cpprof" -diff -markdown -base=alike.old alike.new |
    grep -cF '| `parse_x` (with `parse_y`) (was `parse_a` and 1 more) |  | 3000 | 3200 | +200 (+6.7%) |')" = 1 ]

# For people: units, growth and words, the smaller changes folded, short enough for a comment.
markdown_of() { "$cpprof" -diff -markdown -nodefraction=0 -diff_base="$1" "$2"; }
check 'a row a function' [ "$(markdown_of "$made/base_run.pb.gz" "$made/new_run.pb.gz" | grep -cE \
    '^. .hash. . .src/hash.h. . 30ms . 60ms . .30ms \(.100.0%\) . 30ms .|^. \*\*total\*\* . . 100ms . 140ms . .40ms \(.40.0%\) .')" = 2 ]
check 'how sure that is' [ "$(markdown_of old.folded new.folded | grep -cE \
    '^. `a` .*\+26.7%.*\| may be chance \(680 samples\) \|$|^. \*\*total.*\| may be chance \(2520 samples\) \|$')" = 2 ]
sed 's/run;a 380/run;a 480/' new.folded >slow.folded
check 'what is sure' [ "$(markdown_of old.folded slow.folded | grep -cE '^. `a` .*\| sure \(780 samples\) \|$')" = 1 ]
check 'its old name' [ "$(markdown_of old.folded new.folded | grep -cF '`C$$Lambda$12/0x00007f0011223344.call` (was `C$$Lambda$469/0x00007fb8a5acdd00.call`) |')" = 1 ]
check 'new and gone are words' [ "$(markdown_of "$made/base_run.pb.gz" "$made/new_run.pb.gz" | grep -cE '\+20ms \(new\)|-10ms \(gone\)')" = 2 ]
for i in $(seq 3000); do echo "main;function_with_a_rather_long_name_$i $i" >&3; echo "main;function_with_a_rather_long_name_$i $((i * 2))"; done 3>many.old >many.new
check 'it fits' [ "$(markdown_of many.old many.new | wc -c)" -lt 65536 ]
check 'twenty are seen at once' [ "$(markdown_of many.old many.new | sed '/<details>/,$d' | grep -c '^| .function_')" = 20 ]
check 'and what is cut is said' [ "$(markdown_of many.old many.new | grep -cE '^[0-9]+ more rows are cut|^<details><summary>2981 smaller changes')" = 2 ]

# Several files a side are runs: means are compared, and no base is left out.
check 'means of runs' [ "$("$cpprof" -diff -base=old.folded -base=old.folded -base=old.folded new.folded 2>&1 |
    diff - <(diff_of) | grep -c '^[<>]')" = 2 ]
check 'how many they are' [ "$("$cpprof" -diff -base=old.folded -base=new.folded new.folded new.folded |
    grep -cE '^Compared: -base=new.folded and 1 more, means of 2 and 2 runs$|^ +340 +380 +\+40   1.12x .*  a$')" = 2 ]
check 'sums keep their last base' [ "$("$cpprof" -top -base=old.folded -base=new.folded new.folded 2>&1 |
    grep -c 'only the last counts')" = 1 ]

gate_of() { "$cpprof" -gate "$@" -base=old.folded new.folded; }
says() { # WANTED FLAGS...
    local wanted=$1
    shift
    check "$wanted" [ "$(gate_of "$@" | grep -cE -e "$wanted")" = 1 ]
}
says '^  ~       a self: \+26\.7%, from 300 to 380 a run; that may be noise between runs \(for so few runs noise of 5\.0% is assumed, which tells it to .*; 300 and 380 samples alone to .*; [0-9]+ more runs? a side would tell if it stays so\)$'
says '^::warning title=any function .*::a self: \+26\.7%25' -github
says '^gate broken: 1 of 1 rule: .*\+26\.7%.*limit \+0\.0% ' -github '-gate=^a$ grows at most 0% exact'
check 'the last line has plain percent signs' [ "$(gate_of -github '-gate=^a$ grows at most 0% exact' |
    tail -1 | grep -c '%25')" = 0 ]
says 'unsure: a self: ' -junit
printf 'main;a|b 100\nmain;rest 300\n' >bar.old; sed 's/b 100/b 400/' bar.old >bar.new
check 'a bar in a table and elsewhere' [ "$("$cpprof" -gate='any function grows at most 10%' -markdown -base=bar.old bar.new | grep -cF -e '| `a\|b self` |' -e '- path: `main > a|b`')" = 2 ]
check 'pairs are said' [ "$("$cpprof" -gate -markdown -base=alike.old alike.new | grep -cF 'judged together with parse_y, parse_b, parse_a: which is which is not sure` |')" = 1 ]
check 'a sentence stands whole' [ "$(gate_of -markdown |
    grep -c '^| unsure | `a self` | 300 | 380 | +26.7% | `for so few runs noise .* 300 and 380 samples .*would tell if it stays so` |$')" = 1 ]

# What compiler and runtime put into a function is its own: where a fifth of its samples end in a helper, flat can't tell
# what self can.
while read -r helper; do
    printf 'main;f 800\nmain;f;%s 200\nmain;rest 4000\n' "$helper" >helped.old
    printf 'main;f 880\nmain;f;%s 470\nmain;rest 4000\n' "$helper" >helped.new
    check "$helper" [ "$("$cpprof" -gate='any function grows at most 10% noise 1%' -base=helped.old helped.new | grep -c '^  BROKEN  f self: .35\.0%')" = 1 ]
    check "$helper by flat" [ "$("$cpprof" -gate='any function flat grows at most 10% noise 1%' -base=helped.old helped.new | grep -c '^  BROKEN  f ')" = 0 ]
done <<'END'
runtime.asyncPreempt
runtime.asyncPreempt2;runtime.gopreempt_m
runtime.morestack;runtime.newstack;runtime.copystack
runtime.gcWriteBarrier
runtime.gcWriteBarrier2;runtime.wbBufFlush;runtime.wbBufFlush.func1
runtime.typedmemmove;runtime.memmove
runtime.memmove
runtime.memclrNoHeapPointers
runtime.memequal
runtime.duffcopy
runtime.gcAssistAlloc;runtime.gcDrainN
sin@plt
_mcount
__fentry__
__memmove_avx_unaligned_erms
__memset_evex_unaligned_erms
__stack_chk_fail
__tls_get_addr
__rust_probestack
vtable stub
Builtins_RecordWriteSaveFP
END

# The reason is that runs differ, not that samples are few; what all functions of a run share is not in shares.
n=0
for speed in 100 140 83 130 107; do
    n=$((n + 1))
    printf 'main;f %s\nmain;g %s\nmain;h %s\n' $((speed * 30)) $((speed * 100)) $((speed * 70)) >noisy.old$n
    speed=$((233 - speed)) # in another order, so that nothing is paired
    printf 'main;f %s\nmain;g %s\nmain;h %s\n' $((speed * 40)) $((speed * 100)) $((speed * 70)) >noisy.new$n
done
noisy() { "$cpprof" -gate='any function grows at most 10%' "$@" $(printf -- '-base=%s ' noisy.old?) noisy.new?; }
check 'noise is the reason' [ "$(noisy -paired=false | grep -cE \
    '^  ~       f self: .*that may be noise between runs \(runs differ by [12][0-9]\.[0-9]%, which tells it to .*alone to .*; by self share it would be sure')" = 1 ]
check 'a share is sharper' [ "$("$cpprof" -gate='any function share grows at most 10%' -paired=false $(printf -- '-base=%s ' noisy.old?) noisy.new? | grep -c '  BROKEN  f')" = 1 ]

# Places in names: what is edited above moves lines; a function without a name has nothing else.
folded() { # FILE LINE COST LINE COST: two lambdas and a function
    printf 'main;<lambda> (m.py:%s) %s\nmain;<lambda> (m.py:%s) %s\nmain;run (m.py:%s) 500\n' "$2" "$3" "$4" "$5" "$2" >"$1"
}
folded lambdas 3 300 9 500; folded moved 5 300 11 500; folded swapped 3 500 9 300; folded slower 5 600 11 500
status_of() { "$cpprof" -gate="any function grows at most 10% noise 1%" -base="$1" "$2" >says 2>&1; echo $?; }
check 'lines moved' [ "$(status_of lambdas moved)" = 0 ]
check 'lambdas swapped' [ "$(status_of lambdas swapped)" = 1 ]
check 'one slower, lines moved' [ "$(status_of lambdas slower)" = 1 ]
# Inlined calls as their caller: what compilers attribute to which of them does not matter then.
is_there() { "$cpprof" -gate='^std::greater at most 100%' "$@" "$profiles/cpp/cpu.pb.gz" >says; echo $?; }
check 'inlined calls' [ "$(is_there) $(is_there -noinlines)" = '0 3' ]
check 'on both sides' [ "$("$cpprof" -gate='any function grows at most 0% exact' -noinlines -base="$profiles/cpp/cpu.pb.gz" \
    "$profiles/cpp/cpu.pb.gz" | grep -cE 'new|gone|BROKEN')" = 0 ]
# V8: two functions of one name (or without one) at lines of a file or two.
v8() { # FILE LINE SAMPLES LINE SAMPLES [NAME FILE FILE]
    awk -v a="$2" -v n="$3" -v b="$4" -v m="$5" -v name="${6-}" -v in_a="${7-/a.js}" -v in_b="${8-/a.js}" 'BEGIN {
        place = "{\"id\":%d,\"callFrame\":{\"functionName\":\"%s\",\"scriptId\":\"1\",\"url\":\"%s\",\"lineNumber\":%d,\"columnNumber\":0}%s}"
        printf "{\"nodes\":["
        printf place ",", 1, "(root)", "", -1, ",\"children\":[2,3]"
        printf place ",", 2, name, in_a, a, ""
        printf place "],\"startTime\":0,\"endTime\":%d,\"samples\":[", 3, name, in_b, b, "", 1000 * (n + m)
        for (i = 0; i < n + m; i++) printf "%s%d", i ? "," : "", i < n ? 2 : 3
        printf "],\"timeDeltas\":["
        for (i = 0; i < n + m; i++) printf "%s1000", i ? "," : ""
        print "]}" }' >"$1"
}
v8 v8.old 3 300 9 500; v8 v8.moved 5 300 11 500; v8 v8.swapped 3 500 9 300
check 'V8: the same' [ "$(status_of v8.old v8.old)" = 0 ]
check 'V8: swapped' [ "$(status_of v8.old v8.swapped)" = 1 ]
check 'V8: lines moved' [ "$(status_of v8.old v8.moved)" = 0 ]
# Two files with a function of one name each: one must not hide what the other one grew by.
v8 two.old 3 300 9 500 step /x/a.js /x/b.js; v8 two.new 5 500 9 300 step /x/a.js /x/b.js
v8 two.moved 5 500 9 300 step /y/lib/a.js /y/b.js; v8 one.old 5 300 9 300 step /y/c.js /y/c.js; v8 one.new 5 500 9 300 step /y/c.js /y/c.js
two() { "$cpprof" -diff "$@" 2>/dev/null | awk '/step/ { print $1, $2, $NF }' | sort | tr '\n' ';'; }
check 'two files' [ "$(two -base=two.old two.new)" = '300ms 500ms /x/a.js;499ms 299ms /x/b.js;' ]
check 'two files, moved' [ "$(two -base=two.old two.moved)" = '300ms 500ms /y/lib/a.js;499ms 299ms /y/b.js;' ]
check 'two files, in rows' [ "$("$cpprof" -diff -csv -base=two.old two.new | cut -d, -f1,2,6,7 | grep ^step | tr '\n' ';')" = \
    'step,/x/a.js,300000000,500000000;step,/x/b.js,499000000,299000000;' ]
check 'one file' [ "$(two -base=one.old one.new)" = '599ms 799ms step;' ]
check "pprof's own reports add them up" [ "$("$cpprof" -top two.old 2>/dev/null | grep -c 'step$')" = 1 ]
check 'the gate tells them apart' [ "$(status_of two.old two.new) $(status_of two.old two.moved)" = '1 1' ]
cat >calls.folded <<'END'
main;serve;work;runtime.memmove 100
main;serve;work 1000
main;batch;work 1000
main;serve;rest 3000
END
sed 's/serve;work 1000/serve;work 1900/; s/memmove 100/memmove 250/' calls.folded >more.folded
sed 's/work 1000/work 1500/' calls.folded >dearer.folded
sed 's/batch;work/poll;work/; s/work 1000/work 1500/' calls.folded >other.folded
why() { # FILE LINES...: the lines below the broken rule
    local file=$1
    shift
    check "why $file" [ "$("$cpprof" -gate='any function grows at most 10% noise 1%' -base=calls.folded "$file" | grep '^   ' | sed 's/^ *//')" = "$(printf '%s\n' "$@")" ]
}
why more.folded 'called by serve +1050' 'calls runtime.memmove +150' 'itself +900' 'path: main > serve > work' \
    'called more, or with more to do, by serve alone'
why dearer.folded 'called by batch +500' 'called by serve +500' 'it costs more whoever calls it'
why other.folded 'called by poll +1500' 'called by serve +500' 'path: main > poll > work' 'poll did not call it before'
printf 'start;call;run;main;loop;step;eval;f 1000\nrest 500\n' >deep.old; sed 's/f 1000/f 2000/' deep.old >deep.new
check 'a deep path' [ "$("$cpprof" -gate='any function grows at most 10%' -base=deep.old deep.new | grep -c 'path: \.\.\. > run > main > loop > step > eval > f$')" = 1 ]
printf 'f 1000\nrest 500\n' >root.old; sed 's/f 1000/f 2000/' root.old >root.new
check 'a root has no caller' [ "$("$cpprof" -gate -base=root.old root.new | grep -c 'called by')" = 0 ]
printf 'main;f 20\nmain;g 40\n' >few.old; printf 'main;f 30\nmain;g 40\n' >few.new
check 'few samples are said' [ "$("$cpprof" -gate -base=few.old few.new | tail -2 | head -1)" = \
    'a run has 70 samples: longer runs, or a profiler that samples more often, tell more' ]
check 'enough are not' [ "$(gate_of | grep -c 'longer runs')" = 0 ]
expect 2 '' 'cpprof: -gate and -normalize: a rule about a share compares shares' gate_of -normalize
head -c 20M /dev/zero >rules.large
expect 2 '' 'cpprof: rules.large: is too large for such a text' gate_of -rules=rules.large
expect 2 '' 'cpprof: -gate:1: expected "at most", as in "total grows at most 5%", at "5%"' gate_of '-gate=total grows 5%'
finish
