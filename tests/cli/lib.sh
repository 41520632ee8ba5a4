# Sourced by every script here: `bash x.sh PROGRAM`.
#
#   expect EXIT 'STDOUT' 'STDERR' COMMAND...   runs; STDOUT is exact ('*': not looked at), STDERR an
#                                              extended regular expression for the whole text
#   check 'WHAT' COMMAND...                    the command must succeed
#
# It stands in an empty folder, $made and $broken are the fixtures. The script's last line is `finish`.
set -u
cpprof=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
profiles=$(realpath "$here/../../fixtures/profiles")
made=$profiles/made
broken=$profiles/broken
scratch=$(mktemp -d)
cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
export TZ=UTC HOME=/nonexistent LC_ALL=C PPROF_TMPDIR=$scratch XDG_CACHE_HOME=$scratch/cache
unset PPROF_BINARY_PATH PPROF_TOOLS
failures=0

complain() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$*"
}

matches() {
    grep -qE -e "^($1)\$" <<<"${2//$'\n'/|}"
}

expect() {
    local exit=$1 out=$2 err=$3 got_out got_err status
    shift 3
    "$@" >.out 2>.err </dev/null
    status=$?
    got_out=$(cat .out) got_err=$(cat .err)
    rm -f .out .err
    [ "$status" = "$exit" ] || complain "$*: exit $status, wanted $exit; stderr: $got_err"
    [ "$out" = '*' ] || [ "$got_out" = "$out" ] || complain "$*: stdout: $got_out"
    matches "$err" "$got_err" || complain "$*: stderr: $got_err (wanted: $err)"
}

check() {
    local what=$1
    shift
    "$@" || complain "$what ($*)"
}

finish() {
    [ $failures = 0 ] || { echo "$failures failed"; exit 1; }
    echo "all passed"
}
