#!/usr/bin/env bash
# lintian has no error for the packages: lintian.sh PACKAGES
out=$(realpath "$1")
. "$(dirname "$0")/lib.sh"
need lintian lintian
compgen -G "$out/cpprof_*.deb" >/dev/null || skip "no packages were made"
lintian --version
check "lintian" bash -c 'lintian --fail-on error "$@" 2>/dev/null' - "$out"/*.deb
cat "$work/said"
finish
