#!/usr/bin/env python3
"""Indexes of binaries: reports are the same with and without one, in every way of naming; one that cannot be trusted is
said, once, and ignored; and when they are made by themselves. usage: index.py CPPROF"""
import os
import resource
import shutil
import subprocess
import time

import lib

t = lib.Test("cc", "c++", "nm", "readelf", "objcopy", "strip")

CXX = """\
#include <algorithm>
#include <string>
#include <vector>
namespace shop {
template <class T> struct basket {
    std::vector<T> goods;
    T total() const { T sum = 0; for (const T &g : goods) sum += g; return sum; }
    template <class F> void each(F f) { std::for_each(goods.begin(), goods.end(), f); }
};
struct clerk { __attribute__((noinline)) int count(const basket<int> &b) { return b.total() + int(b.goods.size()); } };
}
int main(int argc, char **argv) {
    shop::basket<int> b;
    for (int i = 0; i < argc * 10; i++) b.goods.push_back(i);
    b.each([&](int &g) { g *= argc; });
    std::string s = std::to_string(shop::clerk().count(b)) + argv[0];
    std::sort(s.begin(), s.end());
    return s[0];
}
"""
(t.folder / "shop.cc").write_text(CXX)


def build(name, *flags):
    t.tool("c++", "-g", "-O2", "-Wl,--build-id", *flags, "-o", name, "shop.cc")
    return t.folder / name


def profile_of(program):
    """Every third address of its code."""
    start, _, size = t.code(program)
    return t.profile(program.name + ".pb", program, range(start, start + size, 3))


def index_of(folder):
    return sorted(p for p in (t.folder / folder).iterdir())


# ---- equal ----

programs = {
    "whole": build("whole"),
    "dwarf4": build("dwarf4", "-gdwarf-4"),
    "lines": build("lines", "-g1"),
    "packed": build("packed", "-gz"),
    "no-id": build("no-id", "-Wl,--build-id=none"),
}
split = build("split", "-gsplit-dwarf", "-c")
t.tool("c++", "-o", "split.program", "split", "-Wl,--build-id")
programs["split.program"] = t.folder / "split.program"
REPORTS = [["-raw"], ["-raw", "-symbolize=demangle=full"], ["-raw", "-symbolize=demangle=templates"],
           ["-raw", "-symbolize=demangle=none"], ["-raw", "-symbolize=fastlocal"], ["-top", "-lines", "-nodecount=0"],
           ["-traces"], ["-list=total"], ["-tree", "-addresses"]]
out, err = t.run("-index=kept", "-make_index", *programs.values())
t.check("a line for each", len(out.splitlines()) == len(programs) and "bytes" in out, out, err)
t.check("a file for each", len(index_of("kept")) == len(programs), index_of("kept"))
for name, program in programs.items():
    profile = profile_of(program) if name != "no-id" else None
    if profile is None:
        start, _, size = t.code(program)
        profile = t.profile("no-id.pb", program, range(start, start + size, 3), build_id="")
    for report in REPORTS:
        plain, plain_err = t.run("-noindex", *report, profile)
        kept, kept_err = t.run("-index=kept", *report, profile)
        t.check(f"{name} {report} is the same", plain == kept and plain_err == kept_err, plain_err, kept_err)
    out, err = t.run("-index=kept", "-symbols", profile)
    t.check(f"{name}: -symbols says so", "out of the index kept/" in out, out, err)
    t.check("and nothing is opened for it", "  looked" not in out, out)
    out, err = t.run("-noindex", "-symbols", profile)
    t.check(f"{name}: -symbols says nothing without", "index" not in out, out, err)

# ---- as strip leaves it, on a machine without debug information ----
whole = profile_of(programs["whole"])
plain, _ = t.run("-raw", "-noindex", whole)
t.tool("strip", "-o", "stripped", "whole")
os.rename(t.folder / "stripped", programs["whole"])
kept, _ = t.run("-raw", "-index=kept", whole)
t.check("a stripped program has the names that its build id knows", kept == plain)

# A copy elsewhere, later: another file without build id is another binary.
out, err = t.run("-index=kept", "-symbols", t.folder / "no-id.pb")
t.check("known by its headers and times", "out of the index" in out, out)
os.utime(programs["no-id"], (1, 1))
out, err = t.run("-index=kept", "-symbols", t.folder / "no-id.pb")
t.check("not known any more", "out of the index" not in out, out)

# ---- not trusted ----
program = build("victim")
victim = profile_of(program)
plain, _ = t.run("-raw", "-noindex", victim)
t.run("-index=alone", "-make_index", program)
[file] = index_of("alone")
good = file.read_bytes()


def refused(what, wanted, bytes_=None):
    if bytes_ is not None:
        file.write_bytes(bytes_)
    out, err = t.run("-raw", "-index=alone", victim)
    t.check(f"{what}: names come from the binary", out == plain, err)
    t.check(f"{what}: it is said once", err.count(str(file.name)) == 1 and wanted in err and "ignored" in err, err)


middle = len(good) // 2
refused("a wrong byte", "is damaged", good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1:])
refused("cut short", "is cut short", good[:-100])
refused("empty", "no symbol index", b"")
refused("no index", "no symbol index", b"\x7fELF" + good[4:])
refused("another version", "has version 9", good[:8] + b"\x09\0\0\0" + good[12:])
refused("another byte order", "byte order", good[:12] + good[12:16][::-1] + good[16:])
t.run("-index=other", "-make_index", programs["dwarf4"])
refused("another binary's", "about another binary", index_of("other")[0].read_bytes())
file.write_bytes(good)
file.chmod(0o666)
refused("open to all", "others may write to it")
file.chmod(0o644)
out, err = t.run("-raw", "-index=alone", victim)
t.check("a good one again", out == plain and not err, err)

