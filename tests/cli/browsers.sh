# Profiles of browsers and their viewers, all in JSON: V8's, speedscope's, Firefox's.
. "$(dirname "$0")/lib.sh"
raw() { "$cpprof" -symbolize=none -raw "$@" 2>/dev/null; }
has() { check "$1: $2" grep -qF -- "$2" got; }
bad() { expect 2 '' "cpprof: x: $1[^|]*" "$cpprof" -raw x; }

# A sample lasts until the next one; one that was written late goes where its time says.
cat >x <<'END'
{"startTime": 10, "endTime": 90, "samples": [2, 4, 3], "timeDeltas": [5, 30, -10],
 "nodes": [{"id": 1, "callFrame": {"functionName": "(root)", "url": "", "lineNumber": -1}, "children": [2, 3]},
  {"id": 2, "callFrame": {"functionName": "f", "url": "a.js", "lineNumber": 3, "columnNumber": 4}, "children": [4]},
  {"id": 3, "callFrame": {"functionName": "(idle)"}}, {"id": 4, "callFrame": {"functionName": ""}}]}
END
raw x >got
has cpuprofile 'samples/count cpu/nanoseconds'
has cpuprofile '          1      20000: 1 '
has cpuprofile '          1      10000: 2 '
has cpuprofile '          1      45000: 3 1 '
has cpuprofile '1: 0x0 M=1 f a.js:4:5 s=4'
has cpuprofile '(anonymous) :0:0 s=0'
sed 's/"samples": \[2, 4, 3\]/"samples": [2, 5]/' x >y && mv y x && bad "V8's profile: node 5 does not exist"
sed 's/\[2, 5\]/[2]/; s/"children": \[4\]/"children": [4, 2]/' x >y && mv y x && bad "V8's profile: node 2 has two parents"
echo '{"nodes":[{"id":1,"children":[2]},{"id":2,"children":[1]}],"samples":[1],"timeDeltas":[1]}' >x && bad "V8's profile: nodes in a circle"
echo '{"nodes":[{"id":1},' >x && bad "V8's CPU profile: the file ends too early, after 20 bytes"
echo '{"nodes":[{"id":1,"hitCount":3,"callFrame":{"functionName":"f"}}],"startTime":0,"endTime":6}' >x
raw x >got
has 'hit counts' '          3       6000: 1 '

# Before 2017: nested nodes, times in seconds, and when each sample was taken instead of deltas.
cat >x <<'END'
{"head": {"functionName": "(root)", "hitCount": 0, "id": 1, "children": [{"functionName": "f", "url": "a.js", "lineNumber": "4",
 "hitCount": 2, "id": 2, "children": [{"functionName": "g", "hitCount": 1, "id": 3, "children": []}]}]}, "startTime": "9", "endTime": 9,
 "samples": [2, 3, 2], "timestamps": [9000010, 9000030, 9000035, 9000075]}
END
raw x >got
has 'old cpuprofile' 'samples/count cpu/nanoseconds'
has 'old cpuprofile' '          2      60000: 1 '
has 'old cpuprofile' '          1       5000: 2 1 '
has 'old cpuprofile' 'Duration: 65µs'
sed 's/"timestamps": .*/"x": 0}/; s/"endTime": 9/"endTime": 10.5/' x >y && mv y x
raw x >got
has 'old cpuprofile without times' '          1  500000000: 2 1 '

# node's own.
"$cpprof" -top "$profiles/js/work.cpuprofile" >got 2>/dev/null
has node fibonacci
"$cpprof" -top "$profiles/js/work.heapprofile" >got 2>/dev/null
has node makeList
raw "$profiles/js/work.cpuprofile" >want
python3 - "$profiles/js/work.cpuprofile" >x <<'END'
import json, sys
p = json.load(open(sys.argv[1]))
t = [p["startTime"]]
for d in p["timeDeltas"]:
    t.append(t[-1] + d)
t = sorted(t[1:]) + [p["endTime"]]
print(sum(max(b - a, 0) for a, b in zip(t, t[1:])) * 1000, len(p["samples"]))
END
expect 0 "$(cat x)" '.*' bash -c '"$1" -json "$2" | python3 -c "
import json, sys
s = [x[\"values\"] for x in json.load(sys.stdin)[\"samples\"]]
print(sum(v[1] for v in s), sum(v[0] for v in s))"' - "$cpprof" "$profiles/js/work.cpuprofile"

echo '{"head":{"callFrame":{"functionName":"(root)"},"id":1,"children":[{"callFrame":{"functionName":"f"},"selfSize":7,"id":2,
 "children":[{"callFrame":{"functionName":"g"},"selfSize":5,"id":3}]}]},"samples":[]}' >x
