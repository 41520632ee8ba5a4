# Recordings of perf, with the program that was recorded: by frame pointers, by copied stacks, packed
# and through a pipe. Their recipe is fixtures/src/perf.
. "$(dirname "$0")/lib.sh"
perf=$profiles/perf
export PPROF_BINARY_PATH=$profiles/../binaries/perf

# Every stack begins in _start, by whatever means it was walked.
for name in shop shop-dwarf shop-pipe; do
    check "$name" sh -c '"$1" -folded "$2" | awk "!/^_start;run[; ]/ { bad = 1 } END { exit bad || !NR }"' \
        sh "$cpprof" "$perf/$name.perf.data"
done

# Copied stacks need the program: without it they end where they begin, and that is said.
PPROF_BINARY_PATH=/nonexistent expect 0 '*' '.*stacks end where no rule says who called.*' \
    "$cpprof" -top "$perf/shop-dwarf.perf.data"

# Programs that are gone are read where perf keeps those that it recorded.
keep() { # BUILD-ID FILE: as perf's cache has it
    kept="$PWD/home/.debug/kept/$1"
    mkdir -p "$kept" "home/.debug/.build-id/${1%${1#??}}"
    cp "$2" "$kept/elf"
    ln -s "$kept" "home/.debug/.build-id/${1%${1#??}}/${1#??}"
}
keep ba86a2c8c008337cc18da7ebb7aea6c855ec063b "$PPROF_BINARY_PATH/shop"
keep 60adcd515ff3647331a800204c43088f0decde6a "$PPROF_BINARY_PATH/shop-nofp"
for name in shop shop-dwarf; do
    check "$name, kept by perf" sh -c 'HOME=$PWD/home PPROF_BINARY_PATH=/nonexistent "$1" -folded "$2" |
        awk "!/^_start;run[; ]/ { bad = 1 } END { exit bad || !NR }"' sh "$cpprof" "$perf/$name.perf.data"
done

# The same from a pipe, where nothing can be read ahead, and packed once more.
"$cpprof" -raw "$perf/shop.perf.data" >file.raw
gzip -c "$perf/shop.perf.data" >packed.gz
check 'through a pipe' sh -c 'cat "$2" | "$1" -raw - | diff - file.raw' sh "$cpprof" "$perf/shop.perf.data"
check 'in gzip' sh -c '"$1" -raw packed.gz | diff - file.raw' sh "$cpprof"

# Reports that show no labels don't read them, unless something asks for one.
check 'labels as frames' sh -c '"$1" -folded -tagroot=comm,pid "$2" | grep -q "^shop;31864;_start;run"' sh "$cpprof" "$perf/shop.perf.data"
check 'a label that is filtered' sh -c '"$1" -folded -tagfocus=comm=shop "$2" | grep -q "^_start;run"' sh "$cpprof" "$perf/shop.perf.data"
check 'a label that nobody has' sh -c '! "$1" -folded -tagignore=comm=shop "$2" 2>&1 | grep "^_start;run"' sh "$cpprof" "$perf/shop.perf.data"

# Cut anywhere: what was there, and one line; or one line.
for bytes in 20 100 300 2000 6000; do
    head -c $bytes "$perf/shop.perf.data" >cut
    "$cpprof" -top cut >out 2>err
    status=$?
    [ $status = 0 ] || [ $status = 2 ] || complain "cut at $bytes: exit $status"
    grep -q 'cut short\|unrecognized' err || complain "cut at $bytes: $(cat err)"
done
head -c 6000 "$perf/shop.perf.data" >cut
expect 0 '*' 'cut: perf.data: the file is cut short.*' "$cpprof" -top cut
expect 2 '' 'cpprof: cut: perf.data: the file is cut short.*-strict.*' "$cpprof" -top -strict cut

# Code that was made at run time: its process's map is found by itself, unless it is somebody else's.
map=/tmp/perf-$$.map
printf '400100 20 made by a compiler\n' >"$map"
printf 'heap profile: 1: 10 [1: 10] @ heap/1\n1: 10 [1: 10] @ 0x400111\n\nMAPPED_LIBRARIES:\n400000-401000 r-xp 0 00:00 0 %s\n' "$map" >made.heap
check 'a map by itself' sh -c '"$1" -top made.heap | grep -q "made by a compiler"' sh "$cpprof"
check 'not with -symbolize=none' sh -c '! "$1" -top -symbolize=none made.heap | grep -q "made by"' sh "$cpprof"
if [ "$(id -u)" = 0 ]; then
    chown 65534 "$map"
    check 'not a stranger'"'"'s' sh -c '! "$1" -top made.heap 2>&1 | grep -q "made by"' sh "$cpprof"
fi
rm -f "$map"

# Six samples that became four are no gain, though each stands for ten million nanoseconds.
check 'the gate counts samples' sh -c '"$1" -gate -base="$2/shop.perf.data" "$2/shop-pipe.perf.data" | grep -q "2 functions tested, none broke the rule"' \
    sh "$cpprof" "$perf"

# A guest's kernel, of which perf was told nothing when it recorded: its list of symbols lies beside binaries.
python3 - guest <<'PY'
import struct, sys
out = open(sys.argv[1], "wb")
def record(kind, misc, body):
    out.write(struct.pack("<IHH", kind, misc, 8 + len(body)) + body)
out.write(struct.pack("<QQ", 0x32454c4946524550, 16))
record(64, 0, struct.pack("<IIQQQ", 0, 96, 0, 1000000, 0x107).ljust(96, b"\0"))
for time, (mode, at) in enumerate([(4, 0xffffffff81000123), (4, 0xffffffffc0301020), (5, 0x401000), (4, 0xffffffff81000123)]):
    record(9, mode, struct.pack("<QIIQQ", at, 7, 7, time + 1, 1))
PY
mkdir lists
printf '%s\n' 'ffffffff81000000 T _text' 'ffffffff81000100 T vfs_read' 'ffffffff81000300 t other' >lists/guest.kernel.kallsyms
printf 'ffffffffc0301010 t fs_read\t[some_fs]\n' >>lists/guest.kernel.kallsyms
check 'a guest' sh -c '"$1" -folded guest | grep -q "^\[\[guest.kernel.kallsyms\]\] 3$"' sh "$cpprof"
check 'what a guest lacks' sh -c '"$1" -symbols guest | grep -q "under PPROF_BINARY_PATH as guest.kernel.kallsyms\.$"' sh "$cpprof"
PPROF_BINARY_PATH=$PWD/lists "$cpprof" -folded guest >guest.folded
check 'a guest with its list' sh -c 'printf "<unknown> 1\nfs_read 1\nvfs_read 2\n" | diff - guest.folded'
finish
