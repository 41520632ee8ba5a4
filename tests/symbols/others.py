#!/usr/bin/env python3
"""Programs of macOS and Windows: small ones made of bytes, and those that Go and mingw-w64 build here, which must get
the names that Go's own tools have. usage: others.py CPPROF"""
import os
import re
import shutil
import struct

import foreign
import lib

t = lib.Test()
LOADED = 0x7f0000000000
X86, ARM = 0x01000007, 0x0100000c
UUID = foreign.UUID.hex()


def profile(name, path, addresses, start=LOADED, build_id="", limit=None):
    p = lib.wire.Profile("samples/count")
    m = p.mapping(start, limit or start + 0x10000000, 0, str(path), build_id)
    for address in addresses:
        p.sample([p.location(address=address, mapping=m)], [1])
    (t.folder / name).write_bytes(p.write())
    return t.folder / name


def functions(profile_path, *flags):
    """Address to the functions there, inlined ones first."""
    out, err = t.run("-raw", *flags, profile_path)
    found, at = {}, None
    for line in out[out.index("Locations"):out.index("Mappings")].splitlines():
        m = re.match(r" *\d+: (0x[0-9a-f]+) M=\d+ *(.*)", line)
        rest = m.group(2) if m else line.strip()
        if m:
            at = int(m.group(1), 16)
            found[at] = []
        if at is not None and rest:
            found[at].append((rest.split(" ")[0], rest))
    return found


def put(name, data):
    path = t.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# ---- made of bytes ----
MADE = {
    "thin": foreign.macho(),
    "big-endian": foreign.macho(order=">"),
    "fat": foreign.fat((ARM, foreign.macho(("_arm_work", "_arm_idle"), cpu=ARM)), (X86, foreign.macho())),
    "pe": foreign.pe(("work", "idle")),
}
for name, data in MADE.items():
    if name == "fat" and os.uname().machine != "x86_64":
        continue
    path = put(name, data)
    places = [LOADED + 0x400, LOADED + 0x47f]
    got = functions(profile(name + ".pb", path, places))
    t.check(f"{name}: both functions have their names", [got[a][0][0] for a in places] == ["work", "idle"], got)
    out, err = t.run("-symbols", name + ".pb")
    identity = "03020100050407060809" if name == "pe" else UUID
    t.check(f"{name}: -symbols says the identity", identity in out and "symbol table" in out, out)
    wrong = profile("wrong.pb", path, places, build_id="ff" * 16)
    t.check(f"{name}: another build is not used", not any(functions(wrong).values()), functions(wrong))
narrow = put("narrow", foreign.macho(wide=False))
got = functions(profile("narrow.pb", narrow, [0x7f000400, 0x7f000440], start=0x7f000000, limit=0x7f100000))
t.check("32 bits", [f[0][0] for f in got.values()] == ["work", "idle"], got)
long = put("long.exe", foreign.pe())
got = functions(profile("long.pb", long, [LOADED + 0x441]))
t.check("a long name of COFF", got[LOADED + 0x441][0][0] == "a_function_with_a_long_name", got)

# A program without symbols has them in the dSYM beside it, if that is of the same build.
bare = put("bare", foreign.macho(()))
dsym = put("bare.dSYM/Contents/Resources/DWARF/bare", foreign.macho())
got = functions(profile("bare.pb", bare, [LOADED + 0x400]))
t.check("the dSYM beside", [f[0] for f in got[LOADED + 0x400]] == ["work"], got)
dsym.write_bytes(foreign.macho(uuid=bytes(16)))
t.check("not of another build", not functions(t.folder / "bare.pb")[LOADED + 0x400])

# Damage is one line, whatever it is.
for name, data in MADE.items():
    for size in (4, 32, 0x100, 0x43f, len(data) - 1):
        put(name, data[:size])
        t.run("-symbols", name + ".pb")
put("thin", b"MZ" + bytes(200))
out, err = t.run("-symbols", "thin.pb")
t.check("a broken header is said", "broken PE header" in out, out, err)
put("thin", b"#!/bin/sh\n")
out, err = t.run("-symbols", "thin.pb")
t.check("another kind of file is said", "not an ELF, Mach-O or PE file" in out, out, err)

