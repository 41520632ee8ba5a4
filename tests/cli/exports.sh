# What other programs read: bytes that are no text, samples without a stack, values below zero, the largest
# numbers; and how a call tree is fitted to its reader.
. "$(dirname "$0")/lib.sh"
python3 - "$here/../../fixtures/src" <<'MAKE'
import sys
sys.path.insert(0, sys.argv[1])
from wire import Profile
p = Profile("cpu/nanoseconds")
p.sample([p.place(b"bad\xff,name\xc3", b"a\xfe.c", 1)], [10])
p.sample([], [7])
open("odd.pb", "wb").write(p.write())
p.sample([p.place("less", "n.c", 1), p.place("main", "n.c", 2)], [-4])
open("delta.pb", "wb").write(p.write())
p = Profile("cpu/nanoseconds")
p.sample([p.place("f", "a.c", 1)], [(1 << 63) - 1])
open("most.pb", "wb").write(p.write())
p = Profile("cpu/nanoseconds")
p.sample([p.place("f%d" % i, "a.c", i + 1) for i in range(9)], [90])
open("deep.pb", "wb").write(p.write())
p = Profile("cpu/nanoseconds")
for name, first in (("first", 1), ("later", 9)):
    p.sample([p.location((p.function(name, "missing.c", first), 3))], [1])
open("starts.pb", "wb").write(p.write())
p = Profile("cpu/nanoseconds")
p.sample([p.location((p.function("f" * 900000 + str(i), "a.c", 1), 1)) for i in range(40)], [1])
open("large.pb", "wb").write(p.write())
MAKE

for flags in -folded '-top -csv' '-top -json' '-top -ndjson' '-top -markdown' '-top -junit' '-diff -diff_base=most.pb -github' \
    '-flame -json' -speedscope '-samples -ndjson' '-samples -csv' -json; do
    check "$flags is UTF-8" bash -c '"$0" '"$flags"' odd.pb 2>/dev/null >out && python3 -c "open(\"out\", encoding=\"utf-8\").read()"' "$cpprof"
done
for flags in -dot -callgrind -traces -top -raw; do
    check "$flags keeps pprof's bytes" bash -c '"$0" '$flags' odd.pb 2>/dev/null | grep -aqP "bad\xff"' "$cpprof"
done
expect 0 '[no stack] 7
bad�,name� 10' '.*' "$cpprof" -folded odd.pb
check 'the totals of exports agree' python3 - "$cpprof" <<'CHECK'
import json, subprocess, sys
def run(*flags):
    return subprocess.run([sys.argv[1], *flags, "odd.pb"], capture_output=True, check=True).stdout.decode()
folded = sum(int(line.rsplit(" ", 1)[1]) for line in run("-folded").splitlines())
flame = json.loads(run("-flame", "-json"))["rows"][0]["value"]
samples = sum(json.loads(line)["value"] for line in run("-samples", "-ndjson").splitlines())
scope = sum(json.loads(run("-speedscope"))["profiles"][0]["weights"])
assert folded == flame == samples == scope == 17, (folded, flame, samples, scope)
CHECK
check 'no box has a negative width' python3 - "$cpprof" <<'CHECK'
import json, subprocess, sys
rows = json.loads(subprocess.run([sys.argv[1], "-flame", "-json", "delta.pb"], capture_output=True).stdout)["rows"]
assert [(r["level"], r["value"], r["self"]) for r in rows] == [(0, 21, 7), (1, 10, 10), (1, 4, 0), (2, 4, 0), (3, 4, 4)], rows
assert [r["label"] for r in rows[2:]] == ["lost", "main", "less"], rows
CHECK
"$cpprof" -diff -json -diff_base=most.pb most.pb >out 2>/dev/null
check 'the largest number compared with itself' grep -q '"base_total":9223372036854775807,"now_total":9223372036854775807' out

# -flame: how wide, how deep, how many, in which colours.
lines() { "$cpprof" -flame "$@" deep.pb 2>/dev/null; }
check 'depth' [ "$(lines -depth=3 | grep -c ' f[0-9]$')" = 3 ]
check 'nodecount' [ "$(lines -nodecount=2 | grep -c ' f[0-9]$')" = 2 ]
check 'what is missing is said' [ "$(lines -nodecount=2 | tail -1)" = '7 calls are not shown' ]
check 'a wide bar' [ "$(lines -width=240 | grep -c '\(█\)\{56\}')" = 10 ]
check 'a short one' [ "$(lines -width=80 | grep -c '100% \(█\)\{16\} ')" = 10 ]
check 'colours' bash -c '"$0" -flame -color=always deep.pb | grep -q "$(printf "\033")"' "$cpprof"
expect 2 '' '.*cpprof: -color=red: auto, always or never' "$cpprof" -flame -color=red deep.pb
expect 2 '' '.*cpprof: -width=-3: columns, or 0 for the terminal.s' "$cpprof" -top -width=-3 deep.pb
expect 2 '' '.*cpprof: -depth=-1: levels, or 0 for all' "$cpprof" -flame -depth=-1 deep.pb

# -diff: the side that it is sorted by, where both leave no place for names.
diff() { "$cpprof" -diff "$@" -diff_base="$made/base_run.pb.gz" "$made/new_run.pb.gz" 2>/dev/null; }
check 'no line beyond 80 columns' [ "$(diff -width=80 | awk 'length > 80' | wc -l)" = 0 ]
check 'flat' bash -c '! grep -q cum' <(diff -width=80)
check 'cum' grep -q 'cum delta' <(diff -cum -width=80)
check 'both where there is room' [ "$(diff -width=120)" = "$(diff)" ]

# A missing source is said of each function that is in it, also of one that begins below its lines.
"$cpprof" -list=. -source_path=/nowhere starts.pb >out 2>/dev/null
check "each says what is missing: $(cat out)" [ "$(grep -c 'Error: could not find file missing.c' out)" = 2 ]

# What is written at the end is of a profile that is gone by then.
check 'the head of -samples' [ "$("$cpprof" -samples -markdown "$made/plain.pb.gz" 2>/dev/null | head -1)" = \
    '**samples**: sample_type `cpu`, unit `nanoseconds`, total 110ms' ]

# A report has a limit.
expect 2 '*' '.*cpprof: the report has more than 1048576 bytes; -max_output=N allows more' "$cpprof" -max_output=1mb -traces large.pb
"$cpprof" -max_output=1mb -traces -output=here.txt large.pb 2>/dev/null
check 'nothing half written' [ ! -e here.txt ]
expect 0 '*' '.*' "$cpprof" -max_output=100mb -traces large.pb
finish
