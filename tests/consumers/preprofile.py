#!/usr/bin/env python3
"""-preprofile is what `go tool preprofile` writes (Go 1.23 or newer), and Go's compiler takes it."""
import os
import pathlib
import random
import shutil
import sys

import lib

sys.path.insert(0, str(lib.ROOT / "fixtures" / "src"))
import wire  # noqa: E402

SOURCE = """package p
func callee(n int) int { s := 0; for i := 0; i < n; i++ { s += i ^ n }; return s }
func caller(n int) int {
	return callee(n) + 1
}
"""


def find_go():
    for go in [os.environ.get("GO"), "/usr/lib/go-1.23/bin/go", shutil.which("go")]:
        if go and pathlib.Path(go).exists() and not lib.run([go, "tool", "-n", "preprofile"])[0]:
            return go
    return lib.skip("no go 1.23 or newer here (Debian's package golang-1.23-go)")


def compare(go, what, path, scratch):
    """Returns how many calls there are; None where both refuse the profile."""
    status, want, err = lib.run([go, "tool", "preprofile", "-i", str(path), "-o", str(scratch / "want")])
    got = lib.cpprof("-symbolize=remote", "-all_frames", "-preprofile", str(path))
    want = b"" if status else (scratch / "want").read_bytes()
    if (got is None) != (status != 0) and want != b"GO PREPROFILE V1\n":
        lib.fail(what, f"one of the two refuses it: {err}")
    if status or got is None:
        return None
    if got != want:
        lib.fail(what, "\n" + lib.harness.diff(want, got))
    return got.count(b"\n") // 3


def generate(seed):
    """Few functions and lines, so that calls meet: inlined, recursive, cancelling, without lines."""
    r = random.Random(seed)
    p = wire.Profile("samples/count", "cpu/nanoseconds")
    functions = [p.function(name, start_line=r.choice((0, 3, 40)))
                 for name in ("a", "b", "p.Map[go.shape.func(int)]", "p.(*T).f", "_ZN1a1bEv")]
    locations = [p.location(*[(r.choice(functions), r.randrange(4)) for _ in range(r.choice((0, 1, 1, 2, 4)))],
                            address=r.choice((0, 16, 32)))
                 for _ in range(12)]
    for _ in range(r.choice((0, 3, 40))):
        p.sample([r.choice(locations) for _ in range(r.randrange(5))], (r.randrange(-3, 4), 0))
    return p.write()


def compile_with(go, calls, scratch):
    (scratch / "p.go").write_text(SOURCE)
    (scratch / "calls").write_bytes(calls)
    return lib.run([go, "tool", "compile", "-p", "p", "-m", "-d=pgodebug=2", "-pgoprofile", "calls", "p.go"],
                   cwd=scratch)


def check_compiler(go, scratch):
    p = wire.Profile("samples/count")
    caller, callee = (p.function(name, start_line=line) for name, line in (("p.caller", 3), ("p.callee", 2)))
    p.sample([p.location((callee, 2), address=16), p.location((caller, 4), address=32)], [9])
    calls = lib.cpprof("-preprofile", "-", stdin=p.write())
    status, out, err = compile_with(go, calls, scratch)
    if status or b"hot-callsite" not in out + err.encode():
        lib.fail("go tool compile", f"exit {status}, sees no hot call: {out.decode()} {err}")
    if not compile_with(go, calls[:-4], scratch)[0]:
        lib.fail("go tool compile", "takes a profile that is cut off")


def check(scratch):
    go = find_go()
    seen = [compare(go, name, lib.harness.PROFILES / name, scratch) for name in lib.profiles(plain=True)]
    for seed in range(200):
        (scratch / "made.pb").write_bytes(generate(seed))
        seen.append(compare(go, f"seed {seed}", scratch / "made.pb", scratch))
    check_compiler(go, scratch)
    calls = [n for n in seen if n is not None]
    return f"{len(calls)} profiles with {sum(calls)} calls, {len(seen) - len(calls)} that both refuse"


lib.main(check)
