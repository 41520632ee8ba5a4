#!/usr/bin/env python3
"""Recordings of samply as they are before somebody has looked at them: addresses relative to libraries. They get the
names of the programs however those are linked, also after they went through other formats; and so do the native frames
of what Firefox itself writes, whose addresses are the process's. usage: samply.py CPPROF"""
import json
import shutil
import struct

import foreign
import lib

t = lib.Test("cc", "nm", "readelf")
OTHER = {"name": "libother.so", "path": "/nowhere/libother.so", "debugName": "libother.so", "debugPath": "",
         "breakpadId": "0" * 33, "codeId": "ab" * 20, "arch": None}


def library(path, code_id, **more):
    return {"name": path.name, "path": str(path), "debugName": path.name, "debugPath": str(path),
            "breakpadId": "0" * 33, "codeId": code_id, "arch": "x86_64", **more}


def column(n, value=None):
    return [value] * n


def samply(name, lib_entry, relative, version=66, shared=True, symbolicated=False):
    """As samply writes it: one stack, `relative` innermost first, called from an address of another library."""
    frames = [(0, 0x777)] + [(1, a) for a in reversed(relative)]
    n = len(frames)
    tables = {
        "stackTable": {"length": n, "frame": list(range(n)),
                       **({"prefixOffset": [0] + column(n - 1, 1)} if version >= 66 else {"prefix": [None, *range(n - 1)]})},
        "frameTable": {"length": n, "func": list(range(n)), "category": column(n, 0), "line": column(n),
                       "column": column(n), "address": [a for _, a in frames], "nativeSymbol": column(n),
                       "inlineDepth": column(n, 0)},
        "funcTable": {"length": n, "name": list(range(n)), "isJS": column(n, False), "resource": [r for r, _ in frames],
                      "lineNumber": column(n), "columnNumber": column(n),
                      **({"source": column(n)} if version >= 58 else {"fileName": column(n)})},
        "resourceTable": {"length": 2, "lib": [0, 1], "name": column(2, 0), "host": column(2), "type": [1, 1]},
        "nativeSymbols": {"length": 0, "libIndex": [], "address": [], "name": [], "functionSize": []},
        "stringArray": [f"{a:#x}" for _, a in frames],
    }
    thread = {"name": "main", "processName": lib_entry["name"], "pid": "7", "tid": "7",
              "samples": {"length": 1, "stack": [n - 1], "timeDeltas": [0], "weight": [3], "weightType": "samples"}}
    libs = [OTHER, lib_entry]
    if version < 41:
        thread["libs"] = libs
    whole = {"meta": {"interval": 1, "startTime": 1, "symbolicated": symbolicated, "version": 24,
                      "preprocessedProfileVersion": version, "product": lib_entry["name"]},
             "libs": libs if version >= 41 else [], "threads": [thread]}
    (whole.update({"shared": tables}) if shared else thread.update(tables))
    (t.folder / name).write_text(json.dumps(whole))
    return name


def gecko(name, lib_entry, addresses):
    """As Firefox itself writes it; `addresses` of the process, innermost first."""
    places = list(reversed(addresses))
    rows = lambda schema, data: {"schema": {key: i for i, key in enumerate(schema)}, "data": data}  # noqa: E731
    thread = {"name": "GeckoMain", "processName": lib_entry["name"], "pid": 7, "tid": 7,
              "samples": rows(["stack", "time"], [[len(places) - 1, 0.5]]),
              "stackTable": rows(["prefix", "frame"], [[i - 1 if i else None, i] for i in range(len(places))]),
              "frameTable": rows(["location"], [[i] for i in range(len(places))]),
              "stringTable": [f"{a:#x}" for a in places]}
    (t.folder / name).write_text(json.dumps({"meta": {"interval": 1, "version": 30}, "libs": [lib_entry, OTHER],
                                             "threads": [thread]}))
    return name


def stack(profile, *flags):
    """Names of the only stack, innermost first, and the lines of -raw about mappings."""
    out, err = t.run("-traces", *flags, profile)
    raw, _ = t.run("-raw", *flags, profile)
    trace = out.split("+-------")[1].split("\n", 1)[1].split("-----------")[0]
    names = [line.split(None, 1)[1] if line.split()[0] in ("3ms", "1ms") else line.strip() for line in trace.splitlines()
             if line.strip() and ":" not in line]
    return names, raw[raw.index("Mappings"):].splitlines()[1:], err


def first_address(program):
    for line in t.tool("readelf", "-lW", program).splitlines():
        words = line.split()
        if words[:1] == ["LOAD"]:
            return int(words[2], 16)
    raise SystemExit(f"{program} has no segments")


def names(got):
    return [name.removesuffix(" (inline)") for name in got[0]]


