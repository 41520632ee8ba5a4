"""What the checks with real readers share: each is `CHECK.py PROGRAM...` and ends with `lib.main(check)`.

A check returns a sentence on what it saw; it complains by lib.fail and goes on. Exit status 77: the
reader is not installed.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

ROOT = harness.TESTS.parent
PROGRAM = sys.argv[1:]
if PROGRAM and "/" in PROGRAM[0]:
    PROGRAM[0] = str(pathlib.Path(PROGRAM[0]).resolve())
BASES = {"made/new_run.pb.gz": "made/base_run.pb.gz", "go/heap.pb.gz": "go/allocs.pb.gz",
         "made/odd_names.pb.gz": "made/plain.pb.gz"}
failures = []


def fail(what, why):
    failures.append(f"{what}: {why}")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def tool(name, package):
    """The path of a program that Debian's package brings."""
    return shutil.which(name) or skip(f"no {name} here (Debian's package {package})")


def profiles(plain=False):
    """All fixtures; plain: for formats of lines, without the names that break them or that are shown
    escaped. Those are the business of tests/hostile/names."""
    for folder in ("go", "cpp", "made"):
        for path in sorted((harness.PROFILES / folder).iterdir()):
            if not plain or not path.name.startswith("hostile_names"):
                yield f"{folder}/{path.name}"


def run(command, stdin=b"", cwd=harness.PROFILES):
    done = subprocess.run(command, cwd=cwd, env=harness.environment(), input=stdin, capture_output=True,
                          timeout=300)
    return done.returncode, done.stdout, done.stderr.decode(errors="backslashreplace")


def cpprof(*words, stdin=b""):
    """What it writes; None where the profile can't be shown that way."""
    status, out, err = run(PROGRAM + ["-symbolize=none", *words], stdin)
    if status == 2 and not out:
        return None
    if status:
        fail(" ".join(words), f"exit {status}: {err}")
    return out


def report(*words):
    """A report as JSON, or None."""
    out = cpprof("-json", *words)
    return out and json.loads(out)


def sums(pairs):
    total = {}
    for key, value in pairs:
        total[key] = total.get(key, 0) + value
    return {key: value for key, value in total.items() if value}


def same_text(a, b):
    """Whether two texts are equal but for how many U+FFFD stand for bytes that are no UTF-8."""
    return re.sub("\ufffd+", "\ufffd", a) == re.sub("\ufffd+", "\ufffd", b)


def with_module(name, package, optional=False):
    """Runs on under the system's Python when only that one has the module. optional: None where neither has."""
    try:
        return __import__(name)
    except ImportError:
        system = "/usr/bin/python3"
        if os.path.exists(system) and os.path.realpath(sys.executable) != os.path.realpath(system):
            os.execv(system, [system, *sys.argv])
        return None if optional else skip(f"no {package} here")


def main(check):
    with tempfile.TemporaryDirectory() as scratch:
        seen = check(pathlib.Path(scratch))
    print(f"{seen}; {len(failures)} failures")
    for failure in failures[:30]:
        print("FAILED", failure[:2000])
    sys.exit(1 if failures else 0)
