#!/usr/bin/env python3
"""What -symbols says, and the warnings: what is missing or may be wrong is told where it matters. usage: doctor.py
CPPROF"""
import os
import shutil

import lib

t = lib.Test("gcc", "ld", "nm", "readelf", "objcopy", "strip", "objdump")
program = t.build("prog")
at = t.symbols(program)
start, offset, size = t.code(program)
build_id = t.build_id(program)


def profile(name, mappings, addresses, stacks=None, time=0):
    """mappings: (start, limit, offset, file, build id); addresses: (address, number of the mapping or 0)."""
    p = lib.wire.Profile("samples/count", time=time)
    ids = [p.mapping(*m) for m in mappings]
    for address, m in addresses:
        p.sample([p.location(address=address, mapping=ids[m - 1] if m else 0)], [1])
    for _ in range(stacks or 0):
        p.sample([], [1])
    (t.folder / name).write_bytes(p.write())
    return t.folder / name


def page(n):
    return (n + 0xfff) & ~0xfff


# Only the first segment of the program is in the profile's table: its code lies behind it.
first = (lib.BASE, lib.BASE + (start & ~0xfff), 0, str(program), build_id)
work = lib.BASE + at["work"] + 8
profile("part.pb", [first], [(work, 0), (lib.BASE + 0x10, 1)])
out, err = t.run("-symbols", "part.pb")
t.check("addresses in no mapping have a row", "<no mapping>: in no mapping\n  addresses 1: 0 by perf map, 1 not at all" in out,
        out)
t.check("with the mapping before them", f"They begin {work - first[1]} bytes behind the mapping of {program}." in out, out)
(t.folder / "part.heap").write_text(f"""heap profile: 1: 100 [1: 100] @ heapprofile
1: 100 [1: 100] @ {work + 1:#x}

MAPPED_LIBRARIES:
{first[0]:x}-{first[1]:x} r-xp 00000000 08:01 1 {program}
""")
out, err = t.run("-symbols", "part.heap")
t.check("in a text profile, too", f"They begin {work - first[1]} bytes behind the mapping of {program}." in out, out)
profile("jit.pb", [first], [(0x1000, 0), (lib.BASE + 0x10, 1)])
out, err = t.run("-symbols", "jit.pb")
t.check("or none, where code may be made at run time", "-perf_map=FILE" in out and "behind the mapping" not in out, out)
profile("far.pb", [first], [(lib.BASE + (1 << 40), 0), (lib.BASE + 0x10, 1)])
out, err = t.run("-symbols", "far.pb")
t.check("nor of a mapping that is far away", "-perf_map=FILE" in out and "behind the mapping" not in out, out, err)
profile("unnamed.pb", [first, (0x7f0000000000, 0x7f0000001000, 0, "", "")], [(0x7f0000000010, 2)])
out, err = t.run("-symbols", "unnamed.pb")
t.check("a mapping without a name may be such code, too", "-perf_map=FILE" in out, out)

# The binary on the command line stands for all mappings of that file.
code = (lib.BASE + (start & ~0xfff), lib.BASE + page(start + size), offset & ~0xfff)
both = [(lib.BASE, lib.BASE + 0x1000, 0, "/gone/prog", ""), (*code, "/gone/prog", ""),
        (0x7f0000000000, 0x7f0000001000, 0, "/gone/other.so", "")]
p = profile("two.pb", both, [(lib.BASE + 0x10, 1), (work, 2)])
out, err = t.run("-top", program, p)
t.check("the second mapping follows", "work" in out and "Local symbolization failed" not in err, out, err)
out, err = t.run("-symbols", program, p)
t.check("another file's mapping stays", "/gone/other.so: unused" in out and "/gone/prog" not in out, out)

# A program that the dynamic linker was told to start comes behind it: it is known by its build id.
linker = (0x7f0000000000, 0x7f0000020000, 0, "/gone/ld-linux-x86-64.so.2", "0123456789abcdef")
p = profile("started.pb", [linker, (*code, "/gone/prog", build_id), (lib.BASE, lib.BASE + 0x1000, 0, "/gone/prog", build_id)],
            [(work, 2), (0x7f0000000010, 1), (lib.BASE + 0x10, 3)])
out, err = t.run("-top", program, p)
t.check("the program's mapping takes the binary", "work" in out and "ld-linux" in out, out, err)
out, err = t.run("-symbols", program, p)
t.check("and all of its mappings", "/gone/prog" not in out and "/gone/ld-linux-x86-64.so.2: unreadable" in out, out)
p = profile("two.pb", both, [(lib.BASE + 0x10, 1), (work, 2)])