raw x >got
has heapprofile 'inuse_space/bytes'
has heapprofile '          7: 1 '
has heapprofile '          5: 2 1 '
python3 -c 'print("{\"head\":" + "{\"children\":[" * 5000)' >x && bad "V8's heap profile: nodes nest too deeply"

# A file that is cut off is said to be that.
head -c 300 "$profiles/js/work.cpuprofile" >x && bad "V8's CPU profile: the file ends too early, after 300 bytes"

# speedscope: what refers to frames may stand before them.
cat >x <<'END'
{"profiles": [{"type": "sampled", "name": "a", "unit": "seconds", "startValue": 0, "samples": [[0, 1], [0], [0, 1]], "weights": [1.5, 2, 1]},
 {"type": "evented", "name": "b", "unit": "bytes", "startValue": 0, "events": [{"type": "O", "at": 0, "frame": 0},
  {"type": "O", "at": 2, "frame": 1}, {"type": "C", "at": 4.5, "frame": 1}, {"type": "C", "at": 9, "frame": 0}]}],
 "shared": {"frames": [{"name": "main"}, {"name": "f", "file": "x.c", "line": 3, "col": 4}]}}
END
raw x >got
has speedscope 'time/nanoseconds space/bytes'
has speedscope ' 2500000000          0: 2 1 '
has speedscope ' 2000000000          0: 1 '
has speedscope 'profile:[a]'
has speedscope '          0          3: 2 1 '
expect 0 '*' '.*fractions are rounded.*' "$cpprof" -top x
sed 's/"frame": 1}, {"type": "C", "at": 9/"frame": 0}, {"type": "C", "at": 9/' x >y && cp x z && mv y x && bad 'speedscope: a frame is closed that is not'
sed 's/\[0, 1\]/[0, 2]/' z >x && bad 'speedscope: a frame that does not exist'
sed 's/"at": 9/"at": 1/' z >x && bad 'speedscope: events are not in order'
sed 's/2, 1\]}/2]}/' z >x && bad 'speedscope: expected as many weights'
sed 's/2, 1\]}/2, 1, 5]}/' z >x && bad 'speedscope: expected as many weights'
sed 's/, {"type": "C", "at": 9, "frame": 0}//; s/"startValue": 0, "events"/"endValue": 12, "startValue": 0, "events"/' z >x && raw x >got
has 'a frame that is never closed' '          0         10: 1 '
expect 0 '*' '.*1 frames are never closed.*' "$cpprof" -top x
"$cpprof" -speedscope "$made/plain.pb.gz" >x 2>/dev/null
check 'our own speedscope: the same total' test "$("$cpprof" -top -json x 2>/dev/null | grep -o '"total":[0-9]*')" = \
    "$("$cpprof" -top -json "$made/plain.pb.gz" 2>/dev/null | grep -o '"total":[0-9]*')"

# Nothing in it is no silent nothing.
for text in '{"nodes": []}' '{"head": {}}' '{"meta": {}, "threads": []}'; do
    echo "$text" >x
    expect 0 '*' '.*x: (.*; )?no samples in it(\|.*)?' "$cpprof" -raw x
done

# Firefox: tables of a thread, or shared.
cat >x <<'END'
{"meta": {"interval": 2, "startTime": 1000}, "threads": [{"name": "main", "pid": 7, "tid": "8",
  "samples": {"stack": [1, 0, null], "weight": [1, 2, 3], "weightType": "samples"}, "stackTable": {"frame": [0, 1], "prefix": [null, 0]},
  "frameTable": {"func": [0, 1], "line": [null, 5]}, "funcTable": {"name": [0, 1], "fileName": [2, null], "lineNumber": [1, null]}},
 {"stringTable": ["h"], "samples": {"stack": [0], "weightType": "tracing-ms", "weight": [1.5]}, "stackTable": {"frame": [0],
  "prefix": [null]}, "frameTable": {"func": [0]}, "funcTable": {"name": [0]}}], "shared": {"stringArray": ["f", "g", "x.js"]}}
