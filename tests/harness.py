"""What all tests share that are written in Python: rows of cases, the environment, running a program.

A row is `name, exit, flags, profiles, group`, with tabs between, and `commands` for the prompt where
no report is asked for: ` ; ` stands between them. Flags and profiles are split as a
shell does; words VAR=value before the first flag go to the environment. Every case runs in
fixtures/profiles as `PROGRAM -symbolize=none FLAGS PROFILES`; the exit status is 0 or not.
"""
import collections
import concurrent.futures
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent
PROFILES = TESTS.parent / "fixtures" / "profiles"

Row = collections.namedtuple("Row", "name exit flags profiles group commands", defaults=[""])
Result = collections.namedtuple("Result", "exit out err")


def read_rows(path):
    rows = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            rows.append(Row(*line.split("\t")))
    names = [row.name for row in rows]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit(f"{path}: names that occur twice: {' '.join(sorted(twice))}")
    return rows


NO_FOLDER = "/dev/null/none"  # nobody can make it, not even root: what one run keeps is nothing to the next


def environment(**more):
    """The same on every machine; what sanitizers and valgrind are told comes through."""
    kept = {k: v for k, v in os.environ.items() if k == "PATH" or k.endswith("SAN_OPTIONS")}
    return {**kept, "TZ": "UTC", "HOME": "/nonexistent", "LC_ALL": "C",
            "PPROF_TMPDIR": os.path.join(tempfile.gettempdir(), "cpprof-tests"),
            "XDG_CACHE_HOME": NO_FOLDER, **more}


def reports():
    """The names of all reports, in the order of the help."""
    text = (TESTS.parent / "src/report/formats.def").read_text()
    return re.findall(r"^REPORT\((\w+)\)", text, re.M)


def run(program, row, timeout=120, cwd=PROFILES):
    """program: a list of words"""
    words = shlex.split(row.flags)
    extra = {}
    while words and re.match(r"[A-Z_]+=", words[0]):
        name, value = words.pop(0).split("=", 1)
        extra[name] = value
    command = program + ["-symbolize=none"] + words + shlex.split(row.profiles)
    commands = "".join(line + "\n" for line in row.commands.split(" ; ")) if row.commands else ""
    try:
        done = subprocess.run(command, cwd=cwd, env=environment(**extra), input=commands.encode(),
                              capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return Result(-1, b"", b"timed out")
    return Result(done.returncode, done.stdout, done.stderr)


def in_parallel(function, rows, jobs=2):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        yield from zip(rows, pool.map(function, rows))


def diff(want, got, lines=40):
    def split(data):
        return data.decode("utf-8", "backslashreplace").split("\n")
    out = list(difflib.unified_diff(split(want), split(got), "reference", "here", lineterm="", n=1))
    if not out:
        out = [f"differs in bytes: {want!r:.300}", f"                  {got!r:.300}"]
    return "\n".join("    " + line for line in out[:lines])
