"""Recordings against perf's own reading of them: tests/diff/perf.py PROGRAM [-v] [-gdb] [-times=N] [NAME...]

Programs are built and recorded here, in every way that perf has; the stacks of each process are compared
with those of `perf script`, as multisets of file and offset (where there are no call chains perf has no
offsets: by file), and the sums by command. A stack agrees when it
is the same. Of each event samples and periods are summed by command, file and function as `perf report` does
(perf_sums.py). perf gives up on some binaries that have rules (programs that are not position-independent,
compressed .debug_frame): then its stack is the beginning of ours, which is counted apart and does not
decide. Of those that can be compared 99% must agree, or gdb must say that cpprof is right wherever they don't.

-gdb asks a third one about each copied stack that differs, those that perf gave up on included (witness.py).
-times=N samples N times as often.
"""
import collections
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import perf_sums
import witness

NO_FILE = re.compile(r"//anon|\[unknown|\[heap|/tmp/perf-|$")
SKIP = 77

C = r"""
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile double sink;
static volatile long ticks;
static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
__attribute__((noinline)) static void sort(int rounds) {
    enum { N = 30000 };
    static __thread int v[N];
    while (rounds--) { for (int i = 0; i < N; i++) v[i] = i * 7919 % 10007; qsort(v, N, sizeof *v, by_value); }
}
static void on_tick(int s) { (void)s; for (int i = 0; i < 200000; i++) ticks++; }
static void *calculate(void *f) {
    double (*function)(double) = f;
    for (int i = 0; i < 2000000; i++) sink += function(i);
    return NULL;
}
int main(int argc, char **argv) {
    if (argc > 1 && argv[1][0] == 's') { sort(20); return 0; }
    struct itimerval each = {{0, 5000}, {0, 5000}};
    signal(SIGPROF, on_tick);
    setitimer(ITIMER_PROF, &each, NULL);
    void *m = dlopen("libm.so.6", RTLD_NOW);
    pthread_t t[2];
    for (int i = 0; m && i < 2; i++) pthread_create(&t[i], NULL, calculate, dlsym(m, i ? "exp" : "sin"));
    if (fork() == 0) { sort(10); execl(argv[0], "sorter", "s", (char *)NULL); _exit(1); }
    sort(20);
    for (int i = 0; m && i < 2; i++) pthread_join(t[i], NULL);
    wait(NULL);
    return 0;
}
"""
CXX = r"""
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
static int thrower(int n) { if (n == 0) throw std::runtime_error("x"); return thrower(n - 1) + 1; }
int main() {
    long sum = 0;
    for (int round = 0; round < 15; round++) {
        std::map<std::string, int> m;
        for (int i = 0; i < 9000; i++) m[std::to_string(i * 7919 % 10007)] += i;
        for (int i = 0; i < 1000; i++) try { thrower(i % 10); } catch (const std::exception &e) { sum += e.what()[0]; }
        std::regex re("(a|b)*c[0-9]+");
        for (int i = 0; i < 200; i++) sum += std::regex_search("abababababc1234", re);
    }
    return sum == 1;
}
"""
GO = """package main
import ("regexp"; "sort"; "strings")
func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }
func main() {
    re := regexp.MustCompile("(a+)+b.*c"); n := 0
    for i := 0; i < 60; i++ {
        n += fib(22); x := make([]int, 20000); for j := range x { x[j] = j * 7919 % 10007 }; sort.Ints(x)
        if re.MatchString(strings.Repeat("aab", 300)) { n++ }
    }
}
"""
RUST = """use std::collections::HashMap;
fn main() { for r in 0..15u64 {
    let mut m = HashMap::new();
    for i in 0..20000u64 { *m.entry(format!("{}", i * 7919 % 10007)).or_insert(0u64) += i; }
    let mut v: Vec<u64> = (0..100000).map(|i| (i * 2654435761u64) ^ r).collect(); v.sort();
    if v[7] as usize + m.len() == 1 { println!("{}", v[7]); }
} }
"""
JS = "function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } let s = 0; for (let i = 0; i < 60; i++) { s += f(24);" \
     " s += JSON.stringify([...Array(3000).keys()].map(k => ({k: 'x' + k}))).length } console.log(s)"

JAVA = """import java.util.*;
class Work { public static void main(String[] a) { long n = 0; for (int r = 0; r < 60; r++) {
    Map<String, Integer> m = new HashMap<>(); for (int i = 0; i < 20000; i++) m.merge("" + i * 7919 % 10007, i, Integer::sum);
    n += m.size(); } System.out.println(n); } }
"""
# A program that has no file, and one whose file is gone while it runs.
MEMFD = "import os, sys; f = os.memfd_create('made', 0); os.write(f, open('c-fp', 'rb').read()); os.execve(f, ['c-fp', 's'], os.environ)"
GONE = "cp c-fp gone && { ./gone s & sleep 0.05; rm gone; wait; }"