END
raw x >got
has firefox 'samples/count time/nanoseconds'
has firefox '          1    2000000: 2 1 '
has firefox '          2    4000000: 1 '
has firefox 'pid:[7] thread:[main] tid:[8]'
has firefox '          1    1500000: 3 '
has firefox 'f x.js:0:0 s=1'
has firefox 'Time: 1970-01-01 00:00:01'
cp x z
echo '{"meta":{"interval":1},"threads":[{"stringTable":["f (a b.js:34)","h (int)"],"samples":{"stack":[0,1]},"stackTable":{"frame":[0,1],
 "prefix":[null,0]},"frameTable":{"func":[0,1]},"funcTable":{"name":[0,1]}}]}' >x
raw x >got
has 'the first versions' 'f a b.js:0:0 s=34'
has 'the first versions' 'h (int) :0:0 s=0'
sed 's/"stack": \[1, 0/"stack": [1, 2/' z >x && bad 'Firefox profile: stack 2 does not exist'
sed 's/"prefix": \[null, 0\]/"prefix": [1, 0]/' z >x && bad 'Firefox profile: stack 0 is called from none that stands before it'
sed 's/"frame": \[0, 1\]/"frame": [0, 9]/' z >x && bad 'Firefox profile: frame 9 does not exist'
sed 's/"func": \[0, 1\]/"func": [0, 9]/' z >x && bad 'Firefox profile: function 9 does not exist'
echo '{"meta":{},"profile":{"name":"x"}}' >x && expect 2 '' 'cpprof: x: unrecognized profile format .JSON, but no profile of Firefox: it has no threads.' "$cpprof" -raw x

# Since version 58 a function has a source, since 60 all tables are shared, since 66 a stack says how far before it its caller is.
cat >x <<'END'
{"meta": {"interval": 1, "preprocessedProfileVersion": 70}, "threads": [{"name": "main", "samples": {"stack": [2, 3, 1]}}],
 "shared": {"stringArray": ["main", "work", "leaf", "a.js", "b.js"], "sources": {"id": [null, null], "filename": [4, 3]},
  "stackTable": {"frame": [0, 1, 2, 2], "prefixOffset": [0, 1, 1, 3]}, "frameTable": {"func": [0, 1, 2]},
  "funcTable": {"name": [0, 1, 2], "source": [1, null, 0], "lineNumber": [1, null, 9]}}}
END
raw x >got
has 'version 66' '          1    1000000: 3 2 1 '
has 'version 66' '          1    1000000: 3 1 '
has 'version 66' '          1    1000000: 2 1 '
has 'version 58' '1: 0x0 M=1 main a.js:0:0 s=1'
has 'version 58' '2: 0x0 M=1 work :0:0'
has 'version 58' '3: 0x0 M=1 leaf b.js:0:0 s=9'
sed 's/"prefixOffset": \[0, 1, 1, 3\]/"prefixOffset": [0, 2, 1, 3]/' x >y && mv x w && mv y x
bad 'Firefox profile: stack 1 is called from none that stands before it'
sed 's/prefixOffset/caller/' w >x && bad 'Firefox profile: what stacks are called from is missing, or written as a newer version does'

# As Firefox itself writes them: tables are rows, a child process is a profile of its own, or its text.
cat >x <<'END'
{"meta": {"interval": 1, "startTime": 2000}, "libs": [], "threads": [{"name": "Gecko", "pid": 7, "tid": 8,
  "samples": {"data": [[1, 0.5], [null, 1.5], [0, 2.5, 7]], "schema": {"time": 1, "stack": 0}},
  "stackTable": {"schema": {"prefix": 0, "frame": 1}, "data": [[null, 0], [0, 1]]},
  "frameTable": {"schema": {"location": 0, "category": 2, "line": 1}, "data": [[0], [1, 5, 3]]},
  "stringTable": ["0x100", "draw (x) (http://a/b.js:3:9)[12]"]},
 "{\"meta\": {\"interval\": 2}, \"threads\": [{\"name\": \"inner\", \"samples\": {\"schema\": {\"stack\": 0}, \"data\": [[0]]}, \"stackTable\": {\"schema\": {\"frame\": 0}, \"data\": [[0]]}, \"frameTable\": {\"schema\": {\"location\": 0}, \"data\": [[0]]}, \"stringTable\": [\"g (c.js:4)\"]}]}"],
 "processes": [{"meta": {"interval": 3}, "threads": [{"name": "child", "samples": {"schema": {"stack": 0}, "data": [[0]]},
  "stackTable": {"schema": {"frame": 0}, "data": [[0]]}, "frameTable": {"schema": {"location": 0}, "data": [[0]]}, "stringTable": ["h"]}]}]}
