# -gate -run: the gate makes its runs itself.
. "$(dirname "$0")/lib.sh"
mkdir old new slow quiet broken
# A profiler whose runs differ by some per cent, the same each time: $1 is the cost of main.work.
cat >profile <<'END'
i=$(cat count 2>/dev/null || echo 0)
echo $((i + 1)) >count
n=$((100 + (i * 37) % 7 - 3))
printf 'main;work %s\nmain;rest %s\n' $((n * $(cat cost))) $((n * 50 + i % 3)) >"$CPPROF_OUT"
echo "BenchmarkWork 100 1 ns/op"
END
echo 20 >old/cost; echo 20 >new/cost; echo 30 >slow/cost; echo 20 >broken/cost
mkdir made-by-gate
export TMPDIR=$scratch/made-by-gate
run() { rm -f */count; "$cpprof" -gate "$@"; }

expect 1 '*' '.*round 4 of at most 10, [0-9]+s: sure' run -run='. ../profile' old slow
check 'what broke' [ "$(run -run='. ../profile' old slow 2>/dev/null |
    grep -cE '^gate: 4 runs against 4 runs|BROKEN  work self: \+5[0-9]\.[0-9]%, .*at least')" = 2 ]
expect 0 '*' '.*round 0 of at most 10, .s: warmed up.*round 4 of at most 10, .s: sure' run -run='. ../profile' old new
check 'in turns, with a warm-up' [ "$(cat old/count new/count | xargs)" = '5 5' ]
expect 0 '*' '.*round 2 of at most 2, .s: the last one' run -rounds=2 -run='. ../profile' old new
expect 0 '*' '.*round 1 of at most 10, .s: the last one' run -run_seconds=0 -run='. ../profile' old new
expect 2 '' 'cpprof: -run in quiet: the command wrote no profile to .CPPROF_OUT' run -run='echo nothing' quiet old
expect 2 '' 'no rain.cpprof: -run in quiet: .*sh.*7' run -run='echo no rain; exit 7' quiet old
expect 2 '' '.*cpprof: base: .*old/01.prof: .*format.*' run -rounds=1 -run='echo rubbish >"$CPPROF_OUT"' old new
mkdir gone
expect 2 '' 'cpprof: -run in gone: the directory is gone' run -run='. ../profile; rm -rf ../gone' old gone
mkdir hang
expect 2 '' 'cpprof: -run in hang: the command had no end after 1 seconds; -run_seconds=N allows more' run -run_seconds=1 -run='sleep 70 & sleep 71' hang old
check 'a command without an end is ended, with its own' [ -z "$(pgrep -f '^sleep 7[01]$')" ]
expect 2 '' 'cpprof: -run needs two directories: cpprof -gate -run=COMMAND OLD_DIR NEW_DIR' run -run=true old
expect 2 '' 'cpprof: -run needs two directories.*' run -run=true old nowhere
expect 2 '' 'cpprof: -rounds=0: from 1 to 100' run -rounds=0 -run=true old new
expect 2 '' 'cpprof: -run goes with -gate' "$cpprof" -top -run=true old new
expect 2 '' 'cpprof: -run makes the runs of both sides; leave -base out' run -base=old -run=true old new
expect 0 '*' '.*' run -rounds=2 -run_dir=kept -run='. ../profile' old new
check 'runs are kept' [ "$(cd kept && echo * new/*)" = 'new new-00.txt new-01.txt new-02.txt old old-00.txt old-01.txt old-02.txt warm-new.prof warm-old.prof new/01.prof new/02.prof' ]
check 'and can be asked again' [ "$("$cpprof" -gate -base=kept/old kept/new | head -1)" = "$(run -rounds=2 -run='. ../profile' old new 2>/dev/null | head -1)" ]
expect 2 '*' '.*cpprof: .*kept/old: File exists' run -run_dir=kept -run='. ../profile' old new
# The new one does twice as much: no regression, when that is known.
mkdir twice
echo 40 >twice/cost
sed 's/BenchmarkWork 100/BenchmarkWork $((100 * $(cat cost) \/ 20))/; s/\* 50/* 50 * $(cat cost) \/ 20/' profile >more
expect 1 '*' '.*sure' run -run='. ../more' old twice
expect 0 '*' '.*sure' run -benchmarks=- -run='. ../more' old twice
check 'for the same work' [ "$(run -benchmarks=- -gate='total grows at most 0% exact' -run='. ../more' old twice 2>/dev/null |
    grep -c ' for the same work')" = 1 ]
printf 'm;f 100\n' >a.folded; printf 'm;f 300\n' >b.folded
echo 'BenchmarkF-8 100 5 ns/op' >a.txt
echo '{"benchmarks":[{"name":"BenchmarkF","run_type":"iteration","iterations":200,"cpu_time":9,"time_unit":"ns"},{"name":"BenchmarkF_mean","run_type":"aggregate","iterations":3,"cpu_time":9}]}' >b.txt
both() { "$cpprof" -gate='total grows at most 0% exact' "$@" -base=a.folded b.folded; }
check 'beside the profile, a mixture of formats' [ "$(both -benchmarks=%.txt | grep -c '^  BROKEN .*: +50.0%, from 100 to 150 for the same work')" = 1 ]
check 'by name' [ "$(both -benchmarks=a.txt -benchmarks=b.txt | grep -c '^  BROKEN .*+50.0%')" = 1 ]
printf '{"Action":"output","Output":"BenchmarkF-8 \\t"}\n{"Action":"output","Output":" 50\\t 5 ns/op\\n"}\n' >b.txt
check 'events of go test -json' [ "$(both -benchmarks=%.txt | grep -c '^  BROKEN .*: +500.0%')" = 1 ]
expect 2 '' 'cpprof: -benchmarks: 1 files for 2 profiles; .*' both -benchmarks=a.txt
expect 2 '' 'cpprof: -benchmarks: c.txt: No such file.*' both -benchmarks=a.txt -benchmarks=c.txt
echo nothing >b.txt
expect 2 '' 'cpprof: -benchmarks: that of b.folded: no benchmark in it: .*' both -benchmarks=%.txt
check 'nothing is left behind' [ -z "$(ls -d made-by-gate/* 2>/dev/null)" ]
finish
