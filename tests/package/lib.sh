# Sourced by the scripts here that look at what cmake/package/make made, in $out, and that need an empty root.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
profile=$top/fixtures/profiles/go/cpu.pb.gz
failures=0

skip() {
    echo "skipped: $*"
    exit 77
}

need() { # TOOL PACKAGE...
    while [ $# -gt 0 ]; do
        command -v "$1" >/dev/null || skip "no $1 here (Debian: $2)"
        shift 2
    done
}

check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        echo "ok: $what"
    else
        failures=$((failures + 1))
        echo "FAILED: $what ($*)"
        tail -n 20 "$work/said"
    fi
}

finish() {
    [ $failures = 0 ] || { echo "$failures failed"; exit 1; }
    echo "all passed"
}

# What README.md tells to type in the row of "Install" for WHO.
readme_install() {
    sed -n '/^## Install/,/^## First/s/^| '"$1"'[^|]* | `\([^`]*\)`.*/\1/p' "$top/README.md"
}

# A fresh Debian of that name in $work/root, from a copy that is kept beside the packages.
fresh_debian() {
    local release=$1 kept=$out/$1.tar mirror
    [ "$(id -u)" = 0 ] || skip "a root for Debian takes root"
    need debootstrap debootstrap
    if [ ! -e "$kept" ]; then
        mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 2>/dev/null | sed -n 's/^bookworm //p' | head -n 1)
        debootstrap --variant=minbase "$release" "$work/new" "${mirror:-http://deb.debian.org/debian}" >"$out/debootstrap.log" 2>&1 ||
            skip "debootstrap can't make $release here: $(tail -n 1 "$out/debootstrap.log")"
        tar -C "$work/new" -cf "$kept.new" .
        mv "$kept.new" "$kept"
        rm -rf "$work/new"
    fi
    mkdir "$work/root"
    tar -C "$work/root" -xf "$kept"
    cp /etc/resolv.conf "$work/root/etc/" 2>/dev/null || true
    echo force-unsafe-io >"$work/root/etc/dpkg/dpkg.cfg.d/fast" # nothing here outlives a crash
    cp "$profile" "$work/root/tmp/"
}

# The files of this tree in the root's /cpprof, and the environment that says what git would.
tree_into_root() {
    mkdir "$work/root/cpprof"
    git -C "$top" ls-files -z | while IFS= read -rd '' file; do [ ! -e "$top/$file" ] || printf '%s\0' "$file"; done |
        tar -C "$top" -c --null -T - | tar -x -C "$work/root/cpprof"
    in_tree=(env "CPPROF_COMMIT=$(git -C "$top" rev-parse --short=12 HEAD)" "SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct)")
}

in_root() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/nonexistent LC_ALL=C DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
        chroot "$work/root" "$@"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
