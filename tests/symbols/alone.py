#!/usr/bin/env python3
"""A debug file without its program, which is what is left of a container: it names what it can, whatever linker and
tool made it. usage: alone.py CPPROF"""
import gzip
import shutil

import lib

t = lib.Test("gcc", "nm", "readelf", "objcopy", "objdump")
tree = t.folder / "tree"
WAYS = {
    "gcc": ["gcc"],
    "no-pie": ["gcc", "-no-pie"],
    "one-segment": ["gcc", "-Wl,-z,noseparate-code"],
    "huge": ["gcc", "-Wl,-z,max-page-size=0x200000"],
}
for linker in ("gold", "lld"):
    if shutil.which("ld." + linker):
        WAYS[linker] = ["gcc", "-fuse-ld=" + linker]


def put(debug, build_id, suffix=".debug"):
    place = tree / ".build-id" / build_id[:2] / (build_id[2:] + suffix)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(debug, place)
    return place


for name, (compiler, *flags) in WAYS.items():
    program = t.build(name, *flags, compiler=compiler)
    at = t.symbols(program)
    base = 0 if name == "no-pie" else lib.BASE
    profile = t.profile(f"{name}.pb", program, [at["work"] + 8, at["idle"] + 4, at["main"] + 4], file="/gone/" + name,
                        base=base)
    t.tool("objcopy", "--only-keep-debug", program, f"{name}.debug")
    kinds = {"objcopy": f"{name}.debug"}
    if shutil.which("eu-strip"):
        kinds["eu-strip"] = f"{name}.eu"
        t.tool("eu-strip", "-o", f"{name}.stripped", "-f", f"{name}.eu", program)
    for kind, debug in kinds.items():
        shutil.rmtree(tree, ignore_errors=True)
        place = put(t.folder / debug, t.build_id(program))
        out, err = t.run("-top", "-lines", profile, PPROF_BINARY_PATH=tree)
        t.check(f"{name}, {kind}: all three are named", all(f"{f} " in out and f"{name}.c:" in out
                                                           for f in ("work", "idle", "main")), out, err)
        out, err = t.run("-symbols", profile, PPROF_BINARY_PATH=tree)
        t.check(f"{name}, {kind}: -symbols says what was found", f"debug file {place}" in out and ", DWARF" in out, out)
        guessed = kind == "objcopy" and name not in ("one-segment", "gold")  # there the headers' bytes have a place
        t.check(f"{name}, {kind}: and where segments come from", ("segments from the mapping" in out) == guessed, out)
        out, err = t.run("-disasm=work", profile, PPROF_BINARY_PATH=tree, status=2)
        t.check(f"{name}, {kind}: why there is no code", "is a debug file: the code is in the program" in err, out, err)

# Where else debug files are put: beside the search path's programs, and in another system's root.
profile = t.profile("put.pb", t.folder / "gcc", [t.symbols(t.folder / "gcc")["work"] + 8], file="/gone/app")
build_id = t.build_id(t.folder / "gcc")
for place in ("app.debug", f"usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug"):
    shutil.rmtree(tree)
    (tree / place).parent.mkdir(parents=True)
    shutil.copy(t.folder / "gcc.debug", tree / place)
    out, err = t.run("-top", "-lines", profile, PPROF_BINARY_PATH=tree)
    t.check(f"{place}: it is named", "work " in out and "gcc.c:" in out, out, err)

# A build id from a profile leads into .build-id and nowhere else, and a file of another build is none.
other = t.build("other")
shutil.rmtree(tree)
put(other, t.build_id(t.folder / "gcc"))
for build_id in (t.build_id(t.folder / "gcc"), "../../../../../../etc/passwd"):
    t.profile("evil.pb", t.folder / "gcc", [t.symbols(t.folder / "gcc")["work"]], file="/gone/x", build_id=build_id)
    out, err = t.run("-symbols", "evil.pb", PPROF_BINARY_PATH=tree)
    t.check("nothing is named by another build's file", "unreadable" in out and "passwd.debug" not in out, out, err)

# The program itself is in the tree, as a link without ".debug".
shutil.rmtree(tree)
put(t.folder / "gcc", t.build_id(t.folder / "gcc"), "")
out, err = t.run("-disasm=work", "gcc.pb", PPROF_BINARY_PATH=tree)
t.check("the program by its build id", "ROUTINE ======================== work" in out, out, err)

