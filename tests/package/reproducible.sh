#!/usr/bin/env bash
# The tarball once more, from other folders: the same bytes. reproducible.sh PACKAGES
out=$(realpath "$1")
. "$(dirname "$0")/lib.sh"
first=$(ls "$out"/cpprof-*-linux-*.tar.gz 2>/dev/null) || skip "no tarball was made"
mkdir "$work/a-longer-name-of-a-folder" "$work/out"
unset CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER
TMPDIR=$work/a-longer-name-of-a-folder TZ=Asia/Tokyo LC_ALL=C "$top/cmake/package/make" "$work/out" tarball
sha256sum "$first" "$work/out/$(basename "$first")"
check "the same bytes" cmp "$first" "$work/out/$(basename "$first")"
finish
