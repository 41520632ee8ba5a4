#!/usr/bin/env bash
# A distribution's way of building, as CONTRIBUTING.md has it, in a fresh root without a network and without what tests need:
# its own flags, the system's shared libraries, installed below another folder. distribution.sh OUTPUT RELEASE
out=$(realpath "$1")
. "$(dirname "$0")/lib.sh"
need unshare util-linux readelf binutils
fresh_debian "$2"
tree_into_root
trap 'umount "$work/root/proc" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
mount -t proc proc "$work/root/proc" 2>/dev/null || true

given=$(sed -n 's/^| a distribution | `cmake \([^`]*\)`.*/\1/p' "$top/CONTRIBUTING.md")
given=${given/CPPROF_COMMIT=.../CPPROF_COMMIT=abc123}
echo "cmake $given"
libraries=$(sed -n '/^TO_BUILD="/,/"$/p' "$top/dev" | tr -d '"?' | sed 's/TO_BUILD=//')
check "the package lists" in_root apt-get update
check "what a build takes" in_root apt-get install -y --no-install-recommends dpkg-dev $libraries
[ "$given" ] && [ $failures = 0 ] || finish
offline() { # in the root, with no network but a loopback that is down
    unshare -n env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/nonexistent LC_ALL=C chroot "$work/root" bash -ec "$1"
}
check "there is no network" bash -c '! timeout 20 unshare -n getent hosts deb.debian.org'
check "there is no cmocka" bash -c '! [ -e "$1/usr/include/cmocka.h" ]' - "$work/root"
check "configures" offline "export DEB_BUILD_MAINT_OPTIONS=hardening=+all; eval \"\$(dpkg-buildflags --export=sh)\"
    CFLAGS+=\" \$CPPFLAGS\" CXXFLAGS+=\" \$CPPFLAGS\"
    cmake -S /cpprof -B /build -G Ninja $given"
check "builds" offline 'cmake --build /build'
mv "$work/said" "$work/built"
check "without a warning" bash -c '! grep "warning:" "$1"' - "$work/built"
check "installs below a folder" offline 'DESTDIR=/there cmake --install /build'
program=$work/root/there/usr/bin/cpprof
check "says its commit" bash -c 'grep -q abc123 <<<"$1"' - "$(offline '/there/usr/bin/cpprof -version')"
check "cpprof -top" bash -c 'grep -q "example.org/workload/jobs.fibonacci" <<<"$1"' - "$(offline '/there/usr/bin/cpprof -top /tmp/cpu.pb.gz')"
check "position independent" bash -c 'readelf -h "$1" | grep -q "Type: *DYN"' - "$program"
check "bound at start, its tables read-only" bash -c 'readelf -dlW "$1" | grep -q BIND_NOW && readelf -lW "$1" | grep -q GNU_RELRO' - "$program"
check "stacks are guarded" bash -c 'readelf --dyn-syms -W "$1" | grep -q __stack_chk_fail' - "$program"
check "string functions are checked" bash -c 'readelf --dyn-syms -W "$1" | grep -q "_chk@"' - "$program"
check "shared libraries" bash -c 'readelf -d "$1" | grep -q "NEEDED.*libdw"' - "$program"
check "tests say what they lack, and are left out" offline 'cmake -S /cpprof -B /tests -G Ninja -DBUILD_TESTING=ON | grep "^-- .* is missing: no tests"'
finish