# A module of the kernel: packed where it is installed, its debug file plain below the directory of debug files. Code
# of several sections lies one behind the other, without .init.text.
(t.folder / "m.c").write_text("""
int grow(int n) { volatile int r = n; return r + 1; }
__attribute__((section(".init.text"))) int start(int n) { volatile int r = n; return r * 3; }
__attribute__((section(".text.unlikely"))) int seldom(int n) { volatile int r = n; return r - 1; }
__attribute__((section(".noinstr.text"), aligned(64))) int quiet(int n) { volatile int r = n; return r * 2; }
""")
t.tool("gcc", "-g", "-O1", "-c", "-o", "m.o", "m.c")
t.tool("ld", "-r", "--build-id", "-o", "m.ko", "m.o")
t.tool("objcopy", "--only-keep-debug", "m.ko", "m.debug")
sizes = {}
end = 0
for line in t.tool("readelf", "-SW", "m.ko").splitlines():
    words = line.replace("[ ", "[").split()
    if len(words) > 9 and words[1] in (".text", ".text.unlikely", ".noinstr.text"):
        align = int(words[-1])
        end = (end + align - 1) // align * align
        sizes[words[1]] = end
        end += int(words[5], 16)
    elif len(words) > 9 and "X" in words[7] and "A" in words[7] and not words[1].startswith(".init"):
        raise SystemExit(f"another section of code: {line}")
KERNEL = 0xffffffffc0a00000
NAMES = {"grow": ".text", "seldom": ".text.unlikely", "quiet": ".noinstr.text"}
module = "/lib/modules/6.1.0/kernel/m.ko.xz"
p = lib.wire.Profile("samples/count")
m = p.mapping(KERNEL, KERNEL + 0x3000, 0, module, t.build_id("m.ko"))
for section in NAMES.values():
    p.sample([p.location(address=KERNEL + sizes[section] + 3, mapping=m)], [1])
(t.folder / "module.pb").write_bytes(gzip.compress(p.write()))
shutil.rmtree(tree)
for suffix in ("", ".debug"):
    place = tree / (module[1:-3] + suffix)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(t.folder / "m.debug", place)
    out, err = t.run("-top", "-lines", "module.pb", PPROF_BINARY_PATH=tree)
    t.check(f"a module's code by {place.name}", all(f"{name} " in out for name in NAMES) and "m.c:" in out, out, err)
    place.unlink()
put(t.folder / "m.debug", t.build_id("m.ko"))
out, err = t.run("-top", "-lines", "module.pb", PPROF_BINARY_PATH=tree)
t.check("a module by its build id", all(f"{name} " in out for name in NAMES), out, err)

# The kernel: a program whose mapping is named by the symbol that it starts at.
(t.folder / "k.c").write_text("""
__attribute__((section(".text"))) void _stext(void) { __asm__ volatile("nop"); }
int schedule(int n) { volatile int r = n; return r + 1; }
int softirq(int n) { volatile int r = n; return r * 3; }
""")
t.tool("gcc", "-g", "-O1", "-ffreestanding", "-fno-pie", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id", "-Wl,-e,_stext",
       "-Wl,-Ttext-segment=0xffffffff81000000", "-mcmodel=kernel", "-o", "vmlinux", "k.c")
t.tool("objcopy", "--only-keep-debug", "vmlinux", "vmlinux.debug")
at = t.symbols("vmlinux")
SLIDE = 0x1c000000  # the kernel lies elsewhere at each boot
p = lib.wire.Profile("samples/count")
m = p.mapping(at["_stext"] + SLIDE, at["_stext"] + SLIDE + 0x200000, at["_stext"] + SLIDE,
              "[kernel.kallsyms]_stext", t.build_id("vmlinux"))
for name in ("schedule", "softirq"):
    p.sample([p.location(address=at[name] + SLIDE + 2, mapping=m)], [1])
(t.folder / "kernel.pb").write_bytes(p.write())
for kind in ("vmlinux", "vmlinux.debug"):
    for place in (tree / ".build-id" / t.build_id("vmlinux")[:2] / (t.build_id("vmlinux")[2:] + ".debug"),
                  tree / "boot/vmlinux-6.1.0", tree / t.build_id("vmlinux") / "vmlinux"):
        shutil.rmtree(tree)
        place.parent.mkdir(parents=True)
        shutil.copy(t.folder / kind, place)
        out, err = t.run("-top", "-lines", "kernel.pb", PPROF_BINARY_PATH=tree)
        t.check(f"the kernel, {kind} at {place}", "schedule " in out and "softirq " in out and "k.c:" in out, out, err)
shutil.rmtree(tree)
out, err = t.run("-symbols", "kernel.pb", PPROF_BINARY_PATH=tree)
t.check("what helps for code of the kernel", "vmlinux" in out and "there is no file" not in out, out, err)
t.finish()