# program -> (source file, how it is built); "{}" is the file
PROGRAMS = {
    "c": ("c.c", C, "gcc -O2 -g -pthread -o {} c.c -ldl"),
    "c-fp": ("c.c", C, "gcc -O2 -g -fno-omit-frame-pointer -pthread -o {} c.c -ldl"),
    "c-stripped": ("c.c", C, "gcc -O2 -s -pthread -o {} c.c -ldl"),
    "c-static": ("c.c", C, "gcc -O2 -g -static -pthread -o {} c.c -w"),
    "c-no-pie": ("c.c", C, "gcc -O2 -g -no-pie -pthread -o {} c.c -ldl"),
    "c-clang": ("c.c", C, "clang-14 -O2 -g -pthread -o {} c.c -ldl"),
    "c-debug-file": ("c.c", C, "gcc -O2 -g -pthread -o {} c.c -ldl && objcopy --only-keep-debug {} {}.debug && strip {} &&"
                     " objcopy --add-gnu-debuglink={}.debug {}"),
    "c with blank": ("c.c", C, "gcc -O2 -g -pthread -o {} c.c -ldl"),
    "cxx": ("cxx.cc", CXX, "g++ -O2 -g -o {} cxx.cc"),
    "cxx-static": ("cxx.cc", CXX, "g++ -O2 -g -static -o {} cxx.cc"),
    "go": ("go.go", GO, "go build -o {} go.go"),
    "rust": ("rust.rs", RUST, "rustc -O -g -o {} rust.rs"),
}
DWARF = ["--call-graph", "dwarf,16384"]
USER = ["-e", "cpu-clock:u"]
BOTH = ["-e", "cpu-clock,task-clock"]
# name, program or command, perf's options; "|" among them: through a pipe
RECORDINGS = [
    ("flat", "c", USER), ("flat-kernel", "c", ["-e", "cpu-clock"]), ("flat-two-events", "c", BOTH),
    ("period", "c", USER + ["-c", "2000000"]), ("all-cpus", "c", ["-e", "cpu-clock", "-g", "-a"]),
    ("fp", "c-fp", USER + ["-g"]), ("fp-kernel", "c-fp", ["-e", "cpu-clock", "-g"]),
    ("fp-two-events", "c-fp", BOTH + ["-g"]), ("fp-packed", "c-fp", USER + ["-g", "-z"]),
    ("fp-pipe", "c-fp", USER + ["-g", "|"]), ("fp-pipe-packed", "c-fp", USER + ["-g", "-z", "|"]),
    ("fp-build-ids", "c-fp", USER + ["-g", "--buildid-mmap"]), ("fp-pipe-build-ids", "c-fp", USER + ["-g", "--buildid-mmap", "|"]),
    ("fp-omitted", "c", USER + ["-g"]), ("fp-go", "go", USER + ["-g"]), ("fp-rust", "rust", USER + ["-g"]),
    ("fp-node-dump", ["node", "--perf-prof", "js.js"], USER + ["-g", "-k", "1"]),
    ("fp-node", ["node", "--perf-basic-prof", "js.js"], USER + ["-g"]), ("fp-cpu", "c-fp", USER + ["-g", "-C", "0", "-a"]),
    ("fp-time", "c-fp", USER + ["-g", "-T", "-P", "-d"]), ("fp-cgroups", "c-fp", USER + ["-g", "--all-cgroups"]),
    ("fp-namespaces", "c-fp", USER + ["-g", "--namespaces"]), ("fp-memfd", [sys.executable, "-c", MEMFD], USER + ["-g"]),
    ("fp-gone", ["sh", "-c", GONE], USER + ["-g"]),
    ("fp-java", ["java", "-XX:+PreserveFramePointer", "-XX:+UnlockDiagnosticVMOptions", "-XX:+DumpPerfMapAtExit", "Work.java"], USER + ["-g"]),
    ("dwarf", "c", USER + DWARF), ("dwarf-kernel", "c", ["-e", "cpu-clock"] + DWARF),
    ("dwarf-two-events", "c", BOTH + DWARF), ("dwarf-packed", "c", USER + DWARF + ["-z"]),
    ("dwarf-pipe", "c", USER + DWARF + ["|"]), ("dwarf-build-ids", "c", USER + DWARF + ["--buildid-mmap"]),
    ("dwarf-short", "c", USER + ["--call-graph", "dwarf,512"]), ("dwarf-fp", "c-fp", USER + DWARF),
    ("dwarf-stripped", "c-stripped", USER + DWARF), ("dwarf-debug-file", "c-debug-file", USER + DWARF), ("dwarf-static", "c-static", USER + DWARF),
    ("dwarf-no-pie", "c-no-pie", USER + DWARF), ("dwarf-clang", "c-clang", USER + DWARF),
    ("dwarf-blank", "c with blank", USER + DWARF), ("dwarf-cxx", "cxx", USER + DWARF),
    ("dwarf-cxx-static", "cxx-static", USER + DWARF), ("dwarf-go", "go", USER + DWARF),
    ("dwarf-rust", "rust", USER + DWARF), ("dwarf-node", ["node", "js.js"], USER + DWARF),
    ("dwarf-xz", ["sh", "-c", "cat c.c cxx.cc go.go /bin/sh /bin/bash | xz -6 > xz.out"], USER + DWARF),
    ("dwarf-sort", ["sh", "-c", "strings /bin/bash | sort -r | sort > sort.out"], USER + DWARF),
    ("dwarf-python", [sys.executable, "-c", "import json\nfor i in range(40): json.loads(json.dumps([[k] * 20 for k in range(999)]))"],
     USER + DWARF),
    ("dwarf-gcc", ["gcc", "-O2", "-c", "-o", "gcc.o", "c.c"], USER + DWARF),
    ("dwarf-perl", ["perl", "-e", "for (1..400000) { $h{$_ % 997} .= 'x'; $n += length $h{$_ % 99} }"], USER + DWARF),
]