# ---- writing ----
t.run("-index=alone", "-make_index", program)
t.check("made again, it is the same", file.read_bytes() == good)


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


full = subprocess.run(t.program + ["-index=full", "-make_index", str(program)], cwd=t.folder, capture_output=True,
                      text=True, env=lib.harness.environment(), preexec_fn=small_files)
t.check("a file that may not become longer", full.returncode == 2 and "File too large" in full.stderr, full.stderr)
t.check("leaves nothing", index_of("full") == [])

(t.folder / "a-file").write_text("")
out, err = t.run("-index=a-file", "-make_index", program, status=2)
t.check("a file is no folder", "Not a directory" in err, err)
out, err = t.run("-raw", "-index=a-file", victim)
t.check("and none to read", out == plain and not err, err)

# ---- refused ----
t.tool("objcopy", "--only-keep-debug", "victim", "victim.debug")
for what, path, wanted in (("a debug file", "victim.debug", "is a debug file; give the program"),
                           ("no binary", "shop.cc", "shop.cc: "),
                           ("nothing", "nowhere", "nowhere: No such file"),
                           ("no debug information", programs["whole"], "no debug information")):
    out, err = t.run("-index=alone", "-make_index", path, status=2)
    t.check(f"-make_index of {what}", wanted in err and len(err.splitlines()) == 1, err)
out, err = t.run("-noindex", "-make_index", program, status=2)
t.check("-noindex -make_index", "-index=DIR says where" in err, err)
out, err = t.run("-index=alone", "-max_index=much", "-make_index", program, status=2)
t.check("-max_index", "-max_index=much: a number or a size" in err, err)

# ---- the cache ----
t.run("-make_index", program, XDG_CACHE_HOME=t.folder / "cache")
[cached] = (t.folder / "cache/cpprof/symbols").iterdir()
t.check("in XDG_CACHE_HOME", cached.read_bytes() == good)
t.check("the user's own folder", (t.folder / "cache").stat().st_mode & 0o777 == 0o700)
out, err = t.run("-symbols", victim, XDG_CACHE_HOME=t.folder / "cache")
t.check("found again", f"out of the index {cached}" in out, out)
shutil.rmtree(t.folder / "cache")
t.run("-make_index", program, HOME=t.folder / "home", XDG_CACHE_HOME="")
[cached] = (t.folder / "home/.cache/cpprof/symbols").iterdir()

# ---- made by itself ----
(t.folder / "padding").write_bytes(bytes(9 << 20))
t.tool("objcopy", "--add-section", ".debug_padding=padding", "victim", "large")
large = t.profile("large.pb", t.folder / "large", t.symbols(t.folder / "large").values())
cache = t.folder / "own"
made = cache / "cpprof/symbols"
first, _ = t.run("-raw", large, XDG_CACHE_HOME=cache)
t.check("no cache is begun", not cache.exists())
cache.mkdir()
t.run("-raw", "-noindex", large, XDG_CACHE_HOME=cache)
t.check("nor used with -noindex", not list(cache.iterdir()))
t.run("-raw", "-symbolize=none", large, XDG_CACHE_HOME=cache)
t.run("-raw", victim, XDG_CACHE_HOME=cache)
t.check("nor for what is small", not made.exists() or not list(made.iterdir()))
out, err = t.run("-raw", large, XDG_CACHE_HOME=cache)
t.check("the first report is what it was", out == first and not err, err)
[file] = made.iterdir()
t.check("and leaves an index", file.read_bytes()[:6] == b"cpprof")
out, err = t.run("-symbols", large, XDG_CACHE_HOME=cache)
t.check("that is used", f"out of the index {file}" in out, out)
out, err = t.run("-raw", large, XDG_CACHE_HOME=cache)
t.check("by the same report", out == first and not err, err)
file.write_bytes(file.read_bytes()[:-1])
out, err = t.run("-raw", large, XDG_CACHE_HOME=cache)
t.check("a broken one is said", out == first and "is cut short; ignored" in err, err)
out, err = t.run("-raw", large, XDG_CACHE_HOME=cache)
t.check("and made anew", out == first and not err, err)
shutil.rmtree(made)
made.write_text("in the way")
out, err = t.run("-raw", large, XDG_CACHE_HOME=cache)
t.check("where none can be made, no word", out == first and not err, err)
made.unlink()


def until_made(command):
    """Beside what goes on; it ends when there is one."""
    env = lib.harness.environment(XDG_CACHE_HOME=str(cache))
    with subprocess.Popen(t.program + command, cwd=t.folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as child:
        for _ in range(600):
            if child.poll() is not None or (made.exists() and list(made.iterdir())):
                break
            time.sleep(0.1)
        child.stdin.close()
        if "-no_browser" in command:
            child.terminate()
        return child.wait()


until_made([str(large)])
t.check("beside the prompt", len(list(made.iterdir())) == 1)
shutil.rmtree(made)
served = until_made(["-http=127.0.0.1:", "-no_browser", str(large)])
t.check("beside the page, where there is one", served == 2 or len(list(made.iterdir())) == 1, served)
shutil.rmtree(made, ignore_errors=True)
for _ in range(5):
    subprocess.run(t.program + [str(large)], cwd=t.folder, env=lib.harness.environment(XDG_CACHE_HOME=str(cache)),
                   input="quit\n", capture_output=True, text=True, check=True, timeout=60)
t.check("given up at the end, or whole", all(p.suffix == ".index" for p in made.iterdir()))
t.finish()
