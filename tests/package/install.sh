#!/usr/bin/env bash
# The Debian packages in a fresh root: installed by one command, run, upgraded, removed. install.sh PACKAGES RELEASE
out=$(realpath "$1")
. "$(dirname "$0")/lib.sh"
compgen -G "$out/cpprof_*.deb" >/dev/null || skip "no packages were made"
fresh_debian "$2"

# The same packages as an older version.
for file in "$out"/{cpprof,libcpprof0,libcpprof-dev}_*.deb; do
    name=$(basename "$file")
    name=${name%%_*}
    cp "$file" "$work/root/tmp/$name.new.deb"
    dpkg-deb -R "$file" "$work/old"
    version=$(dpkg-deb -f "$file" Version)
    sed -i "s/${version//./\\.}/0.0.1/" "$work/old/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$work/old" "$work/root/tmp/$name.old.deb" >/dev/null
    rm -rf "$work/old"
done

is_version() { in_root dpkg-query -W -f='${Package} ${Version}\n' cpprof libcpprof0 libcpprof-dev | grep -c " $1\$" | grep -qx 3; }
top_works() { in_root cpprof -top -nodecount=3 /tmp/cpu.pb.gz | grep -q 'example.org/workload/jobs.fibonacci'; }
is_gone() { ! find "$work/root" -xdev -path "$work/root/tmp" -prune -o -path "$work/root/var/cache" -prune -o -name '*cpprof*' -print | grep .; }

check "the package lists" in_root apt-get update
check "one command installs" in_root apt-get install -y --no-install-recommends /tmp/cpprof.old.deb
check "cpprof -top" top_works
check "without what is loaded late it says so" bash -c 'grep -q "without curl" <<<"$1"' - "$(in_root cpprof -version)"
check "the library and its headers" in_root apt-get install -y --no-install-recommends /tmp/libcpprof0.old.deb /tmp/libcpprof-dev.old.deb
check "all of one version" is_version 0.0.1
for file in /usr/share/man/man1/cpprof.1.gz /usr/share/bash-completion/completions/cpprof \
    /usr/share/zsh/vendor-completions/_cpprof /usr/share/fish/vendor_completions.d/cpprof.fish /usr/include/cpprof/cpprof.h; do
    # minimal images may leave manual pages out
    [[ $file == *.gz ]] && grep -qs 'path-exclude.*man' "$work/root"/etc/dpkg/dpkg.cfg.d/* || check "$file" [ -s "$work/root$file" ]
done
check "the loader finds the library" bash -c 'grep -q libcpprof.so.0 <<<"$1"' - "$(in_root ldconfig -p)"
check "upgrades" in_root apt-get install -y --no-install-recommends /tmp/{cpprof,libcpprof0,libcpprof-dev}.new.deb
check "to the new version" is_version "$(dpkg-deb -f "$(ls "$out"/cpprof_*.deb)" Version)"
check "cpprof -top, upgraded" top_works
late=$(dpkg-deb -f "$out"/cpprof_*.deb Recommends Suggests | sed 's/^[A-Z][a-z]*: //' | tr ',' '\n' | sed 's/ *|.*//' | grep '^ *lib')
check "the libraries that it recommends and suggests are there" in_root apt-get install -y --no-install-recommends $late
check "they are all that it can load" bash -c 'grep -q "^with curl" <<<"$1" && ! grep "^without" <<<"$1"' - "$(in_root cpprof -version)"
check "removes" in_root apt-get purge -y cpprof libcpprof0 libcpprof-dev
check "nothing is left" is_gone
finish
