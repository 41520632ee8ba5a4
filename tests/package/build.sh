#!/usr/bin/env bash
# `./dev package` in a fresh root of another release, whose libraries have other names: build.sh PACKAGES RELEASE
# What it makes lies in PACKAGES/RELEASE.
mkdir -p "$1/$2"
out=$(realpath "$1/$2")
. "$(dirname "$0")/lib.sh"
fresh_debian "$2"
tree_into_root
mount -t proc proc "$work/root/proc" 2>/dev/null || true
trap 'umount "$work/root/proc" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
check "./dev package" in_root "${in_tree[@]}" /cpprof/dev package /packages
rm -f "$out"/*.deb "$out"/*.tar.gz
cp "$work/root/packages"/* "$out" || failures=1
ls "$out"
finish
