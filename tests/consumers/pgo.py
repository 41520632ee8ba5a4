#!/usr/bin/env python3
"""Go's compiler takes -proto of a recording by perf: names, first lines and inlined calls are those that the
program's own profile has, and what is hot gets inlined. Needs Go 1.23 or newer, and perf that may record here."""
import os
import re
import shutil

import lib

SOURCE = """package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"time"
)

type basket struct{ sum uint64 }

func rotate(x uint64, n uint) uint64 { return x<<n | x>>(64-n) }

// More than the compiler inlines unasked.
func (b *basket) add(x uint64) {
	for i := uint(1); i < 4; i++ {
		b.sum += rotate(x, i)
		if b.sum&1 == 0 {
			b.sum ^= x * 31
		}
		if b.sum%7 == 3 {
			b.sum += x / 3
		}
		if b.sum%5 == 1 {
			b.sum ^= x >> 7
		}
	}
	b.sum += rotate(b.sum, 5) ^ rotate(x, 9)
}

func serve(b *basket, n uint64) {
	for i := uint64(0); i < n; i++ {
		b.add(i)
	}
}

func main() {
	if len(os.Args) > 1 {
		f, _ := os.Create(os.Args[1])
		pprof.StartCPUProfile(f)
		defer pprof.StopCPUProfile()
	}
	b := &basket{}
	for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); {
		serve(b, 100000)
	}
	fmt.Println(b.sum)
}
"""
HOT = {("main.main", "main.serve", "8"), ("main.serve", "main.(*basket).add", "2")}


def find_go():
    for go in [os.environ.get("GO"), "/usr/lib/go-1.23/bin/go", shutil.which("go")]:
        if go and shutil.which(go) and not lib.run([go, "tool", "-n", "preprofile"])[0]:
            return go
    return lib.skip("no go 1.23 or newer here (Debian's package golang-1.23-go)")


class Failed(Exception):
    pass


def must(scratch, *command):
    keep = [f"GOCACHE={scratch}/cache", f"GOPATH={scratch}/go", "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod"]
    status, out, err = lib.run(["env", *keep, *command], cwd=scratch)
    if status:
        raise Failed(f"{' '.join(command)}: exit {status}: {err}")
    return out.decode() + err


def calls(text):
    """(caller, callee, line) -> weight, of preprofile's text."""
    lines = text.split("\n")[1:]
    return {(a, b, c.split()[0]): int(c.split()[1]) for a, b, c in zip(lines[::3], lines[1::3], lines[2::3])}


def preprofile(go, scratch, name):
    must(scratch, go, "tool", "preprofile", "-i", name, "-o", f"{name}.calls")
    return (scratch / f"{name}.calls").read_text()


def check_calls(what, found):
    """Both hot calls, at their lines, are worth most of the weight. What interrupts a program shows in its own
    profile only."""
    found = {call: n for call, n in found.items() if call[1] != "runtime.asyncPreempt"}
    share = sum(found.get(call, 0) for call in HOT) / max(1, sum(found.values()))
    if not HOT <= set(found) or share < 0.8:
        lib.fail(what, f"the hot calls are {share:.0%} of {found}")


def check_all(scratch):
    go, perf = find_go(), lib.tool("perf", "linux-perf")
    for name, text in (("go.mod", "module example.org/shop\ngo 1.21\n"), ("main.go", SOURCE)):
        (scratch / name).write_text(text)
    record = [perf, "record", "-q", "-F", "499", "-e", "cpu-clock:u", "--call-graph", "dwarf,1024", "-o", "perf.data"]
    if lib.run([*record, "true"], cwd=scratch)[0]:
        lib.skip("perf may not record here")
    if "inlining call to (*basket)" in must(scratch, go, "build", "-pgo=off", "-gcflags=-m", "-o", "shop", "."):
        lib.fail("go build", "inlines the call unasked: the check would see nothing")
    must(scratch, "./shop", "own.pb.gz")
    must(scratch, *record, "./shop")
    must(scratch, *lib.PROGRAM, "-proto", "-output=perf.pb.gz", "perf.data")
    theirs = preprofile(go, scratch, "perf.pb.gz")
    ours = lib.run([*lib.PROGRAM, "-preprofile", "perf.data"], cwd=scratch)[1].decode()
    if ours != theirs:
        lib.fail("-preprofile perf.data", "differs from go tool preprofile of -proto:\n" + lib.harness.diff(theirs.encode(), ours.encode()))
    check_calls("its own profile", calls(preprofile(go, scratch, "own.pb.gz")))
    check_calls("perf.data", calls(theirs))
    said = must(scratch, go, "build", "-pgo=perf.pb.gz", "-gcflags=-m -d=pgodebug=2", "-o", "shop2", ".")
    if not re.search(r"main\.go:33:8: inlining call to \(\*basket\)\.add", said):
        lib.fail("go build -pgo", "does not inline the hot call: " + said)
    return f"{len(calls(theirs))} calls of a recording"


def check(scratch):
    try:
        return check_all(scratch)
    except Failed as e:
        lib.fail("a command", str(e))
        return "nothing more was seen"


lib.main(check)
