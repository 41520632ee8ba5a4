"""What the benchmarks share: inputs that are made once, and runs that are measured side by side."""
import os
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def build_tools(work):
    """The programs in C, compiled once."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    for name, libs in (("make_profile", ["-lz"]), ("make_perf_data", []), ("measure", [])):
        source, program = os.path.join(HERE, name + ".c"), os.path.join(work, name)
        if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
            subprocess.run([compiler, "-O2", "-std=gnu11", source, "-o", program] + libs, check=True)


def make(work, name, options, quiet=False, maker="make_profile", suffix=".pb.gz"):
    """The file of this input, made anew when its recipe changed."""
    path, recipe = os.path.join(work, name + suffix), os.path.join(work, name + ".recipe")
    wanted = options + "\n" + open(os.path.join(HERE, maker + ".c")).read()
    if os.path.exists(path) and os.path.exists(recipe) and open(recipe).read() == wanted:
        return path
    if not quiet:
        print("making", name, "...", file=sys.stderr, flush=True)
    with open(path + ".new", "wb") as out:
        subprocess.run([os.path.join(work, maker)] + options.split(), stdout=out, check=True)
    os.rename(path + ".new", path)
    with open(recipe, "w") as out:
        out.write(wanted)
    return path


def raw_size(work, paths, inflate=None):
    """Bytes after decompression, by gunzip or a command, remembered in the folder `work`."""
    total = 0
    for path in paths:
        note = os.path.join(work, path.replace("/", "_") + ".size")
        if not os.path.exists(note) or os.path.getmtime(note) < os.path.getmtime(path):
            size = 0
            with subprocess.Popen(inflate or ["gunzip", "-c", path], stdout=subprocess.PIPE) as child:
                while block := child.stdout.read(1 << 20):
                    size += len(block)
            with open(note, "w") as out:
                out.write(str(size))
        total += int(open(note).read())
    return total


def measure(work, runs, commands):
    """name -> {"wall", "cpu", "kb"}: medians of the runs."""
    args = [os.path.join(work, "measure"), str(runs)]
    for i, command in enumerate(commands.values()):
        args += (["--"] if i else []) + command
    done = subprocess.run(args, stdout=subprocess.PIPE, check=True, text=True)
    figures = {name: [] for name in commands}
    for line in done.stdout.splitlines():
        number, status, wall, cpu, kb = line.split()
        name = list(commands)[int(number)]
        if int(status):
            print("exit status %s: %s" % (status, " ".join(commands[name])), file=sys.stderr)
            return None
        figures[name].append((float(wall), float(cpu), int(kb)))
    return {name: dict(zip(("wall", "cpu", "kb"), map(statistics.median, zip(*runs))))
            for name, runs in figures.items()}