def output(*command, **more):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=300, check=False, **more)
    return done.stdout.decode("utf8", "replace"), done


def build(folder, name):
    source, text, command = PROGRAMS[name]
    (folder / source).write_text(text, encoding="utf8")
    if not (folder / name).exists():
        if output("sh", "-c", command.replace("{}", f"'{name}'"), cwd=folder)[1].returncode:
            return None
    return [str(folder / name)]


def record(folder, name, program, options, times=1):
    """The recording's file, or why there is none."""
    for file, text in (("js.js", JS), ("Work.java", JAVA)):
        (folder / file).write_text(text, encoding="utf8")
    build(folder, "c-fp")
    command = build(folder, program) if isinstance(program, str) else program
    if not command or not shutil.which(command[0]):
        return f"{program[0] if command else program} can't be had here"
    path, pipe = folder / f"{name}.perf.data", "|" in options
    words = ["perf", "record", "-q", "-F", str(299 * times), *[o for o in options if o != "|"], "-o", "-" if pipe else path, "--", *command]
    if "-c" in options:
        words[3:5] = []
    with open(path if pipe else folder / "record.out", "wb") as out:
        done = subprocess.run([str(w) for w in words], stdout=out, stderr=subprocess.PIPE, cwd=folder, timeout=120, check=False)
    return path if done.returncode == 0 else "perf record: " + done.stderr.decode("utf8", "replace").strip()[:100]


def place(file, offset):
    file = re.sub(r"^(\[kernel\.kallsyms\]).*", r"\1", file.strip())
    return ("" if NO_FILE.match(file) else file, offset)


def in_page(frame):
    """Memory without a file: perf has its address, cpprof the place in what was mapped. Both are the same in a page."""
    return frame if frame[0] else ("", frame[1] & 0xfff)


def is_kernel(frame):
    return frame[0].startswith("[kernel") or frame[1] >> 47 == 0x1ffff


def samples_of_perf(path, copied):
    """(time, process, command, frames) of each sample, as perf script has them."""
    text, _ = output("perf", "script", "--no-inline", "--ns", "--max-stack", "1000", "-i", path, "-F", "comm,pid,tid,time,event,ip,sym,dso")
    for block in re.split(r"\n\s*\n", text) if "\n\n" in text else text.splitlines():
        lines = block.strip("\n").split("\n")
        head = re.match(r"\s*(.*?)\s+(-?\d+)/-?\d+\s+(\d+)\.(\d+):\s+[^ ]+:\s*(.*)", lines[0])
        if not head:
            continue
        frames = []
        for line in ([head[5]] if head[5] else []) + lines[1:]:
            part = re.match(r"\s*([0-9a-f]+) .*?\(((?:[^()]|\(deleted\))*)\)$", line)
            if part:
                frames.append(place(part[2], int(part[1], 16)))
        # Its unwinder found 0 and took one off; or had given up, followed the frame pointer, and no code lies in a stack.
        while frames and (frames[-1][1] == (1 << 64) - 1 or copied and frames[-1][0] == "[stack]"):
            frames.pop()
        # Return addresses: the call is before them; where a program entered the kernel is none, and what perf
        # unwound from a copied stack is the call already.
        frames = [(f[0], f[1] - (f[1] > 0)) if i and (is_kernel(f) or not copied and not is_kernel(frames[i - 1])) else f
                  for i, f in enumerate(frames)]
        # ":7" is a thread without a name.
        yield int(head[3] + head[4]), int(head[2]), "" if head[1].startswith(":") else head[1], tuple(map(in_page, frames))


