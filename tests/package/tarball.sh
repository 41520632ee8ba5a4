#!/usr/bin/env bash
# The tarball: small, its sum, what it needs, and that it runs in a root with glibc and busybox alone. tarball.sh PACKAGES
out=$(realpath "$1")
. "$(dirname "$0")/lib.sh"
need objdump binutils readelf binutils
tarball=$(ls "$out"/cpprof-*-linux-*.tar.gz 2>/dev/null) || skip "no tarball was made"
tar -xzf "$tarball" -C "$work"
program=$(ls "$work"/cpprof-*/bin/cpprof)

check "below 6 MB" [ "$(stat -c %s "$tarball")" -lt 6000000 ]
check "unpacked, too" [ "$(stat -c %s "$program")" -lt 6000000 ]
check "SHA256SUMS" bash -c 'cd "$1" && grep "$2\$" SHA256SUMS | sha256sum -c' - "$out" "$(basename "$tarball")"
for file in LICENSE CHANGELOG.md README THIRD-PARTY share/man/man1/cpprof.1 share/bash-completion/completions/cpprof \
    share/zsh/site-functions/_cpprof share/fish/vendor_completions.d/cpprof.fish; do
    check "$file" [ -s "$(dirname "$program")/../$file" ]
done

# What it asks of glibc: files of glibc, versions up to 2.28.
strangers=$(readelf -d "$program" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -vxE 'lib(c|m|dl|pthread)\.so\.[0-9]|ld-linux.*' || true)
check "nothing but glibc is needed (${strangers:-none})" [ -z "$strangers" ]
newest=$(objdump -T "$program" | grep -oE 'GLIBC_2\.[0-9]+' | sort -uV | tail -n 1)
check "glibc 2.28 is enough ($newest)" [ "$(printf '%s\n' "$newest" GLIBC_2.28 | sort -V | tail -n 1)" = GLIBC_2.28 ]

# A root with the files of glibc that are needed, and busybox.
if ! busybox=$(command -v busybox); then
    echo "left out: no busybox here (Debian: busybox-static)"
    finish
    exit
fi
root=$work/root
mkdir -p "$root/bin" "$root/tmp" "$root/usr/local"
cp "$busybox" "$root/bin/busybox"
ldd "$program" "$busybox" 2>/dev/null | grep -oE '/[^ ]+' | grep '\.so' | sort -u | while read -r file; do
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
done
ln -s busybox "$root/bin/sh"
ln -s busybox "$root/bin/tar"
ln -s busybox "$root/bin/gzip"
cp "$tarball" "$root/tmp/"
cp "$profile" "$root/tmp/"
if [ "$(id -u)" = 0 ]; then
    enter=(chroot)
elif unshare --map-root-user true 2>/dev/null; then
    enter=(unshare --map-root-user chroot)
else
    echo "left out: neither root nor user namespaces here"
    finish
    exit
fi
in_it() { env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin "${enter[@]}" "$root" "$@"; }
find "$root" -type f | sed "s#$root##"
typed=$(readme_install 'any Linux')
check "README's command unpacks: $typed" in_it /bin/sh -c "cd /tmp && $typed"
in_it /bin/sh -c "cpprof -top -nodecount=5 /tmp/cpu.pb.gz" >"$work/got" || true
check "cpprof -top" grep -q 'example.org/workload/jobs.fibonacci' "$work/got"
check "without what is loaded late" bash -c 'grep -q "^without curl, microhttpd" <<<"$1"' - "$(in_it /usr/local/bin/cpprof -version)"
fails() { ! in_it /usr/local/bin/cpprof "$@"; }
prints() { in_it /usr/local/bin/cpprof "${@:2}" | grep -q "$1"; }
check "bad input is said" fails -top "-focus=a(" /tmp/cpu.pb.gz
check "a regular expression" prints fibonacci -top -focus=fibo /tmp/cpu.pb.gz
finish
