"""Recordings of Java against the JDK's own `jfr`: tests/diff/jfr.py PROGRAM

The stored recording is compared with what `jfr` said of it; where a JDK is installed, a new one with
what it says now. Counts and sums of bytes are equal; durations are, but for a tick an event.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FIXTURES = pathlib.Path(__file__).resolve().parent.parent.parent / "fixtures"
NANOSECONDS = {"delay", "wait", "park", "sleep"}


def run(*command):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True, timeout=120).stdout.decode("utf8")


def columns_of(program, recording):
    """Column -> total, and the lines of -raw."""
    raw = run(program, "-raw", recording).split("Samples:\n")[1].split("Locations\n")[0].splitlines()
    names = [column.split("/")[0] for column in raw[0].split(" ")]
    rows = [re.findall(r"-?\d+", line.split(": ")[0]) for line in raw[1:] if not line.startswith("    " * 4)]
    return {name: sum(int(row[i]) for row in rows) for i, name in enumerate(names)}


def compare(program, recording, wanted):
    failed, totals = 0, columns_of(program, recording)
    for line in wanted.splitlines():
        column, total, leaf = line.split(" ")
        slack = 1000 * 1000 if column in NANOSECONDS else 0
        top = run(program, "-top", "-nodecount=1", "-sample_index=" + column, recording).splitlines()[-1].split()[-1]
        good = abs(totals.pop(column, -1) - int(total)) <= slack and top == leaf
        failed += not good
        print(f"{'same' if good else 'DIFFERENT'}: {column} {total} {leaf} {top}")
    for column in totals:
        print(f"DIFFERENT: {column} is in no event of jfr's")
    return failed + len(totals)


def main():
    program, java = sys.argv[1], FIXTURES / "profiles" / "java"
    failed = compare(program, java / "work.jfr.gz", (java / "work.totals").read_text(encoding="utf8"))
    if all(map(shutil.which, ("java", "javac", "jfr"))):
        with tempfile.TemporaryDirectory() as folder:
            recording = pathlib.Path(folder) / "work.jfr"
            run("javac", "-d", folder, FIXTURES / "src/java/Work.java")
            run("java", f"-XX:StartFlightRecording=filename={recording},settings=profile", "-cp", folder, "Work", 1000)
            failed += compare(program, recording, run(sys.executable, FIXTURES / "src/java/totals", recording))
    else:
        print("no JDK: nothing new was recorded")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
