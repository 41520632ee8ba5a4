"""Every shape of profile: one thing changed at a time, so that speed holds for what people have.

A cell is an input, and `-top` of it beside `gunzip -c` (or `zstd -dc`) in one run, and google/pprof where it is given;
memory is beside the size of the inflated profile. Some inputs are asked for the other reports, beside `-top`. Every row
is printed, and of each group the worst and the median: the worst is what counts. What resolves symbols is measured by
the program `symbols`, beside llvm-symbolizer, on the kernel's.
"""
import os
import re
import shutil
import statistics
import subprocess
import sys

from measuring import HERE, make, measure, raw_size

BASE = {"samples": 200000, "distinct": 30, "min-depth": 20, "max-depth": 40, "locations": 30000, "functions": 10000,
        "inlined": 20, "values": 2, "labels": 0, "tree": 0, "level": 6}

# name -> what is changed of BASE; "zstd": a level of zstd in place of gzip
SHAPES = {
    "base": {},
    "samples 1 k": {"samples": 1000},
    "samples 10 k": {"samples": 10000},
    "samples 1 M": {"samples": 1000000},
    "samples 10 M, depth 8, distinct 1%": {"samples": 10000000, "min-depth": 6, "max-depth": 10, "distinct": 1, "level": 1},
    "distinct 1%": {"distinct": 1},
    "distinct 100%": {"distinct": 100},
    "depth 8": {"min-depth": 6, "max-depth": 10},
    "depth 200": {"min-depth": 150, "max-depth": 250, "samples": 50000},
    "depth 5000, few samples": {"min-depth": 4500, "max-depth": 5500, "samples": 1500, "distinct": 100},
    "depth 1": {"min-depth": 1, "max-depth": 1, "samples": 1000000},
    "locations 100": {"locations": 100, "functions": 50},
    "locations 300 k": {"locations": 300000, "functions": 100000},
    "lines 1": {"inlined": 0},
    "lines 2": {"lines": 2},
    "lines 5": {"lines": 5},
    "labels 2, few values": {"labels": 2, "label-values": 20},
    "labels 2, many values": {"labels": 2, "label-values": 100000},
    "labels 8, few values": {"labels": 8, "label-values": 20},
    "labels 8, many values": {"labels": 8, "label-values": 100000},
    "labels 4, one of each sample": {"labels": 4},
    "values 1": {"values": 1},
    "values 4": {"values": 4},
    "tree": {"tree": 1},
    "tree, 1 M, labels 3": {"tree": 1, "samples": 1000000, "labels": 3, "distinct": 100},
    "tree, depth 200": {"tree": 1, "min-depth": 150, "max-depth": 250, "samples": 50000},
    "gz 1": {"level": 1},
    "gz 9": {"level": 9},
    "zstd 3": {"zstd": 3},
    "zstd 19": {"zstd": 19},
    "service": {"values": 4, "functions": 30000, "locations": 90000, "max-depth": 28},
    "service, distinct 100%": {"values": 4, "functions": 30000, "locations": 90000, "max-depth": 28, "distinct": 100},
    "tables": {"samples": 100000, "locations": 600000, "functions": 200000, "max-depth": 28},
    "tables alone": {"samples": 1000, "locations": 600000, "functions": 200000},
}

# group, inputs, flags, times `-top` of the same; of the first group the time to write is taken off
REPORTS = [
    ("whole profile", ["base", "labels 8, many values", "tree", "tables"],
     ["-json", "-raw", "-traces", "-proto"], 2.0),
    ("diff", ["base", "depth 8", "labels 8, many values", "service", "service, distinct 100%", "tree", "tables"],
     ["-diff_base=%(input)s", "-base=%(input)s"], 2.2),
    ("focus", ["base", "labels 2, few values", "tree", "service"], ["-focus=Type[37].*Method.*7$"], 1.15),
    ("edges", ["base", "distinct 100%", "lines 5", "tree", "service"],
     ["-tree", "-peek=Method77$", "-flame", "-dot"], 1.5),
    ("labels drawn", ["labels 2, few values", "labels 4, one of each sample"], ["-dot"], 1.5),
]

