#!/usr/bin/env bash
# What README's first screen tells to type, as it stands there, each way in a fresh Debian of its own where only that is what
# the README says: readme.sh PACKAGES deb|tarball|source|demo
out=$(realpath "$1")
. "$(dirname "$0")/lib.sh"
readme=$top/README.md

# The commands under "First report".
first_report() { sed -n '/^## First report/,/^## Use/p' "$readme" | sed -n '/^```$/,/^```$/p' | grep -v '^```' | head -n 2; }

# What the README shows of the first report, without the line of the prompt.
shown() { sed -n '/^## First report/,/^## Use/p' "$readme" | sed -n '/^```console$/,/^```$/p' | grep -v '^```'; }
command_shown() { shown | sed -n '1s/^\$ //p'; }
prints_what_is_shown() { # in the folder, with this in front of PATH
    in_root bash -c "cd $1 && PATH=$2:/usr/local/bin:\$PATH && $(command_shown)" >"$work/got" && diff "$work/got" <(shown | sed 1d)
}

case $2 in
deb) typed=$(readme_install Debian) ;;
tarball) typed=$(readme_install 'any Linux') ;;
source) typed=$(readme_install 'from source') ;;
demo) typed=$(first_report | sed "s# URL # file:///srv/cpprof.git #") ;;
esac
echo "$typed"
[ "$typed" ] && [ "$(command_shown)" ] || { echo "FAILED: README.md has no command for $2"; exit 1; }

fresh_debian bookworm
trap 'umount "$work/root/proc" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
mount -t proc proc "$work/root/proc" 2>/dev/null || true
echo 'APT::Get::Assume-Yes "true";' >"$work/root/etc/apt/apt.conf.d/yes"
check "the package lists" in_root apt-get update
tree_into_root
folder=/packages
case $2 in
deb | tarball)
    compgen -G "$out/cpprof[_-]*" >/dev/null || skip "no packages were made"
    mkdir "$work/root/packages"
    cp "$out"/*.deb "$out"/*.tar.gz "$work/root/packages"
    ;;
source)
    folder=/cpprof
    libraries=$(sed -n '/^TO_BUILD="/,/"$/p' "$top/dev" | tr -d '"?' | sed 's/TO_BUILD=//')
    check "what a build takes" in_root apt-get install -y --no-install-recommends make $libraries
    ;;
demo)
    folder=/root
    check "git and a C compiler" in_root apt-get install -y --no-install-recommends git ca-certificates gcc
    git clone -q --bare "$top" "$work/root/srv/cpprof.git"
    chown -R 0:0 "$work/root/srv/cpprof.git"
    ;;
esac
[ $failures = 0 ] || finish
check "what README says" in_root env HOME=/root bash -ec "cd $folder; $typed"
cp "$work/said" "$work/typed" # what the next check says takes its place
if [ "$2" = demo ]; then
    check "and it shows a profile" grep -q 'example.org/workload/jobs.fibonacci$' "$work/typed"
    check "of which README shows the beginning" prints_what_is_shown /root/cpprof /root/cpprof/build/release
else
    check "$(command_shown)" prints_what_is_shown /cpprof /usr/bin
fi
finish
