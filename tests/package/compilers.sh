#!/usr/bin/env bash
# The preset dev, whose warnings are errors, its unit and golden tests, with every compiler from gcc 12 and clang 14 on
# that a release offers, in a root of that release: compilers.sh OUTPUT RELEASE [COMPILER...]
mkdir -p "$1"
out=$(realpath "$1")
release=$2
shift 2
wanted=" $* "
. "$(dirname "$0")/lib.sh"
fresh_debian "$release"
tree_into_root
trap 'umount "$work/root/proc" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
mount -t proc proc "$work/root/proc" 2>/dev/null || true
check "the package lists" in_root apt-get update

offered() {
    [[ $wanted == *" $1 "* || $wanted == "  " ]] && in_root apt-cache policy "$1" | grep -q 'Candidate: [0-9]'
}

packages=()
compilers=()
for version in 12 13 14 15; do
    ! offered "gcc-$version" || compilers+=("gcc-$version") packages+=("gcc-$version" "g++-$version")
done
for version in 14 15 16 17 18 19 20; do
    ! offered "clang-$version" || compilers+=("clang-$version") packages+=("clang-$version")
done
echo "${compilers[*]}"
[ ${#compilers[@]} -gt 0 ] || skip "$release has none of these"
libraries=$(sed -n '/^TO_BUILD="/,/"$/p' "$top/dev" | tr -d '"?' | sed 's/TO_BUILD=//')
check "compilers and libraries" in_root apt-get install -y --no-install-recommends $libraries libcmocka-dev python3 tzdata graphviz "${packages[@]}"
[ $failures = 0 ] || finish

# Debian 13's g++-13 has a libstdc++.so of its own, older than the one that its C++ libraries ask for and programs find.
link_flags() {
    in_root readlink -f "$(in_root "$1" -print-file-name=libstdc++.so)" | grep -q '\.so\.6' || echo -Wl,--allow-shlib-undefined
}

for c in "${compilers[@]}"; do
    cxx=${c/gcc/g++} cxx=${cxx/clang/clang++}
    check "$c" in_root env "CC=$c" "CXX=$cxx" "LDFLAGS=$(link_flags "$cxx")" bash -ec '
        cd /cpprof && cmake --preset dev && cmake --build --preset dev -j "$(nproc)"
        build/dev/cpprof -top -nodecount=3 fixtures/profiles/go/cpu.pb.gz && ctest --preset dev -L "^(unit|golden)\$" -LE slow -j "$(nproc)"
    '
    rm -rf "$work/root/cpprof/build"
done
finish