BIG = 2 << 20  # bytes of inflated profile from which on the goal holds
TIME_GOAL, MEDIAN_GOAL, MEMORY_GOAL, MEMORY_FREE = 1.0, 0.6, 1.5, 10e6
LARGE_FILE = 200 << 10
PPROF_MOST = 128 << 20  # bytes that google/pprof is asked to read: more take a minute and ten times the memory


def options_of(shape):
    chosen = dict(BASE, **SHAPES[shape])
    return " ".join("--%s=%d" % option for option in chosen.items() if option[0] != "zstd")


def file_of(args, shape):
    """The input's path; None where a program to make it is missing."""
    level = SHAPES[shape].get("zstd")
    path = make(args.work, "grid-" + re.sub(r"\W+", "-", shape), options_of(shape))
    if not level:
        return path
    if not shutil.which("zstd"):
        return None
    packed = path.replace(".gz", ".zst")
    if not os.path.exists(packed) or os.path.getmtime(packed) < os.path.getmtime(path):
        subprocess.run("gunzip -c '%s' | zstd -q -f -%d -o '%s'" % (path, level, packed), shell=True, check=True)
    return packed


def unpacker(path):
    """The command that only inflates this file."""
    with open(path, "rb") as source:
        head = source.read(4)
    if head[:2] == b"\x1f\x8b":
        return ["gunzip", "-c", path]
    return ["zstd", "-dc", path] if head == b"\x28\xb5\x2f\xfd" else ["cat", path]


def profiles_below(folder):
    """The files of a folder that are large enough to be measured, with names to print."""
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(where, name)
            if os.path.getsize(path) >= LARGE_FILE:
                yield os.path.relpath(path, folder), path


