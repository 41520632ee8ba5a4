#!/usr/bin/env python3
"""Where binaries and their debug files lie is decided in one place: what the symbolizer finds, the reports that look
into binaries find too. usage: found.py CPPROF"""
import lib

t = lib.Test("cc", "c++", "nm", "readelf", "objcopy", "strip", "objdump")
program = t.build("whole")
at = t.symbols(program)
places = [at["work"] + 8, at["idle"] + 4]

# The binary is stripped, its debug file lies under PPROF_BINARY_PATH/.build-id.
build_id = t.build_id(program)
tree = t.folder / "tree"
below = tree / ".build-id" / build_id[:2]
below.mkdir(parents=True)
t.tool("objcopy", "--only-keep-debug", program, below / (build_id[2:] + ".debug"))
t.tool("strip", "-o", t.folder / "prog", program)
t.profile("p.pb", program, places, file=t.folder / "prog")
out, err = t.run("-top", "-lines", "p.pb", PPROF_BINARY_PATH=tree)
t.check("the symbolizer finds it", "idle" in out and "whole.c:" in out, out, err)
out, err = t.run("-disasm=idle", "p.pb", PPROF_BINARY_PATH=tree)
t.check("-disasm finds it", "ROUTINE ======================== idle" in out, out, err)
out, err = t.run("-weblist=work|idle", "-output=page.html", "p.pb", PPROF_BINARY_PATH=tree)
page = (t.folder / "page.html").read_text()
t.check("-weblist has source lines and code", "sum += twice(i)" in page and 'class="code"' in page, page[:3000], err)
out, err = t.run("-symbolize=fastlocal", "-disasm=idle", "p.pb", PPROF_BINARY_PATH=tree)
t.check("names from symbol tables do for -disasm", "ROUTINE ======================== idle" in out, out, err)

# A function that is inlined wherever it is called has no code to show: where it went is said.
calls = [a for a in range(at["work"], at["idle"])]
t.profile("calls.pb", program, calls)
out, err = t.run("-disasm=twice", "calls.pb", status=2)
t.check("where it is inlined", err.strip().endswith("no matches found for regexp twice, which is only inlined; its code is in work"), err)
two = t.build("two", source="template <class T> static inline __attribute__((always_inline)) T twice(T n) { volatile T r = n * 2; return r; }\n"
              "template <class T> __attribute__((noinline)) T work(T n) { return twice(n) + 1; }\n"
              "int main(int argc, char **) { return work(argc) + work(argc * 1.5) + work(argc * 2L); }\n", compiler="c++", suffix=".cc")
at = t.symbols(two)
calls = [a for name in at if "work" in name for a in range(at[name], at[name] + 16)]
t.profile("two.pb", two, calls)
out, err = t.run("-disasm=twice", "two.pb", status=2)
t.check("instances of one template are named once", err.strip().endswith("which is only inlined; its code is in work"), err)
out, err = t.run("-disasm=none|of|these", "calls.pb", status=2)
t.check("and no word where nothing is", err.strip().endswith("no matches found for regexp none|of|these"), err)

# Packed trees are dropped when they have been read: names that stand in them and nowhere else (as Go writes
# them) stay.
many = "".join(f"int before_{i}(int n) {{ return n + {i}; }}\n" for i in range(500))
inline = t.build("inline", "-gz", "-fno-merge-debug-strings", source=many + lib.SOURCE + many.replace("before", "after"))
t.check("its names stand in the trees", ".debug_str " not in t.tool("readelf", "-SW", inline))
at = t.symbols(inline)
t.profile("inline.pb", inline, range(at["work"], at["idle"]))
out, err = t.run("-top", "inline.pb")
t.check("names of inlined calls", "twice (inline)" in out, out, err)
t.finish()
