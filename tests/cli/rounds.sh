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
expect 2 '' 'cpprof: -run needs two directories: cpprof -gate -run=COMMAND OLD_DIR NEW_DIR' run -run=true old
expect 2 '' 'cpprof: -run needs two directories.*' run -run=true old nowhere
expect 2 '' 'cpprof: -rounds=0: from 1 to 100' run -rounds=0 -run=true old new
expect 2 '' 'cpprof: -run goes with -gate' "$cpprof" -top -run=true old new
expect 2 '' 'cpprof: -run makes the runs of both sides; leave -base out' run -base=old -run=true old new
expect 0 '*' '.*' run -rounds=2 -run_dir=kept -run='. ../profile' old new
check 'runs are kept' [ "$(cd kept && echo * new/*)" = 'new new-00.txt new-01.txt new-02.txt old old-00.txt old-01.txt old-02.txt warm-new.prof warm-old.prof new/01.prof new/02.prof' ]
check 'and can be asked again' [ "$("$cpprof" -gate -base=kept/old kept/new | head -1)" = "$(run -rounds=2 -run='. ../profile' old new 2>/dev/null | head -1)" ]
expect 2 '*' '.*cpprof: .*kept/old: File exists' run -run_dir=kept -run='. ../profile' old new
check 'nothing is left behind' [ -z "$(ls -d made-by-gate/* 2>/dev/null)" ]
finish