# ---- Go ----
GO_SOURCE = """package main

import "os"

//go:noinline
func Outer(n int) (sum int) {
	for i := 0; i < n; i++ {
		sum += Inner(i) * helper(i)
	}
	return sum
}

func helper(i int) int { return i ^ 3 }

//go:noinline
func Inner(i int) int { return i*i + len(os.Args) }

func main() { println(Outer(1000)) }
"""
go = os.environ.get("GO") or shutil.which("go") or next(
    (p for p in ("/usr/lib/go-1.23/bin/go", "/usr/lib/go/bin/go") if os.path.exists(p)), None)


def go_run(*words, text=None, **env):
    done = lib.subprocess.run([go, *map(str, words)], cwd=t.folder, capture_output=True, text=True, input=text,
                              env={**os.environ, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", **env})
    return done.stdout if done.returncode == 0 else None


def go_names(path, addresses):
    lines = go_run("tool", "addr2line", path, text="".join(f"{a:#x}\n" for a in addresses)).splitlines()
    return dict(zip(addresses, zip(lines[::2], lines[1::2])))


def linked_at(data):
    """Where the linker put the program: ImageBase of a PE header, the address of __TEXT."""
    if data[:2] == b"MZ":
        return struct.unpack_from("<Q", data, struct.unpack_from("<I", data, 0x3c)[0] + 48)[0]
    return struct.unpack_from("<Q", data, data.index(b"__TEXT\0\0") + 16)[0]


def plain(name):
    """Symbol tables mark assembler's functions, and write this dot in two ways."""
    return name.removesuffix(".abi0").replace("·", ".")


def compare_go(system, arch):
    name = f"{system}-{arch}"
    where = {"GOOS": system, "GOARCH": arch, "CGO_ENABLED": "0"}
    if go_run("build", "-o", name, "main.go", **where) is None:
        print("Go builds nothing for", name)
        return
    go_run("build", "-ldflags=-s -w", "-o", name + "-stripped", "main.go", **where)
    rows = [line.split() for line in go_run("tool", "nm", "-n", name).splitlines()]
    starts = [int(r[0], 16) for r in rows if len(r) == 3 and r[1] in "Tt" and (
        r[2].startswith("main.") or len(r[2]) % 7 == 0) and r[2] not in ("runtime.text", "runtime.etext", "go:buildid")]
    # A function's start can be in assembler's padding; a bit further in is always code.
    addresses = [a + 4 for a in starts]
    want = go_names(t.folder / name, addresses)
    base = linked_at((t.folder / name).read_bytes())
    move = LOADED - base
    for kind in ("", "-stripped"):
        path = t.folder / (name + kind)
        got = functions(profile(name + ".pb", path, [a + move for a in addresses], start=base + move))
        wrong = []
        for a in addresses:
            frames = got[a + move]
            function, place = want[a]
            if ":-1" in place:
                continue  # padding
            same = frames and plain(frames[-1][0]) == plain(function)
            if not same or f":{place.split(':')[-1]}:" not in frames[0][1]:
                wrong.append((hex(a), frames, want[a]))
        t.check(f"{name}{kind}: {len(addresses)} addresses as Go has them", not wrong, len(wrong), wrong[:3])
    t.check(f"{name}: there is something to compare", len(addresses) > 100, len(addresses))


if go:
    put("main.go", GO_SOURCE.encode())
    put("go.mod", b"module burn\n\ngo 1.18\n")
    for system in ("darwin", "windows"):
        for arch in ("amd64", "arm64"):
            compare_go(system, arch)
else:
    print("Go is not installed: its programs are left out")

# ---- mingw-w64: DWARF in PE ----
gcc = "x86_64-w64-mingw32-gcc"
if shutil.which(gcc):
    program = t.build("prog.exe", compiler=gcc)
    rows = [line.split() for line in t.tool("x86_64-w64-mingw32-nm", program).splitlines()]
    at = {r[2]: int(r[0], 16) for r in rows if len(r) == 3}
    got = functions(profile("prog.pb", program, [at["work"] + 12, at["idle"] + 4], start=0, limit=1 << 40))
    t.check("work has its line", got[at["work"] + 12][-1][1].startswith("work ") and "prog.exe.c:" in str(got), got)
    t.check("and idle", got[at["idle"] + 4][0][0] == "idle", got)
else:
    print(gcc, "is not installed")

t.finish()
