#!/usr/bin/env bash
# Makes what the other tests look at: make.sh OUTPUT deb|tarball
set -eu
out=$1
mkdir -p "$out"
. "$(dirname "$0")/lib.sh"
case $2 in
deb) need dpkg-buildpackage dpkg-dev dh debhelper fakeroot fakeroot ;;
tarball) [ "$(uname -m)" = x86_64 ] || skip "the tarball is made on x86-64" ;;
esac
rm -f "$out"/*."${2/tarball/tar.gz}"
"$top/cmake/package/make" "$out" "$2"
