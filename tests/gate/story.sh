#!/bin/bash
# The gate from end to end: a Go program is built and profiled, then made slower, noisy, renamed; files
# are missing and broken. story.sh CPPROF
set -u
cpprof=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2
# Without preemption by signals, which on a busy machine is a good part of a profile.
export LC_ALL=C TZ=UTC HOME="$dir" GOCACHE="${GOCACHE:-$dir/cache}" GO111MODULE=off GODEBUG=asyncpreemptoff=1
runs=${RUNS:-10}
failures=0

# profile NAME PROGRAM PERCENT: one run
profile() {
    "./$2" -cpuprofile="$1.pb.gz" -percent="$3" >"$1.sum" 2>&1 || exit 2
}

files() { # files PREFIX NAME
    local i
    for i in $(seq "$runs"); do printf '%s%s%s.pb.gz ' "$1" "$2" "$i"; done
}

# expect STATUS TEXT ARGUMENTS...: TEXT is a regular expression that a line of the output matches
expect() {
    local status=$1 text=$2
    shift 2
    "$cpprof" -gate -trim_path="$dir" "$@" >out 2>err
    local got=$?
    if [ $got -ne "$status" ] || ! grep -Eq "$text" out err; then
        printf 'FAILED: %s\n  exit %s, not %s; or no /%s/ in:\n' "$*" $got "$status" "$text"
        sed 's/^/  | /' out err
        failures=$((failures + 1))
    else
        printf 'ok %s: %s\n' "$status" "$(cat out err | tail -n 1)"
    fi
}

mkdir build
sed 's/heavyComputation/hashEverything/' "$here/heavy.go" >build/renamed.go
cp "$here/heavy.go" .
go build -o heavy heavy.go && cp build/renamed.go heavy.go && go build -o renamed heavy.go || exit 2
cp "$here/heavy.go" .

# In turns, so that what else the machine does happens to all of them.
noise=(97 103 100 98 102 101 99 103 97 100)
for i in $(seq "$runs"); do
    profile "old$i" heavy 100
    profile "same$i" heavy 100
    profile "slow$i" heavy 140
    profile "noisy$i" heavy "${noise[(i - 1) % ${#noise[@]}]}"
    profile "renamed$i" renamed 100
done
base=$(files -base= old)

expect 0 '^gate holds: 2 rules, none broken$' $base $(files '' same)
expect 1 'BROKEN +main\.heavyComputation self: \+[2-6][0-9]\.[0-9]%, from .*s to .*s a run; limit \+10\.0% \(at least' \
    $base $(files '' slow)
expect 1 '^ +at heavy\.go:(19|2[0-4]) \([0-9]+%\)(, :[0-9]+ \([0-9]+%\))*$' $base $(files '' slow)
expect 1 '^ +called by main\.serve \+' $base $(files '' slow)
expect 1 '^gate broken: .*main\.heavyComputation' $base $(files '' slow)
expect 0 '^gate holds' $base $(files '' noisy)
expect 0 'main\.hashEverything \(was main\.heavyComputation\)' $base $(files '' renamed)
expect 3 '^gate cannot compare: rule ".*" matches in the base, but nothing in the new profile: was it renamed' \
    -gate='^main.heavyComputation$ flat grows at most 10%' $base $(files '' renamed)
expect 2 '^cpprof: base: missing\.pb\.gz: No such file or directory' -base=missing.pb.gz old1.pb.gz
expect 3 '^gate cannot compare: there is no base$' old1.pb.gz
expect 3 '^no base was given; -base=FILE is one$' old1.pb.gz
head -c 300 same1.pb.gz >broken.pb.gz
expect 2 '^cpprof: broken\.pb\.gz: ' $base broken.pb.gz
expect 2 '^cpprof: base: broken\.pb\.gz: ' -base=broken.pb.gz same1.pb.gz
expect 3 '^gate cannot compare: rule "noSuchFunction .*" matches nothing' \
    -gate='noSuchFunction cum grows at most 5%' $base $(files '' same)
expect 2 '^cpprof: -gate:1: expected "grows at most" or "at most" at the end of the rule$' \
    -gate='total cpu' $base $(files '' same)

# A base kept as one file says the same, and is the same each time.
expect 0 '^gate holds' -update_base=base.pb.gz $base $(files '' same)
"$cpprof" -gate -trim_path="$dir" -update_base=again.pb.gz $base $(files '' same) >out
cmp base.pb.gz again.pb.gz || failures=$((failures + 1))
expect 1 'BROKEN +main\.heavyComputation self' \
    -gate='main.heavyComputation grows at most 10% confidence 95%' -base=base.pb.gz $(files '' slow)
expect 0 '^gate holds' -base=base.pb.gz $(files '' noisy)

# What the report says does not depend on how it is written.
for format in json ndjson csv markdown junit github; do
    expect 1 'main(\\)?\.heavyComputation' -$format $base $(files '' slow)
done

[ $failures -eq 0 ]