def is_read(args, path):
    """Whether cpprof reads this file as a profile."""
    done = subprocess.run([args.cpprof, "-symbolize=none", "-top", path], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def beside_pprof(args, flags, raw, mine):
    """Wall time and memory as parts of google/pprof's, of one run, since that takes seconds; None where it is not asked:
    it reads no zstd."""
    if not args.pprof or raw > PPROF_MOST or flags[-1].endswith(".zst"):
        return None
    figures = measure(args.work, 1, {"pprof": [args.pprof, *flags]})
    if not figures:
        return None
    return {part: mine[key] / figures["pprof"][key] for part, key in (("time", "wall"), ("memory", "kb"))}


def notes_of(cell):
    if cell["pprof"]:
        yield "1/%.0f of pprof, 1/%.0f of its memory" % (1 / cell["pprof"]["time"], 1 / cell["pprof"]["memory"])
    if cell["raw_bytes"] >= BIG and cell["time"] > TIME_GOAL:
        yield "SLOW"
    if not cell["memory_reached"]:
        yield "LARGE"


def top_cell(args, name, path):
    flags, inflate = ["-symbolize=none", "-top", path], unpacker(path)
    top = [args.cpprof, *flags]
    figures = measure(args.work, args.runs, {"cpprof": top, "inflate": inflate})
    if not figures:
        return None
    raw = raw_size(args.work, [path], inflate)
    mine = figures["cpprof"]
    cell = {"group": "top", "row": name, "raw_bytes": raw, "peer": inflate[0], "runs": figures,
            "time": mine["wall"] / figures["inflate"]["wall"], "cpu": mine["cpu"] / figures["inflate"]["cpu"],
            "memory": mine["kb"] * 1024 / raw,
            "memory_reached": mine["kb"] * 1024 <= MEMORY_GOAL * raw + MEMORY_FREE,
            "pprof": beside_pprof(args, flags, raw, mine)}
    print("  ".join(["%-44s %7.1f MB %8.1f ms %6.2f x %-6s %6.2f x its CPU %6.2f x raw" % (
        name[-44:], raw / 1e6, mine["wall"] * 1e3, cell["time"], inflate[0], cell["cpu"], cell["memory"]),
        *notes_of(cell)]), flush=True)
    return cell


def write_seconds(args, command):
    """What it takes to write the output of a command: to copy it out of the page cache; of one that is compressed,
    to compress it as igzip does (Debian's `isal`), if that is there."""
    path = os.path.join(args.work, "grid-output")
    with open(path, "wb") as out:
        subprocess.run(command, stdout=out, check=True)
    write = ["cat", path]
    if unpacker(path)[0] == "gunzip" and shutil.which("igzip"):
        os.rename(path, path + ".gz")
        subprocess.run(["gunzip", path + ".gz"], check=True)
        write = ["igzip", "-3", "-c", path]
    figures = measure(args.work, args.runs, {"write": write})
    os.unlink(path)
    return figures["write"]["wall"]


def report_cell(args, group, shape, path, flags, goal):
    quiet = [args.cpprof, "-symbolize=none"]
    top = quiet + ["-top"]
    is_report = group in ("whole profile", "edges", "labels drawn")
    command = (quiet if is_report else top) + [flags % {"input": path}, path]
    figures = measure(args.work, args.runs, {"cpprof": command, "top": top + [path]})
    if not figures:
        return None
    writing = write_seconds(args, command) if group == "whole profile" else 0
    ratio = (figures["cpprof"]["wall"] - writing) / figures["top"]["wall"]
    print("%-44s %-26s %8.1f ms %6.2f x -top%s" % (shape[-44:], flags.split("=")[0], figures["cpprof"]["wall"] * 1e3,
                                               ratio, "  SLOW" if ratio > goal else ""), flush=True)
    return {"group": group, "row": shape, "flags": flags, "runs": figures, "writing": writing, "time": ratio,
            "goal": goal}


def summary(name, cells, goal, key="time"):
    if cells:
        worst = max(cells, key=lambda cell: cell[key])
        print("%-24s worst %5.3g (%s), median %5.3g, of %d; goal %s" % (
            name, worst[key], worst["row"], statistics.median(cell[key] for cell in cells), len(cells), goal))


def run_top(args):
    inputs = [(shape, file_of(args, shape)) for shape in SHAPES if re.search(args.only, shape)]
    if args.profiles:
        inputs += [(name, path) for name, path in profiles_below(args.profiles)
                   if re.search(args.only, name) and is_read(args, path)]
    cells = []
    for name, path in inputs:
        cell = top_cell(args, name, path) if path else print("%-44s skipped: zstd is not installed" % name)
        if cell:
            cells.append(cell)
    return cells


def run_reports(args):
    cells = []
    for group, shapes, flags, goal in REPORTS:
        for shape in shapes:
            if not re.search(args.only, shape) and not re.search(args.only, group):
                continue
            path = file_of(args, shape)
            cells += [report_cell(args, group, shape, path, flag, goal) for flag in flags]
    return [cell for cell in cells if cell]


def run_grid(args):
    top = run_top(args)
    reports = run_reports(args)
    print()
    big = [cell for cell in top if cell["raw_bytes"] >= BIG]
    summary("time, above 2 MB", big, "%g, median %g" % (TIME_GOAL, MEDIAN_GOAL))
    summary("processor time", big, "none: it says what a busy machine takes", "cpu")
    summary("memory, above 2 MB", big, "%g x raw + %g MB" % (MEMORY_GOAL, MEMORY_FREE / 1e6), "memory")
    for part in ("time", "memory"):
        summary("%s beside pprof" % part, [dict(cell["pprof"], row=cell["row"]) for cell in top if cell["pprof"]],
                "none", part)
    for group, _, _, goal in REPORTS:
        summary(group, [cell for cell in reports if cell["group"] == group], "%g x -top" % goal)
    if args.symbols:
        print(flush=True)
        subprocess.run([os.path.join(HERE, "symbols"), "-k", args.symbols], check=True)
    return top + reports