out, err = t.run("-top", p)
t.check("the warning names the path", "Local symbolization failed for prog: /gone/prog: No such file" in err, err)

# Samples that have no stack at all.
profile("empty.pb", [first], [(lib.BASE + 0x10, 1)], stacks=3)
out, err = t.run("-symbols", "empty.pb")
t.check("samples without a stack are counted", "<no stack>: no stack\n  advice    3 of 4 samples have no stack" in out, out)
out, err = t.run("-symbols", "part.pb")
t.check("and only then", "<no stack>" not in out, out)
profile("stackless.pb", [first], [], stacks=3)
out, err = t.run("-top", "stackless.pb")
t.check("an empty table is explained", "No sample has a stack, so no report can say where they are" in err, out, err)
out, err = t.run("-top", "part.pb")
t.check("no other is", "has a stack" not in err, err)

# Functions of V8 say in their names where they are.
(t.folder / "web").mkdir()
(t.folder / "web/shop.js").write_text("// first\nfunction serve(x) {\n  return x\n}\n")
jit = profile("jit.pb", [], [(0x2010, 0), (0x2020, 0), (0x3000, 0)])
(t.folder / "perf-1.map").write_text(f"2000 80 JS:*serve {t.folder}/web/shop.js:2:15\n3000 10 JS:~ node:internal/timers:1:1\n")
out, err = t.run("-list=serve", "-perf_map=perf-1.map", f"-source_path={t.folder}/web", jit)
t.check("-list opens the file of a name", "         2          2      2:function serve(x) {" in out and "in shop.js" in out, out, err)

# What is found under the right name, but is no program that is known.
os.mkdir(t.folder / "tree")
(t.folder / "tree/prog").write_bytes(b"dex\n" + bytes(100))
out, err = t.run("-top", p, PPROF_BINARY_PATH=t.folder / "tree")
t.check("a file of another format is said", f"Ignoring local file {t.folder}/tree/prog: not an ELF, Mach-O or PE file" in err, err)

# ... or is packed, as modules of the kernel are where they are installed.
for name, head in (("xz", b"\xfd7zXZ\0"), ("gzip", b"\x1f\x8b\x08\0"), ("zstd", b"\x28\xb5\x2f\xfd")):
    (t.folder / "tree/prog").write_bytes(head + bytes(100))
    out, err = t.run("-top", p, PPROF_BINARY_PATH=t.folder / "tree")
    t.check(f"{name} is said", f"Ignoring local file {t.folder}/tree/prog: compressed by {name}: unpack it" in err, err)

# What is of the right build, but can't be what was mapped, is told with the reason.
os.makedirs(t.folder / "kernels")
(t.folder / "kernel.lds").write_text("SECTIONS { . = 0xffffffff81000000; _stext = .; .text : { *(.text) } .notes : { *(.note.gnu.build-id) } }")
t.tool("gcc", "-g", "-O1", "-mcmodel=kernel", "-fno-pic", "-no-pie", "-nostdlib", "-static", "-Wl,-T,kernel.lds,--build-id,-e,0",
       "-o", "kernels/vmlinux", "prog.c")
kernel, kernel_id = t.symbols("kernels/vmlinux"), t.build_id("kernels/vmlinux")
os.makedirs(t.folder / "kernels" / kernel_id)
os.rename(t.folder / "kernels/vmlinux", t.folder / "kernels" / kernel_id / "vmlinux")
stext, moved = 0xffffffff81000000, 0x1f000000
for offset, fits in ((stext + moved, True), (stext, False)):
    p = profile("kernel.pb", [(stext + moved, stext + moved + 0x100000, offset, "/boot/vmlinux" if fits else "[kernel.kallsyms]_stext", kernel_id)],
                [(kernel["work"] + 8 + moved, 1)])
    out, err = t.run("-top", p, PPROF_BINARY_PATH=t.folder / "kernels")
    t.check(f"a kernel mapped from {offset:#x}", ("work" in out) == fits, out, err)
    t.check(f"{offset:#x}: why it is not used", (": don't know how" in err) != fits, err)

