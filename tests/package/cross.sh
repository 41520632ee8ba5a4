#!/usr/bin/env bash
# Builds for another machine in a Debian root of its own, and runs unit and golden tests, or one kind of them, there by
# qemu: cross.sh OUTPUT arm64|s390x [unit|golden]. The bytes of s390x are the other way round.
# The root is kept in OUTPUT; this machine's own packages are not touched, and the tree is copied: one that changes while it
# is compiled makes programs that fail in strange ways.
mkdir -p "$1"
out=$(realpath "$1")
. "$(dirname "$0")/lib.sh"
case $2 in
arm64) triple=aarch64-linux-gnu machine=aarch64 ;;
s390x) triple=s390x-linux-gnu machine=s390x ;;
*) skip "no tests for $2" ;;
esac
[ "$(uname -m)" = x86_64 ] || skip "crosses from x86-64"
fresh_debian bookworm
tree_into_root
trap 'umount "$work/root/proc" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
mount -t proc proc "$work/root/proc" 2>/dev/null || true

libraries=
for name in libc6-dev libprotobuf-c-dev zlib1g-dev libre2-dev libelf-dev libdw-dev libzstd-dev liblzma-dev libcmocka-dev \
    libcurl4-openssl-dev libedit-dev libmicrohttpd-dev libsqlite3-dev; do
    libraries+=" $name:$2"
done
check "the architecture" in_root dpkg --add-architecture "$2"
check "the package lists" in_root apt-get update
check "compilers, libraries and qemu" in_root apt-get install -y --no-install-recommends cmake ninja-build pkg-config gcc g++ \
    protobuf-c-compiler protobuf-compiler python3 tzdata graphviz qemu-user "crossbuild-essential-$2" $libraries
[ $failures = 0 ] || finish
qemu=/usr/bin/qemu-$machine
check "configures" in_root env PKG_CONFIG_LIBDIR="/usr/lib/$triple/pkgconfig:/usr/share/pkgconfig" cmake -S /cpprof -B /build -G Ninja \
    -DCMAKE_BUILD_TYPE=Debug -DCPPROF_WERROR=ON -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$machine" \
    -DCMAKE_C_COMPILER="$triple-gcc" -DCMAKE_CXX_COMPILER="$triple-g++" -DCMAKE_CROSSCOMPILING_EMULATOR="$qemu" \
    -DCMAKE_LIBRARY_ARCHITECTURE="$triple" -DCPPROF_COMMIT=unknown
check "builds without a warning" in_root ninja -C /build
check "is for $machine" bash -c 'readelf -h "$1" | grep -qi "$2"' - "$work/root/build/cpprof" "${machine/s390x/S\/390}"
check "tests" in_root ctest --test-dir /build -j "$(nproc)" --timeout 900 --output-on-failure -L "^(${3:-unit|golden})\$" -LE slow
tail -n 5 "$work/said"
finish