END
raw x >got
has gecko '          1    1000000: 3 2 '
has gecko 'draw (x) http://a/b.js:5:0 s=3'
has gecko '1: 0x100'
has gecko '2: 0xff'
has gecko '          1    2000000: 4 '
has gecko 'g c.js:0:0 s=4'
has gecko '          1    3000000: 5 '
has gecko 'Period: 1000000'
(printf '{"label": "", "duration": 7, "profile": ' && cat x && printf '}') >y
raw y >want
check 'the same inside of what the developer tools wrote' cmp got want
sed 's/\[null, 0\], \[0, 1\]/[null, 0], [0, 9]/' x >y && cp y x && bad 'Firefox profile: frame 9 does not exist'
python3 -c 'print("{\"threads\":[],\"processes\":[" * 20 + "]}" * 20)' >x && bad 'Firefox profile: processes nest too deeply'

# Frames that are addresses are in a library, or in none (tests/symbols/samply.py has their names).
cat >x <<'END'
{"meta": {"interval": 1, "preprocessedProfileVersion": 66, "symbolicated": false}, "libs": [{"name": "c.so", "path": "/lib/c.so",
  "debugName": "c.so", "codeId": "ABCDEF"}, {"name": "prog", "path": "/bin/prog", "codeId": null}], "threads": [{"name": "main",
  "processName": "prog", "samples": {"stack": [3]}}], "shared": {"stringArray": ["0x40", "0x41", "0x7fff", "named"],
  "stackTable": {"frame": [0, 1, 2, 3], "prefixOffset": [0, 1, 1, 1]}, "frameTable": {"func": [0, 1, 2, 3], "address": [64, 65, -1, 66]},
  "funcTable": {"name": [0, 1, 2, 3], "resource": [1, 0, -1, 0]}, "resourceTable": {"lib": [0, 1]}}}
END
raw x >got
has 'addresses of libraries' '          1    1000000: 4 3 2 1 '
has 'addresses of libraries' '1: 0x40 M=1'
has 'addresses of libraries' '2: 0x41 M=2'
has 'addresses of none' '3: 0x7fff'
has 'a frame with a name' 'named :0:0 s=0'
has 'the program first' '1: 0x0/0xffffffffffffffff/0x0 /bin/prog '
has 'then the others' '2: 0x0/0xffffffffffffffff/0x0 /lib/c.so abcdef'

# Tables that many threads share are gone through once; where each makes others of them, there is a limit.
many() {
    python3 -c "n = 20000
print('{\"meta\":{\"interval\":1},\"shared\":{\"stringArray\":[\"f\"],\"funcTable\":{\"name\":[0]},\"frameTable\":{\"func\":%s},' % ([0] * n)
    + '\"stackTable\":{\"frame\":%s,\"prefixOffset\":%s}},\"threads\":[%s]}' % ([0] * n, [0] * n, ','.join(['{$1\"samples\":{\"stack\":[0]}}'] * 2000)))" >x
}
many ''
raw x >got
has 'threads that share tables' '          1    1000000: 1 '
many '\"stringArray\":[\"g\"],'
bad 'Firefox profile: too many threads share its tables'

# Chrome's traces: profiles whole or in chunks, each with its process and thread.
cat >x <<'END'
{"traceEvents": [{"name": "Profile", "ph": "P", "pid": 1, "tid": 2, "id": "0x1", "args": {"data": {"startTime": 100}}},
 {"name": "ProfileChunk", "ph": "P", "pid": 1, "tid": 3, "id": "0x1", "args": {"data": {"timeDeltas": [10, 20],
  "cpuProfile": {"samples": [2, 3], "nodes": [{"id": 1, "callFrame": {"functionName": "(root)"}}, {"id": 2, "parent": 1,
   "callFrame": {"functionName": "f"}}, {"id": 3, "parent": 2, "callFrame": {"functionName": "g"}}]}}}},
 {"name": "ProfileChunk", "ph": "P", "pid": 1, "tid": 3, "id": "0x1", "args": {"data": {"timeDeltas": [30],
  "cpuProfile": {"samples": [2]}}}}, {"name": "other", "ph": "X", "args": {"data": 7}},
 {"name": "CpuProfile", "ph": "I", "pid": 4, "tid": 5, "args": {"data": {"cpuProfile": {"startTime": 0, "endTime": 9,
  "nodes": [{"id": 1, "callFrame": {"functionName": "h"}}], "samples": [1], "timeDeltas": [4]}}}}]}