# The kernel knows its modules by name alone.
t.tool("gcc", "-g", "-O1", "-c", "-fno-pic", "-mcmodel=kernel", "-o", "mod.o", "prog.c")
t.tool("ld", "-r", "--build-id", "-o", "kernels/snd-mod.ko", "mod.o")
module, module_id = t.symbols("kernels/snd-mod.ko"), t.build_id("kernels/snd-mod.ko")
for file in ("[snd_mod]", "/lib/modules/6.1/kernel/snd-mod.ko", "/lib/modules/6.1/kernel/snd-mod.ko.xz"):
    p = profile("module.pb", [(0xffffffffc0a01000, 0xffffffffc0a04000, 0, file, module_id)],
                [(0xffffffffc0a01000 + module["work"] + 8, 1)])
    out, err = t.run("-top", "-lines", p, PPROF_BINARY_PATH=t.folder / "kernels")
    t.check(f"a module that is called {file}", "work" in out and "prog.c:" in out, out, err)

# Another build is used if it is forced, and never for another way to demangle.
other = t.build("rebuilt", "-O2", "-DOTHER", source=lib.SOURCE + "int more(int n) { return n; }\n")
wrong = t.profile("wrong.pb", program, [at["work"] + 8, at["idle"] + 4], file=other)
for mode in ("demangle=full", "full", "demangle=none", "demangle=templates:local"):
    out, err = t.run("-top", f"-symbolize={mode}", wrong)
    t.check(f"{mode} takes no other build", "build ID mismatch" in err and not any(n in out for n in at), out, err)
out, err = t.run("-top", "-symbolize=force", wrong)
t.check("force does", "used, since it is forced" in err and any(f"{n}\n" in out for n in at), out, err)
shutil.copy(program, t.folder / "right")
right = t.profile("right.pb", program, [at["work"] + 8], file=t.folder / "right")
saved = t.folder / "named.pb"
t.run("-proto", f"-output={saved}", right)
out, err = t.run("-top", "-symbolize=demangle=full", saved)
t.check("what has names is named again from the right build", "work" in out and "mismatch" not in err, out, err)

# Without build ids nothing tells whether the binary is the one that ran.
t.tool("objcopy", "--remove-section", ".note.gnu.build-id", program, "bare")
where = [at["work"] + 8, at["idle"] + 4]
p = t.profile("bare.pb", program, where, file=t.folder / "bare", build_id="")
for name, when, newer in (("bare", -60, False), ("bare", 60, True)):
    now = os.stat(p).st_mtime
    os.utime(t.folder / name, (now + when, now + when))
    out, err = t.run("-symbols", p)
    t.check(f"a binary changed {when} s after the profile", ("was changed after the profile was taken" in out) == newer, out)
    t.check("alone that is a weaker warning", "does not fit" not in err and ("bare was changed after the profile was taken" in err) == newer, err)
    out, err = t.run("-top", p)
    t.check("of other reports, too", ("bare was changed after the profile was taken" in err) == newer, err)
p = t.profile("fits-not.pb", program, [start + size + 10 + i for i in range(5)], file=t.folder / "bare", build_id="")
out, err = t.run("-symbols", p)
t.check("addresses outside of functions", "5 of 5 addresses are in no function" in out and "does not fit the profile" in err,
        out, err)
big = t.build("big", source=lib.SOURCE + "".join(f"int pad{i}(int n) {{ return n * {i}; }}\n" for i in range(3000)))
p = t.profile("size.pb", program, where, file=big, build_id="")
os.utime(big, (os.stat(p).st_mtime + 60,) * 2)
out, err = t.run("-symbols", p)
t.check("a mapping of another size, and a newer file", "The mapping has 4096 bytes, the file's code" in out and
        "does not fit the profile" in err, out, err)

# A list of names that perf knows of, and that is gone.
p = lib.wire.Profile("samples/count")
p.sample([p.location(address=0x7f0000001000, mapping=p.mapping(0x7f0000000000, 0x7f0000002000, 0, "/tmp/perf-4711999.map", ""))], [1])
(t.folder / "made.pb").write_bytes(p.write())
out, err = t.run("-symbols", "made.pb")
t.check("what helps for code that was made at run time", "-perf_map=FILE" in out and "PPROF_BINARY_PATH" not in out, out)

# A stripped program with a debug link: the disassembler knows no lines, the debug file does.
t.tool("objcopy", "--only-keep-debug", program, "linked.debug")
t.tool("strip", "-o", "linked", program)
t.tool("objcopy", "--add-gnu-debuglink=linked.debug", "linked")
p = t.profile("linked.pb", program, where, file=t.folder / "linked")
out, err = t.run("-disasm=idle", p)
t.check("-disasm has places", "prog.c:13" in out or "prog.c:14" in out, out, err)

