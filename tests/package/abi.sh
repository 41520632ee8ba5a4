#!/usr/bin/env bash
# The binary interfaces against those last recorded: abi.sh LIBRARY [record]
#
# abi/SONAME.xml: the functions of libcpprof and all types that they reach. abi/plugin-N.xml: the same of a
# plug-in, N is PP_PLUGIN_ABI: what cpprof hands to it. What is added is no difference. Any other change fails,
# and docs/compatibility.md says which number it changes; then, or where that page calls it compatible, `record`.
set -eu
library=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
for tool in abidw abidiff cc readelf; do
    command -v $tool >/dev/null || {
        echo "skipped: no $tool here (Debian: abigail-tools, gcc, binutils)"
        exit 77
    }
done
[ "$(uname -m)" = x86_64 ] || {
    echo "skipped: recorded on x86-64 alone"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

plugin=$work/plugin.so
cc -g "-ffile-prefix-map=$root=." -shared -fPIC -I "$root/include" "$root/examples/hot_packages.c" -o "$plugin"
soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
plugin_abi=$(sed -n 's/#define PP_PLUGIN_ABI \([0-9]*\).*/\1/p' "$root/include/cpprof/plugin.h")
failures=0

compare() { # what it is, the file, the record; what must be in it
    local record=$here/abi/$3.xml
    abidw --exported-interfaces-only --headers-dir "$root/include" --drop-private-types --no-corpus-path --no-comp-dir-path --no-show-locs \
        --no-elf-needed --drop-undefined-syms "$2" | sed "s|path='$root/|path='|" >"$work/now.xml"
    grep -q "name='$4'" "$work/now.xml" || {
        echo "FAILED: abidw finds no $4 in $1"
        failures=$((failures + 1))
        return
    }
    if [ "$mode" = record ]; then
        cp "$work/now.xml" "$record"
        echo "recorded: ${record#"$root/"}"
    elif [ ! -e "$record" ]; then
        echo "FAILED: ${record#"$root/"} is missing: tests/package/abi.sh BUILD/libcpprof.so record"
        failures=$((failures + 1))
    elif ! abidiff --no-added-syms --suppressions "$here/abi/opaque.suppr" "$record" "$work/now.xml"; then
        echo "FAILED: $1 is not what was recorded in ${record#"$root/"}; see docs/compatibility.md"
        failures=$((failures + 1))
    fi
}

mode=${2:-compare}
compare "the library" "$library" "$soname" pp_version
compare "what a plug-in is handed" "$plugin" "plugin-$plugin_abi" pp_host
[ $failures = 0 ] || exit 1
echo "all passed"