END
raw x >got
has trace '          2      20000: 1 '
has trace '          1      30000: 2 1 '
has trace 'pid:[1] tid:[2]'
has trace '          1       5000: 3 '
has trace 'pid:[4] tid:[5]'
expect 0 '*' ".*x: Chrome's trace, 2 CPU profiles; 1 other events left out.*" "$cpprof" -top x
sed 's/^{"traceEvents": //; s/}}}}\]}$/}}}}]/' x >y && raw y >z && check 'a bare array of events' cmp got z
echo '[{"name":"a","ph":"i"}]' >x && bad "a trace of Chrome with 1 events, but neither samples nor spans of time"

# A trace that began late: its nodes are not there, nor is its beginning.
cat >x <<'END'
[{"name": "ProfileChunk", "ph": "P", "pid": 1, "tid": 3, "id": "0x1", "args": {"data": {"timeDeltas": [10, 20, 30], "endTime": 99999,
  "cpuProfile": {"samples": [2, 7, 2], "nodes": [{"id": 2, "parent": 1, "callFrame": {"functionName": "f"}}]}}}},
 {"name": "thread_name", "ph": "M", "pid": 1, "tid": 3, "args": {"name": "worker"}},
 {"name": "process_name", "ph": "M", "pid": 1, "args": {"name": "tab"}}
END
raw x >got
has 'a late trace' '          2      20000: 1 '
has 'a late trace' '          1      30000: 2 '
has 'a late trace' '(lost) :0:0'
has 'a late trace' 'pid:[1] process:[tab] thread:[worker] tid:[3]'
expect 0 '*' '.*; 1 samples are .lost., for it began after their calls.*' "$cpprof" -top x

# Spans of time: nested by their times, in any order, some with half of what they need.
cat >x <<'END'
{"traceEvents": [{"name": "Total", "ph": "X", "pid": 1, "tid": 1, "ts": 0, "dur": 100}, {"name": "late", "ph": "E", "pid": 1, "tid": 1, "ts": "90.5"},
 {"name": "Source", "ph": "X", "pid": 1, "tid": 1, "ts": 10, "dur": 20, "args": {"detail": "a.h", "n": 1}},
 {"name": "Source", "ph": "X", "pid": 1, "tid": 1, "ts": 12, "tdur": 5, "args": {"detail": "b.h"}},
 {"name": "late", "ph": "B", "pid": 1, "tid": 1, "ts": 80}, {"name": "nothing", "ph": "E", "pid": 1, "tid": 1, "ts": 95},
 {"name": "left", "ph": "B", "pid": 1, "tid": 1, "ts": 98}, {"name": "async", "ph": "b", "pid": 1, "tid": 1, "ts": 3},
 {"name": "long", "ph": "X", "pid": 1, "tid": 2, "ts": 0, "dur": 5}, {"name": "longer", "ph": "X", "pid": 1, "tid": 2, "ts": 4, "dur": 5}]}
END
raw x >got
has spans 'calls/count time/nanoseconds'
has spans '          1      67500: 1 '
has spans '          1      15000: 2 1 '
has spans '          1       5000: 3 2 1 '
has spans '          1      10500: 4 1 '
has spans '          1       2000: 5 1 '
has spans '          1       4000: 6 '
has spans '          1       1000: 7 6 '
has spans 'M=1 Source a.h :0:0'
expect 0 '*' ".*x: Chrome's trace, its spans of time; 1 other events left out; 2 events without an end or a beginning.*" "$cpprof" -top x

# Samples of stacks.
cat >x <<'END'
{"traceEvents": [], "stackFrames": {"a": {"name": "main"}, "5": {"name": "f", "parent": "a"}}, "samples": [{"tid": 1, "ts": "10", "sf": 5, "weight": "2"},
 {"tid": 2, "ts": 11, "sf": "a"}, {"tid": 1, "ts": 25, "sf": "a"}]}
END
raw x >got
has 'samples of stacks' '          2      15000: 2 1 '
has 'samples of stacks' '          1          0: 1 '
sed 's/"sf": 5/"sf": 6/' x >y && cp y x && bad "Chrome's trace: stack frame 6 lacks"
finish