# A profile without mappings: where a program that may be anywhere (PIE) was loaded is not known, though some addresses
# may be those of its functions; and names that the profile has are not replaced unasked.
fixed = t.build("fixed", "-no-pie")
for binary, known in ((program, False), (fixed, True)):
    own = t.symbols(binary)
    p = lib.wire.Profile("samples/count")
    p.sample([p.location((p.function("from_the_profile", "p.c"), 7), address=own["work"] + 8)], [1])
    p.sample([p.location(address=own["idle"] + 4)], [1])
    path = t.folder / "unmapped.pb"
    path.write_bytes(p.write())
    out, err = t.run("-top", binary, path)
    t.check(f"{binary.name}: a name stays", "from_the_profile" in out and "work" not in out, out, err)
    t.check(f"{binary.name}: what has none", ("idle" in out) == known and ("position-independent" in err) != known, out, err)
    out, err = t.run("-top", "-symbolize=force", binary, path)
    t.check(f"{binary.name}: forced", ("work" in out) == known and ("from_the_profile" in out) != known, out, err)
    out, err = t.run("-symbols", binary, path)
    t.check(f"{binary.name}: -symbols", ("1 by DWARF" in out and "1 named by the profile" in out) if known
            else "position-independent" in out, out, err)

# The fast way gives names and nothing else, though a symbol table names the files of local functions.
local = t.build("local", source=lib.SOURCE.replace("__attribute__((noinline)) int work", "static __attribute__((noinline)) int work"))
p = t.profile("local.pb", local, [t.symbols(local)["work"] + 8])
for mode, file in (("fastlocal", ""), ("local", f"{local}.c")):
    out, err = t.run("-raw", f"-symbolize={mode}", p)
    t.check(f"{mode}: the file", f" work {file}:" in out, out, err)

# The file that several debug files share is gone: what is inlined counts as its caller.
if shutil.which("dwz"):
    twin = t.build("twin", source=lib.SOURCE.replace("sum = 0", "sum = 1"))
    for name in ("prog", "twin"):
        shutil.copy(t.folder / name, t.folder / (name + "-dwz"))
    t.tool("dwz", "-m", "common", "-M", "common", "prog-dwz", "twin-dwz")
    p = t.profile("dwz.pb", program, range(at["work"], at["idle"]), file=t.folder / "prog-dwz")
    out, err = t.run("-traces", p)
    t.check("with the file inlined calls are named", "twice" in out, out, err)
    (t.folder / "common").unlink()
    out, err = t.run("-traces", p)
    t.check("without it no frame is nameless", "twice" not in out and "[prog-dwz]" not in out and "work" in out, out, err)
    out, err = t.run("-symbols", p)
    t.check("-symbols names the file", "are in the dwz file" in out and "common" in out, out)

# Paths of a unit whose compilation directory is relative.
os.makedirs(t.folder / "src/sub")
(t.folder / "src/sub/m.c").write_text('#include "near.h"\n#include "far/deep.h"\n' + lib.SOURCE.replace("volatile int k = n", "int k = near(deep(n))"))
(t.folder / "src/sub/near.h").write_text("__attribute__((noinline)) static int near(int n) {\n    volatile int r = n;\n    return r;\n}\n")
os.makedirs(t.folder / "src/sub/far")
(t.folder / "src/sub/far/deep.h").write_text("__attribute__((noinline)) static int deep(int n) {\n    volatile int r = n;\n    return r;\n}\n")
COMPILERS = ["gcc"] + [c for c in ("clang", "clang-14") if shutil.which(c)][:1]
for compiler in COMPILERS:
    for version in ("-gdwarf-4", "-gdwarf-5"):
        t.tool("sh", "-c", f"cd src/sub && {compiler} {version} -O1 -Wl,--build-id "
               f"-ffile-prefix-map={t.folder}/src=. -o ../../relative m.c")
        symbols = t.symbols("relative")
        p = t.profile("relative.pb", t.folder / "relative", [symbols[n] + 4 for n in ("work", "near", "deep")])
        out, err = t.run("-top", "-files", p)
        for path in ("sub/m.c", "sub/near.h", "sub/far/deep.h"):
            t.check(f"{compiler} {version}: {path}", f" {path}\n" in out, out, err)
        out, err = t.run("-list=work", f"-source_path={t.folder / 'src'}", p)
        t.check(f"{compiler} {version}: -list finds the source", "volatile int sum = 0;" in out, out, err)
t.finish()