def of_perf(path, copied):
    """(process, frames) -> samples; command -> samples."""
    stacks, comms = collections.Counter(), collections.Counter()
    for _, pid, comm, frames in samples_of_perf(path, copied):
        stacks[pid, frames] += 1
        comms[comm] += 1
    return stacks, comms


def of_cpprof(program, path):
    text, done = output(program, "-raw", "-symbolize=none", path)
    if done.returncode:
        sys.exit(f"{path}: {done.stderr.decode('utf8')}")
    samples, rest = text.split("Samples:\n")[1].split("\nLocations\n")
    locations, mappings = rest.split("\nMappings\n")
    maps = {m[1]: (int(m[2], 16), int(m[3], 16), m[4]) for m in re.finditer(
        r"^(\d+): 0x([0-9a-f]+)/0x[0-9a-f]+/0x([0-9a-f]+) (.*?)(?: [0-9a-f]{16,40})? *(?:\[FN\])?$", mappings, re.M)}
    at = {}
    for m in re.finditer(r"^ *(\d+): 0x([0-9a-f]+)(?: M=(\d+))?", locations, re.M):
        start, offset, file = maps.get(m[3], (0, 0, ""))
        at[m[1]] = in_page(place(file, int(m[2], 16) - start + offset))
    stacks, comms = collections.Counter(), collections.Counter()
    for m in re.finditer(r"^ *((?:-?\d+ +)+)(-?\d+): ([\d ]*)\n +(.*execution_mode:.*)\n(.*pid:\[(\d+)\].*)?", samples, re.M):
        n = sum(int(v) for v in (m[1] + " " + m[2]).split()[1::2])  # of each event the samples, not the sum
        stacks[int(m[6] or -1), tuple(at[i] for i in m[3].split())] += n
        comm = re.search(r"thread_comm:\[(.*?)\](?: |$)", m[4])
        comms[comm[1] if comm else ""] += n
    return stacks, comms


def made_of_perf(path):
    """The functions of each sample that were made at run time, as perf inject finds them in the dump; all samples."""
    injected, made = f"{path}.jit", collections.Counter()
    if output("perf", "inject", "--jit", "-i", path, "-o", injected)[1].returncode:
        return made
    for block in output("perf", "script", "--no-inline", "-i", injected, "-F", "ip,sym,dso")[0].split("\n\n"):
        frames = [re.match(r"\s*[0-9a-f]+ (.*) \((.*)\)$", line) for line in block.strip("\n").split("\n")]
        made[tuple(m[1] for m in frames if m and re.search(r"/jitted-\d+-\d+\.so$", m[2]))] += bool(block.strip())
    return made


def made_of_cpprof(program, path):
    text, _ = output(program, "-raw", path)
    samples, rest = text.split("Samples:\n")[1].split("\nLocations\n")
    locations, mappings = rest.split("\nMappings\n")
    dumps = re.findall(r"^(\d+): .*/jit-\d+\.dump", mappings, re.M)
    names = {m[1]: m[3] for m in re.finditer(r"^ *(\d+): 0x[0-9a-f]+ M=(\d+) (.*?) \S*:\d+:\d+ s=\d+$", locations, re.M) if m[2] in dumps}
    made = collections.Counter()
    for m in re.finditer(r"^ *(\d+) +\d+ +\d+: ([\d ]*)$", samples, re.M):
        made[tuple(names[i] for i in m[2].split() if i in names)] += int(m[1])
    return made


def compare_made(program, path, _options, _verbose):
    theirs, ours = made_of_perf(path), made_of_cpprof(program, path)
    same, total = sum((theirs & ours).values()), sum(theirs.values())
    with_code = total - theirs[()]
    return total == sum(ours.values()) and same >= 0.99 * total and with_code > 0, f"{same} of {total} stacks, {with_code} with code of a dump"


def can_ask_gdb(options):
    return shutil.which("gdb") and DWARF[1] in options and "-z" not in options and "|" not in options


