#!/usr/bin/env bash
# ./dev by itself, in a folder of its own with tools that only say what they were asked: another apt at work,
# a tree that was moved, names of tests, cleaning. usage: dev.sh DEV
set -u
dev=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
mkdir tools tree
cp "$dev" tree/dev
failures=0

tool() {
    { echo '#!/usr/bin/env bash'; cat; } >"tools/$1"
    chmod +x "tools/$1"
}

expect() { # a pattern in what is said, or not (!), then the command
    local want=$1 said
    shift
    said=$(PATH=$scratch/tools:$PATH "$@" 2>&1)
    if [ "${want#!}" = "$want" ] && ! grep -qE -e "$want" <<<"$said" ||
        { [ "${want#!}" != "$want" ] && grep -qE -e "${want#!}" <<<"$said"; }; then
        failures=$((failures + 1))
        printf 'FAILED: %s: wanted %s, got:\n%s\n' "$*" "$want" "$said"
    fi
}

# One package is missing; apt finds the lists locked, then dpkg, then all is well.
tool dpkg-query <<<'case "${@: -1}" in zlib1g-dev) [ -e installed ] && printf installed ;; *) printf installed ;; esac'
tool apt-cache <<<'echo "  Candidate: 1"'
tool sleep <<<'exit 0'
tool sudo <<<'exec "$@"'
tool nproc <<<'echo 2'
tool apt-get <<'E1'
echo "$*" >>asked
case $(wc -l <asked) in
1) echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7'; exit 100 ;;
3) echo 'E: Unable to lock the administration directory (/var/lib/dpkg/)'; exit 100 ;;
esac
case "$*" in *install*) touch installed ;; esac
E1
tool cmake <<'E1'
echo "cmake $*" >>cmake-asked
E1
tool ctest <<'E1'
case "$*" in
*--print-labels*) printf '  unit\n' ;;
*-N*) case "$*" in *nothing*) ;; *) echo '  Test #1: one' ;; esac ;;
*) echo "ctest $*" ;;
esac
E1
expect 'another apt is at work' tree/dev test unit
expect '!another apt' tree/dev test unit
cd tree || exit 1
expect 'Lock::Timeout=[1-9][0-9]*.* install' cat asked
rm -f asked

# A build that was configured elsewhere goes; one that was configured here stays.
configured_in() {
    mkdir -p build/dev
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$1" >build/dev/CMakeCache.txt
    touch build/dev/old
}
configured_in /elsewhere/cpprof
expect 'was configured in /elsewhere/cpprof; building it anew' ./dev test unit
[ ! -e build/dev/old ] || { echo 'FAILED: build/dev is still the old one'; failures=$((failures + 1)); }
configured_in "$PWD"
expect '!building it anew' ./dev test unit
expect old ls build/dev

# Names of tests.
expect 'ctest .*-L \^unit\$' ./dev test unit
expect 'ctest .*-R flags' ./dev test flags
expect 'no test and no kind of tests is called nothing' ./dev test nothing
expect '^dev: test: no option --everything; ' ./dev test --everything
expect 'takes no names' ./dev test --all unit
expect 'dev test NAME' ./dev --help
expect '!dev test NAME' ./dev bench --help
expect '^dev: no command tests; ' ./dev tests

# Every verb says what it does, and does nothing else; a word that it does not know is one line.
mkdir -p tests/bench tests/fuzz
echo 'parser.add_argument("--runs", type=int)' >tests/bench/run
echo 'parser.add_argument("--seed", type=int)' >tests/fuzz/run
rm -f ../cmake-asked cmake-asked
for verb in demo test bench fuzz coverage lint format package clean; do
    expect "^  ./dev $verb " ./dev $verb --help
    expect '!building' ./dev $verb --help
    expect "^dev: $verb: no option --nonsense; " ./dev $verb --nonsense
done
expect 'options.*--runs' ./dev bench --help
expect "^dev: clean: all is one word too many" ./dev clean all
[ ! -e cmake-asked ] || { echo 'FAILED: something was built'; failures=$((failures + 1)); }
./dev clean
[ ! -e build ] || { echo 'FAILED: ./dev clean leaves build'; failures=$((failures + 1)); }

[ $failures = 0 ] || { echo "$failures failed"; exit 1; }
echo 'all passed'
