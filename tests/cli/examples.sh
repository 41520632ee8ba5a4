# Each report and each flag that the help lists has an example, and the examples do what they say: those that need neither a
# server nor a window are run.
. "$(dirname "$0")/lib.sh"
PATH=$(dirname "$cpprof"):$PATH

"$cpprof" -help | sed -nE 's/^  -([a-z_]+).*/\1/p;s/^    -/-/p' | tr -s ' -' '\n' | grep -xE '[a-z_]+' | sort -u >names
check "the help lists flags: $(wc -l <names)" [ "$(wc -l <names)" -gt 140 ]
while read -r name; do
    "$cpprof" "-help=$name" | sed '1,/^Examples:$/d;/^At the prompt:$/,$d' | grep '^  cpprof' >examples
    check "-help=$name has an example" [ -s examples ]
    cat examples >>all
done <names
sort -u all | sed 's/^  //' >commands

"$cpprof" -proto -label=handler=/search -output=cpu.pb.gz "$profiles/go/cpu.pb.gz" 2>.err
cp "$profiles/go/heap.pb.gz" "$profiles/go/mutex.pb.gz" .
cp "$made/base_run.pb.gz" old.pb.gz
cp "$made/new_run.pb.gz" new.pb.gz
cp cpu.pb.gz upload.pb.gz
cp cpu.pb.gz a.pb.gz
cp cpu.pb.gz b.pb.gz
cp "$profiles/../binaries/burn-gcc.prof" cpu.prof
cp "$profiles/../binaries/burn-gcc" program
cp "$profiles/perf/shop.perf.data" perf.data
"$cpprof" -otlp -output=cpu.otlp cpu.pb.gz 2>.err
echo "total grows at most 50%" >RULES
"$cpprof" -record -history=perf.db -commit=1f3a old.pb.gz 2>/dev/null
"$cpprof" -record -history=other.db a.pb.gz 2>/dev/null
printf '#!/bin/sh\nexit 0\n' >bench.sh

# What takes a server, a browser or a window, other programs, or files that only a user has; parse is some function.
not_here='https?://|-http=|-(disasm|preprofile|web|weblist|gv|evince|eog|kcachegrind|debuginfod|plugin|tools|run|perf_map|benchmarks|completion|index|make_index)[= ]|flamegraph.pl|man -l|less'
command -v dot >/dev/null || not_here+='|-(svg|png|gif|pdf|ps) |dot -T'
n=0
while read -r command; do
    [[ $command =~ $not_here ]] && continue
    bash -c "${command//parse/fibonacci}" >said 2>&1 </dev/null
    status=$?
    # A gate may say that the runs can't be compared, or are worse.
    [ $status = 0 ] || { [[ $command == *" -gate"* ]] && [ $status != 2 ]; } ||
        complain "$command: $status: $(head -n 2 said)"
    n=$((n + 1))
done <commands
check "$n examples of $(wc -l <commands) were run" [ $n -gt 90 ]
finish
