#!/usr/bin/env python3
"""-disasm: a disassembler is started once for neighbouring functions, and each is shown as if it were alone; names
and lines of a stripped program are those of its debug file. usage: disasm.py CPPROF"""
import os
import re
import shutil

import lib

t = lib.Test("gcc", "nm", "readelf", "objcopy", "objdump")
TOOLS = [tool for tool in ("objdump", "llvm-objdump", "llvm-objdump-14", "llvm-objdump-19") if shutil.which(tool)]
N = 60

# Neighbours that share a name, a line or an inlined call, and code without a line.
SOURCE = """\
static inline __attribute__((always_inline)) int twice(volatile int *n) { return *n * 2; }
#define KEEP __attribute__((noinline, used))
KEEP int first(volatile int *n) { return *n + twice(n); } KEEP int same_line(volatile int *n) { return *n - 1; }
""" + "".join(f"KEEP int f{i}(volatile int *n) {{ *n += {i}; return twice(n); }}\n" for i in range(N)) + """\
KEEP static int twin(volatile int *n) { return twice(n) + 1; }
KEEP int between(volatile int *n) { return twin(n); }
__asm__(".globl bare\\n.type bare,@function\\nbare: nop; ret\\n.size bare,.-bare\\n"
        ".globl zeros\\n.type zeros,@function\\nzeros: .zero 64\\n ret\\n.size zeros,.-zeros");
extern int bare(volatile int *), zeros(volatile int *), other(volatile int *);
int main(int argc, char **argv) { return bare(&argc) + other(&argc); }
"""
OTHER = SOURCE.partition("KEEP int first")[0] + """\
KEEP static int twin(volatile int *n) { return twice(n) + 1; }
KEEP int other(volatile int *n) { return twin(n); }
"""


def put_tool(name):
    """A folder with the tool, which counts its starts (the sandbox would not let it)."""
    folder = t.folder / ("tools-" + name)
    folder.mkdir(exist_ok=True)
    script = folder / ("llvm-objdump" if "llvm" in name else "objdump")
    script.write_text(f'#!/bin/sh\n[ "$1" = --version ] || echo x >>{t.folder}/starts\nexec {shutil.which(name)} "$@"\n')
    script.chmod(0o755)
    return folder


def starts():
    path = t.folder / "starts"
    n = len(path.read_text().split()) if path.exists() else 0
    path.unlink(missing_ok=True)
    return n


def routines(text):
    """Name to what is shown of it."""
    return {part.partition("\n")[0]: part for part in re.split(r"^ROUTINE =+ ", text, flags=re.M)[1:]}


(t.folder / "other.c").write_text(OTHER)
program = t.build("prog", t.folder / "other.c", source=SOURCE)
at = t.symbols(program)
profile = t.profile("prog.pb", program, [at[f"f{i}"] for i in range(N)] +
                    [at[f] for f in ("first", "same_line", "between", "bare", "zeros", "other", "main")] +
                    [int(row[0], 16) for row in map(str.split, t.tool("nm", program).splitlines()) if row[-1] == "twin"])
for name in TOOLS:
    tools = put_tool(name)
    for intel in ("", "-intel_syntax"):
        flags = [f"-tools={tools}", "-nosandbox", *filter(None, [intel]), profile]
        starts()
        out, err = t.run("-disasm=.", *flags)
        together = starts()
        shown = routines(out)
        t.check(f"{name}: all are shown", len(shown) >= N + 7, out)
        t.check(f"{name}: {together} starts for {len(shown)} functions", 0 < together <= 8)
        for function in ["first", "same_line", "between", "bare", "zeros", "other", "main", "f0", "f7", f"f{N - 1}"]:
            alone, err = t.run(f"-disasm=^{function}$", *flags)
            t.check(f"{name}: {function} alone", routines(alone).get(function) == shown.get(function), alone, shown.get(function))
    t.check(f"{name}: both twins", out.count("ROUTINE ======================== twin\n") == 2, out)
    t.check(f"{name}: the line, though the one before has it too", re.search(r";same_line prog\.c:3$", shown["same_line"], re.M),
            shown["same_line"])

# Far from each other, with much code between: that is not listed.
FAR = ("KEEP int near(volatile int *n) { return *n; }\n" '__asm__("pad: .rept 3000000\\nnop\\n.endr");\n'
       "KEEP int far(volatile int *n) { return *n; }\nint main(int argc, char **argv) { return near(&argc) + far(&argc); }\n")
program = t.build("far", "-fno-toplevel-reorder", source=SOURCE.partition("KEEP int first")[0] + FAR)
at = t.symbols(program)
profile = t.profile("far.pb", program, [at["near"], at["far"]])
starts()
out, err = t.run("-disasm=near|far", "-nosandbox", f"-tools={put_tool('objdump')}", profile)
n = starts()
t.check("what is far apart is listed apart", n == 2 and len(routines(out)) == 2, n, out, err)

# Functions of zeros, which objdump leaves out: each would have to be listed by itself, and there is an end to that.
MANY = 320
ZEROS = "".join(f"z{i}: .zero 64; .type z{i},@function; .size z{i},64;" for i in range(MANY))
program = t.build("zeros", source=f'__asm__("{ZEROS}");\nint main(void) {{ return 0; }}\n')
at = t.symbols(program)
profile = t.profile("zeros.pb", program, [at[f"z{i}"] for i in range(MANY)])
starts()
out, err = t.run("-disasm=z", "-nosandbox", f"-tools={put_tool('objdump')}", profile)
n = starts()
t.check("a bounded number of starts", len(routines(out)) == MANY and 200 < n < 300, n, err)

# A stripped program and its debug file, which llvm-objdump does not look for.
for name in TOOLS:
    t.tool("objcopy", "--only-keep-debug", "prog", "stripped.debug")
    t.tool("objcopy", "--strip-all", "--add-gnu-debuglink=stripped.debug", "prog", "stripped")
    at = t.symbols(t.folder / "prog")
    profile = t.profile("stripped.pb", t.folder / "prog", [at["first"], at["same_line"], at["f3"]], file=t.folder / "stripped")
    starts()
    out, err = t.run("-disasm=.", "-nosandbox", f"-tools={put_tool(name)}", profile)
    shown = routines(out)
    t.check(f"{name}: a stripped program's functions", all(re.search(rf";{f} prog\.c:\d+$", shown.get(f, ""), re.M)
                                                             for f in ("first", "same_line", "f3")), out, err)
    t.check(f"{name}: inlined ones", re.search(r";twice prog\.c:1$", shown["f3"], re.M) and "<." not in out, out, err)
    n = starts()
    t.check(f"{name}: {n} starts", 0 < n <= 2)
t.finish()
