#!/usr/bin/env bash
# What the GitHub action does. From the environment: RUN, RULES, ROUNDS, BASE, BASELINE, SOFT (action.yml) and what a
# runner sets: RUNNER_TEMP, GITHUB_STEP_SUMMARY. Stands in the repository, with its whole history.
set -euo pipefail
runs=$RUNNER_TEMP/cpprof-runs
rules=()
[ -z "$RULES" ] || rules=("-rules=$RULES")

# The verdict is the first call's; the second one says the same of the same runs, as annotations.
compare() { # BASE ARGUMENTS...: of the call that decides
    local status=0 base=$1
    shift
    cpprof -gate "${rules[@]}" -markdown "$@" >>"$GITHUB_STEP_SUMMARY" || status=$?
    [ ! -d "$runs/new" ] ||
        cpprof -gate "${rules[@]}" -github -trim_path="$PWD:$RUNNER_TEMP/cpprof-base" -base="$base" "$runs/new" || true
    exit $status
}

make_runs() {
    mkdir -p "$runs/new"
    for i in $(seq "$ROUNDS"); do
        CPPROF_OUT=$runs/new/$(printf %02d "$i").prof bash -c "$RUN"
    done
}

read_baseline() { # FILE
    [ "$BASELINE" = notes ] || return 0
    git fetch -q origin 'refs/notes/cpprof:refs/notes/cpprof' || return 0
    git notes --ref=cpprof show "$(git merge-base HEAD "origin/$BASE")" >"$1" 2>/dev/null || rm -f "$1"
}

write_baseline() { # FILE
    cpprof -gate -update_base="$1" -trim_path="$PWD" "$runs/new"
    [ "$BASELINE" = notes ] || return 0
    git fetch -q origin 'refs/notes/cpprof:refs/notes/cpprof' || true
    git -c user.name=cpprof -c user.email=cpprof@localhost notes --ref=cpprof add -f -C "$(git hash-object -w "$1")" HEAD
    git push -q origin refs/notes/cpprof
}

if [ -z "$BASELINE" ]; then
    git worktree add -q "$RUNNER_TEMP/cpprof-base" "origin/$BASE"
    compare "$runs/old" -run="$RUN" -rounds="$ROUNDS" -run_dir="$runs" "$RUNNER_TEMP/cpprof-base" .
fi
file=$BASELINE
[ "$BASELINE" != notes ] || file=$RUNNER_TEMP/cpprof-baseline.pb.gz
if [ -z "$BASE" ]; then
    make_runs
    write_baseline "$file"
    exit
fi
read_baseline "$file"
if [ ! -s "$file" ]; then
    echo "::notice title=cpprof gate::there is no baseline to compare with yet"
    [ "$SOFT" = true ] || exit 3
    exit 0
fi
make_runs
compare "$file" -trim_path="$PWD" -base="$file" "$runs/new"