def ask_gdb(program, path):
    """Whom gdb agrees with where perf and cpprof differ: cpprof, perf or neither -> stacks."""
    theirs, ours = of_perf(path, True)[0], of_cpprof(program, path)[0]
    differ = theirs - ours
    perfs = {time: (pid, frames) for time, pid, _, frames in samples_of_perf(path, True) if (pid, frames) in differ}
    only_ours, said = ours - theirs, collections.Counter()
    for time, frames in witness.ask([s for s in witness.samples(path) if s.time in perfs]).items():
        pid, perf_has = perfs[time]
        key = (pid, tuple(in_page(place(*f)) for f in frames))
        if only_ours[key] > 0:
            only_ours[key] -= 1
            said["cpprof"] += 1
        else:
            said["perf" if key[1] == perf_has else "neither"] += 1
    return said


def say_whom(said):
    return ", ".join(f"{n} with {who}" for who, n in sorted(said.items())) or "nobody to ask about"


def by_file(stacks):
    files = collections.Counter()
    for (pid, frames), n in stacks.items():
        files[pid, tuple((file, 0) for file, _ in frames)] += n
    return files


def compare(program, path, options, verbose):
    """Whether it agrees, and a line that says how far."""
    copied = any(word.startswith("dwarf") for word in options)
    theirs, their_comms = of_perf(path, copied)
    ours, our_comms = of_cpprof(program, path)
    if not copied and "-g" not in options:
        theirs, ours = by_file(theirs), by_file(ours)
    same, total = sum((theirs & ours).values()), sum(theirs.values())
    left, gave_up = ours - theirs, 0
    by_leaf = collections.defaultdict(list)
    for key in left:
        by_leaf[key[0], key[1][:1]].append(key)
    for key, n in (theirs - ours).items():
        if not key[1]:  # the kernel walked into what looks like a mark: perf drops the sample's own address, too
            gave_up += n
            continue
        longer = [k for k in by_leaf[key[0], key[1][:1]] if left[k] > 0 and k[1][:len(key[1])] == key[1]]
        taken = min(n, sum(left[k] for k in longer)) if copied else 0
        gave_up += taken
        for k in longer:
            used = min(taken, left[k])
            left[k] -= used
            taken -= used
        if verbose and taken + len(longer) == 0:
            print("   perf:", n, [(f[0].rsplit("/", 1)[-1], hex(f[1])) for f in key[1]][:12])
            for k in by_leaf[key[0], key[1][:1]][:2]:
                print("   ours:", left[k], [(f[0].rsplit("/", 1)[-1], hex(f[1])) for f in k[1]][:12])
    comparable = total - gave_up
    agree = same >= 0.99 * comparable
    words = f"{same} of {comparable} stacks; perf gave up on {gave_up}" if gave_up else f"{same} of {comparable} stacks"
    if not agree and can_ask_gdb(options):
        said = ask_gdb(program, path)
        agree = set(said) == {"cpprof"}
        words += f"; gdb agrees: {say_whom(said)}"
    good = total == sum(ours.values()) and their_comms == our_comms and agree and total > 0
    if their_comms != our_comms:
        words += f"; samples by command: perf {dict(their_comms)}, ours {dict(our_comms)}"
    if "-C" in options:  # of who was forked on another processor perf script knows no name, and perf report a later one
        return good, words
    sums_good, sums = perf_sums.compare(program, path, verbose)
    return good and sums_good, f"{words}; {sums}"


def main():
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    verbose = "-v" in options
    program, *names = [word for word in sys.argv[1:] if not word.startswith("-")]
    times = next((int(word[7:]) for word in options if word.startswith("-times=")), 1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if not shutil.which("perf") or isinstance(record(folder, "try", ["true"], USER), str):
            print("perf can't record here: skipped")
            sys.exit(SKIP)
        failed, done = 0, 0
        for recording, what, how in RECORDINGS:
            if names and recording not in names:
                continue
            path = record(folder, recording, what, how, times)
            if isinstance(path, str):
                print(f"left out: {recording}: {path}")
                continue
            good, words = (compare_made if "-dump" in recording else compare)(program, path, how, verbose)
            failed, done = failed + (not good), done + 1
            print(f"{'same' if good else 'DIFFERENT'}: {recording}: {words}", flush=True)
            if "-gdb" in options and can_ask_gdb(how):
                print(f"   gdb agrees: {say_whom(ask_gdb(program, path))}", flush=True)
            path.unlink()
        print(f"{done} recordings, {failed} differ")
        sys.exit(failed != 0)


if __name__ == "__main__":
    main()