# ---- however they are linked ----
WAYS = {"pie": ["-pie", "-fPIE"], "fixed": ["-no-pie"], "one-segment": ["-no-pie", "-Wl,-z,noseparate-code"],
        "elsewhere": ["-no-pie", "-Wl,-Ttext-segment=0x7000000"]}
if shutil.which("ld.lld"):
    WAYS |= {"lld": ["-fuse-ld=lld", "-pie"], "lld-fixed": ["-fuse-ld=lld", "-no-pie"]}
WANT = ["idle", "main"]
for way, flags in WAYS.items():
    program = t.build(way, *flags)
    at, base = t.symbols(program), first_address(program)
    entry = library(program, t.build_id(program).upper())
    relative = [at["idle"] + 4 - base, at["main"] + 5 - base]
    profile = samply(way + ".json", entry, relative)
    got = stack(profile)
    t.check(f"{way}: names", names(got) == WANT + ["[libother.so]"], got)
    t.check(f"{way}: its program is the first mapping", got[1][0].startswith(f"1: 0x0/0xffffffffffffffff/0x0 {program} "), got)
    for form in ("proto", "otlp"):
        t.run(f"-{form}", "-symbolize=none", f"-output={way}.{form}", profile)
        again = stack(f"{way}.{form}")
        t.check(f"{way}: names after -{form}", names(again) == names(got) and again[1] == got[1], again)
    out, err = t.run("-disasm=idle", profile)
    t.check(f"{way}: -disasm", "ROUTINE ======================== idle" in out, out, err)
    t.run("-proto", "-symbolize=none", f"-output={way}-both.pb", profile, profile)
    out, err = t.run("-top", f"{way}-both.pb")
    t.check(f"{way}: two of them", "6ms   100%   100%        6ms   100%  idle" in out, out)
    # The process has it somewhere, and those who call are known by where they are returned to.
    start = 0x555500000000 if way in ("pie", "lld") else base
    run = library(program, None, start=start, end=start + (1 << 24), offset=0)
    calls = gecko(way + ".gecko", run, [start + relative[0], start + at["idle"] - base])
    got = stack(calls)
    before = max((a, name) for name, a in at.items() if a < at["idle"] and name in ("work", "main"))[1]
    t.check(f"{way}: as Firefox writes it", names(got) == ["idle", before], got)

program = t.folder / "pie"
at, entry = t.symbols(program), library(t.folder / "pie", t.build_id(program))
pair = [at["idle"] + 4, at["idle"]]
for version, called in ((34, "work"), (37, "work"), (38, "idle"), (50, "idle")):
    got = stack(samply("old.json", entry, pair, version=version, shared=False))
    t.check(f"version {version}: an address that calls", names(got) == ["idle", called, "[libother.so]"], got)

# Another build is not taken for it, and without its file the library is known by name.
got = stack(samply("wrong.json", library(program, "cd" * 20), pair))
t.check("another build", names(got) == ["[pie]", "[pie]", "[libother.so]"] and "build ID" in got[2], got)
got = stack("wrong.json", "-symbolize=none")
t.check("not asked for", names(got) == ["[pie]", "[pie]", "[libother.so]"], got)

# Frames that samply has named already (code made at run time, what it was told to look up) keep their names.
named = json.loads((t.folder / "pie.json").read_text())
named["shared"]["stringArray"][-1] = "its_own_name"
(t.folder / "named.json").write_text(json.dumps(named))
got = stack("named.json")
t.check("a name stays", names(got) == ["its_own_name", "main", "[libother.so]"], got)

# ---- macOS and Windows ----
UUID = foreign.UUID.hex().upper()
GUID = "%08X%04X%04X" % struct.unpack("<IHH", foreign.UUID[:8]) + UUID[16:]
for name, data, ids in (("macho", foreign.macho(), {"codeId": UUID, "breakpadId": UUID + "0"}),
                        ("prog.exe", foreign.pe(("work", "idle")),
                         {"codeId": "5f3a1b2c9000", "breakpadId": GUID + "1", "debugName": "prog.pdb"})):
    (t.folder / name).write_bytes(data)
    got = stack(samply("other.json", {**library(t.folder / name, ""), **ids}, [0x404, 0x444]))
    t.check(f"{name}: names", names(got)[:2] == ["work", "idle"], got)
    wrong = {key: value.replace("0", "1") for key, value in ids.items()}
    got = stack(samply("other.json", {**library(t.folder / name, ""), **wrong}, [0x404, 0x444]))
    t.check(f"{name}: another build", names(got)[:2] == [f"[{name}]"] * 2 and "build ID" in got[2], got)

# ---- damage ----
whole = json.loads((t.folder / "pie.json").read_text())
for what, change in (("no libraries", {"libs": []}), ("libraries of another kind", {"libs": "x"})):
    (t.folder / "broken.json").write_text(json.dumps({**whole, **change}))
    got = stack("broken.json")
    t.check(what, len(names(got)) == 3 and not got[2].count("Failed"), got)
t.finish()
